//! Organization-bound tokens.

use super::{OpenDialog, role_options};
use crate::{
    context::{ToastTone, app},
    panels::frame::{Frame, dialog_mark},
    shell::permission::needs,
    ui::{
        Banner, Button, ButtonKind, Card, CardBody, CardHead, CodeBlock, DataTable, Dialog, DialogSize, EmptyState,
        FormProblem, IconName, Menu, MenuItem, ProblemNotice, SelectField, SkeletonLines, TextField, Tone, field_error,
        format,
    },
};
use authz::{Action, Thing};
use leptos::prelude::*;
use org_client::{OrgSession, Remote, RemoteData, act};
use shared::{
    Micros, Role,
    token::{NewToken, Token, TokenKind},
};

/// The list; for those below admin, why they do not see it.
#[component]
pub(crate) fn Tokens(
    session: OrgSession,
    tokens: Option<RemoteData<Vec<Token>>>,
    frame: Frame<OpenDialog>,
) -> impl IntoView {
    let note = {
        let name = session.clone();
        Signal::derive(move || format!("each acts in {} and nowhere else", name.name()))
    };
    let role = untrack(|| session.role());
    let Some(tokens) = tokens else {
        return view! {
            <Card label="API tokens">
                <CardHead title="API tokens" />
                <CardBody>
                    <Banner
                        tone=Tone::Accent
                        icon=IconName::Lock
                        title=format!("You are {role} here.")
                        text="Seeing and making tokens needs admin."
                    />
                </CardBody>
            </Card>
        }
        .into_any();
    };
    let may_make = needs(&session, Action::Create, Thing::Token);
    let new = move |()| {
        frame.open(OpenDialog::NewToken { name: String::new(), kind: TokenKind::Agent, role: Role::Viewer, days: 90 });
    };
    let body = move || {
        let again = tokens.clone();
        match tokens.get() {
            Remote::Loading => view! { <CardBody><SkeletonLines /></CardBody> }.into_any(),
            Remote::Failed(error) => {
                view! { <ProblemNotice problem=error.to_problem() on_retry=Callback::new(move |()| again.reload()) /> }
                    .into_any()
            }
            Remote::Ready(all) if all.is_empty() => view! {
                <EmptyState
                    title="No tokens yet"
                    text="An agent needs one to report machines; a program needs one to use the API."
                    icon=IconName::Key
                />
            }
            .into_any(),
            Remote::Ready(all) => {
                let rows = all.into_iter().map(|token| view! { <Row frame token /> }).collect_view();
                view! {
                    <DataTable label="API tokens" fold=true>
                        <thead>
                            <tr role="row">
                                <th role="columnheader" scope="col">"Token"</th>
                                <th role="columnheader" scope="col">"May"</th>
                                <th role="columnheader" scope="col">"Made by"</th>
                                <th role="columnheader" scope="col" class="num">"Last used"</th>
                                <th role="columnheader" scope="col" class="num">"Ends"</th>
                                <th role="columnheader" scope="col" class="min"><span class="sr-only">"Actions"</span></th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </DataTable>
                }
                .into_any()
            }
        }
    };
    view! {
        <Card label="API tokens">
            <CardHead title="API tokens" note>
                <Button icon=IconName::Plus reason=may_make on_press=new>"New token"</Button>
            </CardHead>
            {body}
        </Card>
    }
    .into_any()
}

#[component]
fn Row(frame: Frame<OpenDialog>, token: Token) -> impl IntoView {
    let now = app().now;
    let may = match token.kind {
        TokenKind::Agent => "report".to_owned(),
        TokenKind::Api => format!("use the API as {}", token.role),
    };
    let used = {
        let at = token.last_used_at;
        move || at.map_or_else(|| "never".to_owned(), |at| format::ago(at, now.get()))
    };
    let ends = {
        let at = token.expires_at;
        move || at.map_or_else(|| "never".to_owned(), |at| until(at, now.get()))
    };
    let target = token.clone();
    let items = Signal::stored(vec![MenuItem::new("revoke", "Revoke").icon(IconName::Trash).danger()]);
    view! {
        <tr role="row">
            <td role="cell" data-fold="title">
                <span class="cell-name">
                    <span class="cell-title truncate" title=token.name.clone()>{token.name.clone()}</span>
                    <small><code>{token.hint.clone()}</code></small>
                </span>
            </td>
            <td role="cell" data-fold="line">{may}</td>
            <td role="cell" class="quiet" data-label="by">{token.created_by.clone().unwrap_or_else(|| "the operator".to_owned())}</td>
            <td role="cell" class="num quiet" data-label="Used">{used}</td>
            <td role="cell" class="num quiet" data-label="Ends">{ends}</td>
            <td role="cell" class="end" data-fold="aside">
                <Menu
                    label=format!("Actions for {}", token.name)
                    items
                    on_choose=move |_| frame.open(OpenDialog::RevokeToken(target.clone()))
                />
            </td>
        </tr>
    }
}

/// `in 84 d`, or `ended`.
fn until(at: Micros, now: Micros) -> String {
    let seconds = (at - now) / shared::SECOND;
    if seconds <= 0 { "ended".to_owned() } else { format!("in {}", format::short_duration(seconds)) }
}

/// Makes a token.
#[component]
pub(crate) fn NewTokenDialog(
    session: OrgSession,
    tokens: RemoteData<Vec<Token>>,
    frame: Frame<OpenDialog>,
) -> impl IntoView {
    let open = Signal::derive(move || frame.dialog.with(|open| matches!(open, Some(OpenDialog::NewToken { .. }))));
    let draft = move |get: fn(&str, TokenKind, Role, u32) -> String| {
        Signal::derive(move || {
            frame.dialog.with(|open| match open {
                Some(OpenDialog::NewToken { name, kind, role, days }) => get(name, *kind, *role, *days),
                _ => String::new(),
            })
        })
    };
    let change = move |set: fn(&mut String, &mut TokenKind, &mut Role, &mut u32, String)| {
        Callback::new(move |text: String| {
            frame.dialog.update(|open| {
                if let Some(OpenDialog::NewToken { name, kind, role, days }) = open {
                    set(name, kind, role, days, text);
                }
            });
        })
    };
    let pairs = |pairs: &[(&str, &str)]| -> Signal<Vec<(String, String)>> {
        Signal::stored(pairs.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect())
    };
    let is_api = Memo::new(move |_| {
        frame.dialog.with(|open| matches!(open, Some(OpenDialog::NewToken { kind: TokenKind::Api, .. })))
    });
    let (title, mark, roles) = (session.clone(), dialog_mark(&session), session.clone());
    let make = Callback::new(move |()| {
        let Some(OpenDialog::NewToken { name, kind, role, days }) = frame.dialog.get_untracked() else { return };
        frame.busy.set(true);
        frame.problem.set(None);
        let tokens = tokens.clone();
        let expires_in_s = (days > 0).then(|| i64::from(days) * 24 * 3_600);
        let new = NewToken { name, kind, role, expires_in_s };
        act(
            &session,
            move |client| async move { client.create_token(&new).await },
            move |answer| {
                frame.busy.set(false);
                match answer {
                    Ok(created) => {
                        frame.open(OpenDialog::Secret(created));
                        tokens.reload();
                    }
                    Err(error) => frame.problem.set(Some(error.to_problem())),
                }
            },
        );
    });
    view! {
        <Dialog
            open
            on_close=move |()| frame.close()
            title=Signal::derive(move || format!("New token for {}", title.name()))
            text="It acts in this organization and nowhere else."
            org=mark
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Primary busy=frame.busy on_press=make>"Make token"</Button>
                }
            }
        >
            <TextField
                label="Name"
                hint="Where it is used, so that it can be found again."
                autocomplete="off"
                autofocus=true
                value=draft(|name, _, _, _| name.to_owned())
                on_input=change(|name, _, _, _, text| *name = text)
                error=field_error(frame.problem, "/name")
            />
            <SelectField
                label="For"
                value=draft(|_, kind, _, _| kind.as_str().to_owned())
                options=pairs(&[("agent", "An agent that reports machines"), ("api", "A program that uses the API")])
                on_change=change(|_, kind, _, _, text| {
                    *kind = if text == "api" { TokenKind::Api } else { TokenKind::Agent };
                })
            />
            {
                let roles = roles.clone();
                move || {
                    let roles = roles.clone();
                    is_api
                        .get()
                        .then(|| {
                            view! {
                                <SelectField
                                    label="Role"
                                    value=draft(|_, _, role, _| role.as_str().to_owned())
                                    options=Signal::derive(move || role_options(roles.role()))
                                    on_change=change(|_, _, role, _, text| {
                                        if let Ok(new) = text.parse() {
                                            *role = new;
                                        }
                                    })
                                    error=field_error(frame.problem, "/role")
                                />
                            }
                        })
                }
            }
            <SelectField
                label="Ends"
                value=draft(|_, _, _, days| days.to_string())
                options=pairs(&[("7", "in 7 days"), ("90", "in 90 days"), ("365", "in a year"), ("0", "never")])
                on_change=change(|_, _, _, days, text| *days = text.parse().unwrap_or(90))
            />
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}

/// The secret, shown once.
#[component]
pub(crate) fn SecretDialog(session: OrgSession, frame: Frame<OpenDialog>) -> impl IntoView {
    let created = Signal::derive(move || {
        frame.dialog.with(|open| match open {
            Some(OpenDialog::Secret(created)) => Some(created.clone()),
            _ => None,
        })
    });
    let mark = dialog_mark(&session);
    view! {
        <Dialog
            open=Signal::derive(move || created.with(Option::is_some))
            on_close=move |()| frame.close()
            title=Signal::derive(move || {
                created.get().map(|created| format!("Token made: {}", created.token.name)).unwrap_or_default()
            })
            text=Signal::derive(move || format!("Acts in {} and nowhere else.", session.name()))
            org=mark
            foot=move || {
                view! {
                    <span class="note">"Copied? Then close."</span>
                    <Button kind=ButtonKind::Primary on_press=move |()| frame.close()>"Done"</Button>
                }
            }
        >
            <CodeBlock
                secret=true
                text=Signal::derive(move || created.get().map(|created| created.secret).unwrap_or_default())
            />
            <Banner
                tone=Tone::Warn
                icon=IconName::Warning
                title="Shown once."
                text="We keep a hash. If it is lost, revoke it and make another."
            />
        </Dialog>
    }
}

/// Revokes a token.
#[component]
pub(crate) fn RevokeTokenDialog(
    session: OrgSession,
    tokens: RemoteData<Vec<Token>>,
    frame: Frame<OpenDialog>,
) -> impl IntoView {
    let context = app();
    let token = Signal::derive(move || {
        frame.dialog.with(|open| match open {
            Some(OpenDialog::RevokeToken(token)) => Some(token.clone()),
            _ => None,
        })
    });
    let revoke = Callback::new(move |()| {
        let Some(token) = token.get_untracked() else { return };
        frame.busy.set(true);
        let (context, tokens, id) = (context.clone(), tokens.clone(), token.id);
        act(
            &session,
            move |client| async move { client.revoke_token(id).await },
            move |answer| {
                frame.busy.set(false);
                match answer {
                    Ok(()) => {
                        frame.close();
                        tokens.reload();
                        context.toast(ToastTone::Success, format!("{} was revoked", token.name), "", None);
                    }
                    Err(error) => frame.problem.set(Some(error.to_problem())),
                }
            },
        );
    });
    view! {
        <Dialog
            open=Signal::derive(move || token.with(Option::is_some))
            size=DialogSize::Small
            on_close=move |()| frame.close()
            title=Signal::derive(move || token.get().map(|token| format!("Revoke {}?", token.name)).unwrap_or_default())
            text="Whoever uses it is refused from now on. An agent keeps what it measures until it has another token."
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Destroy busy=frame.busy on_press=revoke>"Revoke token"</Button>
                }
            }
        >
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}
