//! One row a host.

use super::{
    HostsView,
    listing::{Listing, SortBy},
};
use crate::{
    route::{Page, href},
    shell::frame::Here,
    ui::{Badge, ColumnHead, DataTable, Density, Gauge, SkeletonRows, SortDirection, StatusMark, format},
};
use leptos::prelude::*;
use shared::{
    HostId, Micros,
    host::{Health, HostSummary, STALE_AFTER},
    metadata::Subject,
};

/// Most tags that a row names.
const MAX_TAGS: usize = 3;

/// The table. Rows keep their elements while their numbers change.
#[component]
pub fn HostTable(
    /// The hosts.
    hosts: HostsView,
    /// Those that are shown, in order.
    shown: Memo<Vec<HostId>>,
    /// How the list is sorted.
    listing: Memo<Listing>,
    /// A column's head was pressed.
    on_sort: Callback<SortBy>,
) -> impl IntoView {
    let head = move |by: SortBy, label: &'static str, numeric: bool| {
        let sorted = Signal::derive(move || {
            let listing = listing.get();
            (listing.sort == by).then(|| SortDirection::of(by.starts_descending(), listing.reversed))
        });
        view! { <ColumnHead label numeric sorted on_sort=move |()| on_sort.run(by) /> }
    };
    let known = Memo::new(move |_| hosts.all.with(Option::is_some));
    // A column that nobody has filled is none.
    let tagged = Memo::new(move |_| {
        hosts.notes.with(|notes| {
            notes.iter().any(|noted| matches!(noted.subject, Subject::Host(_)) && !noted.metadata.tags.is_empty())
        })
    });
    view! {
        <DataTable label="Hosts" density=Density::Tight fold=true>
                <thead>
                    <tr role="row">
                        {head(SortBy::Name, "Host", false)} {head(SortBy::Cpu, "CPU %", false)}
                        {head(SortBy::Memory, "Memory %", false)} <ColumnHead label="GiB used" numeric=true />
                        {head(SortBy::Disk, "Disk %", false)} {head(SortBy::NetIn, "In", true)}
                        {head(SortBy::NetOut, "Out", true)} {head(SortBy::Uptime, "Uptime", true)}
                        <ColumnHead label="Last seen" numeric=true />
                        {move || tagged.get().then(|| view! { <ColumnHead label="Tags" /> }.into_any())}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || shown.get() key=|id| *id let:id>
                        <Row id hosts tagged />
                    </For>
                    {move || (!known.get()).then(|| view! { <SkeletonRows rows=8 columns=9 /> })}
                    {move || {
                        (known.get() && shown.with(Vec::is_empty))
                            .then(|| {
                                view! {
                                    <tr role="row">
                                        <td role="cell" colspan="10" class="quiet">"No host matches. Clear the filter to see all."</td>
                                    </tr>
                                }
                            })
                    }}
                </tbody>
        </DataTable>
    }
}

#[component]
fn Row(id: HostId, hosts: HostsView, tagged: Memo<bool>) -> impl IntoView {
    let here = expect_context::<Here>();
    let host = Memo::new(move |_| hosts.all.with(|all| all.as_ref()?.iter().find(|host| host.id == id).cloned()));
    let health = Memo::new(move |_| {
        host.with(|host| host.as_ref().map_or(Health::NotReporting, |host| host.health_at(hosts.server_now.get())))
    });
    let silent = move || health.get() == Health::NotReporting;
    let text =
        move |get: fn(&HostSummary) -> String| move || host.with(|host| host.as_ref().map(get).unwrap_or_default());
    // A measure of a host that does not report is not known now.
    let measure = move |get: fn(&HostSummary) -> Option<f64>| {
        Signal::derive(move || if silent() { None } else { host.with(|host| host.as_ref().and_then(get)) })
    };
    let (cpu, memory, disk) =
        (measure(|host| host.cpu_percent), measure(HostSummary::mem_percent), measure(|host| host.disk_percent));
    let (net_in, net_out) = (measure(|host| host.net_in_bps), measure(|host| host.net_out_bps));
    let used = move || {
        host.with(|host| {
            let Some(host) = host else { return String::new() };
            let total = host.mem_total_bytes.map_or_else(|| format::DASH.to_owned(), gib);
            let used = if silent() { None } else { host.mem_used_bytes };
            format!("{} / {total}", used.map_or_else(|| format::DASH.to_owned(), gib))
        })
    };
    let uptime = move || {
        let seconds = if silent() { None } else { host.with(|host| host.as_ref().and_then(|host| host.uptime_s)) };
        seconds.map_or_else(|| format::DASH.to_owned(), format::short_duration)
    };
    let seen = move || {
        let now = hosts.server_now.get();
        host.with(|host| host.as_ref().and_then(|host| host.last_report_at))
            .map_or_else(|| "never".to_owned(), |at| format::ago(at, now))
    };
    let late = move || {
        let now: Micros = hosts.server_now.get();
        host.with(|host| host.as_ref().and_then(|host| host.last_report_at)).is_none_or(|at| now - at > STALE_AFTER)
    };
    let tags = Memo::new(move |_| {
        hosts.notes.with(|notes| notes.about(Subject::Host(id)).map(|noted| noted.tags.clone()).unwrap_or_default())
    });
    let described = move || {
        let described = hosts.notes.with(|notes| notes.about(Subject::Host(id)).map(|noted| noted.description.clone()));
        described.filter(|text| !text.is_empty())
    };
    let link = move || here.org.get().map(|org| href(&org.slug, Page::Host(id))).unwrap_or_default();
    view! {
        <tr role="row" data-host=id.to_string() class:is-stale=silent>
            <td role="cell" data-fold="title">
                <span class="cell-name">
                    <StatusMark status=Signal::derive(move || health.get().into()) />
                    <a class="cell-title truncate" href=link title=text(|host| host.name.clone())>
                        {text(|host| host.name.clone())}
                    </a>
                    <small class="wide-only truncate">{move || described().unwrap_or_else(text(|host| host.os.clone()))}</small>
                </span>
            </td>
            <td role="cell">
                <Gauge label="CPU" percent=cpu />
            </td>
            <td role="cell">
                <Gauge label="Memory" percent=memory />
            </td>
            <td role="cell" class="num quiet" data-fold="hide">
                {used}
            </td>
            <td role="cell">
                <Gauge label="Disk" percent=disk />
            </td>
            <td role="cell" class="num" data-fold="hide">
                {move || format::known(net_in.get(), format::bits_per_second)}
            </td>
            <td role="cell" class="num" data-fold="hide">
                {move || format::known(net_out.get(), format::bits_per_second)}
            </td>
            <td role="cell" class="num quiet" data-fold="hide">
                {uptime}
            </td>
            <td role="cell" class="num quiet" data-fold="aside" class:tone-crit=late>
                {seen}
            </td>
            {move || {
                tagged
                    .get()
                    .then(|| view! { <td role="cell" class="tag-cell" data-fold="hide">{tag_words(tags.get())}</td> }.into_any())
            }}
        </tr>
    }
}

/// The first tags, and how many more there are.
fn tag_words(tags: Vec<String>) -> AnyView {
    let more = tags.len().saturating_sub(MAX_TAGS);
    let all = tags.join(" ");
    let words = tags.into_iter().take(MAX_TAGS).map(|tag| view! { <Badge>{tag}</Badge> }.into_any()).collect_view();
    let more = (more > 0).then(|| format!("+{more}"));
    view! { <span class="tags" title=all>{words} {more}</span> }.into_any()
}

/// Bytes as a number of GiB, for a column that has the unit in its head.
fn gib(bytes: i64) -> String {
    format::decimal(bytes as f64 / f64::from(1 << 30))
}
