//! An address that leads to nothing for this person. It looks the same whether the thing is missing or someone else's.

use crate::{
    context::{SignedIn, app},
    pages::gate_page::GatePage,
    ui::{Button, ButtonKind, CodeBlock, LinkButton},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use org_client::AppEvent;

/// There is nothing here, and what one can do about it.
#[component]
pub fn NotFound() -> impl IntoView {
    let context = app();
    let location = use_location();
    let who = Signal::derive({
        let account = context.account.clone();
        move || account.me().map_or_else(|| "this account".to_owned(), |me| me.account.email)
    });
    let link = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let signed_in = context.signed_in;
    let switch_account = move |()| {
        let context = context.clone();
        crate::context::in_app(async move {
            if context.account.client().sign_out().await.is_ok() {
                context.bus.emit(AppEvent::SignedOut);
                context.account.forget();
            }
        });
    };
    view! {
        <GatePage foot=|| view! { <span>"404"</span> }>
            <div>
                <h1>"There is nothing here for you"</h1>
                <p>
                    "This link leads to nothing that " {move || who.get()}
                    " can open. It may be mistyped, gone, or belong to someone else. We show the same page in each case."
                </p>
                <p>
                    <code class="truncate">{move || location.pathname.get()}</code>
                </p>
            </div>
            <div class="card">
                {move || {
                    (signed_in.get() == SignedIn::Yes)
                        .then(|| {
                            view! {
                                <div class="card-row">
                                    <div>
                                        <b>"Signed in with the wrong account?"</b>
                                        <p>"You come back to this link after signing in."</p>
                                    </div>
                                    <Button on_press=switch_account.clone()>"Switch account"</Button>
                                </div>
                            }
                        })
                }}
                <div class="card-row">
                    <div>
                        <b>"Expected to have access?"</b>
                        <p>"Ask the person who sent the link to add you."</p>
                    </div>
                    <CodeBlock text=link />
                </div>
            </div>
            <div>
                <LinkButton kind=ButtonKind::Primary href="/orgs">
                    "All organizations"
                </LinkButton>
            </div>
        </GatePage>
    }
}
