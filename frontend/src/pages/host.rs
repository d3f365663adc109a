//! One host: what it is, its last hour, and what people note about it.

mod storage;

use crate::{
    context::{ToastTone, app},
    pages::notes::NotesCard,
    route::{Page, href},
    shell::{frame::Here, live_mark::offset_s, org_body::org_body, permission::needs},
    ui::{
        Badge, Banner, Button, ButtonKind, Card, ChartData, ChartLine, Dialog, IconName, LinkButton, ProblemNotice,
        Status, StatusMark, TimeSeriesChart, Tone, Unit, format,
    },
};
use authz::{Action, Thing};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use org_client::{
    ActiveOrg, Assistant, DiskReadings, HostList, OrgCaches, OrgSession, Remote, RemoteData, act, remote,
};
use shared::{
    HostId, Micros, SECOND,
    host::{Health, Host, HostSeries, HostSummary},
    metadata::Subject,
};
use storage::{Disks, Filesystems};

/// The window of the charts.
const WINDOW: Micros = 3_600 * SECOND;

/// The page. All of it is the organization's.
#[component]
pub fn HostPage() -> impl IntoView {
    let page = app().page;
    // While the page is being left it stays as it is until it is gone.
    let id = Memo::new(move |before: Option<&Option<HostId>>| match page.get() {
        Page::Host(id) => Some(id),
        _ => before.copied().flatten(),
    });
    org_body(move |active| {
        // Another host of the same organization is another body.
        move || id.get().map(|id| view! { <OneHost active=active.clone() id /> })
    })
}

#[component]
fn OneHost(active: ActiveOrg, id: HostId) -> impl IntoView {
    let context = app();
    let ActiveOrg { session, caches, assistant, .. } = active;
    let host = remote(&session, move |client| async move { client.host(id).await });
    let series = remote(&session, move |client| async move {
        let now = client.session().now();
        client.host_series(id, now - WINDOW, now).await
    });

    // What the live channel says is newer than what was loaded.
    let reader = session.clone();
    let live = Memo::new(move |_| caches.hosts.with(&reader, |list| list.and_then(|list| list.host(id).cloned())));
    let reader = session.clone();
    let server_now = Memo::new(move |_| {
        let now = context.now.get();
        caches.hosts.with(&reader, |list| list.map_or(now, |list| HostList::server_time(list, now)))
    });
    // A report came: the charts and filesystems follow. Not more often than the agent reports.
    let (host_again, series_again) = (host.clone(), series.clone());
    let reported = Memo::new(move |_| live.with(|host| host.as_ref().and_then(|host| host.last_report_at)));
    Effect::new(move |before: Option<Option<Micros>>| {
        let at = reported.get();
        if before.flatten().is_some() && before.flatten() != at {
            host_again.reload();
            series_again.reload();
        }
        at
    });

    let shown = {
        let host = host.clone();
        Memo::new(move |_| match host.get() {
            Remote::Ready(host) => Some(host),
            _ => None,
        })
    };
    let keeper = session.clone();
    Effect::new(move |_| {
        let Some(Host { summary, disks, .. }) = shown.get() else { return };
        let at = summary.last_report_at.unwrap_or_default();
        if caches.disks.with_untracked(&keeper, |known| known.is_none()) {
            caches.disks.put(&keeper, DiskReadings::default());
        }
        caches.disks.update(&keeper, |known| known.set(id, at, disks));
    });
    let failed = {
        let host = host.clone();
        Memo::new(move |_| match host.get() {
            Remote::Failed(error) => Some(error),
            _ => None,
        })
    };
    let summary = Memo::new(move |_| live.get().or_else(|| shown.get().map(|host| host.summary)));
    let name = Memo::new(move |_| summary.with(|host| host.as_ref().map(|host| host.name.clone())));
    let titled = session.clone();
    Effect::new(move |_| {
        if let Some(name) = name.get() {
            document().set_title(&format!("{name} · {} · Bulkhead", titled.name()));
        }
    });
    view! {
        {move || match failed.get() {
            Some(error) => {
                view! { <Missing error=error.to_problem() session=session.clone() host=host.clone() /> }.into_any()
            }
            None => {
                view! {
                    <Head session=session.clone() assistant summary host=shown server_now id />
                    <div class="with-side">
                        <div class="stack">
                            <Charts series=series.clone() host=shown summary />
                            <Filesystems host=shown />
                            <Disks session=session.clone() caches id />
                        </div>
                        <Side session=session.clone() caches id host=shown />
                    </div>
                }
                .into_any()
            }
        }}
    }
}

#[component]
fn Missing(error: shared::Problem, session: OrgSession, host: RemoteData<Host>) -> impl IntoView {
    let here = expect_context::<Here>();
    let is_missing = error.code == shared::ErrorCode::NotFound;
    let problem = if is_missing {
        shared::Problem::new(error.code, format!("No such host in {}", untrack(|| session.name()))).detail(
            "It was removed, or never was here. If the link came from somewhere else, it may mean another organization: open it from there.",
        )
    } else {
        error
    };
    let back = move || here.org.get().map(|org| href(&org.slug, Page::Infrastructure)).unwrap_or_default();
    view! {
        <h1 class="sr-only">"Host"</h1>
        <section class="card">
            <ProblemNotice problem />
            <div class="card-foot">
                <LinkButton href=Signal::derive(back)>"All hosts"</LinkButton>
                {(!is_missing)
                    .then(|| view! { <Button icon=IconName::Refresh on_press=move |()| host.reload()>"Try again"</Button> })}
            </div>
        </section>
    }
}

#[component]
fn Head(
    session: OrgSession,
    assistant: Assistant,
    summary: Memo<Option<HostSummary>>,
    host: Memo<Option<Host>>,
    server_now: Memo<Micros>,
    id: HostId,
) -> impl IntoView {
    let health = Memo::new(move |_| {
        summary.with(|host| host.as_ref().map_or(Health::NotReporting, |host| host.health_at(server_now.get())))
    });
    let name = move || summary.with(|host| host.as_ref().map(|host| host.name.clone()).unwrap_or_default());
    let word = move || match health.get() {
        Health::Healthy => None,
        Health::Warning => Some((Tone::Warn, "Warning")),
        Health::Critical => Some((Tone::Crit, "Critical")),
        Health::NotReporting => Some((Tone::Neutral, "Not reporting")),
    };
    let facts = move || {
        let Some(host) = host.get() else {
            return view! { <span class="skeleton" style="--width: 20rem"></span> }.into_any();
        };
        let live = summary.get().unwrap_or_else(|| host.summary.clone());
        let mut facts = vec![
            [host.summary.os.clone(), host.kernel.clone()]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            live.uptime_s.map(|seconds| format!("Up {}", format::duration(seconds))).unwrap_or_default(),
        ];
        if host.cpu_cores > 0 {
            facts.push(format!("{}, {} cores", host.cpu_model, host.cpu_cores).trim_start_matches(", ").to_owned());
        }
        if !host.agent_version.is_empty() {
            facts.push(format!("Agent {}", host.agent_version));
        }
        let seen = live.last_report_at.map(|at| {
            format!(
                "Reported {}",
                match format::ago(at, server_now.get()).as_str() {
                    "now" => "now".to_owned(),
                    age => format!("{age} ago"),
                }
            )
        });
        facts.extend(seen);
        facts
            .into_iter()
            .filter(|fact| !fact.is_empty())
            .map(|fact| view! { <span>{fact}</span> })
            .collect_view()
            .into_any()
    };
    let skew = move || {
        host.with(|host| host.as_ref().and_then(|host| host.clock_skew_s)).map(|seconds| {
            let direction = if seconds > 0 { "ahead of" } else { "behind" };
            view! {
                <Banner
                    icon=IconName::Warning
                    tone=Tone::Warn
                    title=format!("The clock of this machine is {} {direction} the server's.", format::duration(seconds.abs()))
                    text="Times are shown by the server's clock. Set up time synchronization on the machine."
                />
            }
        })
    };
    let removing = RwSignal::new(false);
    let reason = needs(&session, Action::Delete, Thing::Host);
    let ask = crate::assistant::ask_about(&session, assistant, Subject::Host(id));
    view! {
        <div class="page-head">
            <div class="page-titles">
                <h1>
                    <StatusMark status=Signal::derive(move || Status::from(health.get())) />
                    <span class="truncate">{name}</span>
                    {move || word().map(|(tone, word)| view! { <Badge tone=tone>{word}</Badge> })}
                </h1>
                <div class="page-facts">{facts}</div>
            </div>
            <div class="actions">
                <Button icon=IconName::Assistant on_press=ask>"Ask about this host"</Button>
                <Button kind=ButtonKind::Danger icon=IconName::Trash reason on_press=move |()| removing.set(true)>
                    "Remove host"
                </Button>
            </div>
        </div>
        {skew}
        {move || {
            removing
                .get()
                .then(|| view! { <RemoveDialog session=session.clone() id name=untrack(name) on_close=move |()| removing.set(false) /> })
        }}
    }
}

#[component]
fn RemoveDialog(session: OrgSession, id: HostId, name: String, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let context = app();
    let navigate = use_navigate();
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None));
    let title = format!("Remove {name} from {}?", untrack(|| session.name()));
    let slug = untrack(|| session.profile()).org.slug;
    let toast_title = format!("{name} was removed");
    let remove = move |()| {
        busy.set(true);
        let (context, navigate, slug, toast_title) =
            (context.clone(), navigate.clone(), slug.clone(), toast_title.clone());
        act(
            &session,
            move |client| async move { client.delete_host(id).await },
            move |answer| {
                busy.set(false);
                match answer {
                    Ok(()) => {
                        context.toast(
                            ToastTone::Success,
                            toast_title,
                            "Its history is gone. If its agent still runs, it comes back with its next report.",
                            None,
                        );
                        navigate(&href(&slug, Page::Infrastructure), NavigateOptions::default());
                    }
                    Err(error) => problem.set(Some(error.to_problem())),
                }
            },
        );
    };
    view! {
        <Dialog
            open=Signal::derive(|| true)
            title
            on_close
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=on_close>"Cancel"</Button>
                    <Button kind=ButtonKind::Destroy busy on_press=remove.clone()>"Remove host"</Button>
                }
            }
        >
            <p>"Takes its history with it. Stop its agent first, or it comes back with the next report."</p>
            {move || problem.get().map(|problem| view! { <ProblemNotice problem /> })}
        </Dialog>
    }
}

/// A line of a chart: its label, its colour, and where its values are.
type Line = (&'static str, u8, fn(&HostSeries) -> &Vec<Option<f64>>);

#[component]
fn Charts(
    series: RemoteData<HostSeries>,
    host: Memo<Option<Host>>,
    summary: Memo<Option<HostSummary>>,
) -> impl IntoView {
    let data = Memo::new(move |_| match series.get() {
        Remote::Ready(series) => Some(series),
        _ => None,
    });
    let chart = move |lines: [Line; 2], count: usize| {
        Signal::derive(move || {
            data.with(|data| {
                let Some(data) = data else { return ChartData::default() };
                let lines = lines[..count].iter().map(|(label, colour, values)| ChartLine {
                    label: (*label).to_owned(),
                    colour: *colour,
                    values: values(data).clone(),
                });
                ChartData { from: data.from, to: data.to, at: data.at.clone(), lines: lines.collect() }
            })
        })
    };
    let cores = Signal::derive(move || {
        host.with(|host| {
            host.as_ref()
                .map(|host| match host.load {
                    Some([one, ..]) => format!("{} cores, load {}", host.cpu_cores, format::decimal(one)),
                    None => format!("{} cores", host.cpu_cores),
                })
                .unwrap_or_default()
        })
    });
    let installed = Memo::new(move |_| summary.with(|host| host.as_ref().and_then(|host| host.mem_total_bytes)));
    let memory = Signal::derive(move || installed.get().map(|bytes| format::memory(bytes as f64)).unwrap_or_default());
    let offset = offset_s();
    let cursor = RwSignal::new(None);
    view! {
        <div class="columns" style="--column: 22rem">
            <Card>
                <TimeSeriesChart
                    title="CPU"
                    note=cores
                    data=chart([("Used", 1, |data| &data.cpu_percent), ("Used", 1, |data| &data.cpu_percent)], 1)
                    unit=Unit::Percent
                    max=Signal::derive(|| Some(100.0))
                    utc_offset_s=offset
                    cursor
                />
            </Card>
            <Card>
                <TimeSeriesChart
                    title="Memory"
                    note=memory
                    data=chart([("Used", 2, |data| &data.mem_used_bytes), ("Swap", 4, |data| &data.swap_used_bytes)], 2)
                    unit=Unit::Memory
                    max=Signal::derive(move || installed.get().map(|bytes| bytes as f64))
                    utc_offset_s=offset
                    cursor
                />
            </Card>
            <Card>
                <TimeSeriesChart
                    title="Disk"
                    data=chart([("Write", 3, |data| &data.disk_write_bps), ("Read", 4, |data| &data.disk_read_bps)], 2)
                    unit=Unit::BytesPerSecond
                    utc_offset_s=offset
                    cursor
                />
            </Card>
            <Card>
                <TimeSeriesChart
                    title="Network"
                    data=chart([("Out", 1, |data| &data.net_out_bps), ("In", 3, |data| &data.net_in_bps)], 2)
                    unit=Unit::BitsPerSecond
                    utc_offset_s=offset
                    cursor
                />
            </Card>
        </div>
    }
}

#[component]
fn Side(session: OrgSession, caches: OrgCaches, id: HostId, host: Memo<Option<Host>>) -> impl IntoView {
    let facts = move || {
        host.get().map(|host| {
            let load = host.load.map_or_else(|| format::DASH.to_owned(), |load| load.map(format::decimal).join(", "));
            let swap = match (host.swap_used_bytes, host.swap_total_bytes) {
                (_, Some(0)) => "none".to_owned(),
                (Some(used), Some(total)) => {
                    format!("{} of {}", format::memory(used as f64), format::memory(total as f64))
                }
                _ => format::DASH.to_owned(),
            };
            view! {
                <dl class="facts">
                    <dt>"Load"</dt>
                    <dd>{load}</dd>
                    <dt>"Swap"</dt>
                    <dd>{swap}</dd>
                    <dt>"Id"</dt>
                    <dd><code class="text-sm">{host.summary.id.to_string()}</code></dd>
                    <dt>"First seen"</dt>
                    <dd>{format::date(host.first_report_at, offset_s())}</dd>
                </dl>
            }
        })
    };
    let temperatures = move || {
        host.get().map(|host| {
            if host.temperatures.is_empty() {
                return view! { <p class="tone-3">"This machine reports no temperatures."</p> }.into_any();
            }
            let rows = host
                .temperatures
                .into_iter()
                .map(|reading| view! { <dt>{reading.label}</dt><dd class="num">{format!("{} °C", format::decimal(reading.celsius))}</dd> })
                .collect_view();
            view! { <dl class="facts">{rows}</dl> }.into_any()
        })
    };
    view! {
        <div class="stack">
            <NotesCard session caches subject=Subject::Host(id) />
            <section class="card">
                <div class="card-head"><h2>"About"</h2></div>
                <div class="card-body">{facts}</div>
            </section>
            <section class="card">
                <div class="card-head"><h2>"Temperatures"</h2></div>
                <div class="card-body">{temperatures}</div>
            </section>
        </div>
    }
}
