//! How a machine is connected: a token of this organization, and the command that uses it.

use crate::{
    shell::{frame::Here, permission::needs},
    ui::{Banner, Button, ButtonKind, CodeBlock, Dialog, IconName, MarkSize, OrgMark, ProblemNotice, Spinner, Tone},
};
use authz::{Action, Thing};
use leptos::prelude::*;
use org_client::{OrgSession, act};
use shared::{
    Problem, Role,
    token::{CreatedToken, NewToken, TokenKind},
};

/// How long a token for connecting machines works, in seconds: long enough to walk over to the machine.
const TOKEN_LIFETIME_S: i64 = 90 * 24 * 3_600;

/// The command, once there is a token for it.
#[component]
fn Connect(session: OrgSession) -> impl IntoView {
    let (created, problem, busy) =
        (RwSignal::new(None::<CreatedToken>), RwSignal::new(None::<Problem>), RwSignal::new(false));
    let allowed = needs(&session, Action::Create, Thing::Token);
    let name = session.clone();
    let make = move |()| {
        busy.set(true);
        problem.set(None);
        let new = NewToken {
            name: "Agents".to_owned(),
            kind: TokenKind::Agent,
            role: Role::Viewer,
            expires_in_s: Some(TOKEN_LIFETIME_S),
        };
        act(
            &session,
            |client| async move { client.create_token(&new).await },
            move |answer| {
                busy.set(false);
                match answer {
                    Ok(token) => created.set(Some(token)),
                    Err(error) => problem.set(Some(error.to_problem())),
                }
            },
        );
    };
    view! {
        {move || match created.get() {
            Some(token) => {
                view! {
                    <div class="stack" data-gap="small">
                        <CodeBlock text=command(&token.secret) />
                        <Banner
                            tone=Tone::Warn
                            icon=IconName::Warning
                            title="The token is shown once."
                            text=Signal::derive({
                                let name = name.clone();
                                move || {
                                    format!(
                                        "It reports to {} and can do nothing else, for 90 days and any number of machines.",
                                        name.name(),
                                    )
                                }
                            })
                        />
                        <p class="cluster">
                            <Spinner />
                            "Waiting for the first report. The host appears here by itself."
                        </p>
                    </div>
                }
                .into_any()
            }
            None => {
                view! {
                    <div class="stack" data-gap="small">
                        <CodeBlock text=command("bh_agt_…") />
                        <div class="cluster">
                            <Button
                                kind=ButtonKind::Primary
                                icon=IconName::Key
                                busy
                                reason=allowed
                                on_press=make.clone()
                            >
                                "Make a token"
                            </Button>
                        </div>
                    </div>
                }
                .into_any()
            }
        }}
        {move || problem.get().map(|problem| view! { <ProblemNotice problem /> })}
    }
}

/// What to type on the machine. The token goes in by the environment, so that no list of processes shows it.
fn command(secret: &str) -> String {
    let server = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    format!(
        "BULKHEAD_AGENT_TOKEN={secret} \\\n  bulkhead-agent run --server {server} --state-dir /var/lib/bulkhead-agent"
    )
}

/// The page of an organization that has no host yet.
#[component]
pub fn NoHosts(
    /// Whose host it will be.
    session: OrgSession,
) -> impl IntoView {
    let here = expect_context::<Here>();
    let mark = move || {
        here.org.get().map(|org| view! { <OrgMark colour=org.colour monogram=org.monogram size=MarkSize::Huge /> })
    };
    let name = session.clone();
    let also = session.clone();
    view! {
        <section class="card">
            <div class="empty">
                {mark}
                <h2>{move || format!("No hosts in {} yet", name.name())}</h2>
                <p>
                    "Run this on a Linux machine that has the agent. It only ever calls out, and reports to "
                    {move || also.name()} " and nowhere else."
                </p>
                <div class="connect">
                    <Connect session />
                </div>
            </div>
        </section>
    }
}

/// The same for an organization that has hosts.
#[component]
pub fn AddHostDialog(
    /// Whose host it will be.
    session: OrgSession,
    /// Closes it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let title = format!("Add a host to {}", untrack(|| session.name()));
    view! {
        <Dialog open=Signal::derive(|| true) title on_close>
            <p>"Run this on a Linux machine that has the agent. It only ever calls out."</p>
            <Connect session=session.clone() />
        </Dialog>
    }
}
