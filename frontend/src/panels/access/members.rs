//! Members of the organization.

use super::{OpenDialog, role_options};
use crate::{
    context::{ToastTone, app},
    panels::frame::{Frame, dialog_mark},
    shell::live_mark::offset_s,
    ui::{
        Avatar, Button, ButtonKind, Card, CardBody, CardHead, DataTable, Density, Dialog, DialogSize, FormProblem,
        IconName, InlineSelect, Menu, MenuItem, ProblemNotice, SearchField, SelectField, SkeletonLines, TextField,
        field_error, format,
    },
};
use leptos::prelude::*;
use org_client::{OrgSession, Remote, RemoteData, act};
use shared::{
    Role,
    org::{Member, MemberPatch, NewMember},
};

/// The list.
#[component]
pub(crate) fn Members(
    session: OrgSession,
    members: RemoteData<Vec<Member>>,
    frame: Frame<OpenDialog>,
) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let note = {
        let members = members.clone();
        Signal::derive(move || match members.get() {
            Remote::Ready(members) => members.len().to_string(),
            _ => String::new(),
        })
    };
    let body = move || {
        let again = members.clone();
        match members.get() {
            Remote::Loading => view! { <CardBody><SkeletonLines /></CardBody> }.into_any(),
            Remote::Failed(error) => {
                view! { <ProblemNotice problem=error.to_problem() on_retry=Callback::new(move |()| again.reload()) /> }
                    .into_any()
            }
            Remote::Ready(all) => {
                let wanted = query.get().to_lowercase();
                let rows = all
                    .into_iter()
                    .filter(|member| {
                        format!("{} {} {}", member.name, member.email, member.role).to_lowercase().contains(&wanted)
                    })
                    .map(|member| {
                        view! { <Row session=session.clone() members=again.clone() frame member /> }
                    })
                    .collect_view();
                view! {
                    <DataTable label="Members" density=Density::Roomy fold=true>
                        <thead>
                            <tr role="row">
                                <th role="columnheader" scope="col">"Member"</th>
                                <th role="columnheader" scope="col">"Role"</th>
                                <th role="columnheader" scope="col" class="num">"Last seen"</th>
                                <th role="columnheader" scope="col" class="num">"Tokens"</th>
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
        <Card label="Members">
            <CardHead title="Members" note>
                <SearchField label="Search members" placeholder="Name, address or role" value=query on_input=move |text| query.set(text) />
            </CardHead>
            {body}
        </Card>
    }
}

#[component]
fn Row(
    session: OrgSession,
    members: RemoteData<Vec<Member>>,
    frame: Frame<OpenDialog>,
    member: Member,
) -> impl IntoView {
    let context = app();
    let own = untrack(|| session.role());
    let (role, user, name) = (member.role, member.user_id, member.name.clone());
    let shown = RwSignal::new(role.as_str().to_owned());
    let may_change = authz::may_grant(own, Some(role), Role::Viewer);
    let change = {
        let (members, name) = (members.clone(), name.clone());
        Callback::new(move |word: String| {
            let Ok(new) = word.parse::<Role>() else { return };
            shown.set(word);
            frame.problem.set(None);
            let (context, members, name) = (context.clone(), members.clone(), name.clone());
            act(
                &session,
                move |client| async move { client.set_role(user, &MemberPatch { role: new }).await },
                move |answer| {
                    match answer {
                        Ok(member) => {
                            context.toast(ToastTone::Success, format!("{name} is {} now", member.role), "", None);
                        }
                        Err(error) => {
                            // The choice jumps back: it is not in force.
                            shown.set(role.as_str().to_owned());
                            frame.problem.set(Some(error.to_problem()));
                        }
                    }
                    members.reload();
                },
            );
        })
    };
    let options = Signal::stored(role_options(own));
    let role_cell = if may_change {
        view! { <InlineSelect label=format!("Role of {name}") value=shown options on_change=change /> }.into_any()
    } else {
        view! { <span class="inline-value">{role.title()}</span> }.into_any()
    };
    let target = member.clone();
    let items = Signal::derive({
        let you = member.you;
        move || {
            let item = MenuItem::new("remove", if you { "Leave organization" } else { "Remove from organization" });
            let mut item = item.icon(IconName::Trash).danger();
            if !you && !may_change {
                item.reason = Some(if own < Role::Admin { "Needs admin".to_owned() } else { "Needs owner".to_owned() });
            }
            vec![item]
        }
    });
    let now = app().now;
    let seen = {
        let (you, at) = (member.you, member.last_seen_at);
        move || match at {
            _ if you => "now".to_owned(),
            Some(at) => format::ago(at, now.get()),
            None => "never".to_owned(),
        }
    };
    let tokens = if member.tokens == 0 { format::DASH.to_owned() } else { format::number(member.tokens) };
    let since = format!("Member since {}", format::date(member.created_at, offset_s()));
    view! {
        <tr role="row">
            <td role="cell" data-fold="title">
                <span class="cell-name" title=since>
                    <Avatar name=member.name.clone() />
                    <span class="cell-two">
                        <span class="cell-title truncate">
                            {member.name.clone()} {member.you.then(|| view! { <small>" you"</small> })}
                        </span>
                        <small class="truncate">{member.email.clone()}</small>
                    </span>
                </span>
            </td>
            <td role="cell">{role_cell}</td>
            <td role="cell" class="num quiet" data-label="Seen">{seen}</td>
            <td role="cell" class="num quiet" data-label="Tokens">{tokens}</td>
            <td role="cell" class="end" data-fold="aside">
                <Menu
                    label=format!("Actions for {name}")
                    items
                    on_choose=move |_| frame.open(OpenDialog::RemoveMember(target.clone()))
                />
            </td>
        </tr>
    }
}

/// Adds an account that exists.
#[component]
pub(crate) fn AddMemberDialog(
    session: OrgSession,
    members: RemoteData<Vec<Member>>,
    frame: Frame<OpenDialog>,
) -> impl IntoView {
    let context = app();
    let open = Signal::derive(move || frame.dialog.with(|open| matches!(open, Some(OpenDialog::AddMember { .. }))));
    let email = Signal::derive(move || {
        frame.dialog.with(|open| match open {
            Some(OpenDialog::AddMember { email, .. }) => email.clone(),
            _ => String::new(),
        })
    });
    let role = Signal::derive(move || {
        frame.dialog.with(|open| match open {
            Some(OpenDialog::AddMember { role, .. }) => role.as_str().to_owned(),
            _ => String::new(),
        })
    });
    let options = {
        let session = session.clone();
        Signal::derive(move || role_options(session.role()))
    };
    let (title, mark) = (session.clone(), dialog_mark(&session));
    let add = Callback::new(move |()| {
        let Some(OpenDialog::AddMember { email, role }) = frame.dialog.get_untracked() else { return };
        frame.busy.set(true);
        frame.problem.set(None);
        let (context, members, name) = (context.clone(), members.clone(), untrack(|| session.name()));
        let new = NewMember { email, role };
        act(
            &session,
            move |client| async move { client.add_member(&new).await },
            move |answer| {
                frame.busy.set(false);
                match answer {
                    Ok(member) => {
                        frame.close();
                        members.reload();
                        context.toast(
                            ToastTone::Success,
                            format!("{} is {} of {name} now", member.name, member.role),
                            "",
                            None,
                        );
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
            title=Signal::derive(move || format!("Add a member to {}", title.name()))
            text="Somebody who has an account on this server. They see this organization at once."
            org=mark
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Primary busy=frame.busy on_press=add>"Add member"</Button>
                }
            }
        >
            <TextField
                label="Email"
                kind="email"
                autocomplete="off"
                autofocus=true
                value=email
                on_input=move |text: String| {
                    frame.dialog.update(|open| {
                        if let Some(OpenDialog::AddMember { email, .. }) = open {
                            *email = text;
                        }
                    });
                }
                error=field_error(frame.problem, "/email")
            />
            <SelectField
                label="Role"
                value=role
                options
                on_change=move |word: String| {
                    frame.dialog.update(|open| {
                        if let (Some(OpenDialog::AddMember { role, .. }), Ok(new)) = (open, word.parse()) {
                            *role = new;
                        }
                    });
                }
                error=field_error(frame.problem, "/role")
            />
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}

/// Ends a membership.
#[component]
pub(crate) fn RemoveMemberDialog(
    session: OrgSession,
    members: RemoteData<Vec<Member>>,
    frame: Frame<OpenDialog>,
) -> impl IntoView {
    let context = app();
    let member = Signal::derive(move || {
        frame.dialog.with(|open| match open {
            Some(OpenDialog::RemoveMember(member)) => Some(member.clone()),
            _ => None,
        })
    });
    let name = session.clone();
    let remove = Callback::new(move |()| {
        let Some(member) = member.get_untracked() else { return };
        frame.busy.set(true);
        let (context, members, user, you) = (context.clone(), members.clone(), member.user_id, member.you);
        act(
            &session,
            move |client| async move { client.remove_member(user).await },
            move |answer| {
                frame.busy.set(false);
                match answer {
                    Ok(()) => {
                        frame.close();
                        context.toast(ToastTone::Success, format!("{} was removed", member.name), "", None);
                        if you { context.refresh_orgs() } else { members.reload() }
                    }
                    Err(error) => frame.problem.set(Some(error.to_problem())),
                }
            },
        );
    });
    view! {
        <Dialog
            open=Signal::derive(move || member.with(Option::is_some))
            size=DialogSize::Small
            on_close=move |()| frame.close()
            title=Signal::derive(move || {
                member.get().map(|member| format!("Remove {} from {}?", member.name, name.name())).unwrap_or_default()
            })
            text="They lose access at once, and tokens that they made stop working."
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| frame.close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Destroy busy=frame.busy on_press=remove>"Remove member"</Button>
                }
            }
        >
            <FormProblem problem=frame.problem />
        </Dialog>
    }
}
