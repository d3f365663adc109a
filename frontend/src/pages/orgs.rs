//! All organizations of the person who is signed in.

use crate::{
    context::{AppContext, app},
    pages::gate_page::ThemeToggle,
    route::{Page, href},
    shell::account_menu::AccountMenu,
    ui::{
        Badge, Button, ButtonKind, Card, DataTable, Density, Dialog, EmptyState, FormProblem, Icon, IconName, MarkSize,
        OrgMark, SearchField, TextField, Tone, field_error, matching::match_letters,
    },
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use org_client::AppEvent;
use shared::{
    ErrorCode, Problem,
    org::{NewOrg, OrgStatus, OrgSummary},
};

/// Told the refusal, or nothing.
type Done = Box<dyn FnOnce(Option<Problem>)>;

/// Creates an organization and opens its list of hosts, which says how to connect the first one. `done` gets the
/// refusal, or nothing. Call it where the router is known.
pub(crate) fn creator(context: &AppContext) -> impl Fn(NewOrg, Done) + Clone + Send + Sync + use<> {
    let (context, navigate) = (context.clone(), use_navigate());
    move |new, done| {
        let (context, navigate) = (context.clone(), navigate.clone());
        crate::context::in_app(async move {
            match context.account.client().create_org(&new).await {
                Ok(org) => {
                    done(None);
                    context.refresh_orgs();
                    navigate(&href(&org.slug, Page::Infrastructure), NavigateOptions::default());
                }
                Err(error) => {
                    if error.code() == Some(ErrorCode::Unauthenticated) {
                        context.bus.emit(AppEvent::SessionEnded);
                    }
                    done(Some(error.to_problem()));
                }
            }
        });
    }
}

/// The page. Each row is what the person's list of organizations has; no data of any.
#[component]
pub fn Orgs() -> impl IntoView {
    let context = app();
    let (query, adding) = (RwSignal::new(String::new()), RwSignal::new(false));
    let account = context.account.clone();
    let orgs = Memo::new(move |_| account.orgs());
    let shown = Memo::new(move |_| {
        query.with(|query| {
            orgs.get()
                .into_iter()
                .filter(|org| query.trim().is_empty() || match_letters(&org.name, query).is_some())
                .collect::<Vec<_>>()
        })
    });
    let count = move || orgs.with(Vec::len);
    context.refresh_orgs();
    document().set_title("All organizations · Bulkhead");

    let body = move || {
        if count() == 0 {
            return view! {
                <EmptyState
                    title="You are in no organization"
                    text="Create one, or ask somebody who has one to add you."
                    icon=IconName::Building
                />
            }
            .into_any();
        }
        view! {
            <DataTable label="All organizations" density=Density::Roomy fold=true>
                <thead>
                    <tr role="row">
                        <th role="columnheader" scope="col">"Organization"</th>
                        <th role="columnheader" scope="col">"Your role"</th>
                        <th role="columnheader" scope="col">"Plan"</th>
                        <th role="columnheader" scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || shown.get() key=|org| (org.id, org.slug.clone(), org.name.clone(), org.role) let:org>
                        {row(org)}
                    </For>
                </tbody>
            </DataTable>
        }
        .into_any()
    };
    view! {
        <div class="shell" data-plain="">
            <div class="org-line"></div>
            <header class="app-header">
                <a class="brand" href="/orgs">
                    <Icon name=IconName::Bulkhead />
                    <span>"Bulkhead"</span>
                </a>
                <span class="spacer"></span>
                <ThemeToggle />
                <AccountMenu />
            </header>
            <main id="main" class="app-main">
                <div class="page-head">
                    <div class="page-titles">
                        <h1>"All organizations"</h1>
                        <p>{move || format!("{} organization{}", count(), if count() == 1 { "" } else { "s" })}</p>
                    </div>
                    <div class="actions">
                        <SearchField
                            label="Find an organization"
                            placeholder="Find an organization"
                            value=query
                            on_input=move |text| query.set(text)
                        />
                        <Button kind=ButtonKind::Primary icon=IconName::Plus on_press=move |()| adding.set(true)>
                            "New organization"
                        </Button>
                    </div>
                </div>
                <Card label="Organizations">
                    {body}
                    <div class="card-foot">"Each row comes from its own organization, with your role there."</div>
                </Card>
            </main>
        </div>
        <NewOrgDialog adding />
    }
}

fn row(org: OrgSummary) -> impl IntoView {
    let path = href(&org.slug, Page::Infrastructure);
    let status = match org.status {
        OrgStatus::Active => view! { <Badge tone=Tone::Ok>"In use"</Badge> }.into_any(),
        OrgStatus::Suspended => view! { <Badge tone=Tone::Warn>"Suspended"</Badge> }.into_any(),
        OrgStatus::Deleted => view! { <Badge>"Deleted"</Badge> }.into_any(),
    };
    view! {
        <tr role="row">
            <td role="cell" data-fold="title">
                <span class="cell-name">
                    <OrgMark colour=org.colour monogram=org.monogram size=MarkSize::Large />
                    <span class="cell-two">
                        <a class="cell-title truncate" href=path.clone()>{org.name}</a>
                        <small>{format!("/o/{}", org.slug)}</small>
                    </span>
                </span>
            </td>
            <td role="cell">{org.role.title()}</td>
            <td role="cell"><Badge tone=Tone::Outline>{org.plan}</Badge></td>
            <td role="cell" data-fold="aside">{status}</td>
        </tr>
    }
}

#[component]
fn NewOrgDialog(adding: RwSignal<bool>) -> impl IntoView {
    let create_org = creator(&app());
    let (name, slug) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<Problem>));
    let close = move || {
        adding.set(false);
        problem.set(None);
        busy.set(false);
    };
    let create = Callback::new(move |()| {
        busy.set(true);
        problem.set(None);
        let new = NewOrg {
            name: name.get_untracked(),
            slug: Some(slug.get_untracked()).filter(|slug| !slug.is_empty()),
            description: String::new(),
            colour: None,
        };
        let done = move |refused: Option<Problem>| {
            busy.set(false);
            match refused {
                Some(refused) => problem.set(Some(refused)),
                None => close(),
            }
        };
        create_org(new, Box::new(done));
    });
    view! {
        <Dialog
            open=adding
            on_close=move |()| close()
            title="New organization"
            text="It is empty, and nothing of any other organization is seen in it. You own it."
            foot=move || {
                view! {
                    <Button kind=ButtonKind::Ghost on_press=move |()| close()>"Cancel"</Button>
                    <Button kind=ButtonKind::Primary busy on_press=create>"Create organization"</Button>
                }
            }
        >
            <TextField
                label="Name"
                autofocus=true
                value=name
                on_input=move |text| name.set(text)
                error=field_error(problem, "/name")
            />
            <TextField
                label="Address"
                prefix="/o/"
                mono=true
                optional=true
                hint="Made from the name if you leave it empty."
                value=slug
                on_input=move |text| slug.set(text)
                error=field_error(problem, "/slug")
            />
            <FormProblem problem />
        </Dialog>
    }
}
