//! What a tab remembers of an organization.

use crate::{Epoch, HostList, OrgSession};
use reactive_graph::{
    signal::RwSignal,
    traits::{IsDisposed, Notify, UpdateUntracked, With, WithUntracked},
};
use shared::OrgId;

/// A value with the place that it is of.
#[derive(Debug, Clone, PartialEq)]
struct Stamped<T> {
    org: OrgId,
    epoch: Epoch,
    value: T,
}

/// One thing that is remembered of an organization.
///
/// The slot belongs to the organization's owner and is gone with it (ownership). The value carries its organization
/// and epoch, and is not given to a session of another one (identity).
pub struct Cache<T: Send + Sync + 'static> {
    name: &'static str,
    slot: RwSignal<Option<Stamped<T>>>,
}

impl<T: Send + Sync + 'static> Clone for Cache<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Cache<T> {}

impl<T: Send + Sync + 'static> Cache<T> {
    fn new(name: &'static str) -> Self {
        Self { name, slot: RwSignal::new(None) }
    }

    /// Its name in the registry.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Replaces the value, unless the organization was left.
    pub fn put(&self, session: &OrgSession, value: T) {
        if session.admits() && !self.slot.is_disposed() {
            let stamped = Stamped { org: session.org(), epoch: session.epoch(), value };
            self.slot.update_untracked(|slot| *slot = Some(stamped));
            self.slot.notify();
        }
    }

    /// Changes the value where there is one, unless the organization was left.
    pub fn update(&self, session: &OrgSession, change: impl FnOnce(&mut T)) {
        if !session.admits() || self.slot.is_disposed() {
            return;
        }
        let mut changed = false;
        self.slot.update_untracked(|slot| {
            if let Some(stamped) = slot
                && session.admits_value_of(stamped.org, stamped.epoch)
            {
                change(&mut stamped.value);
                changed = true;
            }
        });
        if changed {
            self.slot.notify();
        }
    }

    /// Looks at the value, if there is one of this session; tracked.
    pub fn with<U>(&self, session: &OrgSession, look: impl FnOnce(Option<&T>) -> U) -> U {
        if self.slot.is_disposed() {
            return look(None);
        }
        self.slot.with(|slot| look(Self::admitted(slot.as_ref(), session)))
    }

    /// Looks at the value, if there is one of this session, without being called again when it changes.
    pub fn with_untracked<U>(&self, session: &OrgSession, look: impl FnOnce(Option<&T>) -> U) -> U {
        if self.slot.is_disposed() {
            return look(None);
        }
        self.slot.with_untracked(|slot| look(Self::admitted(slot.as_ref(), session)))
    }

    fn admitted<'a>(slot: Option<&'a Stamped<T>>, session: &OrgSession) -> Option<&'a T> {
        let stamped = slot.filter(|stamped| session.admits_value_of(stamped.org, stamped.epoch))?;
        session.admits().then_some(&stamped.value)
    }
}

/// Every cache of an organization. A cache that is not a field here does not exist.
#[derive(Clone, Copy)]
pub struct OrgCaches {
    /// Hosts with their present state: filled by the bootstrap, kept up to date by the live channel.
    pub hosts: Cache<HostList>,
}

impl OrgCaches {
    /// Empty caches in the current owner.
    pub(crate) fn new() -> Self {
        Self { hosts: Cache::new("hosts") }
    }
}
