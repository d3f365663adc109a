//! Switching organization: type, move, open.

use crate::{
    context::app,
    preferences,
    shell::frame::Here,
    ui::{SwitcherButton, SwitcherChoice, SwitcherItem, SwitcherPanel, matching::match_letters, problem_line},
};
use leptos::prelude::*;
use org_client::{Cause, SwitchState};
use shared::{OrgId, org::OrgSummary};

/// The button that says whose data this is, and the list behind it.
#[component]
pub fn SwitcherMenu(
    /// The organization on screen.
    here: Here,
) -> impl IntoView {
    let context = app();
    let open = context.switcher_open;
    let switcher = context.switcher.clone();
    let busy = Memo::new(move |_| matches!(switcher.state(), SwitchState::Confirming { .. }));
    let text = move |get: fn(OrgSummary) -> String| Signal::derive(move || here.org.get().map(get).unwrap_or_default());

    // The list is as fresh as its opening: organizations come and go elsewhere.
    let refreshing = context.clone();
    Effect::new(move |_| {
        if open.get() {
            refreshing.refresh_orgs();
        }
    });
    report_refusals(&context);
    view! {
        <span class="anchor" data-align="start">
            <SwitcherButton
                colour=text(|org| org.colour)
                monogram=text(|org| org.monogram)
                name=text(|org| org.name)
                role=text(|org| org.role.title().to_owned())
                open
                busy
                on_press=move |()| open.update(|open| *open = !*open)
            />
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="anchor-cover" on:click=move |_| open.set(false)></div>
                            <Panel here />
                        }
                    })
            }}
        </span>
    }
}

#[component]
fn Panel(here: Here) -> impl IntoView {
    let context = app();
    let open = context.switcher_open;
    let query = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let recent = context.account.user_untracked().map(preferences::recent_orgs).unwrap_or_default();
    let account = context.account.clone();
    let here_id = Memo::new(move |_| here.org.get().map(|org| org.id));
    let items = Memo::new(move |_| query.with(|query| listed(&account.orgs(), &recent, query, here_id.get())));

    // The list opens with the previous organization chosen, so that Enter goes back and forth.
    let preselect = move || {
        let at = items.with_untracked(|items| items.iter().position(|item| !item.here));
        active.set(at.unwrap_or(0));
    };
    preselect();
    Effect::new(move |before: Option<usize>| {
        let count = items.with(Vec::len);
        if before.is_some_and(|before| before != count) || active.get_untracked() >= count {
            preselect();
        }
        count
    });
    let choose = move |choice: SwitcherChoice| {
        let switcher = &context.switcher;
        let slug = choice.value;
        if choice.new_tab {
            // A browser that blocks it leaves this tab as it is.
            let _ = window().open_with_url_and_target(&format!("/o/{slug}/hosts"), "_blank");
        } else if here.org.get_untracked().is_none_or(|org| org.slug != slug) {
            switcher.switch_to(&slug, Cause::Choice);
        }
        open.set(false);
    };
    view! {
        <SwitcherPanel
            query
            items
            active
            on_query=move |text| {
                query.set(text);
                active.set(0);
            }
            on_active=move |at| active.set(at)
            on_choose=choose
            on_close=move |()| open.set(false)
            all_href="/orgs"
        />
    }
}

/// The organizations that match, recent ones first while nothing is typed.
fn listed(orgs: &[OrgSummary], recent: &[OrgId], query: &str, here: Option<OrgId>) -> Vec<SwitcherItem> {
    // Two of one name are told apart by their addresses.
    let note = |org: &OrgSummary| {
        let twin = orgs.iter().any(|other| other.id != org.id && other.name == org.name);
        let address = if twin { format!(" · /o/{}", org.slug) } else { String::new() };
        format!("{} · {}{address}", org.role.title(), org.plan)
    };
    let item = |org: &OrgSummary, heading: Option<String>, keys: Option<String>| SwitcherItem {
        value: org.slug.clone(),
        name: org.name.clone(),
        note: note(org),
        colour: org.colour.clone(),
        monogram: org.monogram.clone(),
        status: None,
        hosts: None,
        news: None,
        keys,
        here: Some(org.id) == here,
        heading,
    };
    let keys =
        |org: &OrgSummary| recent.iter().position(|id| *id == org.id).map(|position| format!("Alt {}", position + 1));
    if !query.trim().is_empty() {
        let found: Vec<&OrgSummary> = orgs.iter().filter(|org| match_letters(&org.name, query).is_some()).collect();
        let heading = format!("{} of {}", found.len(), orgs.len());
        return found
            .into_iter()
            .enumerate()
            .map(|(at, org)| item(org, (at == 0).then(|| heading.clone()), keys(org)))
            .collect();
    }
    let known = recent.iter().filter_map(|id| orgs.iter().find(|org| org.id == *id));
    let first: Vec<SwitcherItem> =
        known.enumerate().map(|(at, org)| item(org, (at == 0).then(|| "Recent".to_owned()), keys(org))).collect();
    let rest = orgs.iter().filter(|org| !recent.contains(&org.id));
    let heading = format!("All {}, by name", orgs.len());
    let rest = rest.enumerate().map(|(at, org)| item(org, (at == 0).then(|| heading.clone()), None));
    first.into_iter().chain(rest).collect()
}

/// A refused choice changes nothing on screen but says so, and asks anew which organizations there are.
fn report_refusals(context: &crate::context::AppContext) {
    let context = context.clone();
    Effect::new(move |_| {
        let SwitchState::Failed(failure) = context.switcher.state() else { return };
        if failure.cause != Cause::Choice {
            return;
        }
        let orgs = context.account.orgs_untracked();
        let name = orgs.into_iter().find(|org| org.slug == failure.target).map_or(failure.target, |org| org.name);
        let problem = failure.error.to_problem();
        let why = match problem.code {
            shared::ErrorCode::NotFound => "It was deleted, or your membership ended.".to_owned(),
            _ => problem_line(&problem),
        };
        context.switcher.dismiss_failure();
        context.toast(
            crate::context::ToastTone::Failure,
            format!("{name} could not be opened"),
            format!("{why} Nothing has changed here."),
            None,
        );
        context.refresh_orgs();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{Role, org::OrgStatus};

    fn org(id: u128, slug: &str, name: &str) -> OrgSummary {
        let id = format!("00000000-0000-0000-0000-{id:012x}");
        OrgSummary {
            id: id.parse().expect("an id"),
            slug: slug.to_owned(),
            name: name.to_owned(),
            colour: "iris".to_owned(),
            monogram: "AC".to_owned(),
            status: OrgStatus::Active,
            role: Role::Owner,
            plan: "Team".to_owned(),
        }
    }

    #[test]
    fn organizations_of_one_name_are_told_apart_by_their_addresses() {
        let orgs = [org(1, "acme", "Acme"), org(2, "acme-2", "Acme"), org(3, "beta", "Beta")];
        let notes: Vec<String> = listed(&orgs, &[], "", None).into_iter().map(|item| item.note).collect();
        assert_eq!(notes, ["Owner · Team · /o/acme", "Owner · Team · /o/acme-2", "Owner · Team"]);
    }
}
