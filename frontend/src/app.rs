//! The app's owner, its address map, and what it does about events.

use crate::{
    browser::Browser,
    context::{AppContext, SignedIn, ToastTone},
    later::{self, Later, LaterPage},
    pages::{not_found::NotFound, sign_in::SignIn},
    preferences,
    route::safe_next,
    shell::{gate::OrgGate, toasts::Toasts},
};
use leptos::prelude::*;
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    hooks::{use_location, use_navigate},
    path,
};
use org_client::{AppEvent, ClientError, Platform as _, Walls};
use shared::ErrorCode;
use std::time::Duration;

/// How long after an organization was entered the other pages are loaded: its first page was painted by then.
const LATER: Duration = Duration::from_millis(500);

/// Mounts the app on the page's body.
pub fn start() {
    console_error_panic_hook::set_once();
    crate::ui::apply_theme(preferences::theme());
    leptos::mount::mount_to_body(App);
}

/// The whole app. Each address stands here or, inside an organization, in [`crate::route`].
#[component]
fn App() -> impl IntoView {
    let context = AppContext::new(walls());
    provide_context(context.clone());
    keep_time(&context);
    find_out_who_is_signed_in(&context);
    view! {
        <Router>
            <FollowEvents />
            <FlatRoutes fallback=|| view! { <NotFound /> }>
                <Route path=path!("/") view=Home />
                <Route path=path!("/login") view=SignIn />
                <Route path=path!("/setup") view=|| view! { <Later page=LaterPage::SetUp /> } />
                <Route path=path!("/orgs") view=|| view! { <SignedInOnly><Later page=LaterPage::Orgs /></SignedInOnly> } />
                <Route path=path!("/o/:org/*page") view=|| view! { <SignedInOnly><OrgGate /></SignedInOnly> } />
                <Route path=path!("/ui") view=kit_page />
            </FlatRoutes>
            <Toasts />
        </Router>
    }
}

/// The kit in all its states, in a development build.
fn kit_page() -> AnyView {
    #[cfg(debug_assertions)]
    return view! { <crate::pages::ui_kit::UiKitPage /> }.into_any();
    #[cfg(not(debug_assertions))]
    return view! { <NotFound /> }.into_any();
}

/// Both walls, always; a build for tests may take one away by the address, to see the other hold.
fn walls() -> Walls {
    #[cfg(feature = "test-walls")]
    if let Some(search) = web_sys::window().and_then(|window| window.location().search().ok())
        && let Some((_, off)) = search.split_once("walls-off=")
    {
        let off = off.split('&').next().unwrap_or_default();
        return Walls::for_test(!off.contains("ownership"), !off.contains("identity"));
    }
    Walls::BOTH
}

/// Moves the clock of ages on, once a second.
fn keep_time(context: &AppContext) {
    let now = context.now;
    // Lives as long as the tab, as the app does.
    set_interval(move || now.set(Browser.now()), Duration::from_secs(1));
}

pub(crate) fn find_out_who_is_signed_in(context: &AppContext) {
    let context = context.clone();
    crate::context::in_app(async move {
        let state = match context.account.refresh().await {
            Ok(_) => SignedIn::Yes,
            Err(ClientError::Refused(problem)) if problem.code == ErrorCode::Unauthenticated => SignedIn::No,
            Err(_) => SignedIn::Unreachable,
        };
        context.signed_in.set(state);
    });
}

/// What the app itself does about events: sessions that end, organizations that are gone.
#[component]
fn FollowEvents() -> impl IntoView {
    let context = crate::context::app();
    let navigate = use_navigate();
    let location = use_location();
    let follow = {
        let context = context.clone();
        let navigate = navigate.clone();
        move |event: &AppEvent| match event {
            // Delivered to everybody first, who may keep what was typed.
            AppEvent::SessionEnded => context.bus.emit(AppEvent::SignedOut),
            AppEvent::SignedOut => {
                context.switcher.leave();
                context.account.signed_out();
                context.signed_in.set(SignedIn::No);
            }
            AppEvent::OrgLost { org, epoch, detail, .. } => {
                let here = context.switcher.active_untracked();
                let here = here.filter(|active| active.session.org() == *org && active.session.epoch() == *epoch);
                if here.is_none() {
                    return;
                }
                let name = context.account.orgs_untracked().into_iter().find(|known| known.id == *org);
                let name = name.map_or_else(|| "this organization".to_owned(), |known| known.name);
                context.switcher.leave();
                let detail = if detail.is_empty() {
                    "Your membership ended, or it was deleted.".to_owned()
                } else {
                    detail.clone()
                };
                context.toast(ToastTone::Failure, format!("You can no longer use {name}"), detail, None);
                context.refresh_orgs();
                navigate("/orgs", leptos_router::NavigateOptions { replace: true, ..Default::default() });
            }
            AppEvent::OrgChanged { org } => {
                let Some(active) = context.switcher.active_untracked() else { return };
                if active.session.org() == *org {
                    let switcher = context.switcher.clone();
                    crate::context::in_app(async move { switcher.refresh_profile().await });
                }
            }
            AppEvent::OrgSwitched(switched) => {
                context.remember(switched.to);
                let state = context.later;
                set_timeout(move || later::load(state), LATER);
            }
            _ => {}
        }
    };
    context.bus.subscribe("app", follow);

    // Whoever is not signed in goes to the sign-in page, and comes back to where they were.
    let signed_in = context.signed_in;
    Effect::new(move |_| {
        if signed_in.get() != SignedIn::No {
            return;
        }
        let path = location.pathname.get_untracked();
        if !matches!(path.as_str(), "/login" | "/setup" | "/ui") {
            let here = format!("{path}{}", location.search.get_untracked());
            let next = js_sys::encode_uri_component(&here);
            navigate(
                &format!("/login?next={next}"),
                leptos_router::NavigateOptions { replace: true, ..Default::default() },
            );
        }
    });
}

/// Shows its children to those who are signed in. The others are on their way to the sign-in page.
#[component]
fn SignedInOnly(children: ChildrenFn) -> impl IntoView {
    let context = crate::context::app();
    let state = Memo::new(move |_| context.signed_in.get());
    move || match state.get() {
        SignedIn::Yes => children().into_any(),
        SignedIn::Asking | SignedIn::No => view! { <crate::pages::waiting::Waiting /> }.into_any(),
        SignedIn::Unreachable => view! { <crate::pages::waiting::Unreachable /> }.into_any(),
    }
}

/// The address without a path: the organization that one was in last, or the only one, or all of them.
#[component]
fn Home() -> impl IntoView {
    let context = crate::context::app();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if context.signed_in.get() != SignedIn::Yes {
            return;
        }
        let orgs = context.account.orgs_untracked();
        let recent = context.account.user_untracked().map(preferences::recent_orgs).unwrap_or_default();
        let target = recent
            .iter()
            .find_map(|id| orgs.iter().find(|org| org.id == *id))
            .or_else(|| if orgs.len() == 1 { orgs.first() } else { None });
        let path = target.map_or_else(
            || "/orgs".to_owned(),
            |org| crate::route::href(&org.slug, crate::route::Page::Infrastructure),
        );
        navigate(&safe_next(Some(&path)), leptos_router::NavigateOptions { replace: true, ..Default::default() });
    });
    view! { <crate::pages::waiting::Waiting /> }
}
