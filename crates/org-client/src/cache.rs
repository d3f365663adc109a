//! What a tab remembers of an organization.

use crate::{Answering, Epoch, FoundList, HostList, OrgSession, live::Feeds};
use reactive_graph::{
    signal::RwSignal,
    traits::{IsDisposed, Notify, UpdateUntracked, With, WithUntracked},
};
use serde::{Deserialize, Serialize};
use shared::{
    HostId, Micros, OrgId, Problem,
    assistant::Chat,
    host::DiskRate,
    inventory::{Container, Guest},
    metadata::{Metadata, MetadataEdit, Noted, Subject},
    summary::Summary,
};
use std::collections::BTreeMap;

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

/// What is noted about the organization's things, in the order of the things.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes(Vec<Noted>);

impl Notes {
    /// What was loaded.
    #[must_use]
    pub fn new(mut all: Vec<Noted>) -> Self {
        all.sort_by_key(|noted| noted.subject);
        Self(all)
    }

    /// What is noted about one thing.
    #[must_use]
    pub fn about(&self, subject: Subject) -> Option<&Metadata> {
        let at = self.0.binary_search_by_key(&subject, |noted| noted.subject).ok()?;
        self.0.get(at).map(|noted| &noted.metadata)
    }

    /// Something else is noted now.
    pub fn set(&mut self, subject: Subject, metadata: Metadata) {
        match self.0.binary_search_by_key(&subject, |noted| noted.subject) {
            Ok(at) => self.0[at].metadata = metadata,
            Err(at) => self.0.insert(at, Noted { subject, metadata }),
        }
    }

    /// All of it.
    pub fn iter(&self) -> impl Iterator<Item = &Noted> {
        self.0.iter()
    }
}

/// What the disks of hosts moved at their last report, for hosts that were looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DiskReadings(BTreeMap<HostId, (Micros, Vec<DiskRate>)>);

impl DiskReadings {
    /// Most hosts that are remembered.
    const MAX_HOSTS: usize = 200;

    /// Puts the newest reading of a host in place.
    pub fn set(&mut self, host: HostId, at: Micros, disks: Vec<DiskRate>) {
        if self.0.len() >= Self::MAX_HOSTS && !self.0.contains_key(&host) {
            let oldest = self.0.iter().min_by_key(|(_, (at, _))| *at).map(|(host, _)| *host);
            oldest.and_then(|oldest| self.0.remove(&oldest));
        }
        self.0.insert(host, (at, disks));
    }

    /// When a host was read last, on the server's clock, and what its disks moved.
    #[must_use]
    pub fn of(&self, host: HostId) -> Option<&(Micros, Vec<DiskRate>)> {
        self.0.get(&host)
    }
}

/// Every cache of an organization. A cache that is not a field here does not exist.
#[derive(Clone, Copy)]
pub struct OrgCaches {
    /// The organization at a glance, with its age: filled by the bootstrap, made anew while a page shows it.
    pub summary: Cache<Summary>,
    /// Hosts with their present state: filled by the bootstrap, kept up to date by the live channel.
    pub hosts: Cache<HostList>,
    /// Containers: filled by the page that shows them, kept up to date by the live channel.
    pub containers: Cache<FoundList<Container>>,
    /// Guests: filled by the page that shows them, kept up to date by the live channel.
    pub guests: Cache<FoundList<Guest>>,
    /// What disks moved: filled by the pages of hosts.
    pub disks: Cache<DiskReadings>,
    /// The person's conversation with the assistant: filled by its drawer.
    pub chat: Cache<Chat>,
    /// The answer that is on its way; none while there is none.
    pub answering: Cache<Option<Answering>>,
    /// What is noted about hosts, containers and guests: filled by the pages that show it.
    pub notes: Cache<Notes>,
    /// What is being typed about things.
    pub drafts: Cache<BTreeMap<Subject, NoteDraft>>,
    /// Who reads the live frames about containers and guests.
    pub(crate) feeds: Feeds,
}

/// What is being typed about a thing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NoteDraft {
    /// The version that it is meant to replace.
    pub version: i64,
    /// What that version says.
    pub before: MetadataEdit,
    /// What is to stand there instead.
    pub typed: MetadataEdit,
    /// It is on its way to the server.
    #[serde(skip)]
    pub sent: bool,
    /// What somebody else noted meanwhile, for the person to decide.
    #[serde(skip)]
    pub theirs: Option<Metadata>,
    /// Why it was refused otherwise.
    #[serde(skip)]
    pub problem: Option<Problem>,
}

impl OrgCaches {
    /// Empty caches in the current owner.
    pub(crate) fn new() -> Self {
        Self {
            summary: Cache::new("summary"),
            hosts: Cache::new("hosts"),
            containers: Cache::new("containers"),
            guests: Cache::new("guests"),
            disks: Cache::new("disk counters"),
            chat: Cache::new("chat"),
            answering: Cache::new("answering"),
            notes: Cache::new("notes"),
            drafts: Cache::new("drafts"),
            feeds: Feeds::new(),
        }
    }

    /// The names of those that hold something for this session, untracked.
    #[must_use]
    pub fn filled(&self, session: &OrgSession) -> Vec<&'static str> {
        // Taken apart, so that a new cache has to be named here.
        let Self { summary, hosts, containers, guests, disks, chat, answering, notes, drafts, feeds: _ } = self;
        let held = [
            (summary.name(), summary.with_untracked(session, |value| value.is_some())),
            (hosts.name(), hosts.with_untracked(session, |value| value.is_some())),
            (containers.name(), containers.with_untracked(session, |value| value.is_some())),
            (guests.name(), guests.with_untracked(session, |value| value.is_some())),
            (disks.name(), disks.with_untracked(session, |value| value.is_some())),
            (chat.name(), chat.with_untracked(session, |value| value.is_some())),
            (answering.name(), answering.with_untracked(session, |value| value.is_some())),
            (notes.name(), notes.with_untracked(session, |value| value.is_some())),
            (drafts.name(), drafts.with_untracked(session, |value| value.is_some())),
        ];
        held.into_iter().filter_map(|(name, filled)| filled.then_some(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Disconnected, FetchError, Platform, Request, Response, Walls, identity::Current, session::Surroundings,
    };
    use event_bus::Bus;
    use futures_util::{FutureExt as _, StreamExt as _, future::LocalBoxFuture, stream::LocalBoxStream};
    use reactive_graph::owner::Owner;
    use shared::{
        Micros, Role, UserId,
        feature::PlanInfo,
        org::{Bootstrap, Org, OrgStatus},
    };
    use std::sync::Arc;
    use uuid::Uuid;

    struct Nowhere;

    impl Platform for Nowhere {
        fn fetch(&self, _: Request) -> LocalBoxFuture<'static, Result<Response, FetchError>> {
            std::future::pending().boxed_local()
        }
        fn connect(&self, _: String) -> LocalBoxStream<'static, Result<String, Disconnected>> {
            futures_util::stream::pending().boxed_local()
        }
        fn sleep(&self, _: u32) -> LocalBoxFuture<'static, ()> {
            std::future::pending().boxed_local()
        }
        fn now(&self) -> Micros {
            0
        }
    }

    fn bootstrap(org: u128) -> Bootstrap {
        let (name, colour, monogram) = ("A".to_owned(), "iris".to_owned(), "A".to_owned());
        let plan = PlanInfo {
            key: name.clone(),
            name: name.clone(),
            hosts: None,
            members: None,
            tokens: None,
            assistant_messages: None,
            sharing: false,
        };
        let id = OrgId::from_uuid(Uuid::from_u128(org));
        let (description, status) = (String::new(), OrgStatus::Active);
        let org =
            Org { id, slug: name.clone(), name, description, colour, monogram, status, created_at: 0, version: 1 };
        let (role, features, hosts) = (Role::Owner, Vec::new(), Vec::new());
        Bootstrap { org, role, plan, features, summary: Default::default(), hosts, server_time: 0 }
    }

    /// The cache outlives the first organization, as it would without the ownership wall.
    #[test]
    fn a_value_of_another_organization_or_epoch_is_not_given_out_although_the_cache_still_holds_it() {
        let owner = Owner::new();
        owner.with(|| {
            let around = Surroundings {
                platform: Arc::new(Nowhere),
                bus: Bus::new(|_, _| ()),
                current: Current::default(),
                walls: Walls::for_test(false, true),
                violations: Arc::default(),
            };
            let enter = |org| {
                let (epoch, bootstrap) = (around.current.leave(), bootstrap(org));
                around.current.enter(bootstrap.org.id);
                OrgSession::enter(&bootstrap, epoch, UserId::from_uuid(Uuid::nil()), &around)
            };
            let cache = Cache::<&str>::new("test");
            let read = |session: &OrgSession| cache.with_untracked(session, |value| value.copied());

            let first = enter(1);
            cache.put(&first, "canary");
            assert_eq!(read(&first), Some("canary"));

            let other = enter(2);
            assert_eq!(read(&other), None, "another organization");
            cache.update(&other, |value| *value = "changed by the other one");

            let again = enter(1);
            assert_eq!(read(&again), None, "the same organization in another epoch");
            cache.put(&first, "late");
            assert_eq!(read(&again), None, "a value that comes late is not taken");
        });
    }
}
