//! Who listens to which organization.
//!
//! A channel is made by the first socket of an organization and dropped with the last, so an organization that nobody
//! looks at costs no memory, no task and no work. What hosts report is gathered and sent at most four times a second.

use super::{runs::Runs, stay::Stay};
use crate::state::now;
use shared::{
    ErrorCode, HostId, OrgId,
    host::HostSummary,
    live::{LiveEvent, LiveFrame},
};
use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use store::{Identity, KeptInventory};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

/// Bundles of frames that wait for one reader before some are lost and it is told so.
const QUEUE: usize = 32;
/// Shortest time between two bundles about hosts of one organization.
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

/// Frames that are sent together, and lost together: a frame for each host that found something must not fill the queue of
/// a reader who is quick enough.
pub type Frames = Arc<[LiveFrame]>;

/// The live channels of this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    runs: Runs,
    channels: Mutex<HashMap<OrgId, Channel>>,
    next_id: AtomicU64,
    violations: AtomicU64,
    closed: AtomicBool,
}

struct Channel {
    sockets: HashMap<u64, Listener>,
    /// Hosts that reported since the last frame, by id: the newest state of each.
    gathered: BTreeMap<HostId, HostSummary>,
    /// What was found on hosts since then: the newest of each part.
    found: BTreeMap<HostId, KeptInventory>,
    flush_is_due: bool,
    flushed_at: Option<Instant>,
    /// Where timers of this channel run: the worker of its first socket.
    runtime: Handle,
}

struct Listener {
    stay: Stay,
    frames: mpsc::Sender<Frames>,
    lagged: Arc<AtomicBool>,
}

/// All that a socket gets from the hub.
pub struct Registration {
    /// Its place.
    pub seat: Seat,
    /// What to send.
    pub frames: mpsc::Receiver<Frames>,
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

    /// Of a socket or a run; no two have the same.
    pub(super) fn next_id(&self) -> u64 {
        self.inner.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// The assistant's runs. They end as sockets do, and get no frames.
    #[must_use]
    pub fn runs(&self) -> &Runs {
        &self.inner.runs
    }

    /// Whether the server is ending.
    pub(super) fn is_closed(&self) -> bool {
        self.inner.closed.load(Ordering::Relaxed)
    }

    /// Enters a socket. None where the organization has too many, or the server is ending.
    #[must_use]
    pub fn register(&self, org: OrgId, who: Identity) -> Option<Registration> {
        let (frames_in, frames) = mpsc::channel(QUEUE);
        let (stay, ended) = Stay::new(who);
        let lagged = Arc::new(AtomicBool::new(false));
        let id = self.next_id();
        let listener = Listener { stay, frames: frames_in, lagged: Arc::clone(&lagged) };
        let mut channels = self.lock();
        if self.is_closed() {
            return None;
        }
        let channel = channels.entry(org).or_insert_with(|| Channel {
            sockets: HashMap::new(),
            gathered: BTreeMap::new(),
            found: BTreeMap::new(),
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

    /// A host reported, and may have found something. Called on the thread that writes reports: never blocks.
    pub fn host_reported(&self, org: OrgId, host: HostSummary, found: Option<KeptInventory>) {
        let mut channels = self.lock();
        let Some(channel) = channels.get_mut(&org) else { return };
        channel.gathered.insert(host.id, host);
        if let Some(found) = found {
            match channel.found.entry(found.host()) {
                Entry::Vacant(place) => drop(place.insert(found)),
                Entry::Occupied(mut known) => known.get_mut().update(found),
            }
        }
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
        // All hosts may have been removed since they reported.
        let hosts: Vec<_> = std::mem::take(&mut channel.gathered).into_values().collect();
        let mut events = Vec::new();
        if !hosts.is_empty() {
            events.push(LiveEvent::Hosts { hosts });
        }
        for (host, found) in std::mem::take(&mut channel.found) {
            let (containers, guests) = found.into_wire();
            events.extend(containers.map(|items| LiveEvent::Containers { host, items }));
            events.extend(guests.map(|items| LiveEvent::Guests { host, items }));
        }
        if !events.is_empty() {
            channel.send(org, events);
        }
    }

    /// Tells everybody who watches an organization.
    pub fn publish(&self, org: OrgId, event: LiveEvent) {
        if let Some(channel) = self.lock().get_mut(&org) {
            if let LiveEvent::HostRemoved { host } = &event {
                channel.gathered.remove(host);
                channel.found.remove(host);
            }
            channel.send(org, vec![event]);
        }
    }

    /// How many sockets are open.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        self.lock().values().map(|channel| channel.sockets.len()).sum()
    }

    /// Whether nobody has to prove anything: no socket is open, and no run is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty() && self.inner.runs.count() == 0
    }

    /// How often a frame of another organization was dropped. Must stay 0.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.inner.violations.load(Ordering::Relaxed)
    }

    /// Ends every socket and run, and lets no new one in: the server stops.
    pub fn close(&self, ending: &Ending) {
        self.inner.closed.store(true, Ordering::Relaxed);
        self.end_all(ending);
    }

    /// Ends every socket and run.
    pub(super) fn end_all(&self, ending: &Ending) {
        for channel in self.lock().values_mut() {
            for listener in channel.sockets.values_mut() {
                listener.stay.end(ending.clone());
            }
        }
        self.inner.runs.end_all(ending);
    }

    /// Ends one socket or run.
    pub(super) fn end(&self, org: OrgId, id: u64, ending: Ending) {
        if let Some(listener) = self.lock().get_mut(&org).and_then(|channel| channel.sockets.get_mut(&id)) {
            listener.stay.end(ending);
        } else {
            self.inner.runs.end(id, ending);
        }
    }

    /// The sockets and runs whose proof has to be made again: all, or those that are new or whose session or token ran out.
    pub(super) fn to_prove(&self, all: bool) -> Vec<(OrgId, u64, Identity)> {
        let at = now();
        let mut out = self.inner.runs.to_prove(all, at);
        for (org, channel) in self.lock().iter_mut() {
            for (id, listener) in &mut channel.sockets {
                out.extend(listener.stay.must_prove(all, at).map(|who| (*org, *id, who)));
            }
        }
        out
    }
}

impl Channel {
    fn send(&self, org: OrgId, events: Vec<LiveEvent>) {
        let server_time = now();
        let frames: Frames = events.into_iter().map(|event| LiveFrame { org, server_time, event }).collect();
        for listener in self.sockets.values() {
            // A reader that is too slow loses the frames and is told to load anew; it never holds up another one.
            if listener.frames.try_send(Arc::clone(&frames)).is_err() {
                listener.lagged.store(true, Ordering::Relaxed);
            }
        }
    }
}
