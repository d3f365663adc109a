//! The live channel of the organization that a tab is in.

use crate::{AppEvent, OrgCaches, OrgSession};
use futures_util::StreamExt as _;
use reactive_graph::{
    signal::RwSignal,
    spawn_local_scoped_with_cancellation,
    traits::{GetUntracked, IsDisposed, Set},
};
use shared::{
    ErrorCode, Micros, endpoints,
    live::{LiveEvent, LiveFrame},
};

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
            session.inner.platform.sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE_MS);
            if !session.admits() {
                return;
            }
        }
    };
    spawn_local_scoped_with_cancellation(run);
}

#[derive(PartialEq, Eq)]
enum End {
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
    while let Some(Ok(message)) = messages.next().await {
        // Identity: the channel of an organization that was left says nothing here, whoever kept it open.
        if !session.admits() {
            return End::ForGood;
        }
        let Ok(frame) = serde_json::from_str::<LiveFrame>(&message) else { continue };
        if session.inner.walls.identity && frame.org != session.org() {
            session.report_violation();
            continue;
        }
        match frame.event {
            LiveEvent::Hello => {
                *pause = MIN_PAUSE_MS;
                set(state, LiveState::Live);
                if missed {
                    if !reload_until_done(session, caches).await {
                        return End::Broken;
                    }
                    session.inner.bus.emit(AppEvent::Reconnected { org: session.org(), epoch: session.epoch() });
                }
            }
            LiveEvent::Hosts { hosts } => {
                let now = session.now();
                caches.hosts.update(session, |list| list.upsert(hosts, frame.server_time, now));
            }
            LiveEvent::HostRemoved { host } => caches.hosts.update(session, |list| list.remove(host)),
            LiveEvent::OrgChanged => session.inner.bus.emit(AppEvent::OrgChanged { org: session.org() }),
            LiveEvent::Lagged => {
                if !reload_until_done(session, caches).await {
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
    End::Broken
}

/// Loads all hosts anew, a few times if need be. If it fails for good the channel is opened anew, and it is tried again.
async fn reload_until_done(session: &OrgSession, caches: OrgCaches) -> bool {
    for _ in 0..3 {
        if reload_hosts(session, caches).await {
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
