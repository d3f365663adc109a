//! Who listens to which organization.
//!
//! A channel is made by the first socket of an organization and dropped with the last, so an organization that nobody
//! looks at costs no memory, no task and no work. Reports of hosts are gathered and sent at most four times a second.

use crate::state::now;
use shared::{
    ErrorCode, HostId, OrgId,
    host::HostSummary,
    live::{LiveEvent, LiveFrame},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use store::Identity;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

/// Frames that wait for one reader before some are lost and it is told so.
const QUEUE: usize = 32;
/// Shortest time between two frames about hosts of one organization.
const GATHER_FOR: Duration = Duration::from_millis(250);
/// Most open sockets of one organization, so that no organization takes all of the server's.
pub const MAX_SOCKETS_PER_ORG: usize = 500;

/// Why a socket ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// For a program.
    pub code: ErrorCode,
    /// For a person.
    pub detail: String,
}

/// The live channels of this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    channels: Mutex<HashMap<OrgId, Channel>>,
    next_id: AtomicU64,
    violations: AtomicU64,
    closed: AtomicBool,
}

struct Channel {
    sockets: HashMap<u64, Listener>,
    /// Hosts that reported since the last frame, by id: the newest state of each.
    gathered: BTreeMap<HostId, HostSummary>,
    flush_is_due: bool,
    flushed_at: Option<Instant>,
    /// Where timers of this channel run: the worker of its first socket.
    runtime: Handle,
}

struct Listener {
    who: Identity,
    /// Not yet proved again since it was registered: a revocation may have fallen between its proof and its entry here.
    fresh: bool,
    frames: mpsc::Sender<Arc<LiveFrame>>,
    lagged: Arc<AtomicBool>,
    end: Option<oneshot::Sender<Ending>>,
}

/// All that a socket gets from the hub.
pub struct Registration {
    /// Its place.
    pub seat: Seat,
    /// What to send.
    pub frames: mpsc::Receiver<Arc<LiveFrame>>,
    /// Set when frames were lost.
    pub lagged: Arc<AtomicBool>,
    /// Comes once, when the socket has to end.
    pub ended: oneshot::Receiver<Ending>,
}

/// One socket's place in the hub, which it leaves when this is dropped.
pub struct Seat {
    hub: Hub,
    org: OrgId,
    id: u64,
}

impl Seat {
    /// The organization that the socket was opened for.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// Whether a frame may be written to this socket. One of another organization cannot get here; if it does, it is
    /// dropped, logged and counted.
    #[must_use]
    pub fn accepts(&self, frame: &LiveFrame) -> bool {
        let own = frame.org == self.org;
        if !own {
            self.hub.inner.violations.fetch_add(1, Ordering::Relaxed);
            tracing::error!(socket_org = %self.org, frame_org = %frame.org, "a live frame of another organization was dropped");
        }
        own
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut channels = self.hub.lock();
        if let Some(channel) = channels.get_mut(&self.org) {
            channel.sockets.remove(&self.id);
            if channel.sockets.is_empty() {
                channels.remove(&self.org);
            }
        }
    }
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, HashMap<OrgId, Channel>> {
        self.inner.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a socket. None where the organization has too many, or the server is ending.
    #[must_use]
    pub fn register(&self, org: OrgId, who: Identity) -> Option<Registration> {
        let (frames_in, frames) = mpsc::channel(QUEUE);
        let (end, ended) = oneshot::channel();
        let lagged = Arc::new(AtomicBool::new(false));
        let id = self.inner.next_id.fetch_add(1, Ordering::Relaxed);
        let listener = Listener { who, fresh: true, frames: frames_in, lagged: Arc::clone(&lagged), end: Some(end) };
        let mut channels = self.lock();
        if self.inner.closed.load(Ordering::Relaxed) {
            return None;
        }
        let channel = channels.entry(org).or_insert_with(|| Channel {
            sockets: HashMap::new(),
            gathered: BTreeMap::new(),
            flush_is_due: false,
            flushed_at: None,
            runtime: Handle::current(),
        });
        if channel.sockets.len() >= MAX_SOCKETS_PER_ORG {
            return None;
        }
        channel.sockets.insert(id, listener);
        Some(Registration { seat: Seat { hub: self.clone(), org, id }, frames, lagged, ended })
    }

    /// A host reported. Called on the thread that writes reports: never blocks.
    pub fn host_reported(&self, org: OrgId, host: HostSummary) {
        let mut channels = self.lock();
        let Some(channel) = channels.get_mut(&org) else { return };
        channel.gathered.insert(host.id, host);
        if channel.flush_is_due {
            return;
        }
        channel.flush_is_due = true;
        let wait = channel.flushed_at.map_or(Duration::ZERO, |at| GATHER_FOR.saturating_sub(at.elapsed()));
        let hub = self.clone();
        channel.runtime.spawn(async move {
            tokio::time::sleep(wait).await;
            hub.flush(org);
        });
    }

    fn flush(&self, org: OrgId) {
        let mut channels = self.lock();
        let Some(channel) = channels.get_mut(&org) else { return };
        channel.flush_is_due = false;
        channel.flushed_at = Some(Instant::now());
        let hosts = std::mem::take(&mut channel.gathered).into_values().collect();
        channel.send(org, LiveEvent::Hosts { hosts });
    }

    /// Tells everybody who watches an organization.
    pub fn publish(&self, org: OrgId, event: LiveEvent) {
        if let Some(channel) = self.lock().get_mut(&org) {
            if let LiveEvent::HostRemoved { host } = &event {
                channel.gathered.remove(host);
            }
            channel.send(org, event);
        }
    }

    /// How many sockets are open.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        self.lock().values().map(|channel| channel.sockets.len()).sum()
    }

    /// How often a frame of another organization was dropped. Must stay 0.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.inner.violations.load(Ordering::Relaxed)
    }

    /// Ends every socket, and lets no new one in: the server stops.
    pub fn close(&self, ending: &Ending) {
        self.inner.closed.store(true, Ordering::Relaxed);
        self.end_all(ending);
    }

    /// Ends every socket.
    pub(super) fn end_all(&self, ending: &Ending) {
        for channel in self.lock().values_mut() {
            for listener in channel.sockets.values_mut() {
                listener.end(ending.clone());
            }
        }
    }

    /// Ends one socket.
    pub(super) fn end(&self, org: OrgId, id: u64, ending: Ending) {
        if let Some(listener) = self.lock().get_mut(&org).and_then(|channel| channel.sockets.get_mut(&id)) {
            listener.end(ending);
        }
    }

    /// The sockets whose proof has to be made again: all, or those that are new or whose session or token ran out.
    pub(super) fn to_prove(&self, all: bool) -> Vec<(OrgId, u64, Identity)> {
        let at = now();
        let mut out = Vec::new();
        for (org, channel) in self.lock().iter_mut() {
            for (id, listener) in &mut channel.sockets {
                let over = listener.who.expires_at().is_some_and(|end| end <= at);
                if listener.end.is_some() && (all || listener.fresh || over) {
                    listener.fresh = false;
                    out.push((*org, *id, listener.who.clone()));
                }
            }
        }
        out
    }
}

impl Channel {
    fn send(&self, org: OrgId, event: LiveEvent) {
        let frame = Arc::new(LiveFrame { org, server_time: now(), event });
        for listener in self.sockets.values() {
            // A reader that is too slow loses the frame and is told to load anew; it never holds up another one.
            if listener.frames.try_send(Arc::clone(&frame)).is_err() {
                listener.lagged.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl Listener {
    fn end(&mut self, ending: Ending) {
        if let Some(end) = self.end.take() {
            drop(end.send(ending));
        }
    }
}
