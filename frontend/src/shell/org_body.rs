//! The part of a page that shows data of an organization.

use crate::context::app;
use leptos::prelude::*;
use org_client::ActiveOrg;

/// Builds `body` inside the organization's owner, and anew for each organization that is entered.
///
/// The frame around it may live longer; what stands in the body dies with the organization. While none is entered,
/// nothing is shown.
pub fn org_body<V: IntoView + 'static>(body: impl Fn(ActiveOrg) -> V + Send + Sync + 'static) -> impl IntoView {
    let switcher = app().switcher;
    move || {
        switcher.active().map(|active| {
            // Below the organization's owner, so that the body ends with it; and ended by hand when the frame goes
            // first, since event handlers hold owners and nothing may hope for a drop.
            let owner = active.owner.with(Owner::new);
            let ending = owner.clone();
            on_cleanup(move || {
                ending.pause();
                ending.cleanup();
            });
            let epoch = active.session.epoch().get();
            let view = owner.with(|| body(active).into_any());
            view! { <div class="org-body" data-epoch=epoch>{view}</div> }
        })
    }
}
