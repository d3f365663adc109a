//! Signing in.

use crate::{
    context::{SignedIn, app},
    pages::gate_page::GatePage,
    route::safe_next,
    ui::{Banner, Button, ButtonKind, ControlSize, IconName, PasswordField, TextField, Tone, problem_line},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use shared::{ErrorCode, account::SignIn as Credentials};

/// Address and password; then back to where the link led.
#[component]
pub fn SignIn() -> impl IntoView {
    let context = app();
    let query = use_query_map();
    let next = Memo::new(move |_| query.with(|query| safe_next(query.get("next").as_deref())));
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (busy, refusal) = (RwSignal::new(false), RwSignal::new(None::<String>));

    // Whoever is signed in already has nothing to do here; a server without accounts is set up first.
    let navigate = use_navigate();
    let go = navigate.clone();
    let signed_in = context.signed_in;
    Effect::new(move |_| {
        if signed_in.get() == SignedIn::Yes {
            go(&next.get_untracked(), NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let client = context.account.client().clone();
    crate::context::in_app(async move {
        if client.setup_state().await.is_ok_and(|state| state.needed) {
            navigate("/setup", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });

    let sign_in = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.set(None);
        let context = context.clone();
        let credentials = Credentials { email: email.get_untracked(), password: password.get_untracked() };
        crate::context::in_app(async move {
            match context.account.client().sign_in(&credentials).await {
                Ok(me) => {
                    context.account.signed_in(me);
                    context.signed_in.set(SignedIn::Yes);
                }
                Err(error) => {
                    let problem = error.to_problem();
                    refusal.set(Some(match problem.code {
                        ErrorCode::WrongCredentials => "Address and password do not go together.".to_owned(),
                        _ => problem_line(&problem),
                    }));
                    busy.set(false);
                }
            }
        });
    };

    view! {
        <GatePage foot=|| view! { <span>{concat!("Bulkhead ", env!("CARGO_PKG_VERSION"))}</span> }>
            <div>
                <h1>"Sign in"</h1>
                <p>"to " {web_sys::window().and_then(|window| window.location().host().ok())}</p>
            </div>
            {move || {
                let next = next.get();
                (next != "/")
                    .then(|| {
                        view! {
                            <Banner tone=Tone::Accent icon=IconName::Link title="After signing in you get to" text=next />
                        }
                    })
            }}
            <form class="stack" on:submit=sign_in>
                <TextField
                    label="Email"
                    kind="email"
                    autocomplete="username"
                    autofocus=true
                    size=ControlSize::Large
                    value=email
                    on_input=move |text| email.set(text)
                />
                <PasswordField
                    label="Password"
                    size=ControlSize::Large
                    value=password
                    on_input=move |text| password.set(text)
                    error=refusal
                />
                <Button kind=ButtonKind::Primary size=ControlSize::Large block=true submit=true busy=busy>
                    "Sign in"
                </Button>
            </form>
        </GatePage>
    }
}
