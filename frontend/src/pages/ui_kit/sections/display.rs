//! What shows something.

use crate::{
    pages::ui_kit::{Section, samples},
    ui::{
        Avatar, Badge, Banner, Button, ButtonKind, Card, CardBody, CardHead, CodeBlock, ColumnHead, ControlSize,
        CopyField, DataTable, Density, DescriptionList, EmptyState, Fact, Gauge, Icon, IconName, IconSize, Kbd, Level,
        MarkSize, Meter, OrgLine, OrgMark, OrgTag, ProblemNotice, ProgressLine, SkeletonLines, SkeletonRows,
        SortDirection, Sparkline, Spinner, Stat, StatStrip, Status, StatusMark, StatusText, SwitcherButton, Tag,
        TimeSeriesChart, Tone, TwoLines, Unit,
    },
};
use leptos::prelude::*;

const TOKENS: [&str; 29] = [
    "plane-canvas",
    "plane-surface",
    "plane-raised",
    "plane-sunken",
    "plane-hover",
    "plane-selected",
    "line",
    "line-strong",
    "line-control",
    "ink-1",
    "ink-2",
    "ink-3",
    "accent",
    "accent-wash",
    "ok",
    "ok-wash",
    "warn",
    "warn-wash",
    "crit",
    "crit-wash",
    "idle",
    "meter-fill",
    "meter-track",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
    "series-5",
    "series-6",
];

/// The tokens that are colours.
#[component]
pub fn ColourSection() -> impl IntoView {
    view! {
        <Section title="Colour" note="One accent. Status only where there is a status.">
            <div class="kit-swatches">
                {TOKENS
                    .map(|token| {
                        view! {
                            <div>
                                <i style=format!("background: var(--{token})")></i>
                                <code>{token}</code>
                            </div>
                        }
                    })
                    .collect_view()}
            </div>
        </Section>
    }
}

/// How organizations and people look.
#[component]
pub fn OrgSection() -> impl IntoView {
    let tags = shared::org::COLOURS
        .map(|colour| view! { <OrgTag colour monogram=colour[..2].to_uppercase() name=colour /> })
        .collect_view();
    view! {
        <Section title="Organization" note="A hue of twelve, two letters, always a rounded square. Never used for status or charts.">
            <div class="cluster">{tags}</div>
            <div class="cluster">
                {[MarkSize::Small, MarkSize::Large, MarkSize::Huge]
                    .map(|size| view! { <OrgMark colour="iris" monogram="AC" size /> })
                    .collect_view()}
                <SwitcherButton colour="iris" monogram="AC" name="Acme Hosting" role="Admin" on_press=|()| () />
                <SwitcherButton colour="teal" monogram="GX" name="Globex Research" role="Editor" busy=true on_press=|()| () />
                <SwitcherButton
                    colour="slate"
                    monogram="GM"
                    name="Gemeinschaftspraxis an der Langen Brücke und Partner"
                    role="Viewer"
                    on_press=|()| ()
                />
                <Avatar name="Mara Lindqvist" />
                <Avatar name="Tomás Ortega" small=true />
            </div>
            <div class="kit-lines">
                <OrgLine colour=Some("iris".to_owned()) />
                <OrgLine colour=Some("iris".to_owned()) busy=true />
            </div>
        </Section>
    }
}

/// Status, badges, icons.
#[component]
pub fn StatusSection() -> impl IntoView {
    let all = [Status::Healthy, Status::Warning, Status::Critical, Status::NotReporting, Status::Waiting];
    view! {
        <Section title="Status and badge" note="Shape before colour: circle, triangle, diamond, ring. Readable in grey and in print.">
            <div class="cluster" style="gap: var(--space-6)">
                {all.map(|status| view! { <StatusText status /> }).collect_view()}
            </div>
            <div class="cluster">
                <Badge tone=Tone::Ok mark=Status::Healthy>"Active"</Badge>
                <Badge tone=Tone::Warn mark=Status::Warning>"Degraded"</Badge>
                <Badge tone=Tone::Crit mark=Status::Critical>"Down"</Badge>
                <Badge tone=Tone::Accent mark=Status::Waiting>"Waiting"</Badge>
                <Badge>"Ended"</Badge>
                <Badge tone=Tone::Outline>"Business"</Badge>
                <Tag text="role:web" />
                <Kbd keys="Ctrl K" />
                <Kbd keys="Alt 2" />
                <span class="tooltip">"Acknowledge"</span>
            </div>
            <div class="cluster">
                {IconName::ALL.iter().map(|&name| view! { <Icon name /> }).collect_view()}
                <Icon name=IconName::Hosts size=IconSize::Small />
                <Icon name=IconName::Hosts size=IconSize::Large />
            </div>
        </Section>
    }
}

/// Meters, sparklines, progress.
#[component]
pub fn MeasureSection() -> impl IntoView {
    let meters = [("CPU", Some(38.0)), ("Memory", Some(87.0)), ("Disk", Some(94.0)), ("Swap", None)];
    view! {
        <Section title="Meter, sparkline, progress" note="Meters are grey until they matter. The organization's line turns into the progress of a switch.">
            <div class="kit-columns">
                {meters.map(|(label, percent)| view! { <Meter percent label large=true /> }).collect_view()}
                {meters.map(|(label, percent)| view! { <Gauge percent label /> }).collect_view()}
            </div>
            <div class="cluster" style="gap: var(--space-6)">
                <Sparkline values=samples::spark(20.0, 40.0) max=100.0 />
                <Sparkline values=samples::spark(60.0, 40.0) max=100.0 level=Signal::stored(Level::Warning) />
                <Sparkline values=samples::spark(70.0, 30.0) max=100.0 level=Signal::stored(Level::Critical) />
                <span class="status tone-2">
                    <Spinner />
                    "Working"
                </span>
            </div>
            <div data-org-colour="iris">
                <ProgressLine label="Opening" />
            </div>
            <ol class="steps">
                <li data-done="">"Account"</li>
                <li aria-current="step">"Organization"</li>
                <li>"First host"</li>
            </ol>
        </Section>
    }
}

/// Charts.
#[component]
pub fn ChartSection() -> impl IntoView {
    let cursor = RwSignal::new(None);
    let cpu = samples::series(&[("Used", 1, 90.0), ("I/O wait", 4, 25.0)], 120);
    let memory = samples::series(&[("Used", 2, 64.0e9)], 120);
    let network = samples::series(&[("Out", 1, 60e6), ("In", 3, 30e6), ("A", 5, 45e6), ("B", 6, 20e6)], 1440);
    let empty = samples::series(&[], 0);
    view! {
        <Section title="Chart" note="The second line is dashed. A gap in the values is a gap in the line. The table shows the same.">
            <div class="kit-pairs">
                <Card label="CPU">
                    <TimeSeriesChart title="CPU" note="16 cores" data=cpu unit=Unit::Percent max=Some(100.0) cursor />
                </Card>
                <Card label="Memory">
                    <TimeSeriesChart title="Memory" note="64 GiB" data=memory unit=Unit::Memory max=Some(68_719_476_736.0) cursor />
                </Card>
                <Card label="Network">
                    <TimeSeriesChart title="Network" note="4 × 1,440 points" data=network unit=Unit::BitsPerSecond cursor />
                </Card>
                <Card label="Disk">
                    <TimeSeriesChart title="Disk" data=empty unit=Unit::BytesPerSecond cursor />
                </Card>
            </div>
        </Section>
    }
}

/// Tables.
#[component]
pub fn TableSection() -> impl IntoView {
    let rows = [
        ("ceph-fra-01", Status::Healthy, Some(31.0), "88.1", "3 s"),
        ("ceph-fra-02", Status::Warning, Some(88.0), "92.4", "2 s"),
        ("edge-fra-01", Status::Critical, Some(97.0), "0.6", "1 s"),
        ("bkp-fra-01", Status::NotReporting, None, "–", "14 min"),
    ];
    let direction = RwSignal::new(SortDirection::Ascending);
    let body = rows.map(|(name, status, cpu, memory, seen)| {
        view! {
            <tr role="row">
                <td role="cell" data-fold="title">
                    <span class="cell-name">
                        <StatusMark status />
                        <a class="cell-title" href="#host">
                            {name}
                        </a>
                        <small>"Debian 12"</small>
                    </span>
                </td>
                <td role="cell">
                    <Gauge percent=cpu label="CPU" />
                </td>
                <td role="cell">
                    <Sparkline values=samples::spark(10.0, 60.0) max=100.0 />
                </td>
                <td role="cell" class="num" data-fold="hide">
                    {memory}
                </td>
                <td role="cell" class="num quiet" data-fold="aside">
                    {seen}
                </td>
            </tr>
        }
    });
    view! {
        <Section title="Table" note="Words left, numbers right, units in the head. Unknown is a dash, never 0.">
            <Card label="Hosts">
                <DataTable label="Hosts" density=Density::Tight fold=true>
                    <thead>
                        <tr>
                            <ColumnHead
                                label="Host"
                                sorted=Signal::derive(move || Some(direction.get()))
                                on_sort=move |()| direction.update(|direction| *direction = direction.reversed())
                            />
                            <ColumnHead label="CPU %" />
                            <ColumnHead label="Last hour" />
                            <ColumnHead label="Memory GB" numeric=true on_sort=|()| () />
                            <ColumnHead label="Last seen" numeric=true />
                        </tr>
                    </thead>
                    <tbody>
                        <tr role="row" class="group">
                            <td role="cell" colspan="5">
                                <b>"Frankfurt"</b>
                                " · 4 hosts"
                            </td>
                        </tr>
                        {body.collect_view()}
                        <SkeletonRows rows=2 columns=5 />
                    </tbody>
                </DataTable>
            </Card>
            <Card label="Members">
                <DataTable label="Members" density=Density::Roomy>
                    <tbody>
                        <tr>
                            <td>
                                <span class="cell-name">
                                    <Avatar name="Jonas Weil" />
                                    <TwoLines title="Jonas Weil" note="jonas@acme-hosting.example" />
                                </span>
                            </td>
                            <td>"Owner"</td>
                            <td class="num">"now"</td>
                        </tr>
                    </tbody>
                </DataTable>
            </Card>
        </Section>
    }
}

/// Banners.
#[component]
pub fn NoticeSection() -> impl IntoView {
    view! {
        <Section title="Banner" note="For what is so and stays so for a while. Toasts are for what you did.">
            <Banner tone=Tone::Accent title="Retention changes apply from the next hour." />
            <Banner tone=Tone::Ok title="Backup restored." text="1,184 containers, 22 months of history." />
            <Banner tone=Tone::Warn title="Licence ends in 9 days." text="Nothing is locked afterwards; new organizations cannot be made.">
                <Button size=ControlSize::Small>"Details"</Button>
            </Banner>
            <Banner tone=Tone::Crit title="Agents cannot reach the server since 09:41." text="48 hosts, buffering.">
                <Button size=ControlSize::Small>"Diagnose"</Button>
            </Banner>
        </Section>
    }
}

/// Refusals.
#[component]
pub fn ProblemSection() -> impl IntoView {
    let notices = samples::problems().into_iter().map(|problem| {
        let code = format!("{} {:?}", problem.status, problem.code);
        let retry = (problem.status == 500).then(|| Callback::new(|()| ()));
        view! {
            <Card>
                <CardHead title=code>
                    <OrgTag colour="iris" monogram="AC" name="Acme Hosting" />
                </CardHead>
                {match retry {
                    Some(on_retry) => {
                        view! { <ProblemNotice problem title="Alerts could not be loaded" on_retry /> }.into_any()
                    }
                    None => view! { <ProblemNotice problem /> }.into_any(),
                }}
            </Card>
        }
    });
    view! {
        <Section title="Refusal" note="What, why, who can change it, the next step; in the panel that caused it.">
            <div class="kit-pairs">{notices.collect_view()}</div>
        </Section>
    }
}

/// Cards and what fills them.
#[component]
pub fn PanelSection() -> impl IntoView {
    view! {
        <Section title="Card, empty, skeleton, code">
            <Card label="Figures">
                <StatStrip>
                    <Stat label="Health" value=Some("43".to_owned()) of="of 48 healthy" note="1 critical, 2 warning" />
                    <Stat label="Members" value=Some("14".to_owned()) of="of 25" note="3 invitations pending" />
                    <Stat label="Resources" value=None />
                    <Stat label="Plan" value=Some("Business".to_owned()) note="Renews 1 Jan 2027" />
                </StatStrip>
            </Card>
            <div class="kit-pairs">
                <Card>
                    <EmptyState icon=IconName::Sharing title="Nothing is shared yet" text="Hand your share code to another organization, or ask for theirs.">
                        <Button>"Your share code"</Button>
                    </EmptyState>
                </Card>
                <Card>
                    <CardBody>
                        <SkeletonLines />
                        <CodeBlock text="# install the agent\ncurl -fsSL https://console.example/agent | sudo sh -s -- bh_agt_example" />
                    </CardBody>
                </Card>
                <Card>
                    <CardHead title="Identity" note="of the organization">
                        <Button size=ControlSize::Small icon=IconName::Edit>"Edit"</Button>
                    </CardHead>
                    <CardBody>
                        <DescriptionList>
                            <Fact name="Name">"Acme Hosting"</Fact>
                            <Fact name="Address">
                                <code>"/o/acme"</code>
                            </Fact>
                        </DescriptionList>
                    </CardBody>
                </Card>
                <Card>
                    <CardBody>
                        <CopyField label="Token, shown once" value="bh_org_example_example_example_example" />
                    </CardBody>
                </Card>
                <Card danger=true>
                    <CardHead title="Danger zone" />
                    <div class="card-row">
                        <div>
                            <h3>"Leave Acme Hosting"</h3>
                            <p>"You lose access at once. An owner can add you again."</p>
                        </div>
                        <Button kind=ButtonKind::Danger>"Leave"</Button>
                    </div>
                </Card>
            </div>
        </Section>
    }
}

/// Sizes of type.
#[component]
pub fn TypeSection() -> impl IntoView {
    view! {
        <Section title="Type">
            <p style="font-size: var(--text-2xl); font-weight: 600">"1,181 of 1,184"</p>
            <p style="font-size: var(--text-xl); font-weight: 600">"Page title"</p>
            <p style="font-size: var(--text-lg); font-weight: 600">"Section or dialog title"</p>
            <p>"Body, tables, controls. 10:43:07, 1,024.50 GB"</p>
            <p class="text-sm">"Secondary line"</p>
            <p>
                <code>"/var/lib/postgresql 10.20.4.12"</code>
            </p>
        </Section>
    }
}
