//! The first run: a code that only the operator can read, then the first account and organization.

use crate::{
    context::{SignedIn, app},
    pages::gate_page::GatePage,
    ui::{Button, ButtonKind, ControlSize, PasswordField, TextField, field_error, problem_line},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use shared::{ErrorCode, Problem, account::MIN_PASSWORD_CHARS, account::Setup, account::SetupState};

/// Where the set-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Code,
    Account,
}

/// Sets up the server.
#[component]
pub fn SetUp() -> impl IntoView {
    let context = app();
    let query = use_query_map();
    let code = RwSignal::new(query.with_untracked(|query| query.get("code").unwrap_or_default()));
    let step = RwSignal::new(Step::Code);
    let state = RwSignal::new(None::<SetupState>);
    let (name, email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (password, org_name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<Problem>));

    let navigate = use_navigate();
    let away = navigate.clone();
    let client = context.account.client().clone();
    crate::context::in_app(async move {
        match client.setup_state().await {
            Ok(answer) if answer.needed => state.set(Some(answer)),
            // It was done already: there is nothing to set up twice.
            Ok(_) => away("/login", NavigateOptions { replace: true, ..NavigateOptions::default() }),
            Err(error) => problem.set(Some(error.to_problem())),
        }
    });

    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let setup = Setup {
            code: code.get_untracked().trim().to_owned(),
            email: email.get_untracked(),
            name: name.get_untracked(),
            password: password.get_untracked(),
            org_name: org_name.get_untracked(),
            org_slug: None,
        };
        let (context, navigate) = (context.clone(), navigate.clone());
        crate::context::in_app(async move {
            match context.account.client().setup(&setup).await {
                Ok(me) => {
                    let path = me.orgs.first().map_or_else(
                        || "/orgs".to_owned(),
                        |org| crate::route::href(&org.slug, crate::route::Page::Infrastructure),
                    );
                    context.account.signed_in(me);
                    context.signed_in.set(SignedIn::Yes);
                    navigate(&path, NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(error) => {
                    let refused = error.to_problem();
                    if refused.code == ErrorCode::WrongSetupCode {
                        step.set(Step::Code);
                    }
                    problem.set(Some(refused));
                    busy.set(false);
                }
            }
        });
    };
    // What belongs to no field stands above the button.
    let general = Signal::derive(move || {
        problem.with(|problem| {
            let problem = problem.as_ref().filter(|problem| problem.errors.is_empty())?;
            Some(problem_line(problem))
        })
    });
    let begin = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        step.set(Step::Account);
    };

    let code_step = move || {
        let hint = state.get().map(|state| state.code_hint).unwrap_or_default();
        let place = format!(
            "This server has no accounts yet. The set-up code stands in {hint}, so that only its operator can begin."
        );
        view! {
            <div>
                <h1>"Welcome"</h1>
                <p>{place}</p>
            </div>
            <form class="stack" on:submit=begin>
                <TextField
                    label="Set-up code"
                    mono=true
                    autofocus=true
                    autocomplete="off"
                    size=ControlSize::Large
                    value=code
                    on_input=move |text| code.set(text)
                    error=general
                />
                <Button
                    kind=ButtonKind::Primary
                    size=ControlSize::Large
                    block=true
                    submit=true
                    disabled=Signal::derive(move || code.with(|code| code.trim().is_empty()))
                >
                    "Begin"
                </Button>
            </form>
        }
    };
    let account_step = move || {
        view! {
            <div>
                <h1>"Your account"</h1>
                <p>"You own the first organization, and can add more at any time, for customers or teams."</p>
            </div>
            <form class="stack" on:submit=create.clone()>
                <TextField
                    label="Your name"
                    autocomplete="name"
                    autofocus=true
                    value=name
                    on_input=move |text| name.set(text)
                    error=field_error(problem, "/name")
                />
                <TextField
                    label="Email"
                    kind="email"
                    autocomplete="username"
                    value=email
                    on_input=move |text| email.set(text)
                    error=field_error(problem, "/email")
                />
                <PasswordField
                    label="Password"
                    new=true
                    hint=format!("At least {MIN_PASSWORD_CHARS} characters.")
                    value=password
                    on_input=move |text| password.set(text)
                    error=field_error(problem, "/password")
                />
                <TextField
                    label="Organization name"
                    autocomplete="organization"
                    hint="Everything you watch belongs to exactly one."
                    value=org_name
                    on_input=move |text| org_name.set(text)
                    error=field_error(problem, "/org_name")
                />
                {move || general.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
                <Button kind=ButtonKind::Primary size=ControlSize::Large block=true submit=true busy=busy>
                    "Create account"
                </Button>
            </form>
        }
    };
    view! {
        <GatePage foot=|| view! { <span>"Nothing leaves this server."</span> }>
            {move || match step.get() {
                Step::Code => code_step().into_any(),
                Step::Account => account_step().into_any(),
            }}
        </GatePage>
    }
}
