//! One open socket, from its greeting to its last frame.

use super::hub::{Ending, Registration};
use crate::state::now;
use actix_web::rt::time::{Instant, interval_at, timeout};
use actix_ws::{CloseCode, CloseReason, Closed, Message, MessageStream, Session};
use shared::{
    OrgId,
    live::{LiveEvent, LiveFrame},
};
use std::{sync::atomic::Ordering, time::Duration};

/// How often a client is asked for a sign of life; one that gives none until the next time is gone.
pub const PING_EVERY: Duration = Duration::from_secs(20);
/// How long a last word may take. A reader that is too slow for it is cut off without.
const LAST_WORD: Duration = Duration::from_millis(300);

/// Serves a socket until the client leaves or the server ends it.
pub async fn serve(mut place: Registration, session: Session, messages: MessageStream) {
    let org = place.seat.org();
    let answering = session.clone();
    let mut wire = Wire { session, org };
    let ending = {
        let Registration { seat, frames, lagged, ended } = &mut place;
        tokio::select! {
            // First the end: whoever lost a right is sent nothing more, even if frames wait or a send hangs.
            biased;
            ending = ended => ending.ok(),
            _closed = async {
                wire.send(LiveEvent::Hello).await?;
                while let Some(frames) = frames.recv().await {
                    if lagged.swap(false, Ordering::Relaxed) {
                        wire.send(LiveEvent::Lagged).await?;
                    }
                    for frame in frames.iter().filter(|frame| seat.accepts(frame)) {
                        wire.write(frame).await?;
                    }
                }
                Ok::<(), Closed>(())
            } => None,
            () = listen(answering, messages) => None,
        }
    };
    // Out of the hub before the last word, so that nobody counts on a socket that is ending.
    drop(place);
    if let Some(Ending { code, detail }) = ending {
        drop(timeout(LAST_WORD, wire.send(LiveEvent::Ended { code, detail })).await);
    }
    let reason = CloseReason { code: CloseCode::Normal, description: None };
    drop(timeout(LAST_WORD, wire.session.close(Some(reason))).await);
}

/// Answers pings, sends its own, and returns when the client leaves, falls silent or says what it should not.
async fn listen(mut session: Session, messages: MessageStream) {
    let mut messages = messages.max_frame_size(1024);
    let mut ticks = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    let mut alive = true;
    loop {
        tokio::select! {
            message = messages.recv() => match message {
                Some(Ok(Message::Ping(bytes))) => {
                    alive = true;
                    if session.pong(&bytes).await.is_err() {
                        return;
                    }
                }
                Some(Ok(Message::Pong(_) | Message::Nop)) => alive = true,
                // A client sends nothing else; one that does is not ours.
                _ => return,
            },
            _ = ticks.tick() => {
                if !alive || session.ping(b"").await.is_err() {
                    return;
                }
                alive = false;
            }
        }
    }
}

struct Wire {
    session: Session,
    org: OrgId,
}

impl Wire {
    async fn send(&mut self, event: LiveEvent) -> Result<(), Closed> {
        let frame = LiveFrame { org: self.org, server_time: now(), event };
        self.write(&frame).await
    }

    async fn write(&mut self, frame: &LiveFrame) -> Result<(), Closed> {
        let text = serde_json::to_string(frame).expect("a frame has only texts and numbers");
        self.session.text(text).await
    }
}
