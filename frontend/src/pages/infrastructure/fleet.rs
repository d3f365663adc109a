//! The state of all hosts at a glance, and what needs attention.

use super::HostsView;
use crate::{
    route::{Page, href},
    shell::{frame::Here, live_mark::offset_s},
    ui::{Level, Sparkline, Stat, StatStrip, Status, StatusMark, format},
};
use leptos::prelude::*;
use shared::{
    HostId,
    host::{Health, HostSummary, WARN_PERCENT},
    summary::{ShortOf, WorstHost},
};

/// Most hosts that are named as needing attention; the list below has them all.
const MAX_NAMED: usize = 5;

/// One cell a host, sums, and the hosts that need attention most.
#[component]
pub fn Fleet(hosts: HostsView) -> impl IntoView {
    let here = expect_context::<Here>();
    let healths = Memo::new(move |_| {
        let now = hosts.server_now.get();
        hosts.all.with(|all| {
            let mut healths: Vec<Health> = all.iter().flatten().map(|host| host.health_at(now)).collect();
            healths.sort_by(|a, b| b.cmp(a));
            healths
        })
    });
    let count = move |health: Health| healths.with(|all| all.iter().filter(|known| **known == health).count());
    let average = move |measure: fn(&HostSummary) -> Option<f64>| {
        let values: Vec<f64> = hosts.all.with(|all| all.iter().flatten().filter_map(measure).collect());
        // A fleet has few hosts: the count is exact as a float.
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let sum = move |measure: fn(&HostSummary) -> Option<f64>| {
        let values: Vec<f64> = hosts.all.with(|all| all.iter().flatten().filter_map(measure).collect());
        (!values.is_empty()).then(|| values.iter().sum::<f64>())
    };
    let attention = Memo::new(move |_| {
        let now = hosts.server_now.get();
        hosts.all.with(|all| {
            let mut hosts: Vec<HostSummary> =
                all.iter().flatten().filter(|host| host.health_at(now) != Health::Healthy).cloned().collect();
            hosts.sort_by(|a, b| b.health_at(now).cmp(&a.health_at(now)).then_with(|| a.name.cmp(&b.name)));
            hosts.truncate(MAX_NAMED);
            hosts
        })
    });
    let legend = move |health: Health, words: &'static str| {
        move || {
            let count = count(health);
            (count > 0).then(|| view! { <span><StatusMark status=Status::from(health) decorative=true />{format!("{count} {words}")}</span> })
        }
    };
    // A figure is unknown until the hosts are known.
    let known = Memo::new(move |_| hosts.all.with(Option::is_some));
    let rate = |value: Option<f64>| format::known(value, format::bits_per_second);
    view! {
        <section class="card" aria-label="Health">
            <StatStrip>
                <div class="stat" data-wide="">
                    <div class="stat-label">
                        <span>"Hosts"</span>
                        <span>
                            {move || format!("{} of {} healthy", count(Health::Healthy), healths.with(Vec::len))}
                        </span>
                    </div>
                    <div class="fleet" aria-hidden="true">
                        {move || {
                            healths
                                .get()
                                .into_iter()
                                .map(|health| view! { <i data-status=Status::from(health).as_str()></i> })
                                .collect_view()
                        }}
                    </div>
                    <div class="legend">
                        {legend(Health::Critical, "critical")} {legend(Health::Warning, "warning")}
                        {legend(Health::NotReporting, "not reporting")}
                    </div>
                </div>
                <Stat label="CPU" note="average of all hosts" value=Signal::derive(move || known.get().then(|| percent_of(average(|host| host.cpu_percent)))) />
                <Stat label="Memory" note="average of all hosts" value=Signal::derive(move || known.get().then(|| percent_of(average(HostSummary::mem_percent)))) />
                <Stat
                    label="Network in"
                    note="all hosts together"
                    value=Signal::derive(move || known.get().then(|| rate(sum(|host| host.net_in_bps))))
                />
                <Stat
                    label="Network out"
                    note="all hosts together"
                    value=Signal::derive(move || known.get().then(|| rate(sum(|host| host.net_out_bps))))
                />
            </StatStrip>
            <ul class="attention">
                {move || {
                    let now = hosts.server_now.get();
                    attention
                        .get()
                        .into_iter()
                        .map(|host| {
                            let id = host.id;
                            let link =
                                move || here.org.get().map(|org| href(&org.slug, Page::Host(id))).unwrap_or_default();
                            view! {
                                <li>
                                    <StatusMark status=Status::from(host.health_at(now)) />
                                    <a class="who truncate" href=link title=host.name.clone()>
                                        {host.name.clone()}
                                    </a>
                                    <span class="what">{reasons(&host, now)}</span>
                                    {last_hour(hosts, id, host.health_at(now))}
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </section>
    }
}

/// What the host is short of, over the last hour, as far as the summary has it.
fn last_hour(hosts: HostsView, id: HostId, health: Health) -> impl IntoView + use<> {
    let worst = Memo::new(move |_| {
        hosts.summary.with(|summary| summary.as_ref()?.worst.iter().find(|worst| worst.host == id).cloned())
    });
    let at = move || hosts.summary.with(|summary| summary.as_ref().map(|summary| summary.at)).unwrap_or_default();
    move || {
        let WorstHost { short_of, last_hour, .. } = worst.get().filter(|worst| worst.last_hour.len() > 1)?;
        let last = last_hour.iter().rev().copied().flatten().next();
        // Beside another reason it would say something else than the words.
        if health != Health::NotReporting && last.is_none_or(|last| last < WARN_PERCENT) {
            return None;
        }
        let what = match short_of {
            ShortOf::Cpu => "CPU",
            ShortOf::Memory => "Memory",
        };
        let title = move || format!("{what}, the hour before {}", format::clock_seconds(at(), offset_s()));
        let level = Level::of(last);
        Some(view! {
            <span class="last-hour wide-only" title=title>
                <Sparkline values=Signal::derive(move || last_hour.clone()) max=100.0 level=Signal::derive(move || level) />
            </span>
        })
    }
}

fn percent_of(value: Option<f64>) -> String {
    format::known(value, format::percent)
}

/// Why a host needs attention, as a sentence.
fn reasons(host: &HostSummary, now: i64) -> impl IntoView + use<> {
    if host.health_at(now) == Health::NotReporting {
        let text = host
            .last_report_at
            .map_or_else(|| "No report yet".to_owned(), |at| format!("No report for {}", format::ago(at, now)));
        return view! { <b>{text}</b> }.into_any();
    }
    let measures = [("CPU", host.cpu_percent), ("Memory", host.mem_percent()), ("A filesystem", host.disk_percent)];
    let mut above: Vec<String> = measures
        .into_iter()
        .filter_map(|(name, value)| value.filter(|value| *value >= WARN_PERCENT).map(|value| (name, value)))
        .map(|(name, value)| format!("{name} at {}", format::percent(value)))
        .collect();
    let first = if above.is_empty() { String::new() } else { above.remove(0) };
    let rest = above.into_iter().map(|text| format!(", {text}")).collect::<String>();
    view! { <b>{first}</b> {rest} }.into_any()
}
