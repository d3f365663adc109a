//! The agent at work: one thread measures, one sends, one looks what runs on the machine, the main thread waits for the
//! end.

use crate::{
    clock::{Clock, SystemClock},
    identity::{self, IdentityError, MACHINE_ID},
    inventory::{Lookout, Places},
    measure::Meter,
    sender::{Next, Outbox, Sender, random_share},
    spool::{Limits, Spool},
    state::{StateDir, StateError},
    token::{TokenError, TokenSource},
    transport::{CaError, Http, Server},
};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// How long a request that is under way at the end may take. What it carries is on the disk, and is sent again by the
/// next start if its answer comes too late.
const LAST_REQUEST: Duration = Duration::from_secs(5);
/// How long a look that is under way at the end may take to stop.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// How the agent is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server.
    pub server: Server,
    /// Certificates to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// The token.
    pub token: TokenSource,
    /// The agent's folder.
    pub state_dir: PathBuf,
    /// Time between two reports.
    pub interval: Duration,
    /// What a person calls the machine.
    pub name: Option<String>,
    /// Where to look for containers and guests.
    pub places: Places,
}

/// The agent cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No usable token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// No usable state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// No usable id of the machine.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// No usable certificates.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The spool cannot be opened.
    #[error(
        "cannot open the spool {path}: {cause}. The agent must be able to read and write there; check its owner and the disk"
    )]
    Spool {
        /// Its folder.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The operating system refuses a thread or a signal handler.
    #[error("cannot start: {0}")]
    Start(#[source] io::Error),
    /// A thread ended that should not.
    #[error("a part of the agent failed; the log above says more. What was measured is kept")]
    Failed,
}

/// Where the spool of a state folder is.
#[must_use]
pub fn spool_dir(state_dir: &Path) -> PathBuf {
    state_dir.join("spool")
}

/// Why the agent ends.
enum End {
    Signal,
    ThreadEnded,
}

/// Measures and reports until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot start, with what to do about it. Once it runs, no trouble with server or disk ends it.
pub fn run(settings: Settings) -> Result<(), RunError> {
    // A token that is plainly wrong is said now, to the person who starts the agent, and not in a log at night.
    settings.token.read()?;
    for warning in [settings.token.warning(), settings.server.warning().map(str::to_owned)].into_iter().flatten() {
        tracing::warn!("{warning}");
    }
    let transport = Http::new(settings.server.clone(), settings.ca_file.as_deref())?;
    let state = StateDir::open(&settings.state_dir)?;
    let host = identity::host_id(state.path(), Path::new(MACHINE_ID))?;
    let spool_path = spool_dir(state.path());
    let spool =
        Spool::open(&spool_path, Limits::default()).map_err(|cause| RunError::Spool { path: spool_path, cause })?;
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(RunError::Start)?;

    let mut meter = Meter::new(host, settings.name);
    let (machine, first) = meter.measure(SystemClock.now());
    tracing::info!(host = %host, name = machine.name, server = settings.server.as_str(), "the agent runs");
    let outbox = Outbox::new(spool, machine);
    outbox.spool().append(&first);
    let looking = Looking::start(settings.places, &outbox, settings.token.clone())?;
    let sender = Sender::new(Arc::clone(&outbox), settings.token, transport, SystemClock);

    let bell = Arc::new(Bell::default());
    let (ends, ended) = mpsc::channel();
    let measuring = {
        let (outbox, bell) = (Arc::clone(&outbox), Arc::clone(&bell));
        spawn("measure", ends.clone(), move || measure_until_stopped(&mut meter, &outbox, &bell, settings.interval))?
    };
    let (sent, sending_ended) = mpsc::channel();
    {
        let bell = Arc::clone(&bell);
        spawn("send", ends.clone(), move || {
            send_until_stopped(sender, &bell);
            let _ = sent.send(());
        })?;
    }
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if signals.forever().next().is_some() {
                let _ = ends.send(End::Signal);
            }
        })
        .map_err(RunError::Start)?;

    let end = ended.recv().unwrap_or(End::ThreadEnded);
    bell.stop();
    looking.stop();
    // The measuring thread ends within one report, which is then whole on the disk.
    let _ = measuring.join();
    let _ = sending_ended.recv_timeout(LAST_REQUEST);
    say_goodbye(&outbox);
    match end {
        End::Signal => Ok(()),
        End::ThreadEnded => Err(RunError::Failed),
    }
}

/// The thread that looks what runs on the machine. Should it end, reports go on without it.
struct Looking {
    stop: oneshot::Sender<()>,
    ended: mpsc::Receiver<()>,
}

impl Looking {
    fn start(places: Places, outbox: &Arc<Outbox>, token: TokenSource) -> Result<Self, RunError> {
        let lookout = Lookout::new(places).map_err(RunError::Start)?;
        let (stop, stopped) = oneshot::channel();
        let (ends, ended) = mpsc::channel();
        let outbox = Arc::clone(outbox);
        thread::Builder::new()
            .name("inventory".to_owned())
            .spawn(move || {
                lookout.keep_looking(&outbox, &token, stopped);
                let _ = ends.send(());
            })
            .map_err(RunError::Start)?;
        Ok(Self { stop, ended })
    }

    /// Waits a moment, in which a command that is under way is ended too.
    fn stop(self) {
        drop(self.stop);
        if self.ended.recv_timeout(LAST_LOOK).is_err() {
            tracing::warn!("what looks for containers and guests had failed, or does not end");
        }
    }
}

fn say_goodbye(outbox: &Outbox) {
    let mut spool = outbox.spool();
    spool.settle();
    let lost = spool.only_in_memory();
    if lost > 0 {
        tracing::error!(lost, "the disk still cannot be written: reports that were in memory alone are lost");
    }
    tracing::info!(waiting = spool.len() - lost, "the agent ends; what waits is sent after the next start");
}

fn spawn(
    name: &str,
    ends: mpsc::Sender<End>,
    work: impl FnOnce() + Send + 'static,
) -> Result<thread::JoinHandle<()>, RunError> {
    /// Tells the main thread when the thread ends, by a panic too.
    struct Tell(mpsc::Sender<End>);
    impl Drop for Tell {
        fn drop(&mut self) {
            let _ = self.0.send(End::ThreadEnded);
        }
    }
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _tell = Tell(ends);
            work();
        })
        .map_err(RunError::Start)
}

fn measure_until_stopped(meter: &mut Meter, outbox: &Outbox, bell: &Bell, interval: Duration) {
    // The first report was taken at once. The second comes after half an interval to a whole one, by lot, so that
    // machines that were started together do not report together; from then on the beat stays.
    let mut due = Instant::now() + interval.mul_f64(0.5 + random_share() / 2.0);
    while bell.wait_until(due) == Woken::InTime {
        let (machine, report) = meter.measure(SystemClock.now());
        outbox.put(machine, &report);
        bell.ring();
        due = next_due(due, Instant::now(), interval);
    }
}

/// The next beat after `now`. Beats that were slept through, with the lid closed, are left out and not made up for.
fn next_due(due: Instant, now: Instant, interval: Duration) -> Instant {
    let late = now.saturating_duration_since(due);
    let beats = u32::try_from(late.as_nanos() / interval.as_nanos().max(1)).unwrap_or(u32::MAX - 1) + 1;
    due + interval.saturating_mul(beats)
}

fn send_until_stopped(mut sender: Sender<Http, SystemClock>, bell: &Bell) {
    while !bell.is_stopped() {
        match sender.step() {
            Next::Again => {}
            Next::WhenNew => bell.wait_for_ring(),
            Next::After(wait) => {
                bell.wait_until(Instant::now() + wait);
            }
        }
    }
}

/// Wakes the sending thread for a new report, and both threads for the end.
#[derive(Debug, Default)]
struct Bell {
    state: Mutex<BellState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct BellState {
    stopped: bool,
    rung: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Woken {
    InTime,
    Stopped,
}

impl Bell {
    fn state(&self) -> MutexGuard<'_, BellState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        self.state().rung = true;
        self.changed.notify_all();
    }

    fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Returns when there was a ring since the last time this returned, or at the end.
    fn wait_for_ring(&self) {
        let mut state = self.state();
        while !state.rung && !state.stopped {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.rung = false;
    }

    fn wait_until(&self, due: Instant) -> Woken {
        let mut state = self.state();
        loop {
            if state.stopped {
                return Woken::Stopped;
            }
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Woken::InTime;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn the_beat_does_not_drift_and_leaves_out_what_was_slept_through() {
        let due = Instant::now();
        for (now, next) in [(due, 5), (due + S, 5), (due + 4 * S, 5), (due + 5 * S, 10), (due + 3_601 * S, 3_605)] {
            assert_eq!(next_due(due, now, 5 * S), due + next * S);
        }
    }

    #[test]
    fn a_ring_before_the_wait_is_not_missed() {
        let bell = Bell::default();
        bell.ring();
        bell.wait_for_ring();
        assert!(!bell.state().rung);
    }

    #[test]
    fn the_end_wakes_every_wait() {
        let bell = Bell::default();
        bell.stop();
        bell.wait_for_ring();
        assert_eq!(bell.wait_until(Instant::now() + 3_600 * S), Woken::Stopped);
    }
}
