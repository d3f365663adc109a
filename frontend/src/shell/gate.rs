//! Keeps the organization on screen and the address together.

use crate::{
    context::{AppContext, app},
    route::{OrgRoute, Page, href},
    shell::frame::Shell,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use org_client::{Cause, SwitchState};

/// The address is the truth: whatever organization it names is entered, and a choice in the app writes it.
#[component]
pub fn OrgGate() -> impl IntoView {
    let context = app();
    let location = use_location();
    let route = Memo::new(move |_| OrgRoute::parse(&location.pathname.get()));

    write_address(&context, route);
    follow_address(&context, route);
    follow_slug(&context);
    on_cleanup({
        let switcher = context.switcher.clone();
        move || {
            switcher.forget_navigate();
            switcher.leave();
        }
    });
    view! { <Shell /> }
}

/// After a choice the address names the organization that was entered; after a link it names it by its present slug.
fn write_address(context: &AppContext, route: Memo<Option<OrgRoute>>) {
    let navigate = use_navigate();
    let (page, missing) = (context.page, context.page_missing);
    context.switcher.on_navigate(move |org, cause| {
        let named = route.get_untracked();
        match cause {
            Cause::Choice => {
                let target = page.get_untracked().in_another_org();
                // Before the first frame of the new organization: its pages never see the old one's address.
                page.set(target);
                missing.set(false);
                navigate(&href(&org.slug, target), NavigateOptions { scroll: true, ..NavigateOptions::default() });
            }
            Cause::Url => {
                let target = named.as_ref().and_then(|route| route.page);
                page.set(target.unwrap_or(Page::Infrastructure));
                missing.set(target.is_none());
                if let (Some(target), Some(named)) = (target, named)
                    && named.org != org.slug
                {
                    navigate(&href(&org.slug, target), NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
            }
        }
    });
}

/// Enters the organization that the address names, and follows its pages once it is entered.
fn follow_address(context: &AppContext, route: Memo<Option<OrgRoute>>) {
    let (switcher, page, missing) = (context.switcher.clone(), context.page, context.page_missing);
    Effect::new(move |_| {
        let Some(route) = route.get() else { return };
        let active = switcher.active_untracked();
        let is_here = active.is_some_and(|active| active.session.is_named(&route.org));
        if is_here {
            // An address of the organization on screen ends a switch that was under way to another one.
            if matches!(switcher.state_untracked(), SwitchState::Confirming { cause: Cause::Url, .. }) {
                switcher.stay();
            }
            page.set(route.page.unwrap_or(Page::Infrastructure));
            missing.set(route.page.is_none());
        } else {
            switcher.switch_to(&route.org, Cause::Url);
        }
    });
}

/// When the organization on screen gets another slug, the address follows; links under the old one go on working.
fn follow_slug(context: &AppContext) {
    let navigate = use_navigate();
    let (switcher, account, page) = (context.switcher.clone(), context.account.clone(), context.page);
    Effect::new(move |before: Option<Option<(shared::OrgId, String)>>| {
        let org = switcher.active().and_then(|active| account.org(active.session.org()));
        let now = org.map(|org| (org.id, org.slug));
        if let (Some(Some((was, old))), Some((is, new))) = (before, &now)
            && was == *is
            && old != *new
        {
            let address = href(new, page.get_untracked());
            navigate(&address, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        }
        now
    });
}
