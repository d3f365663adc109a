//! Entering an organization and leaving it.

use crate::{
    Account, AppEvent, Assistant, ClientError, Epoch, HostList, LiveState, OrgCaches, OrgProfile, OrgSession,
    OrgSwitched, Platform, Walls, identity::Current, live, session::Surroundings,
};
use event_bus::Bus;
use reactive_graph::{
    owner::Owner,
    signal::RwSignal,
    traits::{Get, GetUntracked, Set, UpdateUntracked},
};
use shared::{
    Micros,
    org::{Bootstrap, Org, OrgSummary},
};
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// What made the app switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A person chose it: the URL follows. A refusal changes nothing on screen.
    Choice,
    /// The URL names it already (a link, back, forward, reload). A refusal leaves no organization on screen, since the
    /// one that was there is not the one that the URL names.
    Url,
}

/// Where a switch stands.
#[derive(Debug, Clone, PartialEq)]
pub enum SwitchState {
    /// Nothing is under way.
    Idle,
    /// The server is being asked. The old organization is on screen, inert, under its own name.
    Confirming {
        /// The target as it was named: a slug.
        target: String,
        /// What made the app switch.
        cause: Cause,
        /// This machine's clock when it began.
        since: Micros,
    },
    /// The last one was refused.
    Failed(SwitchFailure),
}

/// A switch that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchFailure {
    /// The target as it was named: a slug.
    pub target: String,
    /// What made the app switch.
    pub cause: Cause,
    /// Why.
    pub error: ClientError,
}

/// The organization that is on screen.
#[derive(Clone)]
pub struct ActiveOrg {
    /// Its session.
    pub session: OrgSession,
    /// The owner of everything of it. Views of its data are built inside.
    pub owner: Owner,
    /// Its caches.
    pub caches: OrgCaches,
    /// The person's assistant in it.
    pub assistant: Assistant,
    /// How its live channel is doing.
    pub live: RwSignal<LiveState>,
}

impl PartialEq for ActiveOrg {
    fn eq(&self, other: &Self) -> bool {
        self.session == other.session
    }
}

impl fmt::Debug for ActiveOrg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveOrg").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Makes the URL name the organization that was just entered.
type Navigate = dyn Fn(&Org, Cause) + Send + Sync;

/// Switches the tab between organizations: one at a time, the last one asked for wins, all or nothing.
#[derive(Clone)]
pub struct Switcher {
    inner: Arc<Inner>,
}

struct Inner {
    account: Account,
    around: Surroundings,
    /// The owner of the app, below which each organization's owner is made.
    app: Owner,
    active: RwSignal<Option<ActiveOrg>>,
    state: RwSignal<SwitchState>,
    /// Counts the switches that were asked for; an answer to an older one is dropped.
    tickets: AtomicU64,
    navigate: Mutex<Arc<Navigate>>,
}

impl fmt::Debug for Switcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switcher").field("state", &self.inner.state.get_untracked()).finish_non_exhaustive()
    }
}

impl Switcher {
    /// A switcher with no organization on screen. Make it in the app's owner.
    ///
    /// # Panics
    /// Outside of a reactive owner, which would be a mistake in the app's first lines.
    #[must_use]
    pub fn new(platform: Arc<dyn Platform>, bus: Bus<AppEvent>, account: Account, walls: Walls) -> Self {
        Self {
            inner: Arc::new(Inner {
                account,
                around: Surroundings { platform, bus, current: Current::default(), walls, violations: Arc::default() },
                app: Owner::current().expect("a switcher is made in the app's owner"),
                active: RwSignal::new(None),
                state: RwSignal::new(SwitchState::Idle),
                tickets: AtomicU64::new(0),
                navigate: Mutex::new(Arc::new(|_, _| ())),
            }),
        }
    }

    /// Sets what makes the URL name the organization that was entered.
    pub fn on_navigate(&self, navigate: impl Fn(&Org, Cause) + Send + Sync + 'static) {
        *self.inner.navigate.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(navigate);
    }

    /// Forgets what [`Switcher::on_navigate`] set: whoever set it is gone.
    pub fn forget_navigate(&self) {
        self.on_navigate(|_, _| ());
    }

    /// The organization that is on screen, tracked.
    #[must_use]
    pub fn active(&self) -> Option<ActiveOrg> {
        self.inner.active.get()
    }

    /// The organization that is on screen, without being called again when that changes.
    #[must_use]
    pub fn active_untracked(&self) -> Option<ActiveOrg> {
        self.inner.active.get_untracked()
    }

    /// Where a switch stands, tracked.
    #[must_use]
    pub fn state(&self) -> SwitchState {
        self.inner.state.get()
    }

    /// Where a switch stands, without being called again when that changes.
    #[must_use]
    pub fn state_untracked(&self) -> SwitchState {
        self.inner.state.get_untracked()
    }

    /// Data of another organization that reached a session of this tab, and was dropped. Must stay 0.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.inner.around.violations.load(Ordering::SeqCst)
    }

    /// Switches to an organization that is named as in a URL.
    ///
    /// The server confirms first; until then nothing changes. Asked again meanwhile, the last one wins.
    #[expect(clippy::disallowed_methods, reason = "a switch is between owners and belongs to none")]
    pub fn switch_to(&self, target: &str, cause: Cause) {
        let ticket = self.inner.tickets.fetch_add(1, Ordering::SeqCst) + 1;
        let since = self.inner.around.platform.now();
        self.inner.state.set(SwitchState::Confirming { target: target.to_owned(), cause, since });
        let (this, target) = (self.clone(), target.to_owned());
        any_spawner::Executor::spawn_local(async move {
            let answer = this.inner.account.client().bootstrap(&target).await;
            if this.inner.tickets.load(Ordering::SeqCst) != ticket {
                return;
            }
            match answer {
                Ok(bootstrap) => this.enter(&bootstrap, cause),
                Err(error) => this.refuse(SwitchFailure { target, cause, error }),
            }
        });
    }

    /// Gives up a switch that is being confirmed: the old organization stays.
    pub fn stay(&self) {
        self.inner.tickets.fetch_add(1, Ordering::SeqCst);
        self.inner.state.set(SwitchState::Idle);
    }

    /// A failure was seen by the person.
    pub fn dismiss_failure(&self) {
        if matches!(self.inner.state.get_untracked(), SwitchState::Failed(_)) {
            self.inner.state.set(SwitchState::Idle);
        }
    }

    /// Leaves the organization that is on screen, for none: signed out, or the organization is gone.
    pub fn leave(&self) {
        self.inner.tickets.fetch_add(1, Ordering::SeqCst);
        self.leave_active();
        self.inner.active.set(None);
        self.inner.state.set(SwitchState::Idle);
    }

    /// Asks again who the caller is in the organization that is on screen: their role, its plan, its name.
    ///
    /// What changed is put in place; if it cannot be used any more, the bus says so.
    pub async fn refresh_profile(&self) {
        let Some(active) = self.active_untracked() else { return };
        let session = active.session;
        match self.inner.account.client().bootstrap(&session.org().to_string()).await {
            Ok(bootstrap) if session.admits() => {
                session.set_profile(OrgProfile::of(&bootstrap));
                self.inner.account.put_org(summary_of(&bootstrap));
            }
            Err(ClientError::Refused(problem)) if session.admits() && matches!(problem.status, 404 | 410 | 423) => {
                self.inner.around.bus.emit(AppEvent::OrgLost {
                    org: session.org(),
                    epoch: session.epoch(),
                    code: problem.code,
                    detail: problem.detail,
                });
            }
            _ => {}
        }
    }

    /// Steps 2 to 5 of a switch, in one task: no frame is painted in between.
    fn enter(&self, bootstrap: &Bootstrap, cause: Cause) {
        let inner = &self.inner;
        let Some(user) = inner.account.user_untracked() else { return };
        let before = inner.active.get_untracked();
        let from = before.as_ref().map(|active| active.session.org());

        // Leave: from here on nothing of the old organization is admitted.
        let epoch = self.leave_active();

        // Enter.
        inner.around.current.enter(bootstrap.org.id);
        let active = self.make(bootstrap, epoch, user, before);
        let session = active.session.clone();
        inner.account.put_org(summary_of(bootstrap));
        inner.active.set(Some(active.clone()));
        inner.state.set(SwitchState::Idle);
        let navigate = Arc::clone(&inner.navigate.lock().unwrap_or_else(PoisonError::into_inner));
        navigate(&bootstrap.org, cause);

        // Tell.
        inner.around.bus.emit(AppEvent::OrgSwitched(OrgSwitched { from, to: bootstrap.org.id, epoch }));

        // Reconnect.
        active.owner.with(|| {
            live::open(session.clone(), active.caches, active.live);
            if !active.caches.hosts.with_untracked(&session, |list| list.is_some_and(HostList::is_complete)) {
                let (session, caches) = (session.clone(), active.caches);
                reactive_graph::spawn_local_scoped_with_cancellation(async move {
                    live::reload_hosts(&session, caches).await;
                });
            }
        });
    }

    /// The new owner with all that hangs below it. Without the ownership wall, the old one lives on with all that it has.
    fn make(&self, bootstrap: &Bootstrap, epoch: Epoch, user: shared::UserId, before: Option<ActiveOrg>) -> ActiveOrg {
        let around = &self.inner.around;
        let kept = before.filter(|_| !around.walls.ownership);
        let owner = kept.as_ref().map_or_else(|| self.inner.app.with(Owner::new), |kept| kept.owner.clone());
        owner.with(|| {
            let session = OrgSession::enter(bootstrap, epoch, user, around);
            let caches = kept.as_ref().map_or_else(OrgCaches::new, |kept| kept.caches);
            caches.summary.put(&session, bootstrap.summary.clone());
            caches.hosts.put(&session, HostList::from_bootstrap(bootstrap, around.platform.now()));
            let assistant = Assistant::new(caches);
            ActiveOrg { session, owner: owner.clone(), caches, assistant, live: RwSignal::new(LiveState::Connecting) }
        })
    }

    /// Ends the old organization: no request, frame or value of it is admitted from here on, and its owner is gone.
    fn leave_active(&self) -> Epoch {
        let epoch = self.inner.around.current.leave();
        let mut old = None;
        // Untracked and without notice: whoever watches is told once, when the new one is in place.
        self.inner.active.update_untracked(|active| old = active.take());
        if let Some(old) = old
            && self.inner.around.walls.ownership
        {
            old.session.leave();
            // What renders the old organization is dropped a moment later, when its place is taken. Until then it must
            // not run: what it would read is gone, and reading that ends a page.
            old.owner.pause();
            old.owner.cleanup();
        }
        epoch
    }

    fn refuse(&self, failure: SwitchFailure) {
        if failure.cause == Cause::Url {
            self.leave_active();
            self.inner.active.set(None);
        }
        if failure.error.code() == Some(shared::ErrorCode::Unauthenticated) {
            self.inner.around.bus.emit(AppEvent::SessionEnded);
        }
        self.inner.state.set(SwitchState::Failed(failure));
    }
}

/// The line in the list of organizations that follows from a bootstrap.
fn summary_of(bootstrap: &Bootstrap) -> OrgSummary {
    let Org { id, slug, name, colour, monogram, status, .. } = bootstrap.org.clone();
    OrgSummary { id, slug, name, colour, monogram, status, role: bootstrap.role, plan: bootstrap.plan.name.clone() }
}
