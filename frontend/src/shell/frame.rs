//! Header, navigation and the place of the page.

use crate::{
    context::{AppContext, app},
    later::{Later, LaterPage},
    pages::{gate_page::ThemeToggle, infrastructure::InfrastructurePage, not_found::NotFound, waiting::Waiting},
    route::{Page, href},
    shell::{
        account_menu::AccountMenu,
        arrival::Arrival,
        live_mark::{LiveMark, offset_s},
        org_body::org_body,
        refused::Refused,
        switcher_menu::SwitcherMenu,
    },
    ui::{Banner, Button, ControlSize, Icon, IconButton, IconName, IconSize, Kbd, Menu, MenuItem, Tone, format},
};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast as _};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use org_client::{ActiveOrg, Cause, SwitchState};
use shared::org::OrgSummary;

/// The entries of the navigation: what is watched, and the organization's own pages.
const WATCHED: [(Page, IconName); 3] =
    [(Page::Infrastructure, IconName::Hosts), (Page::Guests, IconName::Guest), (Page::Containers, IconName::Container)];
const OF_THE_ORG: [(Page, IconName); 4] = [
    (Page::Overview, IconName::Overview),
    (Page::Access, IconName::Access),
    (Page::Sharing, IconName::Sharing),
    (Page::Billing, IconName::Billing),
];

/// What the frame knows of the organization on screen: what every list of the person's organizations has.
#[derive(Clone, Copy)]
pub struct Here {
    /// The line of the organization in the person's list.
    pub org: Memo<Option<OrgSummary>>,
    /// The number of the stay; see [`org_client::Epoch`].
    pub epoch: Memo<Option<u64>>,
}

impl Here {
    fn of(context: &AppContext) -> Self {
        let (switcher, account) = (context.switcher.clone(), context.account.clone());
        let org = Memo::new(move |_| switcher.active().and_then(|active| account.org(active.session.org())));
        let switcher = context.switcher.clone();
        let epoch = Memo::new(move |_| switcher.active().map(|active| active.session.epoch().get()));
        Self { org, epoch }
    }

    fn text(self, get: impl Fn(OrgSummary) -> String + Send + Sync + 'static) -> Signal<String> {
        Signal::derive(move || self.org.get().map(&get).unwrap_or_default())
    }

    fn slug(self) -> Signal<String> {
        self.text(|org| org.slug)
    }
}

/// The frame around every page of an organization.
#[component]
pub fn Shell() -> impl IntoView {
    let context = app();
    let here = Here::of(&context);
    provide_context(here);
    let switcher = context.switcher.clone();
    let confirming = Memo::new(move |_| match switcher.state() {
        SwitchState::Confirming { target, cause, .. } => Some((target, cause)),
        _ => None,
    });
    let waiting = after_a_moment(confirming);
    let resting = move || waiting.get().then_some("");
    // The page is still from the first moment. The attribute, which costs the browser a pass over all of it, comes with
    // the note that says why; most switches are over before.
    let hold = move |event: &ev::Event| {
        if confirming.with_untracked(Option::is_some) && is_of_the_page(event) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    shortcuts(&context, confirming);
    title_and_icon(&context, here);

    let page = context.page;
    // Only a change counts: a switch says anew that the page exists, and the shell stays through it.
    let missing = Memo::new({
        let missing = context.page_missing;
        move |_| missing.get()
    });
    let offline = {
        let context = context.clone();
        Memo::new(move |_| context.offline_since().is_some())
    };
    let shown = {
        let switcher = context.switcher.clone();
        let state = context.switcher.clone();
        let has_org = Memo::new(move |_| switcher.active().is_some());
        let failure = Memo::new(move |_| match state.state() {
            SwitchState::Failed(failure) if failure.cause == Cause::Url => Some(failure),
            _ => None,
        });
        move || {
            if !has_org.get() {
                return match failure.get() {
                    Some(failure) => view! { <Refused failure /> }.into_any(),
                    None => view! { <Waiting /> }.into_any(),
                };
            }
            if missing.get() {
                return view! { <NotFound /> }.into_any();
            }
            view! {
                <div
                    class="shell"
                    data-org-id=here.text(|org| org.id.to_string())
                    data-org-slug=here.slug()
                    data-org-colour=here.text(|org| org.colour)
                    data-epoch=move || here.epoch.get()
                    on:click:capture=move |event| hold(&event)
                    on:keydown:capture=move |event| {
                        if event.key() != "Escape" {
                            hold(&event);
                        }
                    }
                >
                    <a class="skip" href="#main">"Skip to content"</a>
                    <div class="org-line" data-busy=resting></div>
                    <Header here />
                    <Navigation here inert=waiting />
                    <main
                        id="main"
                        class="app-main"
                        class:is-stale=move || offline.get()
                        tabindex="-1"
                        inert=move || waiting.get()
                        data-width=move || page.with(|page| page.is_panel()).then_some("panel")
                    >
                        <DemoNote />
                        <OfflineNote />
                        <CurrentPage />
                    </main>
                    <Beside inert=waiting />
                    <TabBar here inert=waiting />
                    <ConfirmingNote here confirming waiting />
                </div>
            }
            .into_any()
        }
    };
    view! {
        {shown}
        <Arrival here />
    }
}

/// Whether something happened in the page or its navigation, and not in the header or a note over them.
fn is_of_the_page(event: &ev::Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| {
        target.closest(".app-main, .app-nav, .app-side, .tab-bar").is_ok_and(|found| found.is_some())
    })
}

/// The page that the address names. Only its kind counts here: a host page that shows another host is the same page.
#[component]
fn CurrentPage() -> impl IntoView {
    let page = app().page;
    let kind = Memo::new(move |_| page.get().in_another_org());
    let is_host = Memo::new(move |_| matches!(page.get(), Page::Host(_)));
    let later = |page| view! { <Later page /> }.into_any();
    move || match kind.get() {
        _ if is_host.get() => later(LaterPage::Host),
        Page::Infrastructure | Page::Host(_) => view! { <InfrastructurePage /> }.into_any(),
        Page::Guests | Page::Guest(_) => later(LaterPage::Guests),
        Page::Containers | Page::Container(_) => later(LaterPage::Containers),
        Page::Overview => later(LaterPage::Overview),
        Page::Access => later(LaterPage::Access),
        Page::Sharing => later(LaterPage::Sharing),
        Page::Billing => later(LaterPage::Billing),
    }
}

/// What stands beside every page: the assistant, where it is open.
#[component]
fn Beside(inert: Memo<bool>) -> impl IntoView {
    let open = app().assistant_open;
    move || {
        open.get().then(|| {
            view! {
                <div class="app-side" inert=move || inert.get()>
                    <Later page=LaterPage::Assistant />
                </div>
            }
        })
    }
}

/// The live channel is broken: what is on screen is as old as that.
#[component]
fn OfflineNote() -> impl IntoView {
    let context = app();
    let since = Memo::new(move |_| context.offline_since());
    move || {
        since.get().map(|since| {
            let title = format!("Offline since {}.", format::clock_seconds(since, offset_s()));
            view! {
                <div class="offline-note">
                    <Banner
                        tone=Tone::Warn
                        icon=IconName::Offline
                        title
                        text="Values are as of then, and changes are off. It goes on by itself when the server can be reached."
                    />
                </div>
            }
        })
    }
}

/// The simulated fleets are never taken for real ones.
#[component]
fn DemoNote() -> impl IntoView {
    let account = app().account;
    let demo = Memo::new(move |_| account.me().is_some_and(|me| me.demo));
    move || {
        demo.get().then(|| {
            view! { <p class="demo-note" role="note">"Demo: these hosts are simulated."</p> }
        })
    }
}

#[component]
fn Header(here: Here) -> impl IntoView {
    let context = app();
    let (open, assistant) = (context.switcher_open, context.assistant_open);
    let page = context.page;
    let crumbs = move || {
        let page = page.get();
        let slug = here.slug().get();
        match page {
            Page::Host(_) => view! {
                <li>
                    <Icon name=IconName::ChevronRight size=IconSize::Small />
                    <a href=href(&slug, Page::Infrastructure)>"Infrastructure"</a>
                </li>
            }
            .into_any(),
            page => view! {
                <li>
                    <Icon name=IconName::ChevronRight size=IconSize::Small />
                    <span aria-current="page">{page.title()}</span>
                </li>
            }
            .into_any(),
        }
    };
    view! {
        <header class="app-header">
            <a class="brand" href="/orgs" aria-label="Bulkhead, all organizations">
                <Icon name=IconName::Bulkhead />
                <span>"Bulkhead"</span>
            </a>
            <SwitcherMenu here />
            <nav class="crumbs wide-only" aria-label="Where you are">
                <ol>{crumbs}</ol>
            </nav>
            <span class="spacer"></span>
            <LiveMark />
            <button type="button" class="jump" aria-label="Switch organization" on:click=move |_| open.set(true)>
                <Icon name=IconName::Search size=IconSize::Small />
                <span>"Switch organization"</span>
                <Kbd keys="Ctrl K" />
            </button>
            <span class="wide-only cluster">
                <IconButton
                    icon=IconName::Assistant
                    label="Assistant"
                    pressed=Signal::derive(move || assistant.get())
                    on_press=toggle_assistant(&context)
                />
                <ThemeToggle />
            </span>
            <AccountMenu />
        </header>
    }
}

#[component]
fn Navigation(here: Here, inert: Memo<bool>) -> impl IntoView {
    let context = app();
    let page = context.page;
    let entry = move |(target, icon): (Page, IconName)| {
        let slug = here.slug();
        view! {
            <li>
                <a
                    href=move || href(&slug.get(), target)
                    aria-current=move || (page.get().section() == target).then_some("page")
                >
                    <Icon name=icon />
                    <span class="nav-label">{target.title()}</span>
                    {(!target.is_panel()).then(|| view! { <Count of=target /> })}
                </a>
            </li>
        }
    };
    view! {
        <nav class="app-nav" aria-label="Organization pages" inert=move || inert.get()>
            <ul>{WATCHED.map(entry).collect_view()}</ul>
            <div class="nav-group">"Organization"</div>
            <ul>{OF_THE_ORG.map(entry).collect_view()}</ul>
            <div class="nav-foot">
                <span>{here.text(|org| org.name)}</span>
                <span>{here.text(|org| format!("{} plan · /o/{}", org.plan, org.slug))}</span>
            </div>
        </nav>
    }
}

/// How many there are of what a page lists. Data of the organization, so it is built in its owner.
#[component]
fn Count(of: Page) -> impl IntoView {
    org_body(move |ActiveOrg { session, caches, .. }| {
        let count = Memo::new(move |_| {
            let known = caches.summary.with(&session, |summary| summary.map(|summary| summary.inventory));
            let many = |len: usize| i64::try_from(len).unwrap_or(i64::MAX);
            // What was loaded is newer than what the bootstrap brought.
            match of {
                Page::Guests => caches
                    .guests
                    .with(&session, |list| list.map(|list| many(list.len())))
                    .or_else(|| known.map(|known| known.guests).filter(|count| *count > 0)),
                Page::Containers => caches
                    .containers
                    .with(&session, |list| list.map(|list| many(list.len())))
                    .or_else(|| known.map(|known| known.containers).filter(|count| *count > 0)),
                _ => caches.hosts.with(&session, |list| list.map(|list| list.totals(session.now()).hosts)),
            }
        });
        view! { <span class="nav-count">{move || count.get().map(format::number)}</span> }
    })
}

/// The navigation of a phone: what is watched, the assistant, and the organization's own pages behind *More*.
#[component]
fn TabBar(here: Here, inert: Memo<bool>) -> impl IntoView {
    let context = app();
    let page = context.page;
    let entry = move |(target, icon): (Page, IconName)| {
        let slug = here.slug();
        view! {
            <a
                href=move || href(&slug.get(), target)
                aria-current=move || (page.get().section() == target).then_some("page")
            >
                <Icon name=icon size=IconSize::Large />
                <span class="nav-label">{if target == Page::Infrastructure { "Hosts" } else { target.title() }}</span>
            </a>
        }
    };
    let (assistant, toggle) = (context.assistant_open, toggle_assistant(&context));
    let items = Signal::derive(move || {
        let here = page.get();
        let item = |(page, icon): (Page, IconName)| MenuItem {
            current: page == here,
            ..MenuItem::new(page.title(), page.title()).icon(icon)
        };
        OF_THE_ORG.map(item).to_vec()
    });
    let navigate = use_navigate();
    let slug = here.slug();
    let choose = Callback::new(move |title: String| {
        if let Some((page, _)) = OF_THE_ORG.into_iter().find(|(page, _)| page.title() == title) {
            navigate(&href(&slug.get_untracked(), page), NavigateOptions::default());
        }
    });
    view! {
        <nav class="tab-bar" aria-label="Organization pages, short" inert=move || inert.get()>
            {WATCHED.map(entry).collect_view()}
            <button
                type="button"
                aria-pressed=move || assistant.get().to_string()
                on:click=move |_| toggle.run(())
            >
                <Icon name=IconName::Assistant size=IconSize::Large />
                <span class="nav-label">"Assistant"</span>
            </button>
            <span class="tab-more">
                <Menu
                    label="More pages"
                    items
                    on_choose=choose
                    current=Signal::derive(move || page.get().is_panel())
                >
                    <Icon name=IconName::Menu size=IconSize::Large />
                    <span class="nav-label">"More"</span>
                </Menu>
            </span>
        </nav>
    }
}

/// What opens the assistant because somebody asks for it, or closes it.
fn toggle_assistant(context: &AppContext) -> Callback<()> {
    let (open, asked_for) = (context.assistant_open, context.assistant_asked_for);
    Callback::new(move |()| {
        asked_for.set(!open.get_untracked());
        open.update(|open| *open = !*open);
    })
}

/// Whether a switch is being confirmed for so long that a person notices. A fast answer shows nothing at all.
fn after_a_moment(confirming: Memo<Option<(String, Cause)>>) -> Memo<bool> {
    let slow = RwSignal::new(false);
    Effect::new(move |_| {
        slow.set(false);
        if confirming.with(Option::is_some) {
            let timer = set_timeout_with_handle(move || slow.set(true), std::time::Duration::from_millis(120));
            on_cleanup(move || {
                if let Ok(timer) = timer {
                    timer.clear();
                }
            });
        }
    });
    Memo::new(move |_| slow.get() && confirming.with(Option::is_some))
}

/// While a switch is being confirmed: which, what is still on screen, and the way back.
#[component]
fn ConfirmingNote(here: Here, confirming: Memo<Option<(String, Cause)>>, waiting: Memo<bool>) -> impl IntoView {
    let context = app();
    let account = context.account.clone();
    move || {
        let (target, cause) = confirming.get().filter(|_| waiting.get())?;
        let known = account.orgs().into_iter().find(|org| org.slug == target);
        let name = known.map_or_else(|| format!("/o/{target}"), |org| org.name);
        let switcher = context.switcher.clone();
        let stay = (cause == Cause::Choice).then(|| {
            view! {
                <Button size=ControlSize::Small on_press=move |()| switcher.stay()>
                    "Stay "
                    <Kbd keys="Esc" />
                </Button>
            }
        });
        Some(view! {
            <div class="switch-note" role="status">
                <span>
                    <b>"Opening " {name} "."</b> " Still showing " {here.text(|org| org.name)} "."
                </span>
                {stay}
            </div>
        })
    }
}

/// Ctrl or ⌘ K opens the switcher; Escape stays; Alt and a digit goes to a recent organization.
fn shortcuts(context: &AppContext, confirming: Memo<Option<(String, Cause)>>) {
    let (open, switcher, account) = (context.switcher_open, context.switcher.clone(), context.account.clone());
    let handle = window_event_listener(ev::keydown, move |event| {
        let key = event.key();
        // What is asked in a dialog is answered first: what is typed is meant for it.
        if document().query_selector("dialog[open]").is_ok_and(|found| found.is_some()) {
            return;
        }
        if (event.ctrl_key() || event.meta_key()) && !event.shift_key() && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            open.update(|open| *open = !*open);
        } else if key == "Escape" && matches!(confirming.get_untracked(), Some((_, Cause::Choice))) {
            event.prevent_default();
            switcher.stay();
        } else if event.alt_key()
            && !event.ctrl_key()
            && !is_typing(&event)
            && let Some(position) = key.parse::<usize>().ok().filter(|digit| (1..=9).contains(digit))
        {
            let recent = account.user_untracked().map(crate::preferences::recent_orgs).unwrap_or_default();
            let orgs = account.orgs_untracked();
            let chosen = recent.get(position - 1).and_then(|id| orgs.iter().find(|org| org.id == *id));
            if let Some(org) = chosen {
                event.prevent_default();
                let here = switcher.active_untracked().is_some_and(|active| active.session.org() == org.id);
                if !here {
                    open.set(false);
                    switcher.switch_to(&org.slug, Cause::Choice);
                }
            }
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether a key goes into a field: with Alt, some keyboards write letters.
fn is_typing(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.matches("input, textarea, select").unwrap_or(false))
}

/// Title and icon of the browser's tab say whose data this is.
fn title_and_icon(context: &AppContext, here: Here) {
    let page = context.page;
    Effect::new(move |_| {
        let document = document();
        let Some(org) = here.org.get() else {
            document.set_title("Bulkhead");
            return;
        };
        document.set_title(&format!("{} · {} · Bulkhead", page.get().title(), org.name));
        if let Ok(Some(link)) = document.query_selector("link[rel=icon]") {
            let _ = link.set_attribute("href", &crate::ui::favicon(&org.colour, &org.monogram));
        }
    });
    on_cleanup(|| document().set_title("Bulkhead"));
}
