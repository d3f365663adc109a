//! All hosts of an organization, live.

mod fleet;
mod listing;
mod table;

use crate::{
    context::app,
    later::{Later, LaterPage},
    shell::{org_body::org_body, permission::needs},
    ui::{Button, ButtonKind, IconName, SearchField, Segment, Segmented, format},
};
use authz::{Action, Thing};
use fleet::Fleet;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use listing::{Listing, SortBy};
use org_client::{ActiveOrg, HostList, Notes, fill_notes, keep_summary_fresh};
use shared::{Micros, host::HostSummary, summary::Summary};
use table::HostTable;

/// What the parts of the page look at: hosts in the order of the list, and the server's clock.
#[derive(Clone, Copy)]
pub(crate) struct HostsView {
    /// All hosts; none before they are known.
    pub(crate) all: Memo<Option<Vec<HostSummary>>>,
    /// The server's clock, moved on once a second.
    pub(crate) server_now: Memo<Micros>,
    /// The last hour of those that are doing worst, and when it was made.
    pub(crate) summary: Memo<Option<Summary>>,
    /// What is noted about them; empty before it is known.
    pub(crate) notes: Memo<Notes>,
}

/// The page. All of it is the organization's.
#[component]
pub fn InfrastructurePage() -> impl IntoView {
    org_body(|active| view! { <Infrastructure active /> })
}

#[component]
fn Infrastructure(active: ActiveOrg) -> impl IntoView {
    let context = app();
    let ActiveOrg { session, caches, .. } = active;
    let reader = session.clone();
    let all = Memo::new(move |_| caches.hosts.with(&reader, |list| list.map(|list| list.hosts().to_vec())));
    let (reader, now) = (session.clone(), context.now);
    let server_now = Memo::new(move |_| {
        let now = now.get();
        caches.hosts.with(&reader, |list| list.map_or(now, |list| HostList::server_time(list, now)))
    });
    let _noting = fill_notes(&session, caches);
    let reader = session.clone();
    let notes = Memo::new(move |_| caches.notes.with(&reader, |notes| notes.cloned().unwrap_or_default()));
    keep_summary_fresh(&session, caches);
    let reader = session.clone();
    let summary = Memo::new(move |_| caches.summary.with(&reader, |summary| summary.cloned()));
    let hosts = HostsView { all, server_now, summary, notes };

    let adding = RwSignal::new(false);
    let subtitle = move || match all.with(|all| all.as_ref().map(Vec::len)) {
        None => String::new(),
        Some(0) => "No hosts yet".to_owned(),
        Some(1) => "1 host, every 5 s".to_owned(),
        Some(count) => format!("{} hosts, every 5 s", format::number(i64::try_from(count).unwrap_or(i64::MAX))),
    };
    let is_empty = Memo::new(move |_| all.with(|all| all.as_ref().is_some_and(Vec::is_empty)));
    let may_add = needs(&session, Action::Create, Thing::Token);
    let (for_empty, for_dialog) = (session.clone(), session);
    view! {
        <div class="page-head">
            <div class="page-titles">
                <h1>"Infrastructure"</h1>
                <p>{subtitle}</p>
            </div>
            <div class="actions">
                <Button kind=ButtonKind::Primary icon=IconName::Plus reason=may_add on_press=move |()| adding.update(|adding| *adding = !*adding)>
                    "Add host"
                </Button>
            </div>
        </div>
        {move || {
            adding
                .get()
                .then(|| {
                    let close = Callback::new(move |()| adding.set(false));
                    view! { <Later page=LaterPage::AddHost(for_dialog.clone(), close) /> }
                })
        }}
        {move || {
            if is_empty.get() {
                view! { <Later page=LaterPage::NoHosts(for_empty.clone()) /> }.into_any()
            } else {
                view! {
                    <div class="stack">
                        <Fleet hosts />
                        <Listed hosts />
                    </div>
                }
                .into_any()
            }
        }}
    }
}

/// The list with its filter. What it shows stands in the address.
#[component]
fn Listed(hosts: HostsView) -> impl IntoView {
    let query = use_query_map();
    let listing = Memo::new(move |_| query.with(|query| Listing::read(|key| query.get(key))));
    let (navigate, location) = (use_navigate(), use_location());
    let show = Callback::new(move |listing: Listing| {
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let address = format!("{}{}", location.pathname.get_untracked(), listing.write(encode));
        navigate(&address, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    });
    let total = Memo::new(move |_| hosts.all.with(|all| all.as_ref().map_or(0, Vec::len)));
    let attention = Memo::new(move |_| {
        let only = Listing { attention_only: true, ..Listing::default() };
        let now = hosts.server_now.get();
        hosts.all.with(|all| all.as_ref().map_or(0, |all| only.apply(all, &Notes::default(), now).len()))
    });
    let shown = Memo::new(move |_| {
        let listing = listing.get();
        hosts.all.with(|all| {
            let all = all.as_deref().unwrap_or_default();
            let now = hosts.server_now.get();
            hosts.notes.with(|notes| listing.apply(all, notes, now).into_iter().map(|host| host.id).collect::<Vec<_>>())
        })
    });
    let segments = Signal::derive(move || {
        let segment = |value: &str, label: &str, count: usize| Segment {
            count: Some(format::number(i64::try_from(count).unwrap_or(i64::MAX))),
            ..Segment::new(value, label)
        };
        vec![segment("all", "All", total.get()), segment("attention", "Attention", attention.get())]
    });
    let sort = Callback::new(move |by: SortBy| show.run(listing.get_untracked().sorted_by(by)));
    view! {
        <section class="card" aria-label="Hosts">
            <div class="card-toolbar">
                <div class="grow">
                    <SearchField
                        label="Filter hosts"
                        placeholder="Name, system, description or tag"
                        value=Signal::derive(move || listing.with(|listing| listing.query.clone()))
                        on_input=move |query| show.run(Listing { query, ..listing.get_untracked() })
                    />
                </div>
                <Segmented
                    label="Which hosts"
                    value=Signal::derive(move || {
                        if listing.with(|listing| listing.attention_only) { "attention" } else { "all" }.to_owned()
                    })
                    segments=segments
                    on_change=move |value: String| {
                        show.run(Listing { attention_only: value == "attention", ..listing.get_untracked() });
                    }
                />
            </div>
            <HostTable hosts shown listing on_sort=sort />
            <div class="card-foot">
                <span>
                    {move || format!("Showing {} of {}", shown.with(Vec::len), total.get())}
                </span>
                <span class="end">
                    {move || match listing.with(|listing| listing.sort) {
                        SortBy::Severity => "Sorted by severity, then name".to_owned(),
                        by => format!("Sorted by {}, then name", by.as_str()),
                    }}
                </span>
            </div>
        </section>
    }
}
