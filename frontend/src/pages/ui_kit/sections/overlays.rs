//! What floats: the switcher, dialogs, toasts.

use crate::{
    pages::ui_kit::{Section, samples},
    ui::{
        Button, ButtonKind, DescriptionList, Dialog, DialogSize, Fact, SwitcherPanel, TextField, Toast, ToastItem,
        Tone, matching::match_letters,
    },
};
use leptos::prelude::*;

/// The switcher.
#[component]
pub fn SwitcherSection() -> impl IntoView {
    let query = RwSignal::new(String::new());
    let active = RwSignal::new(1);
    let items = Memo::new(move |_| {
        let query = query.get();
        samples::organizations()
            .into_iter()
            .filter(|item| match_letters(&item.name, &query).is_some())
            .collect::<Vec<_>>()
    });
    let open = RwSignal::new(false);
    view! {
        <Section title="Switcher" note="Opens with the previous organization preselected, so that Enter goes back and forth.">
            <div>
                <Button on_press=move |()| open.update(|open| *open = !*open)>"Open the switcher"</Button>
            </div>
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <SwitcherPanel
                                query
                                items
                                active
                                on_query=move |text| {
                                    query.set(text);
                                    active.set(0);
                                }
                                on_active=move |at| active.set(at)
                                on_choose=move |_| open.set(false)
                                on_close=move |()| open.set(false)
                                all_href="/"
                            />
                        }
                    })
            }}
        </Section>
    }
}

/// A dialog, and toasts where they stand.
#[component]
pub fn DialogSection() -> impl IntoView {
    let open = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let toast = |id, tone, title: &str, text: &str, org: bool, action: Option<&str>| ToastItem {
        id,
        tone,
        title: title.to_owned(),
        text: text.to_owned(),
        org: org.then(|| ("teal".to_owned(), "GX".to_owned())),
        action: action.map(str::to_owned),
    };
    let toasts = [
        toast(1, Tone::Ok, "Switched to Globex Research", "19 of 19 hosts healthy", true, None),
        toast(2, Tone::Neutral, "web-ams-03 in maintenance", "Until 10:15", false, Some("Undo")),
        toast(3, Tone::Crit, "Not saved", "Someone changed it at 09:40.", false, Some("Compare")),
    ];
    view! {
        <Section title="Dialog, toast" note="Titles ask or name the act; the button repeats the verb. The organization stands in the title.">
            <div>
                <Button kind=ButtonKind::Danger on_press=move |()| open.set(true)>
                    "Delete organization"
                </Button>
            </div>
            <Dialog
                open
                on_close=move |()| open.set(false)
                title="Delete Northwind Clinic"
                text="Its id never returns."
                org=Some(("copper".to_owned(), "NW".to_owned()))
                size=DialogSize::Small
                foot=move || {
                    view! {
                        <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                        <Button
                            kind=ButtonKind::Destroy
                            disabled=Signal::derive(move || typed.with(|typed| typed != "northwind"))
                            on_press=move |()| open.set(false)
                        >
                            "Delete organization"
                        </Button>
                    }
                }
            >
                <DescriptionList>
                    <Fact name="Hosts">"8"</Fact>
                    <Fact name="Members">"3"</Fact>
                </DescriptionList>
                <TextField label="Type northwind to confirm" value=typed on_input=move |text| typed.set(text) mono=true />
            </Dialog>
            <div class="kit-columns">
                {toasts.map(|toast| view! { <Toast toast on_dismiss=|_| () /> }).collect_view()}
            </div>
        </Section>
    }
}
