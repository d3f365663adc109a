//! The address names an organization that cannot be entered.

use crate::{
    context::app,
    pages::{gate_page::GatePage, not_found::NotFound},
    ui::{Button, ButtonKind, LinkButton, ProblemNotice},
};
use leptos::prelude::*;
use org_client::{Cause, SwitchFailure};
use shared::ErrorCode;

/// Why, and what to do. Not there and not yours look the same.
#[component]
pub fn Refused(
    /// What was asked for, and why not.
    failure: SwitchFailure,
) -> impl IntoView {
    let problem = failure.error.to_problem();
    if problem.code == ErrorCode::NotFound {
        return view! { <NotFound /> }.into_any();
    }
    let switcher = app().switcher;
    let again = move |()| switcher.switch_to(&failure.target, Cause::Url);
    view! {
        <GatePage>
            <ProblemNotice problem />
            <div class="actions">
                <Button kind=ButtonKind::Primary on_press=again>
                    "Try again"
                </Button>
                <LinkButton href="/orgs">"All organizations"</LinkButton>
            </div>
        </GatePage>
    }
    .into_any()
}
