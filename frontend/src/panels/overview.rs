//! Overview: what the organization is called, how it is doing, making another one, leaving and deleting it.

use crate::{
    context::{AppContext, ToastTone, app},
    panels::frame::{Frame, dialog_mark},
    shell::{live_mark::offset_s, org_body::org_body, permission::needs},
    ui::{
        Button, ButtonKind, Card, CardBody, CardHead, ColourField, DescriptionList, Dialog, DialogSize, Fact,
        FormProblem, IconName, MarkSize, OrgMark, ProblemNotice, Stat, StatStrip, TextArea, TextField, field_error,
        format,
    },
};
use authz::{Action, Thing};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use org_client::{ActiveOrg, AppEvent, OrgSession, Remote, act, remote};
use shared::{
    ErrorCode, Problem,
    org::{NewOrg, Org, OrgPatch},
};

/// What can be open over the panel, with what was typed.
#[derive(Debug, Clone, PartialEq)]
enum OpenDialog {
    /// Changing the organization; the version that was read, and its values as they are edited.
    Edit(Org),
    /// A new organization.
    New { name: String, slug: String },
    /// Leaving this one.
    Leave,
    /// Deleting this one; its slug as it is typed.
    Delete { typed: String },
}

/// Where an edit is kept when the session ends.
const KEPT_EDIT: &str = "overview:edit";

/// What was typed when the session ended is there again after signing in.
fn survive_the_session(session: &OrgSession, frame: Frame<OpenDialog>) {
    if let Some(org) = session.storage().take::<Org>(KEPT_EDIT) {
        frame.open(OpenDialog::Edit(org));
    }
    let session = session.clone();
    app().bus.subscribe("edit of the organization", move |event| {
        if matches!(event, AppEvent::SessionEnded)
            && let Some(OpenDialog::Edit(org)) = frame.dialog.get_untracked()
        {
            session.storage().put(KEPT_EDIT, &org);
        }
    });
}

/// The panel: its frame is the app's, its body the organization's.
#[component]
pub fn OverviewPanel() -> impl IntoView {
    let frame = Frame::<OpenDialog>::mount("overview panel");
    org_body(move |active| view! { <Body active frame /> })
}

#[component]
fn Body(active: ActiveOrg, frame: Frame<OpenDialog>) -> impl IntoView {
    let context = app();
    let ActiveOrg { session, caches, .. } = active;
    survive_the_session(&session, frame);
    let org_id = session.org().to_string();
    let (editing, leaving) = (session.clone(), session.clone());
    let profile = {
        let session = session.clone();
        Memo::new(move |_| session.profile())
    };
    let members = remote(&session, |client| async move { client.members().await });
    // The organization may have been changed elsewhere since it was entered.
    let org = remote(&session, |client| async move { client.org().await });
    let fresh = session.clone();
    let refused = {
        let org = org.clone();
        Memo::new(move |_| match org.get() {
            Remote::Failed(error) => Some(error.to_problem()),
            _ => None,
        })
    };
    let answered = org.clone();
    Effect::new(move |_| {
        if let Remote::Ready(org) = answered.get() {
            fresh.set_org(org);
        }
    });

    let reader = session.clone();
    let totals = Memo::new(move |_| {
        let now = context.now.get();
        caches.hosts.with(&reader, |list| list.map(|list| list.totals(now)))
    });
    let member_count = {
        let members = members.clone();
        Memo::new(move |_| match members.get() {
            Remote::Ready(members) => Some(members.len()),
            _ => None,
        })
    };
    let owners = Memo::new(move |_| match members.get() {
        Remote::Ready(members) => {
            let owners = members.into_iter().filter(|member| member.role == shared::Role::Owner);
            Some(owners.map(|member| member.name).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    });
    let text = move |get: fn(&Org) -> String| Signal::derive(move || profile.with(|profile| get(&profile.org)));
    let (may_edit, may_delete) =
        (needs(&session, Action::Update, Thing::Org), needs(&session, Action::Delete, Thing::Org));
    let health_note = move || {
        totals.get().map_or_else(String::new, |totals| {
            let parts =
                [(totals.critical, "critical"), (totals.warning, "warning"), (totals.not_reporting, "not reporting")];
            let parts: Vec<String> = parts
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, word)| format!("{count} {word}"))
                .collect();
            if parts.is_empty() { "Nothing needs attention".to_owned() } else { parts.join(", ") }
        })
    };
    let limit =
        move |limit: Option<i64>| limit.map_or_else(String::new, |limit| format!("of {}", format::number(limit)));
    view! {
        <div class="page-head">
            <div class="page-titles with-mark">
                <OrgMark colour=text(|org| org.colour.clone()) monogram=text(|org| org.monogram.clone()) size=MarkSize::Huge />
                <div>
                    <h1>{text(|org| org.name.clone())}</h1>
                    <p>{text(|org| org.description.clone())}</p>
                </div>
            </div>
            <div class="actions">
                <Button icon=IconName::Plus on_press=move |()| frame.open(OpenDialog::New { name: String::new(), slug: String::new() })>
                    "New organization"
                </Button>
                <Button
                    icon=IconName::Edit
                    reason=may_edit
                    on_press=move |()| frame.open(OpenDialog::Edit(profile.get_untracked().org))
                >
                    "Edit"
                </Button>
            </div>
        </div>
        <div class="stack">
            {move || refused.get().map(|problem| view! { <Card><ProblemNotice problem /></Card> })}
            <Card label="Sums">
                <StatStrip>
                    <Stat
                        label="Health"
                        value=Signal::derive(move || totals.get().map(|totals| format::number(totals.healthy)))
                        of=Signal::derive(move || totals.get().map(|totals| format!("of {} healthy", format::number(totals.hosts))).unwrap_or_default())
                        note=Signal::derive(health_note)
                    />
                    <Stat
                        label="Members"
                        value=Signal::derive(move || member_count.get().map(|count| count.to_string()))
                        of=Signal::derive(move || limit(profile.with(|profile| profile.plan.members)))
                        note=Signal::derive(move || owners.get().map(|owners| format!("Owned by {owners}")).unwrap_or_default())
                    />
                    <Stat
                        label="Plan"
                        value=Signal::derive(move || Some(profile.with(|profile| profile.plan.name.clone())))
                        note="Limits and usage are under Billing"
                    />
                </StatStrip>
            </Card>
            <Card label="Identity">
                <CardHead title="Identity" />
                <CardBody>
                    <DescriptionList>
                        <Fact name="Name">{text(|org| org.name.clone())}</Fact>
                        <Fact name="Description">{move || {
                            let description = profile.with(|profile| profile.org.description.clone());
                            if description.is_empty() { format::DASH.to_owned() } else { description }
                        }}</Fact>
                        <Fact name="Address"><code>{text(|org| format!("/o/{}", org.slug))}</code></Fact>
                        <Fact name="Id"><code class="text-sm">{org_id}</code></Fact>
                        <Fact name="Created">{text(|org| format::date(org.created_at, offset_s()))}</Fact>
                        <Fact name="Your role">{move || profile.with(|profile| profile.role.title())}</Fact>
                    </DescriptionList>
                </CardBody>
            </Card>
            <Card label="Danger zone" danger=true>
                <CardHead title="Danger zone" />
                <div class="card-row">
                    <div>
                        <b>{move || format!("Leave {}", profile.with(|profile| profile.org.name.clone()))}</b>
                        <p>"You lose access at once. An admin can add you again."</p>
                    </div>
                    <Button kind=ButtonKind::Danger on_press=move |()| frame.open(OpenDialog::Leave)>"Leave"</Button>
                </div>
                <div class="card-row">
                    <div>
                        <b>{move || format!("Delete {}", profile.with(|profile| profile.org.name.clone()))}</b>
                        <p>"Takes its hosts, their history, its memberships and its tokens with it. Cannot be undone."</p>
                    </div>
                    <Button
                        kind=ButtonKind::Danger
                        reason=may_delete
                        on_press=move |()| frame.open(OpenDialog::Delete { typed: String::new() })
                    >
                        "Delete"
                    </Button>
                </div>
            </Card>
        </div>
        <EditDialog session=editing frame />
        <NewDialog frame />
        <LeaveDialog session=leaving frame />
        <DeleteDialog session frame />
    }
}

#[component]
fn EditDialog(session: OrgSession, frame: Frame<OpenDialog>) -> impl IntoView {
    let context = app();
    let open = Signal::derive(move || frame.dialog.with(|open| matches!(open, Some(OpenDialog::Edit(_)))));
    let field = move |get: fn(&Org) -> String| {
        Signal::derive(move || {
            frame.dialog.with(|open| match open {
                Some(OpenDialog::Edit(org)) => get(org),
                _ => String::new(),
            })
        })
    };
    let change = move |set: fn(&mut Org, String)| {
        Callback::new(move |text: String| {
            frame.dialog.update(|open| {
                if let Some(OpenDialog::Edit(org)) = open {
                    set(org, text);
                }
            });
        })
    };
    let name = session.clone();
    let mark = dialog_mark(&session);
    let save = Callback::new(move |()| {
        let Some(OpenDialog::Edit(edited)) = frame.dialog.get_untracked() else { return };
        let before = untrack(|| session.profile()).org;
        frame.busy.set(true);
        let patch = OrgPatch {
            name: (edited.name != before.name).then(|| edited.name.clone()),
            slug: (edited.slug != before.slug).then(|| edited.slug.clone()),
            description: (edited.description != before.description).then(|| edited.description.clone()),
            colour: (edited.colour != before.colour).then(|| edited.colour.clone()),
            monogram: (edited.monogram != before.monogram).then(|| edited.monogram.clone()),
        };
        let (context, then_session) = (context.clone(), session.clone());
        act(
            &session,
            move |client| async move { client.patch_org(edited.version, &patch).await },
            move |answer| {
                frame.busy.set(false);
                match answer {
                    Ok(org) => {
                        then_session.set_org(org.clone());
                        context.org_renamed(&org);
                        frame.close();
                        context.toast(ToastTone::Success, format!("{} was saved", org.name), "", None);
                    }
                    Err(error) => {
                        let problem = error.to_problem();
                        let problem = match problem.code {
                            ErrorCode::PreconditionFailed => {
                                Problem::new(problem.code, "Someone else changed it meanwhile").detail(
                                    "What you typed is still here. Close, look at what changed, and edit again.",
                                )
                            }
                            _ => problem,
                        };
                        frame.problem.set(Some(problem));
                    }
                }
            },
        );
    });
    view! {
        <Dialog
            open
            on_close=move |()| frame.close()
            title=Signal::derive(move || format!("Edit {}", name.name()))
            org=mark
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Primary busy=frame.busy on_press=save>"Save"</Button>
                }
            }
        >
            <TextField label="Name" value=field(|org| org.name.clone()) on_input=change(|org, text| org.name = text) error=field_error(frame.problem, "/name") />
            <TextArea
                label="Description"
                optional=true
                value=field(|org| org.description.clone())
                on_input=change(|org, text| org.description = text)
                error=field_error(frame.problem, "/description")
            />
            <TextField
                label="Address"
                prefix="/o/"
                mono=true
                hint="Links under the old address go on working."
                value=field(|org| org.slug.clone())
                on_input=change(|org, text| org.slug = text)
                error=field_error(frame.problem, "/slug")
            />
            <ColourField value=field(|org| org.colour.clone()) on_change=change(|org, text| org.colour = text) />
            <TextField label="Monogram" hint="One or two letters." value=field(|org| org.monogram.clone()) on_input=change(|org, text| org.monogram = text) error=field_error(frame.problem, "/monogram") />
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}

#[component]
fn NewDialog(frame: Frame<OpenDialog>) -> impl IntoView {
    let create_org = crate::pages::orgs::creator(&app());
    let open = Signal::derive(move || frame.dialog.with(|open| matches!(open, Some(OpenDialog::New { .. }))));
    let value = move |slug: bool| {
        Signal::derive(move || {
            frame.dialog.with(|open| match open {
                Some(OpenDialog::New { slug: text, .. }) if slug => text.clone(),
                Some(OpenDialog::New { name, .. }) => name.clone(),
                _ => String::new(),
            })
        })
    };
    let change = move |slug: bool| {
        Callback::new(move |text: String| {
            frame.dialog.update(|open| {
                if let Some(OpenDialog::New { name, slug: address }) = open {
                    *(if slug { address } else { name }) = text;
                }
            });
        })
    };
    let create = Callback::new(move |()| {
        let Some(OpenDialog::New { name, slug }) = frame.dialog.get_untracked() else { return };
        frame.busy.set(true);
        frame.problem.set(None);
        let new =
            NewOrg { name, slug: Some(slug).filter(|slug| !slug.is_empty()), description: String::new(), colour: None };
        let done = move |refused: Option<Problem>| {
            frame.busy.set(false);
            match refused {
                Some(refused) => frame.problem.set(Some(refused)),
                None => frame.close(),
            }
        };
        create_org(new, Box::new(done));
    });
    view! {
        <Dialog
            open
            on_close=move |()| frame.close()
            title="New organization"
            text="It is empty, and nothing of any other organization is seen in it. You own it."
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Primary busy=frame.busy on_press=create>"Create organization"</Button>
                }
            }
        >
            <TextField label="Name" autofocus=true value=value(false) on_input=change(false) error=field_error(frame.problem, "/name") />
            <TextField
                label="Address"
                prefix="/o/"
                mono=true
                optional=true
                hint="Made from the name if you leave it empty."
                value=value(true)
                on_input=change(true)
                error=field_error(frame.problem, "/slug")
            />
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}

/// The organization on screen is not the person's any more, by their own act.
fn gone(context: &AppContext, navigate: &impl Fn(&str, NavigateOptions), message: String) {
    context.switcher.leave();
    context.refresh_orgs();
    context.toast(ToastTone::Success, message, "", None);
    navigate("/orgs", NavigateOptions { replace: true, ..NavigateOptions::default() });
}

#[component]
fn LeaveDialog(session: OrgSession, frame: Frame<OpenDialog>) -> impl IntoView {
    let context = app();
    let navigate = use_navigate();
    let open = Signal::derive(move || frame.dialog.with(|open| matches!(open, Some(OpenDialog::Leave))));
    let name = session.clone();
    let leave = Callback::new(move |()| {
        frame.busy.set(true);
        let (context, navigate, name) = (context.clone(), navigate.clone(), untrack(|| session.name()));
        let user = session.user();
        act(
            &session,
            move |client| async move { client.remove_member(user).await },
            move |answer| {
                frame.busy.set(false);
                match answer {
                    Ok(()) => {
                        frame.close();
                        gone(&context, &navigate, format!("You left {name}"));
                    }
                    Err(error) => frame.problem.set(Some(error.to_problem())),
                }
            },
        );
    });
    view! {
        <Dialog
            open
            size=DialogSize::Small
            on_close=move |()| frame.close()
            title=Signal::derive(move || format!("Leave {}?", name.name()))
            text="You lose access at once. An admin can add you again."
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Destroy busy=frame.busy on_press=leave>"Leave organization"</Button>
                }
            }
        >
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}

#[component]
fn DeleteDialog(session: OrgSession, frame: Frame<OpenDialog>) -> impl IntoView {
    let context = app();
    let navigate = use_navigate();
    let open = Signal::derive(move || frame.dialog.with(|open| matches!(open, Some(OpenDialog::Delete { .. }))));
    let typed = Signal::derive(move || {
        frame.dialog.with(|open| match open {
            Some(OpenDialog::Delete { typed }) => typed.clone(),
            _ => String::new(),
        })
    });
    let name = session.clone();
    let confirm = Signal::derive({
        let session = session.clone();
        move || format!("Type {} to confirm", session.profile().org.slug)
    });
    let differs = {
        let session = session.clone();
        Signal::derive(move || typed.get() != session.profile().org.slug)
    };
    let delete = Callback::new(move |()| {
        frame.busy.set(true);
        let (context, navigate, name) = (context.clone(), navigate.clone(), untrack(|| session.name()));
        let slug = typed.get_untracked();
        act(
            &session,
            move |client| async move { client.delete_org(&slug).await },
            move |answer| {
                frame.busy.set(false);
                match answer {
                    Ok(()) => {
                        frame.close();
                        gone(&context, &navigate, format!("{name} was deleted"));
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
            title=Signal::derive(move || format!("Delete {}?", name.name()))
            text="Takes its hosts, their history, its memberships and its tokens with it. Its agents stop reporting. Cannot be undone."
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Destroy busy=frame.busy disabled=differs on_press=delete>
                        "Delete organization"
                    </Button>
                }
            }
        >
            <TextField
                label=confirm
                mono=true
                autocomplete="off"
                value=typed
                on_input=move |text: String| frame.dialog.set(Some(OpenDialog::Delete { typed: text }))
            />
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}
