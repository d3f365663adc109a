//! Billing: the plan, its limits, what is used of them, and who can change it.

use crate::{
    panels::frame::Frame,
    shell::{org_body::org_body, permission::needs},
    ui::{
        Button, ButtonKind, Card, CardBody, CardHead, DataTable, Density, Icon, IconName, Meter, ProblemNotice,
        SkeletonLines, Stat, StatStrip, format,
    },
};
use authz::{Action, Thing};
use leptos::prelude::*;
use org_client::{ActiveOrg, OrgSession, Remote, act, remote};
use shared::{
    feature::PlanInfo,
    org::{Billing, Usage},
};

/// The panel: its frame is the app's, its body the organization's.
#[component]
pub fn BillingPanel() -> impl IntoView {
    let frame = Frame::<()>::mount("billing panel");
    org_body(move |active| view! { <Body active frame /> })
}

#[component]
fn Body(active: ActiveOrg, frame: Frame<()>) -> impl IntoView {
    let session = active.session;
    let billing = remote(&session, |client| async move { client.billing().await });
    let who = {
        let billing = billing.clone();
        move || match billing.get() {
            Remote::Ready(billing) if billing.who_can_change.is_empty() => "The operator assigns the plan.".to_owned(),
            Remote::Ready(billing) => format!("{} can change the plan.", billing.who_can_change.join(", ")),
            _ => String::new(),
        }
    };
    let reason = needs(&session, Action::Update, Thing::Billing);
    let upgrade = {
        let session = session.clone();
        move |()| {
            frame.busy.set(true);
            frame.problem.set(None);
            act(
                &session,
                |client| async move { client.checkout().await },
                move |answer| {
                    frame.busy.set(false);
                    if let Err(error) = answer {
                        frame.problem.set(Some(error.to_problem()));
                    }
                },
            );
        }
    };
    view! {
        <div class="page-head">
            <div class="page-titles">
                <h1>"Billing"</h1>
                <p>{who}</p>
            </div>
            <div class="actions">
                <Button kind=ButtonKind::Primary busy=frame.busy reason on_press=upgrade>"Change plan"</Button>
            </div>
        </div>
        <div class="stack">
            {move || frame.problem.get().map(|problem| view! { <Card><ProblemNotice problem /></Card> })}
            {move || {
                let again = billing.clone();
                match billing.get() {
                    Remote::Loading => view! { <Card><CardBody><SkeletonLines /></CardBody></Card> }.into_any(),
                    Remote::Failed(error) => view! {
                        <Card>
                            <ProblemNotice problem=error.to_problem() on_retry=Callback::new(move |()| again.reload()) />
                        </Card>
                    }
                    .into_any(),
                    Remote::Ready(billing) => view! { <Ready billing session=session.clone() /> }.into_any(),
                }
            }}
        </div>
    }
}

#[component]
fn Ready(billing: Billing, session: OrgSession) -> impl IntoView {
    let Billing { plan, plans, usage, .. } = billing;
    let limits = [
        ("hosts", plan.hosts),
        ("members", plan.members),
        ("tokens", plan.tokens),
        ("assistant_messages", plan.assistant_messages),
    ];
    let limited = limits.iter().filter(|(_, limit)| limit.is_some()).count();
    let note = if limited == 0 { "No limits".to_owned() } else { format!("{limited} limits") };
    let sharing = if plan.sharing { "Included" } else { "Not included" };
    let role = {
        let session = session.clone();
        Signal::derive(move || Some(session.role().title().to_owned()))
    };
    view! {
        <Card label="Plan">
            <StatStrip>
                <Stat label="Plan" value=Signal::stored(Some(plan.name.clone())) note />
                <Stat label="Sharing" value=Signal::stored(Some(sharing.to_owned())) note="between organizations" />
                <Stat label="Your role" value=role note=Signal::derive(move || format!("in {}", session.name())) />
            </StatStrip>
        </Card>
        <Card label="Usage">
            <CardHead title="Usage" note="now" />
            <DataTable label="Usage" density=Density::Roomy>
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col" class="num">"Used"</th>
                        <th scope="col" class="num">"Limit"</th>
                        <th scope="col">"Share of limit"</th>
                        <th scope="col" class="num">"%"</th>
                    </tr>
                </thead>
                <tbody>{usage.into_iter().map(usage_row).collect_view()}</tbody>
            </DataTable>
        </Card>
        <Card label="Plans">
            <CardHead title="Plans" note="set by the operator of this server" />
            <Plans plans current=plan.key />
        </Card>
    }
}

fn usage_row(usage: Usage) -> impl IntoView {
    let percent = usage.limit.map(|limit| if limit > 0 { usage.used as f64 * 100.0 / limit as f64 } else { 100.0 });
    let name = match usage.what.as_str() {
        "hosts" => "Hosts",
        "members" => "Members",
        "tokens" => "Tokens",
        "assistant_messages" => "Questions to the assistant",
        _ => "Other",
    };
    let month = if usage.what == "assistant_messages" { " this month" } else { "" };
    let note = match (usage.limit, percent) {
        (Some(limit), Some(percent)) if percent >= 100.0 => {
            format!("All {} are in use{month}.", format::number(limit))
        }
        (Some(limit), _) => format!("{} left{month}", format::number((limit - usage.used).max(0))),
        (None, _) => format!("No limit{month}"),
    };
    view! {
        <tr>
            <td>
                <span class="cell-two">
                    <span class="cell-title">{name}</span>
                    <small>{note}</small>
                </span>
            </td>
            <td class="num">{format::number(usage.used)}</td>
            <td class="num quiet">{usage.limit.map_or_else(|| format::DASH.to_owned(), format::number)}</td>
            <td>
                {percent
                    .map(|percent| {
                        view! { <Meter large=true label=name percent=Signal::derive(move || Some(percent.min(100.0))) /> }
                    })}
            </td>
            <td class="num">
                {percent.map_or_else(|| format::DASH.to_owned(), |percent| format::whole_percent(percent).to_string())}
            </td>
        </tr>
    }
}

/// Name of a row and how a plan's value in it reads.
type PlanRow = (&'static str, fn(&PlanInfo) -> Option<i64>);

#[component]
fn Plans(plans: Vec<PlanInfo>, current: String) -> impl IntoView {
    let limits: [PlanRow; 4] = [
        ("Hosts", |plan| plan.hosts),
        ("Members", |plan| plan.members),
        ("Tokens", |plan| plan.tokens),
        ("Questions a month", |plan| plan.assistant_messages),
    ];
    let is_current = move |plan: &PlanInfo| plan.key == current;
    let head = plans
        .iter()
        .map(|plan| view! { <th scope="col" class="num" aria-current=is_current(plan).then_some("true")>{plan.name.clone()}</th> })
        .collect_view();
    let rows = limits
        .into_iter()
        .map(|(name, get)| {
            let cells = plans
                .iter()
                .map(|plan| {
                    let text = get(plan).map_or_else(|| "no limit".to_owned(), format::number);
                    view! { <td class="num" aria-current=is_current(plan).then_some("true")>{text}</td> }
                })
                .collect_view();
            view! { <tr><th scope="row">{name}</th>{cells}</tr> }
        })
        .collect_view();
    let sharing = plans
        .iter()
        .map(|plan| {
            let mark = if plan.sharing {
                view! { <Icon name=IconName::Check /><span class="sr-only">"included"</span> }.into_any()
            } else {
                view! { <span aria-label="not included">{format::DASH}</span> }.into_any()
            };
            view! { <td class="num" aria-current=is_current(plan).then_some("true")>{mark}</td> }
        })
        .collect_view();
    view! {
        <DataTable label="Plans">
            <thead><tr><th scope="col"><span class="sr-only">"What"</span></th>{head}</tr></thead>
            <tbody>
                {rows}
                <tr><th scope="row">"Sharing"</th>{sharing}</tr>
            </tbody>
        </DataTable>
    }
}
