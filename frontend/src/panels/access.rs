//! Access: members with their roles, and tokens.

mod members;
mod tokens;

use crate::{
    panels::frame::Frame,
    shell::{org_body::org_body, permission::needs},
    ui::{Button, ButtonKind, IconName},
};
use authz::{Action, Thing};
use leptos::prelude::*;
use members::{AddMemberDialog, Members, RemoveMemberDialog};
use org_client::{ActiveOrg, Remote, remote};
use shared::{
    Role,
    org::Member,
    token::{CreatedToken, Token, TokenKind},
};
use tokens::{NewTokenDialog, RevokeTokenDialog, SecretDialog, Tokens};

/// What can be open over the panel, with what was typed.
#[derive(Debug, Clone)]
pub(crate) enum OpenDialog {
    /// Adding an account.
    AddMember { email: String, role: Role },
    /// Ending a membership.
    RemoveMember(Member),
    /// Making a token; days until it ends, 0 for never.
    NewToken { name: String, kind: TokenKind, role: Role, days: u32 },
    /// A token's secret, shown once.
    Secret(CreatedToken),
    /// Revoking a token.
    RevokeToken(Token),
}

/// The panel: its frame is the app's, its body the organization's.
#[component]
pub fn AccessPanel() -> impl IntoView {
    let frame = Frame::<OpenDialog>::mount("access panel");
    org_body(move |active| view! { <Body active frame /> })
}

#[component]
fn Body(active: ActiveOrg, frame: Frame<OpenDialog>) -> impl IntoView {
    let session = active.session;
    let members = remote(&session, |client| async move { client.members().await });
    let may_see_tokens = authz::may(untrack(|| session.role()), Action::Read, Thing::Token);
    let tokens = may_see_tokens.then(|| remote(&session, |client| async move { client.tokens().await }));
    let needs_admin = needs(&session, Action::Create, Thing::Member);
    let subtitle = {
        let (members, tokens) = (members.clone(), tokens.clone());
        move || {
            let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
            let members = match members.get() {
                Remote::Ready(members) => count(members.len(), "member"),
                _ => return String::new(),
            };
            match tokens.as_ref().map(org_client::RemoteData::get) {
                Some(Remote::Ready(tokens)) => format!("{members}, {}.", count(tokens.len(), "token")),
                _ => format!("{members}."),
            }
        }
    };
    let refusal = move || {
        // Where a dialog is open, the refusal stands in it.
        let problem = frame.problem.get().filter(|_| frame.dialog.with(Option::is_none))?;
        Some(view! { <section class="card"><crate::ui::ProblemNotice problem /></section> })
    };
    view! {
        <div class="page-head">
            <div class="page-titles">
                <h1>"Access"</h1>
                <p>{subtitle}</p>
            </div>
            <div class="actions">
                <Button
                    kind=ButtonKind::Primary
                    icon=IconName::Plus
                    reason=needs_admin
                    on_press=move |()| frame.open(OpenDialog::AddMember { email: String::new(), role: Role::Viewer })
                >
                    "Add member"
                </Button>
            </div>
        </div>
        <div class="stack">
            {refusal} <Members session=session.clone() members=members.clone() frame />
            <Tokens session=session.clone() tokens=tokens.clone() frame />
        </div>
        <AddMemberDialog session=session.clone() members=members.clone() frame />
        <RemoveMemberDialog session=session.clone() members frame />
        {tokens
            .map(|tokens| {
                view! {
                    <NewTokenDialog session=session.clone() tokens=tokens.clone() frame />
                    <SecretDialog session=session.clone() frame />
                    <RevokeTokenDialog session=session.clone() tokens frame />
                }
            })}
    }
}

/// Words of the roles that someone with `own` may give, for a select.
pub(crate) fn role_options(own: Role) -> Vec<(String, String)> {
    Role::ALL
        .into_iter()
        .filter(|role| authz::may_grant(own, None, *role))
        .map(|role| (role.as_str().to_owned(), role.title().to_owned()))
        .collect()
}
