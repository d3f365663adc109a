//! What lives as long as the tab.

use crate::{browser::Browser, later::Loading, preferences, route::Page};
use event_bus::Bus;
use leptos::prelude::*;
use org_client::{Account, AccountClient, AppEvent, LiveState, Platform, Switcher, Walls};
use shared::Micros;
use std::sync::Arc;

/// Whether anybody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedIn {
    /// The server is being asked.
    Asking,
    /// Somebody is.
    Yes,
    /// Nobody is.
    No,
    /// The server cannot be asked.
    Unreachable,
}

/// How a toast looks and is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastTone {
    /// Something went as it should.
    Success,
    /// Something was refused; stays until it is dismissed.
    Failure,
}

/// A message over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToastMessage {
    /// Unique in this tab.
    pub id: u64,
    /// How it looks.
    pub tone: ToastTone,
    /// What happened.
    pub title: String,
    /// What to do; may be empty.
    pub detail: String,
    /// The label of the button that tries again, where there is something to try.
    pub retry: Option<Retry>,
}

/// What a toast offers to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Load the list of organizations.
    Orgs,
}

/// The app's parts that outlive every organization. Holds no data of any.
#[derive(Clone)]
pub struct AppContext {
    /// Who is signed in.
    pub account: Account,
    /// What happens in the app.
    pub bus: Bus<AppEvent>,
    /// Enters and leaves organizations.
    pub switcher: Switcher,
    /// Whether anybody is signed in.
    pub signed_in: RwSignal<SignedIn>,
    /// The page of the organization that is on screen. Follows the address only once that organization is entered.
    pub page: RwSignal<Page>,
    /// Whether the address names a page that does not exist.
    pub page_missing: RwSignal<bool>,
    /// Whether the list of organizations is open.
    pub switcher_open: RwSignal<bool>,
    /// Whether the assistant stands beside the page.
    pub assistant_open: RwSignal<bool>,
    /// Whether it was opened just now, by the person: then it takes the focus. After a switch it is just there again.
    pub assistant_asked_for: RwSignal<bool>,
    /// Messages over the page.
    pub toasts: RwSignal<Vec<ToastMessage>>,
    /// This machine's clock, moved on once a second, for ages.
    pub now: RwSignal<Micros>,
    /// How far the pages are that are loaded later.
    pub later: RwSignal<Loading>,
    next_toast: StoredValue<u64>,
}

impl AppContext {
    /// The parts, in the app's owner.
    #[must_use]
    pub fn new(walls: Walls) -> Self {
        let platform: Arc<dyn Platform> = Arc::new(Browser);
        let now = RwSignal::new(platform.now());
        let bus = Bus::new(|name, error| leptos::logging::error!("{name} could not handle an event: {error}"));
        let account = Account::new(AccountClient::new(Arc::clone(&platform)));
        let switcher = Switcher::new(platform, bus.clone(), account.clone(), walls);
        Self {
            account,
            bus,
            switcher,
            signed_in: RwSignal::new(SignedIn::Asking),
            page: RwSignal::new(Page::Infrastructure),
            page_missing: RwSignal::new(false),
            switcher_open: RwSignal::new(false),
            assistant_open: RwSignal::new(false),
            assistant_asked_for: RwSignal::new(false),
            toasts: RwSignal::new(Vec::new()),
            now,
            later: RwSignal::default(),
            next_toast: StoredValue::new(0),
        }
    }

    /// Shows a message. Successes go away by themselves; failures stay until they are dismissed.
    pub fn toast(&self, tone: ToastTone, title: impl Into<String>, detail: impl Into<String>, retry: Option<Retry>) {
        let id = self.next_toast.get_value();
        self.next_toast.set_value(id + 1);
        let message = ToastMessage { id, tone, title: title.into(), detail: detail.into(), retry };
        self.toasts.update(|toasts| {
            // The same failure twice is one failure.
            toasts.retain(|toast| (&toast.title, &toast.detail) != (&message.title, &message.detail));
            toasts.push(message);
        });
        if tone == ToastTone::Success {
            let toasts = self.toasts;
            set_timeout(
                move || {
                    toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
                },
                std::time::Duration::from_secs(6),
            );
        }
    }

    /// Takes a message away.
    pub fn dismiss(&self, id: u64) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    /// Loads the list of organizations. If it fails, the one on screen stays usable and a toast offers to try again.
    pub fn refresh_orgs(&self) {
        let this = self.clone();
        in_app(async move {
            match this.account.refresh().await {
                Ok(me) => {
                    this.toasts.update(|toasts| toasts.retain(|toast| toast.retry != Some(Retry::Orgs)));
                    this.leave_if_lost(&me);
                }
                Err(org_client::ClientError::Refused(problem))
                    if problem.code == shared::ErrorCode::Unauthenticated =>
                {
                    this.bus.emit(AppEvent::SessionEnded);
                }
                Err(error) => this.toast(
                    ToastTone::Failure,
                    "The list of organizations could not be loaded",
                    format!("{error}. The organization on screen is not affected."),
                    Some(Retry::Orgs),
                ),
            }
        });
    }

    /// The organization on screen is not among the person's any more.
    fn leave_if_lost(&self, me: &shared::account::Me) {
        let Some(active) = self.switcher.active_untracked() else { return };
        let (org, epoch) = (active.session.org(), active.session.epoch());
        if me.orgs.iter().all(|known| known.id != org) {
            let code = shared::ErrorCode::NotFound;
            self.bus.emit(AppEvent::OrgLost { org, epoch, code, detail: String::new() });
        }
    }

    /// An organization of the person's list is called otherwise now.
    pub fn org_renamed(&self, org: &shared::org::Org) {
        let known = self.account.orgs_untracked().into_iter().find(|known| known.id == org.id);
        if let Some(known) = known {
            self.account.put_org(shared::org::OrgSummary {
                slug: org.slug.clone(),
                name: org.name.clone(),
                colour: org.colour.clone(),
                monogram: org.monogram.clone(),
                status: org.status,
                ..known
            });
        }
    }

    /// Since when the live channel of the organization on screen is broken: what is shown is as old as that. Tracks.
    #[must_use]
    pub fn offline_since(&self) -> Option<Micros> {
        match self.switcher.active()?.live.try_get()? {
            LiveState::Offline { since } => Some(since),
            LiveState::Connecting | LiveState::Live | LiveState::Ended => None,
        }
    }

    /// Notes that an organization was entered, for the list of recent ones.
    pub fn remember(&self, org: shared::OrgId) {
        if let Some(user) = self.account.user_untracked() {
            preferences::remember_org(user, org);
        }
    }
}

/// The app's parts.
#[must_use]
pub fn app() -> AppContext {
    expect_context::<AppContext>()
}

/// Runs a task that belongs to the app and to no organization: signing in, the list of organizations.
///
/// What is asked in an organization goes through [`org_client::remote`] or [`org_client::act`], which end with it.
#[expect(clippy::disallowed_methods, reason = "the app's owner lives as long as the tab")]
pub fn in_app(task: impl Future<Output = ()> + 'static) {
    leptos::task::spawn_local(task);
}
