//! The pages that are not loaded with the app, but after its first page was painted.
//!
//! A release build is cut in two at [`build`]: what only these pages need is a file of its own, nearly half of the app.
//! `xtask/src/split_app.rs` does the cutting. A development build is one file.

use crate::{
    assistant::AssistantDrawer,
    context::app,
    pages::{
        add_host::{AddHostDialog, NoHosts},
        host::HostPage,
        inventory::{ContainersPage, GuestsPage},
        orgs::Orgs,
        set_up::SetUp,
    },
    panels::{access::AccessPanel, billing::BillingPanel, overview::OverviewPanel, sharing::SharingPanel},
    ui::{Button, IconName, ProblemNotice, Spinner},
};
use futures_util::FutureExt as _;
use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;
use org_client::OrgSession;
use shared::{ErrorCode, Problem};

/// A page that is loaded later.
#[derive(Clone)]
pub enum LaterPage {
    /// One host.
    Host,
    /// How a machine is connected, for an organization that has none.
    NoHosts(OrgSession),
    /// The same in a dialog; what closes it.
    AddHost(OrgSession, Callback<()>),
    /// Guests.
    Guests,
    /// Containers.
    Containers,
    /// The assistant, beside a page.
    Assistant,
    /// Name, description, slug, organizations.
    Overview,
    /// Members and tokens.
    Access,
    /// Shares.
    Sharing,
    /// Plan, limits, usage.
    Billing,
    /// All organizations.
    Orgs,
    /// The first account of a new server.
    SetUp,
}

/// How far the loading is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loading {
    /// Nobody has asked for it.
    #[default]
    NotAsked,
    /// On its way.
    Asked,
    /// Here: pages are built at once from now on.
    Done,
    /// It did not come.
    Failed,
}

/// Loads the pages, unless that is done or under way.
pub fn load(state: RwSignal<Loading>) {
    if matches!(state.get_untracked(), Loading::Asked | Loading::Done) {
        return;
    }
    state.set(Loading::Asked);
    crate::context::in_app(async move {
        state.set(match fetch().await {
            Ok(()) => Loading::Done,
            Err(_) => Loading::Failed,
        });
    });
}

/// Shows a page, as soon as it is loaded.
#[component]
pub fn Later(page: LaterPage) -> impl IntoView {
    let state = app().later;
    load(state);
    let known = Memo::new(move |_| state.get());
    view! {
        {move || match known.get() {
            Loading::Done => match build(page.clone()).now_or_never() {
                Some(Ok(page)) => page,
                // What was loaded does not go away again.
                _ => NotLoaded().into_any(),
            },
            Loading::NotAsked | Loading::Asked => {
                view! { <p class="later cluster" role="status"><Spinner />"Loading"</p> }.into_any()
            }
            Loading::Failed => NotLoaded().into_any(),
        }}
    }
}

#[component]
fn NotLoaded() -> impl IntoView {
    let state = app().later;
    let problem = Problem::new(ErrorCode::Unavailable, "This page could not be loaded").detail(
        "Check the connection and try again. If the server was updated meanwhile, reload the page: that brings the new version.",
    );
    view! {
        <section class="card later">
            <ProblemNotice problem />
            <div class="card-foot">
                <Button icon=IconName::Refresh on_press=move |()| load(state)>
                    "Try again"
                </Button>
            </div>
        </section>
    }
}

/// Where the app is cut. Everything that is reached from here alone goes into the file that is loaded later.
#[cfg_attr(
    not(debug_assertions),
    leptos::wasm_split::wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible, preload(fetch))
)]
#[cfg_attr(debug_assertions, expect(clippy::unnecessary_wraps, reason = "can fail where the app is cut"))]
fn cut(page: LaterPage) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        LaterPage::Host => view! { <HostPage /> }.into_any(),
        LaterPage::NoHosts(session) => view! { <NoHosts session /> }.into_any(),
        LaterPage::AddHost(session, on_close) => view! { <AddHostDialog session on_close /> }.into_any(),
        LaterPage::Guests => view! { <GuestsPage /> }.into_any(),
        LaterPage::Containers => view! { <ContainersPage /> }.into_any(),
        LaterPage::Assistant => view! { <AssistantDrawer /> }.into_any(),
        LaterPage::Overview => view! { <OverviewPanel /> }.into_any(),
        LaterPage::Access => view! { <AccessPanel /> }.into_any(),
        LaterPage::Sharing => view! { <SharingPanel /> }.into_any(),
        LaterPage::Billing => view! { <BillingPanel /> }.into_any(),
        LaterPage::Orgs => view! { <Orgs /> }.into_any(),
        LaterPage::SetUp => view! { <SetUp /> }.into_any(),
    })
}

#[cfg(not(debug_assertions))]
use cut as build;

#[cfg(debug_assertions)]
async fn build(page: LaterPage) -> Result<AnyView, SplitLoaderError> {
    cut(page)
}

#[cfg(debug_assertions)]
async fn fetch() -> Result<(), SplitLoaderError> {
    Ok(())
}
