//! Buttons, fields, choices.

use crate::{
    pages::ui_kit::Section,
    ui::{
        Button, ButtonKind, Checkbox, ColourField, ControlSize, IconButton, IconName, LinkButton, Menu, MenuItem,
        PasswordField, SearchField, Segment, Segmented, SelectField, Switch, TabItem, Tabs, TextArea, TextButton,
        TextField,
    },
};
use leptos::prelude::*;

const KINDS: [(ButtonKind, &str); 5] = [
    (ButtonKind::Primary, "Save"),
    (ButtonKind::Secondary, "Edit"),
    (ButtonKind::Ghost, "Cancel"),
    (ButtonKind::Danger, "Remove"),
    (ButtonKind::Destroy, "Delete host"),
];

/// Buttons and a menu.
#[component]
pub fn ButtonSection() -> impl IntoView {
    let items = vec![
        MenuItem::new("ack", "Acknowledge").icon(IconName::Check),
        MenuItem::new("maintenance", "Maintenance").icon(IconName::Wrench),
        MenuItem { reason: Some("needs admin".to_owned()), ..MenuItem::new("share", "Share").icon(IconName::Sharing) },
        MenuItem::new("remove", "Remove host").icon(IconName::Trash).danger(),
    ];
    let pressed = RwSignal::new(true);
    view! {
        <Section title="Button, menu" note="One primary in a view. A forbidden control stays, disabled, with its reason beside it.">
            <div class="kit-grid">
                <small>"rest, hover, focus"</small>
                <small>"disabled"</small>
                <small>"busy"</small>
                {KINDS
                    .map(|(kind, words)| {
                        view! {
                            <Button kind>{words}</Button>
                            <Button kind disabled=true>
                                {words}
                            </Button>
                            <Button kind busy=true>
                                {words}
                            </Button>
                        }
                    })
                    .collect_view()}
            </div>
            <div class="cluster">
                <Button size=ControlSize::Small>"Small"</Button>
                <Button>"Medium"</Button>
                <Button size=ControlSize::Large>"Large"</Button>
                <Button icon=IconName::Plus>"With icon"</Button>
                <LinkButton href="#link" icon=IconName::Link>
                    "Link"
                </LinkButton>
                <IconButton icon=IconName::Edit label="Edit" kind=ButtonKind::Secondary on_press=|()| () />
                <IconButton
                    icon=IconName::Table
                    label="As a table"
                    kind=ButtonKind::Secondary
                    pressed=Signal::from(pressed)
                    on_press=move |()| pressed.update(|pressed| *pressed = !*pressed)
                />
                <Menu label="Actions for db-ams-02" heading="db-ams-02" items on_choose=|_| () />
                <Button reason="Needs owner".to_owned()>"Transfer"</Button>
                <TextButton on_press=|()| ()>"Show all"</TextButton>
            </div>
        </Section>
    }
}

/// Fields.
#[component]
pub fn FieldSection() -> impl IntoView {
    let name = RwSignal::new("Acme Hosting".to_owned());
    let slug = RwSignal::new("acme hosting".to_owned());
    let secret = RwSignal::new("correct horse".to_owned());
    let find = RwSignal::new(String::new());
    let zone = RwSignal::new("ams".to_owned());
    let options = [("ams", "Europe/Amsterdam"), ("fra", "Europe/Berlin")];
    let options = options.map(|(key, words)| (key.to_owned(), words.to_owned())).to_vec();
    let ignore = Callback::new(|_| ());
    let wrong = Some("Lower-case letters, digits and hyphens.".to_owned());
    view! {
        <Section title="Field" note="Label above, hint below, the error takes the place of the hint.">
            <div class="kit-columns">
                <TextField label="Name" value=name on_input=move |text| name.set(text) hint="Shown to members only." />
                <TextField label="Address" value=slug on_input=move |text| slug.set(text) error=wrong />
                <TextField label="Disabled" value="Set by the operator" on_input=ignore disabled=true />
                <TextField label="Read only" value="0196f1c2-a7d4" on_input=ignore readonly=true mono=true />
                <TextField label="With prefix" value="acme" on_input=ignore prefix="/o/" />
                <TextField label="Threshold" value="90" on_input=ignore suffix="%" />
                <SelectField label="Select" value=zone options on_change=move |key| zone.set(key) />
                <PasswordField label="Password" value=secret on_input=move |text| secret.set(text) />
                <TextArea label="Notes" value="Moves in March" on_input=ignore optional=true />
                <SearchField label="Search members" value=find on_input=move |text| find.set(text) placeholder="Name, address or role" />
                <TextField label="Large" value="" on_input=ignore placeholder="Mail address" size=ControlSize::Large />
            </div>
        </Section>
    }
}

/// Choices and tabs.
#[component]
pub fn ChoiceSection() -> impl IntoView {
    let checked = RwSignal::new(true);
    let on = RwSignal::new(true);
    let range = RwSignal::new("1h".to_owned());
    let colour = RwSignal::new("iris".to_owned());
    let tab = RwSignal::new("now".to_owned());
    let segments = vec![
        Segment::new("1h", "1 h"),
        Segment::new("6h", "6 h"),
        Segment { count: Some("4".to_owned()), ..Segment::new("attention", "Attention") },
    ];
    let tabs = [("now", "Now", None), ("processes", "Processes", None), ("services", "Services", Some("41"))];
    let tabs = tabs
        .map(|(value, label, count)| TabItem {
            value: value.to_owned(),
            label: label.to_owned(),
            count: count.map(str::to_owned),
        })
        .to_vec();
    view! {
        <Section title="Choice, tabs">
            <div class="cluster" style="gap: var(--space-6)">
                <Checkbox checked=false on_change=|_| ()>"Unchecked"</Checkbox>
                <Checkbox checked on_change=move |value| checked.set(value)>"Checked"</Checkbox>
                <Checkbox checked=false disabled=true on_change=|_| ()>"Disabled"</Checkbox>
                <Switch on on_change=move |value| on.set(value)>"On"</Switch>
                <Switch on=false on_change=|_| ()>"Off"</Switch>
                <Switch on=false disabled=true on_change=|_| ()>"Locked"</Switch>
                <Segmented label="Range" value=range segments on_change=move |value| range.set(value) />
            </div>
            <ColourField value=colour on_change=move |value| colour.set(value) />
            <Tabs label="Host" value=tab tabs on_change=move |value| tab.set(value) />
        </Section>
    }
}
