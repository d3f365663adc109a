//! The stream of events: one JSON document a line.

use actix_web::HttpResponse;
use bytes::Bytes;
use futures_util::stream;
use shared::assistant::{ChatEvent, EVENT_STREAM};
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};

/// Events that wait for a reader before the provider is kept waiting.
const QUEUE: usize = 32;
/// How often an empty line is sent, so that nothing between here and the reader takes the stream for dead.
const BEAT_EVERY: Duration = Duration::from_secs(10);
/// How long a last word may take. A reader that is too slow for it is cut off without.
const LAST_WORD: Duration = Duration::from_secs(2);

/// Where events go in.
pub(super) struct Out(mpsc::Sender<Bytes>);

/// The answer, and where its events go in. Whoever drops the answer is known to have left.
pub(super) fn open() -> (Out, HttpResponse) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let lines = stream::unfold(receiver, |mut receiver| async move {
        let line = receiver.recv().await?;
        Some((Ok::<Bytes, Infallible>(line), receiver))
    });
    let response = HttpResponse::Ok()
        .content_type(EVENT_STREAM)
        // A proxy that gathers an answer before it passes it on would show nothing until the end.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(lines);
    (Out(sender), response)
}

impl Out {
    /// Sends an event, as soon as the reader has room. One that nobody reads any more is lost.
    pub(super) async fn send(&self, event: &ChatEvent) {
        drop(self.0.send(line(event)).await);
    }

    /// Sends the last event and ends the stream.
    pub(super) async fn end(self, event: &ChatEvent) {
        drop(timeout(LAST_WORD, self.0.send(line(event))).await);
    }

    /// Comes once nobody reads any more.
    pub(super) async fn closed(&self) {
        self.0.closed().await;
    }

    /// Sends empty lines for ever.
    pub(super) async fn beat(&self) {
        let mut ticks = interval(BEAT_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            // Where there is no room there is no need.
            drop(self.0.try_send(Bytes::from_static(b"\n")));
        }
    }
}

fn line(event: &ChatEvent) -> Bytes {
    let mut line = serde_json::to_vec(event).expect("an event has only texts and numbers");
    line.push(b'\n');
    line.into()
}
