//! The live channel of the organization that a tab is in.

use crate::{AppEvent, OrgCaches, OrgSession};
use futures_util::{StreamExt as _, future::select};
use reactive_graph::{
    owner::StoredValue,
    signal::RwSignal,
    spawn_local_scoped_with_cancellation,
    traits::{GetUntracked, GetValue as _, IsDisposed, Set, UpdateValue as _},
};
use serde::de::IgnoredAny;
use shared::{
    ErrorCode, Micros, endpoints,
    live::{LiveEvent, LiveFrame},
};
use std::{pin::pin, sync::Arc};

/// How the live channel is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveState {
    /// Being opened for the first time in this session.
    Connecting,
    /// Open.
    Live,
    /// Broken; being opened anew. What is on screen is as old as this.
    Offline {
        /// This machine's clock when it broke.
        since: Micros,
    },
    /// Ended by the server for good; the event bus says why.
    Ended,
}

/// First pause before a broken channel is opened anew, in milliseconds; doubles up to [`MAX_PAUSE_MS`].
const MIN_PAUSE_MS: u32 = 500;
const MAX_PAUSE_MS: u32 = 15_000;

/// What the app's first part reads of a frame. What only later pages show is read by them: see [`Feeds`].
type CoreEvent = LiveEvent<IgnoredAny, IgnoredAny>;

/// Who reads the frames that only some pages show, once these were opened. Belongs to the organization's owner.
#[derive(Clone, Copy)]
pub(crate) struct Feeds(StoredValue<Vec<(&'static str, Arc<Feed>)>>);

/// Reads the text of a frame that was found to be of the session's organization.
type Feed = dyn Fn(&OrgSession, &str) + Send + Sync;

impl Feeds {
    /// Nobody yet. Make it in the organization's owner.
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(Vec::new()))
    }

    /// From now on `read` is given such frames, until the organization is left. The second reader of a name is none.
    pub(crate) fn add(self, name: &'static str, read: impl Fn(&OrgSession, &str) + Send + Sync + 'static) {
        self.0.try_update_value(|feeds| {
            if feeds.iter().all(|(known, _)| *known != name) {
                feeds.push((name, Arc::new(read)));
            }
        });
    }

    fn pass_on(self, session: &OrgSession, message: &str) {
        for (_, read) in self.0.try_get_value().unwrap_or_default() {
            read(session, message);
        }
    }
}

/// Opens the channel and keeps it open until the current owner is cleaned up.
pub(crate) fn open(session: OrgSession, caches: OrgCaches, state: RwSignal<LiveState>) {
    let run = async move {
        let mut pause = MIN_PAUSE_MS;
        let mut missed = false;
        loop {
            let end = read_frames(&session, caches, state, &mut pause, missed).await;
            if end == End::ForGood || !session.admits() {
                return;
            }
            // Whatever happens until it is open again is missed, also when it was never open.
            missed = true;
            // As old as the first loss: tries that fail make nothing newer.
            if !state.is_disposed() && !matches!(state.get_untracked(), LiveState::Offline { .. }) {
                set(state, LiveState::Offline { since: session.now() });
            }
            let rest = session.inner.platform.sleep(pause);
            if end == End::NeverOpen {
                select(pin!(ask_why(&session)), rest).await;
            } else {
                rest.await;
            }
            pause = (pause * 2).min(MAX_PAUSE_MS);
            if !session.admits() {
                return;
            }
        }
    };
    spawn_local_scoped_with_cancellation(run);
}

/// A browser is not told why a handshake was refused; an ordinary request is. Its answer goes to the bus where the
/// organization or the session is what ended, and not the way to the server. Never returns: there is nothing to wait for.
async fn ask_why(session: &OrgSession) {
    let _ = session.client().org().await;
    std::future::pending::<()>().await;
}

#[derive(PartialEq, Eq)]
enum End {
    /// Not one frame came: the server cannot be reached, or refuses.
    NeverOpen,
    Broken,
    ForGood,
}

async fn read_frames(
    session: &OrgSession,
    caches: OrgCaches,
    state: RwSignal<LiveState>,
    pause: &mut u32,
    missed: bool,
) -> End {
    let mut messages = session.inner.platform.connect(endpoints::live(session.org()));
    let mut end = End::NeverOpen;
    while let Some(Ok(message)) = messages.next().await {
        // Identity: the channel of an organization that was left says nothing here, whoever kept it open.
        if !session.admits() {
            return End::ForGood;
        }
        let Ok(frame) = serde_json::from_str::<LiveFrame<CoreEvent>>(&message) else { continue };
        if session.inner.walls.identity && frame.org != session.org() {
            session.report_violation();
            continue;
        }
        match frame.event {
            LiveEvent::Hello => {
                end = End::Broken;
                *pause = MIN_PAUSE_MS;
                set(state, LiveState::Live);
                if missed && !catch_up(session, caches).await {
                    return End::Broken;
                }
            }
            LiveEvent::Hosts { hosts } => {
                let now = session.now();
                caches.hosts.update(session, |list| list.upsert(hosts, frame.server_time, now));
            }
            LiveEvent::Containers { .. } | LiveEvent::Guests { .. } => caches.feeds.pass_on(session, &message),
            LiveEvent::HostRemoved { host } => {
                caches.hosts.update(session, |list| list.remove(host));
                caches.containers.update(session, |list| list.remove_host(host));
                caches.guests.update(session, |list| list.remove_host(host));
            }
            LiveEvent::OrgChanged => session.inner.bus.emit(AppEvent::OrgChanged { org: session.org() }),
            LiveEvent::Lagged => {
                if !catch_up(session, caches).await {
                    return End::Broken;
                }
            }
            LiveEvent::Ended { code, detail } => {
                let event = match code {
                    // The server is going away, not the membership: try again.
                    ErrorCode::Unavailable => return End::Broken,
                    ErrorCode::Unauthenticated => AppEvent::SessionEnded,
                    _ => AppEvent::OrgLost { org: session.org(), epoch: session.epoch(), code, detail },
                };
                set(state, LiveState::Ended);
                session.inner.bus.emit(event);
                return End::ForGood;
            }
        }
    }
    end
}

/// Frames were missed: loads all hosts anew, a few times if need be, and tells pages to do so with what they show. If it
/// fails for good the channel is opened anew, and it is tried again.
async fn catch_up(session: &OrgSession, caches: OrgCaches) -> bool {
    for _ in 0..3 {
        if reload_hosts(session, caches).await {
            session.inner.bus.emit(AppEvent::Reconnected { org: session.org(), epoch: session.epoch() });
            return true;
        }
        session.inner.platform.sleep(MIN_PAUSE_MS).await;
    }
    false
}

/// Loads all hosts anew. Whether it did; a failure changes nothing.
pub(crate) async fn reload_hosts(session: &OrgSession, caches: OrgCaches) -> bool {
    let mut hosts = Vec::new();
    let mut cursor = None;
    loop {
        let Ok(page) = session.client().hosts(cursor.as_deref()).await else { return false };
        hosts.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            let now = session.now();
            caches.hosts.update(session, |list| list.replace_all(hosts, page.server_time, now));
            return true;
        }
    }
}

fn set(state: RwSignal<LiveState>, value: LiveState) {
    if !state.is_disposed() {
        state.set(value);
    }
}
