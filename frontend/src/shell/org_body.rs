//! The part of a page that shows data of an organization.

use crate::{context::app, shell::frame::Here};
use leptos::{prelude::*, tachys::reactive_graph::OwnedView};
use org_client::ActiveOrg;
use std::sync::Arc;

/// Builds `body` inside the organization's owner, and anew for each organization that is entered.
///
/// The frame around it may live longer; what stands in the body dies with the organization. While none is entered,
/// nothing is shown.
pub fn org_body<V: IntoView + 'static>(body: impl Fn(ActiveOrg) -> V + Send + Sync + 'static) -> AnyView {
    one_body_per_stay(Arc::new(move |active| body(active).into_any()))
}

fn one_body_per_stay(body: Arc<dyn Fn(ActiveOrg) -> AnyView + Send + Sync>) -> AnyView {
    let (switcher, here) = (app().switcher, expect_context::<Here>());
    let build = move |active: ActiveOrg| {
        // Below the organization's owner, so that the body ends with it; and ended by hand when the frame goes first,
        // since event handlers hold owners and nothing may hope for a drop.
        let owner = active.owner.with(Owner::new);
        let ending = owner.clone();
        on_cleanup(move || {
            ending.pause();
            ending.cleanup();
        });
        let epoch = active.session.epoch().get();
        let view = owner.with(|| {
            provide_context(here);
            body(active)
        });
        // What renders it belongs to the same owner: a part that also follows a signal of the app is woken when the
        // organization is left, and must not run then.
        let view = OwnedView::new_with_owner(view, owner);
        view! { <div class="org-body" data-epoch=epoch>{view}</div> }.into_any()
    };
    // Keyed by the epoch: no element of one stay is taken over into the next, nor what a person did to it.
    view! { <For each=move || switcher.active() key=|active| active.session.epoch().get() children=build /> }.into_any()
}
