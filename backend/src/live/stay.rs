//! The right of something that lives longer than a request to go on, until somebody ends it.

use super::Ending;
use shared::Micros;
use store::Identity;
use tokio::sync::oneshot;

/// Of one socket or run.
pub(super) struct Stay {
    who: Identity,
    /// Not yet proved again since it was registered: a revocation may have fallen between its proof and its entry here.
    fresh: bool,
    end: Option<oneshot::Sender<Ending>>,
}

impl Stay {
    /// With what comes once it is ended.
    pub(super) fn new(who: Identity) -> (Self, oneshot::Receiver<Ending>) {
        let (end, ended) = oneshot::channel();
        (Self { who, fresh: true, end: Some(end) }, ended)
    }

    /// Ends it, once.
    pub(super) fn end(&mut self, ending: Ending) {
        if let Some(end) = self.end.take() {
            drop(end.send(ending));
        }
    }

    /// Who it is, where they have to prove their right again: all have to, or this one is new, or its session or token ran
    /// out.
    pub(super) fn must_prove(&mut self, all: bool, at: Micros) -> Option<Identity> {
        let over = self.who.expires_at().is_some_and(|end| end <= at);
        if self.end.is_none() || !(all || self.fresh || over) {
            return None;
        }
        self.fresh = false;
        Some(self.who.clone())
    }
}
