//! Sharing: for now which feature and plan it needs, or which setting.

use crate::{
    panels::frame::Frame,
    shell::org_body::org_body,
    ui::{Card, CardBody, ProblemNotice, SkeletonLines},
};
use leptos::prelude::*;
use org_client::{ActiveOrg, Remote, remote};

/// The panel: its frame is the app's, its body the organization's.
#[component]
pub fn SharingPanel() -> impl IntoView {
    // Nothing can be open over it yet; the subscription is there from the start, like that of every panel.
    let _frame = Frame::<()>::mount("sharing panel");
    org_body(|active| view! { <Body active /> })
}

#[component]
fn Body(active: ActiveOrg) -> impl IntoView {
    let session = active.session;
    let shares = remote(&session, |client| async move { client.shares().await });
    view! {
        <div class="page-head">
            <div class="page-titles">
                <h1>"Sharing"</h1>
                <p>"Nothing is shared with another organization until both sides agree."</p>
            </div>
        </div>
        <Card label="Shares">
            {move || {
                let again = shares.clone();
                match shares.get() {
                    Remote::Loading => view! { <CardBody><SkeletonLines /></CardBody> }.into_any(),
                    Remote::Failed(error) => {
                        view! { <ProblemNotice problem=error.to_problem() on_retry=Callback::new(move |()| again.reload()) /> }
                            .into_any()
                    }
                    Remote::Ready(_) => view! { <CardBody><p>"Nothing is shared."</p></CardBody> }.into_any(),
                }
            }}
        </Card>
    }
}
