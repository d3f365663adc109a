//! Pages that stand in while it is not yet known what to show.

use crate::{
    context::{SignedIn, app},
    pages::gate_page::GatePage,
    ui::{Button, ButtonKind, Spinner},
};
use leptos::prelude::*;

/// Nothing yet. Says so only after a while, so that a fast answer does not flicker.
#[component]
pub fn Waiting() -> impl IntoView {
    let slow = RwSignal::new(false);
    let timer = set_timeout_with_handle(move || slow.set(true), std::time::Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    view! {
        <div class="gate">
            {move || slow.get().then(|| view! { <p class="gate-card cluster"><Spinner />"Loading"</p> })}
        </div>
    }
}

/// The server does not answer.
#[component]
pub fn Unreachable() -> impl IntoView {
    let context = app();
    let again = move |()| {
        let context = context.clone();
        context.signed_in.set(SignedIn::Asking);
        crate::app::find_out_who_is_signed_in(&context);
    };
    view! {
        <GatePage>
            <div>
                <h1>"The server cannot be reached"</h1>
                <p>"Check the connection, or whether the server is running. Nothing was changed."</p>
            </div>
            <Button kind=ButtonKind::Primary on_press=again>
                "Try again"
            </Button>
        </GatePage>
    }
}
