//! One row a host.

use super::{
    HostsView,
    listing::{Listing, SortBy},
};
use crate::{
    route::{Page, href},
    shell::frame::Here,
    ui::{Gauge, Icon, IconName, StatusMark, format},
};
use leptos::prelude::*;
use shared::{
    HostId, Micros,
    host::{Health, HostSummary, STALE_AFTER},
};

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
        let sorted = move || {
            let listing = listing.get();
            if listing.sort != by {
                "none"
            } else if listing.reversed == by.starts_descending() {
                "ascending"
            } else {
                "descending"
            }
        };
        view! {
            <th scope="col" class:num=numeric aria-sort=sorted>
                <button type="button" class="sort" on:click=move |_| on_sort.run(by)>
                    {label}
                    <Icon name=IconName::ChevronUp />
                </button>
            </th>
        }
    };
    let known = Memo::new(move |_| hosts.all.with(Option::is_some));
    view! {
        <div class="table-scroll">
            <table class="table" data-density="tight" data-fold="">
                <thead>
                    <tr>
                        {head(SortBy::Name, "Host", false)} {head(SortBy::Cpu, "CPU %", false)}
                        {head(SortBy::Memory, "Memory %", false)} <th scope="col" class="num">"GiB used"</th>
                        {head(SortBy::Disk, "Disk %", false)} {head(SortBy::NetIn, "In", true)}
                        {head(SortBy::NetOut, "Out", true)} {head(SortBy::Uptime, "Uptime", true)}
                        <th scope="col" class="num">"Last seen"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || shown.get() key=|id| *id let:id>
                        <Row id hosts />
                    </For>
                    {move || (!known.get()).then(skeleton_rows)}
                    {move || {
                        (known.get() && shown.with(Vec::is_empty))
                            .then(|| {
                                view! {
                                    <tr>
                                        <td colspan="9" class="quiet">"No host matches. Clear the filter to see all."</td>
                                    </tr>
                                }
                            })
                    }}
                </tbody>
            </table>
        </div>
    }
}

fn skeleton_rows() -> impl IntoView {
    (0..8)
        .map(|_| {
            let cells = (0..9).map(|_| view! { <td><span class="skeleton"></span></td> }).collect_view();
            view! { <tr aria-hidden="true">{cells}</tr> }
        })
        .collect_view()
}

#[component]
fn Row(id: HostId, hosts: HostsView) -> impl IntoView {
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
    let link = move || here.org.get().map(|org| href(&org.slug, Page::Host(id))).unwrap_or_default();
    view! {
        <tr data-host=id.to_string() class:is-stale=silent>
            <td data-fold="title">
                <span class="cell-name">
                    <StatusMark status=Signal::derive(move || health.get().into()) />
                    <a class="cell-title truncate" href=link title=text(|host| host.name.clone())>
                        {text(|host| host.name.clone())}
                    </a>
                    <small class="wide-only">{text(|host| host.os.clone())}</small>
                </span>
            </td>
            <td>
                <Gauge label="CPU" percent=cpu />
            </td>
            <td>
                <Gauge label="Memory" percent=memory />
            </td>
            <td class="num quiet" data-fold="hide">
                {used}
            </td>
            <td>
                <Gauge label="Disk" percent=disk />
            </td>
            <td class="num" data-fold="hide">
                {move || format::known(net_in.get(), format::bits_per_second)}
            </td>
            <td class="num" data-fold="hide">
                {move || format::known(net_out.get(), format::bits_per_second)}
            </td>
            <td class="num quiet" data-fold="hide">
                {uptime}
            </td>
            <td class="num quiet" data-fold="aside" class:tone-crit=late>
                {seen}
            </td>
        </tr>
    }
}

/// Bytes as a number of GiB, for a column that has the unit in its head.
fn gib(bytes: i64) -> String {
    format::decimal(bytes as f64 / f64::from(1 << 30))
}
