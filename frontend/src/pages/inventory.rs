//! What runs on the hosts of an organization: all containers, or all guests, live; one of them in a drawer.

mod detail;
mod item;
mod listing;
mod table;

use crate::{
    context::app,
    route::{Page, href},
    shell::{frame::Here, live_mark::offset_s, org_body::org_body},
    ui::{
        Button, CodeBlock, EmptyState, IconName, LinkButton, ProblemNotice, SearchField, Segment, Segmented, Stat,
        StatStrip, Switch, format,
    },
};
use detail::Detail;
use item::{Item, Kind, SortBy};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use listing::{Listing, Show};
use org_client::{
    ActiveOrg, Assistant, Found, FoundList, Notes, OrgCaches, OrgSession, Remote, fill_containers, fill_guests,
    fill_notes,
};
use shared::{HostId, Micros, host::Health, metadata::Subject};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};
pub(crate) use table::page_of;
use table::{Line, Rows, Table};

/// Most rows that are drawn at first; more on demand.
const MAX_ROWS: usize = 400;

/// All containers.
#[component]
pub fn ContainersPage() -> impl IntoView {
    org_body(|active| view! { <Inventory active kind=Kind::Containers /> })
}

/// All guests.
#[component]
pub fn GuestsPage() -> impl IntoView {
    org_body(|active| view! { <Inventory active kind=Kind::Guests /> })
}

/// What the parts of the page look at.
#[derive(Clone, Copy)]
struct Looked {
    kind: Kind,
    /// None before they are known.
    all: Memo<Option<Vec<Arc<Item>>>>,
    notes: Memo<Notes>,
    /// Names of hosts that have as many as one may report: there are more of them than are listed.
    full: Memo<Vec<String>>,
    /// The one whose drawer is open.
    selected: Memo<Option<Subject>>,
}

#[component]
fn Inventory(active: ActiveOrg, kind: Kind) -> impl IntoView {
    let context = app();
    let ActiveOrg { session, caches, assistant, .. } = active;
    let loading = match kind {
        Kind::Containers => fill_containers(&session, caches),
        Kind::Guests => fill_guests(&session, caches),
    };
    let _noting = fill_notes(&session, caches);
    let reader = session.clone();
    let notes = Memo::new(move |_| caches.notes.with(&reader, |notes| notes.cloned().unwrap_or_default()));
    // Ages move on every ten seconds, not each second: rows are many.
    let now = context.now;
    let tick = Memo::new(move |_| now.get() - now.get() % (10 * shared::SECOND));
    let reader = session.clone();
    // A frame brings what one host has: the rows of the others stay as they are until the next tick.
    let rows = Memo::new_with_compare(
        move |before: Option<&Option<(Micros, RowsOfHosts)>>| {
            let (now, offset) = (tick.get(), offset_s());
            let kept = before.and_then(Option::as_ref).filter(|(at, _)| *at == now).map(|(_, rows)| rows);
            let rows = match kind {
                Kind::Containers => caches.containers.with(&reader, |list| {
                    list.map(|list| {
                        let now = FoundList::server_time(list, now);
                        rows_of_hosts(list, kept, |found| Item::of_container(found, now, offset))
                    })
                }),
                Kind::Guests => caches.guests.with(&reader, |list| {
                    list.map(|list| {
                        let now = FoundList::server_time(list, now);
                        rows_of_hosts(list, kept, |found| Item::of_guest(found, now))
                    })
                }),
            };
            rows.map(|rows| (now, rows))
        },
        |_, _| true,
    );
    let all = Memo::new_with_compare(
        move |_| {
            rows.with(|rows| {
                let (_, rows) = rows.as_ref()?;
                Some(rows.values().flat_map(|(_, items)| items).cloned().collect::<Vec<_>>())
            })
        },
        |before, after| !before.is_some_and(|before| after.is_some_and(|after| are_the_same(before, after))),
    );
    let full = Memo::new(move |_| {
        rows.with(|rows| {
            let hosts = rows.iter().flat_map(|(_, rows)| rows.values());
            let full = hosts.filter(|(_, items)| items.len() >= kind.most_of_a_host());
            full.filter_map(|(_, items)| Some(items.first()?.host_name.clone())).collect::<Vec<_>>()
        })
    });
    let page = context.page;
    let selected = Memo::new(move |_| match page.get() {
        Page::Container(id) => Some(Subject::Container(id)),
        Page::Guest(id) => Some(Subject::Guest(id)),
        _ => None,
    });
    let looked = Looked { kind, all, notes, full, selected };
    let subtitle = move || all.with(|all| all.as_deref().map(|all| summary(kind, all))).unwrap_or_default();
    let is_empty = Memo::new(move |_| all.with(|all| all.as_ref().is_some_and(Vec::is_empty)));
    // A failure takes the place of the list only where there is none to show.
    let failed = {
        let loading = loading.clone();
        Memo::new(move |_| match loading.get() {
            Remote::Failed(error) if all.with(Option::is_none) => Some(error),
            _ => None,
        })
    };
    view! {
        <div class="page-head">
            <div class="page-titles">
                <h1>{kind.title()}</h1>
                <p>{subtitle}</p>
            </div>
        </div>
        {move || {
            if let Some(error) = failed.get() {
                let again = loading.clone();
                let retry = Callback::new(move |()| again.reload());
                view! { <section class="card"><ProblemNotice problem=error.to_problem() on_retry=retry /></section> }
                    .into_any()
            } else if is_empty.get() && selected.with(Option::is_none) {
                view! { <Nothing kind /> }.into_any()
            } else {
                view! { <Listed session=session.clone() caches assistant looked /> }.into_any()
            }
        }}
    }
}

/// The rows of each host, with the time of what they were made of.
type RowsOfHosts = BTreeMap<HostId, (Micros, Vec<Arc<Item>>)>;

/// Makes rows of what is new, and takes the others from `kept`.
fn rows_of_hosts<T: Found>(list: &FoundList<T>, kept: Option<&RowsOfHosts>, row: impl Fn(&T) -> Item) -> RowsOfHosts {
    let rows = |(host, at, found): (HostId, Micros, &[T])| {
        let known = kept.and_then(|kept| kept.get(&host)).filter(|(known, _)| *known == at);
        (host, known.cloned().unwrap_or_else(|| (at, found.iter().map(|found| Arc::new(row(found))).collect())))
    };
    list.hosts().map(rows).collect()
}

/// Whether they are the very same rows. Compares no text.
fn are_the_same(before: &Option<Vec<Arc<Item>>>, after: &Option<Vec<Arc<Item>>>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(before, after)| Arc::ptr_eq(before, after))
        }
        (None, None) => true,
        _ => false,
    }
}

/// What is there, in one line.
fn summary(kind: Kind, all: &[Arc<Item>]) -> String {
    let hosts = all.iter().map(|item| item.host).collect::<HashSet<_>>().len();
    let count = |count: usize, one: &str, more: &str| {
        format!("{} {}", format::number(i64::try_from(count).unwrap_or(i64::MAX)), if count == 1 { one } else { more })
    };
    let what = match kind {
        Kind::Containers => count(all.len(), "container", "containers"),
        Kind::Guests => count(all.len(), "guest", "guests"),
    };
    if all.is_empty() { String::new() } else { format!("{what} on {}, every 10 s", count(hosts, "host", "hosts")) }
}

/// Where nothing was found yet: how it comes.
#[component]
fn Nothing(kind: Kind) -> impl IntoView {
    let here = expect_context::<Here>();
    let hosts = move || here.org.get().map(|org| href(&org.slug, Page::Infrastructure)).unwrap_or_default();
    let (icon, title, text, command) = match kind {
        Kind::Containers => (
            IconName::Container,
            "No containers yet",
            "Agents find the containers of Docker and podman by themselves, through the engine's socket. On a machine that has one, see what its agent says about it:",
            "bulkhead-agent doctor",
        ),
        Kind::Guests => (
            IconName::Guest,
            "No guests yet",
            "Agents find the guests of libvirt by themselves, where virsh is installed. On a machine that has some, see what its agent says about it:",
            "bulkhead-agent doctor",
        ),
    };
    view! {
        <section class="card">
            <EmptyState title text icon>
                <div class="connect">
                    <CodeBlock text=command />
                    <div class="cluster">
                        <LinkButton href=Signal::derive(hosts)>"All hosts"</LinkButton>
                    </div>
                </div>
            </EmptyState>
        </section>
    }
}

/// The list with its filter, and the drawer beside it. What both show stands in the address.
#[component]
fn Listed(session: OrgSession, caches: OrgCaches, assistant: Assistant, looked: Looked) -> impl IntoView {
    let Looked { kind, all, notes, full, selected } = looked;
    let here = expect_context::<Here>();
    let query = use_query_map();
    let listing = Memo::new(move |_| query.with(|query| Listing::read(|key| query.get(key))));
    let (navigate, location) = (use_navigate(), use_location());
    let quietly = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
    let (going, options) = (navigate.clone(), quietly.clone());
    let show = Callback::new(move |listing: Listing| {
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let address = format!("{}{}", location.pathname.get_untracked(), listing.write(encode));
        going(&address, options.clone());
    });
    let close = Callback::new(move |()| {
        let Some(org) = here.org.get_untracked() else { return };
        let list = match kind {
            Kind::Containers => Page::Containers,
            Kind::Guests => Page::Guests,
        };
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let address = href(&org.slug, list) + &listing.get_untracked().write(encode);
        navigate(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let everything = RwSignal::new(false);
    let items = Memo::new_with_compare(
        move |_| {
            all.with(|all| {
                let all = all.as_ref()?;
                Some(Arc::new(all.iter().map(|item| (item.subject, Arc::clone(item))).collect::<HashMap<_, _>>()))
            })
        },
        // It is made anew only where a row is another: each row sees for itself whether it is the one.
        |_, _| true,
    );
    let counts = Memo::new(move |_| {
        let count = |show: Show| all.with(|all| all.iter().flatten().filter(|item| show.takes(item)).count());
        Show::ALL.map(count)
    });
    let lines = Memo::new(move |_| {
        let (listing, most) = (listing.get(), if everything.get() { usize::MAX } else { MAX_ROWS });
        all.with(|all| notes.with(|notes| lines_of(kind, &listing, all.as_deref().unwrap_or_default(), notes, most)))
    });
    let shown = move || lines.with(|lines| lines.iter().filter(|line| matches!(line, Line::Item(_))).count());
    let segments = Signal::derive(move || {
        let segment = |(show, count): (Show, usize)| Segment {
            count: Some(format::number(i64::try_from(count).unwrap_or(i64::MAX))),
            ..Segment::new(show.as_str(), show.title())
        };
        Show::ALL.into_iter().zip(counts.get()).map(segment).collect::<Vec<_>>()
    });
    let rows = Rows { kind, items, notes, lines, listing, selected };
    let sort = Callback::new(move |by: SortBy| show.run(listing.get_untracked().sorted_by(by)));
    let (label, placeholder) = match kind {
        Kind::Containers => ("Filter containers", "Name, image, host, project or tag"),
        Kind::Guests => ("Filter guests", "Name, host, state or tag"),
    };
    view! {
        <div class="with-drawer" data-open=move || selected.with(Option::is_some).then_some("")>
            <div class="stack">
                <Figures kind all />
                <section class="card" aria-label=kind.title()>
                    <div class="card-toolbar">
                        <div class="grow">
                            <SearchField
                                label
                                placeholder=placeholder
                                value=Signal::derive(move || listing.with(|listing| listing.query.clone()))
                                on_input=move |query| show.run(Listing { query, ..listing.get_untracked() })
                            />
                        </div>
                        <Segmented
                            label="Which"
                            value=Signal::derive(move || listing.with(|listing| listing.show.as_str().to_owned()))
                            segments=segments
                            on_change=move |value: String| {
                                let chosen = Show::ALL.into_iter().find(|show| show.as_str() == value).unwrap_or_default();
                                show.run(Listing { show: chosen, ..listing.get_untracked() });
                            }
                        />
                        <Switch
                            on=Signal::derive(move || !listing.with(|listing| listing.flat))
                            on_change=move |grouped: bool| show.run(Listing { flat: !grouped, ..listing.get_untracked() })
                        >
                            "Grouped"
                        </Switch>
                    </div>
                    <Table rows on_sort=sort />
                    <div class="card-foot">
                        <span>{move || format!("Showing {} of {}", format::number(as_count(shown())), format::number(as_count(counts.get()[0])))}</span>
                        {move || {
                            full.with(|full| {
                                (!full.is_empty())
                                    .then(|| {
                                        let most = format::number(as_count(kind.most_of_a_host()));
                                        format!("An agent reports {most} at most: not all of {} are here.", full.join(", "))
                                    })
                            })
                                .map(|words| view! { <span class="tone-warn">{words}</span> })
                        }}
                        {move || {
                            (!everything.get() && shown() >= MAX_ROWS)
                                .then(|| view! { <Button on_press=move |()| everything.set(true)>"Show all"</Button> })
                        }}
                    </div>
                </section>
            </div>
            {move || {
                selected
                    .get()
                    .map(|subject| view! { <Detail session=session.clone() caches assistant subject rows on_close=close /> })
            }}
        </div>
    }
}

/// The lines of the table: groups and their rows, at most so many rows.
fn lines_of(kind: Kind, listing: &Listing, all: &[Arc<Item>], notes: &Notes, most: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut left = most;
    for group in listing.apply(all, notes) {
        if left == 0 {
            break;
        }
        if let Some(title) = group.title {
            let hosts: BTreeSet<&str> = group.items.iter().map(|item| item.host_name.as_str()).collect();
            let is_project = group.items[0].group_is_project;
            let count = group.items.len();
            let count = match (count, kind) {
                (1, Kind::Containers) => "1 container".to_owned(),
                (1, Kind::Guests) => "1 guest".to_owned(),
                (count, Kind::Containers) => format!("{} containers", format::number(as_count(count))),
                (count, Kind::Guests) => format!("{} guests", format::number(as_count(count))),
            };
            let note = if is_project {
                format!("{} · {count}", hosts.into_iter().collect::<Vec<_>>().join(", "))
            } else {
                count
            };
            let bad = group.items.iter().filter(|item| item.health != Health::Healthy).count();
            let attention = if bad == 0 {
                String::new()
            } else {
                if bad == 1 { "1 needs attention".to_owned() } else { format!("{bad} need attention") }
            };
            lines.push(Line::Group { title, is_project, note, attention });
        }
        lines.extend(group.items.iter().take(left).map(|item| Line::Item(item.subject)));
        left = left.saturating_sub(group.items.len());
    }
    lines
}

/// Sums over all of it.
#[component]
fn Figures(kind: Kind, all: Memo<Option<Vec<Arc<Item>>>>) -> impl IntoView {
    let figure = move |get: fn(&[Arc<Item>]) -> String| Signal::derive(move || all.with(|all| all.as_deref().map(get)));
    let running = |all: &[Arc<Item>]| format::number(as_count(all.iter().filter(|item| item.is_running).count()));
    let of = Signal::derive(move || {
        all.with(|all| format!("of {}", format::number(as_count(all.as_deref().map_or(0, <[Arc<Item>]>::len)))))
    });
    let attention =
        |all: &[Arc<Item>]| format::number(as_count(all.iter().filter(|item| item.health != Health::Healthy).count()));
    let why = match kind {
        Kind::Containers => "failed, unhealthy or silent",
        Kind::Guests => "crashed, overloaded or silent",
    };
    let silent = |all: &[Arc<Item>]| {
        format::number(as_count(all.iter().filter(|item| item.health == Health::NotReporting).count()))
    };
    let memory = |all: &[Arc<Item>]| {
        let known: Vec<i64> = all.iter().filter_map(|item| item.memory).collect();
        if known.is_empty() { format::DASH.to_owned() } else { format::memory(known.iter().sum::<i64>() as f64) }
    };
    let restarts = |all: &[Arc<Item>]| format::number(all.iter().map(|item| item.restarts).sum());
    let cores = |all: &[Arc<Item>]| {
        let known: Vec<f64> = all.iter().filter_map(|item| item.cpu).collect();
        if known.is_empty() { format::DASH.to_owned() } else { format::decimal(known.iter().sum::<f64>() / 100.0) }
    };
    let last = match kind {
        Kind::Containers => view! {
            <Stat label="Restarts" note="since they were made" value=figure(restarts) />
            <Stat label="CPU" of=Signal::derive(|| "cores".to_owned()) note="all together" value=figure(cores) />
        }
        .into_any(),
        Kind::Guests => {
            view! { <Stat label="Not reporting" note="their host is silent" value=figure(silent) /> }.into_any()
        }
    };
    view! {
        <section class="card at-a-glance" aria-label="At a glance">
            <StatStrip>
                <Stat label="Running" of note="now" value=figure(running) />
                <Stat label="Need attention" note=why value=figure(attention) />
                {last}
                <Stat label="Memory" note="in use by all" value=figure(memory) />
            </StatStrip>
        </section>
    }
}

fn as_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
