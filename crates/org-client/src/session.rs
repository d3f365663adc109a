//! The live handle to the organization that a tab is in.

use crate::{AppEvent, Epoch, OrgClient, OrgStorage, Platform, Walls, identity::Current};
use event_bus::Bus;
use futures_util::future::AbortHandle;
use reactive_graph::{
    signal::RwSignal,
    traits::{GetUntracked, Set, With, WithUntracked},
};
use shared::{
    OrgId, Role, UserId,
    feature::{Feature, FeatureInfo, FeatureState, PlanInfo},
    org::{Bootstrap, Org},
};
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// What the app knows of the organization beside its data. Changes while the session lives: a renamed slug, another role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgProfile {
    /// The organization.
    pub org: Org,
    /// The caller's role.
    pub role: Role,
    /// Its plan.
    pub plan: PlanInfo,
    /// What it may use.
    pub features: Vec<FeatureInfo>,
}

impl OrgProfile {
    pub(crate) fn of(bootstrap: &Bootstrap) -> Self {
        Self {
            org: bootstrap.org.clone(),
            role: bootstrap.role,
            plan: bootstrap.plan.clone(),
            features: bootstrap.features.clone(),
        }
    }

    /// Whether a feature can be used.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.features.iter().any(|info| info.feature == feature && info.state == FeatureState::Available)
    }
}

/// The live handle to the current organization: made by a confirmed switch, dead after the next one.
///
/// Clones are handles to the same session. Everything that was asked through it answers [`ClientError::Left`](crate::ClientError::Left) once the
/// organization is left.
#[derive(Clone)]
pub struct OrgSession {
    pub(crate) inner: Arc<SessionInner>,
}

pub(crate) struct SessionInner {
    pub(crate) org: OrgId,
    pub(crate) epoch: Epoch,
    pub(crate) user: UserId,
    pub(crate) walls: Walls,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) bus: Bus<AppEvent>,
    pub(crate) violations: Arc<AtomicU64>,
    profile: RwSignal<OrgProfile>,
    current: Current,
    /// Ownership wall: false from the moment at which the organization is left.
    alive: AtomicBool,
    /// Ownership wall: reads under way, aborted when the organization is left.
    reads: Mutex<Vec<AbortHandle>>,
}

/// What all sessions of a tab have in common.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) bus: Bus<AppEvent>,
    pub(crate) current: Current,
    pub(crate) walls: Walls,
    pub(crate) violations: Arc<AtomicU64>,
}

impl OrgSession {
    /// The session of a switch that was confirmed. Call it inside the organization's owner, which the profile belongs to.
    pub(crate) fn enter(bootstrap: &Bootstrap, epoch: Epoch, user: UserId, around: &Surroundings) -> Self {
        Self {
            inner: Arc::new(SessionInner {
                org: bootstrap.org.id,
                epoch,
                user,
                walls: around.walls,
                platform: Arc::clone(&around.platform),
                bus: around.bus.clone(),
                violations: Arc::clone(&around.violations),
                profile: RwSignal::new(OrgProfile::of(bootstrap)),
                current: around.current.clone(),
                alive: AtomicBool::new(true),
                reads: Mutex::default(),
            }),
        }
    }

    /// The organization's id.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.inner.org
    }

    /// The account that entered it.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.inner.user
    }

    /// The epoch that began with this session.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.inner.epoch
    }

    /// The only way to call the API in this organization.
    #[must_use]
    pub fn client(&self) -> OrgClient {
        OrgClient::of(self.clone())
    }

    /// The only way to the browser's storage in this organization.
    #[must_use]
    pub fn storage(&self) -> OrgStorage {
        OrgStorage::of(self.clone())
    }

    /// What is known of the organization; tracked by the effect or view that asks.
    #[must_use]
    pub fn profile(&self) -> OrgProfile {
        self.inner.profile.with(Clone::clone)
    }

    /// The caller's role, tracked.
    #[must_use]
    pub fn role(&self) -> Role {
        self.inner.profile.with(|profile| profile.role)
    }

    /// Whether an address means this organization: by its present slug or its id.
    #[must_use]
    pub fn is_named(&self, text: &str) -> bool {
        self.inner.profile.with_untracked(|profile| profile.org.slug == text) || self.org().to_string() == text
    }

    /// The organization's name, tracked.
    #[must_use]
    pub fn name(&self) -> String {
        self.inner.profile.with(|profile| profile.org.name.clone())
    }

    /// The clock of this machine, for ages and times.
    #[must_use]
    pub fn now(&self) -> shared::Micros {
        self.inner.platform.now()
    }

    /// Puts a newer state of the organization in place, as a write answered it.
    pub fn set_org(&self, org: Org) {
        if org.id == self.org() && self.admits() {
            let profile = OrgProfile { org, ..self.inner.profile.get_untracked() };
            self.inner.profile.set(profile);
        }
    }

    pub(crate) fn set_profile(&self, profile: OrgProfile) {
        if profile.org.id == self.org() && self.admits() {
            self.inner.profile.set(profile);
        }
    }

    /// Whether what was asked through this session may still be shown.
    ///
    /// Each wall decides for itself; with both in place, either is enough to say no.
    #[must_use]
    pub fn admits(&self) -> bool {
        let inner = &self.inner;
        let owned = !inner.walls.ownership || inner.alive.load(Ordering::SeqCst);
        let current = !inner.walls.identity || inner.current.is(inner.org, inner.epoch);
        owned && current
    }

    /// Whether a value of another place may be shown here: the identity wall for frames and cached values.
    pub(crate) fn admits_value_of(&self, org: OrgId, epoch: Epoch) -> bool {
        !self.inner.walls.identity || (org == self.org() && epoch == self.epoch())
    }

    /// Counts and reports data of another organization that reached this session. Must never happen.
    pub(crate) fn report_violation(&self) {
        self.inner.violations.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn register_read(&self, handle: AbortHandle) {
        let mut reads = self.reads();
        reads.retain(|read| !read.is_aborted());
        reads.push(handle);
    }

    pub(crate) fn forget_read(&self, handle: &AbortHandle) {
        // Marks it as over; it is dropped from the list with the next registration.
        handle.abort();
    }

    /// The organization is left: nothing is asked through this session any more, and reads under way are aborted.
    pub(crate) fn leave(&self) {
        self.inner.alive.store(false, Ordering::SeqCst);
        for read in self.reads().drain(..) {
            read.abort();
        }
    }

    fn reads(&self) -> std::sync::MutexGuard<'_, Vec<AbortHandle>> {
        self.inner.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialEq for OrgSession {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl fmt::Debug for OrgSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgSession").field("org", &self.org()).field("epoch", &self.epoch()).finish_non_exhaustive()
    }
}
