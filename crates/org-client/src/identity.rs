//! Which organization a tab is in, and for how many switches.

use shared::OrgId;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Grows by one at each switch in a tab. A, then B, then A again are three epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Epoch(u64);

impl Epoch {
    /// The number, for attributes and logs.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which of the two walls stand. In what is deployed, both: the only constructor is [`Walls::BOTH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walls {
    pub(crate) ownership: bool,
    pub(crate) identity: bool,
}

impl Walls {
    /// Both walls.
    pub const BOTH: Self = Self { ownership: true, identity: true };

    /// Some of the walls, to see in a test what the other one holds back alone.
    #[cfg(any(test, feature = "test-walls"))]
    #[must_use]
    pub const fn for_test(ownership: bool, identity: bool) -> Self {
        Self { ownership, identity }
    }
}

/// The (organization, epoch) that is current in this tab. Clones are handles to the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Current(Arc<Mutex<Place>>);

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    org: Option<OrgId>,
    epoch: Epoch,
}

impl Current {
    /// Leaves whatever is current: from now on nothing is, until [`Current::enter`].
    pub(crate) fn leave(&self) -> Epoch {
        let mut place = self.lock();
        place.org = None;
        place.epoch = place.epoch.next();
        place.epoch
    }

    /// Makes an organization current in the epoch that [`Current::leave`] began.
    pub(crate) fn enter(&self, org: OrgId) {
        self.lock().org = Some(org);
    }

    pub(crate) fn is(&self, org: OrgId, epoch: Epoch) -> bool {
        let place = self.lock();
        place.org == Some(org) && place.epoch == epoch
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
