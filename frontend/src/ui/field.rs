//! Fields: a label above, a hint below, and the error in the place of the hint.

use super::{ControlSize, Icon, IconName, IconSize, unique_id};
use leptos::prelude::*;

/// The frame of one field: everything but the control itself, which `control` makes from the ids it is tied by.
#[component]
pub fn Field(
    /// What is asked for.
    #[prop(into)]
    label: Signal<String>,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// How high the control is.
    #[prop(optional)]
    size: ControlSize,
    /// Makes the control.
    control: impl FnOnce(FieldTies) -> AnyView,
) -> impl IntoView {
    let id = unique_id("field");
    let note_id = format!("{id}-note");
    let ties = FieldTies { id: id.clone(), note_id: note_id.clone(), error, hint };
    view! {
        <div class="field" data-size=size.as_str()>
            <label class="field-label" for=id>
                <span>{move || label.get()} {optional.then(|| view! { <small>" optional"</small> })}</span>
            </label>
            {control(ties)}
            // Present from the start, so that a screen reader says the error when it comes.
            <div id=note_id aria-live="polite" style:display=move || {
                (error.with(Option::is_none) && hint.with(String::is_empty)).then_some("none")
            }>
                {move || match error.get() {
                    Some(text) => {
                        view! {
                            <p class="field-error">
                                <Icon name=IconName::Error size=IconSize::Small />
                                {text}
                            </p>
                        }
                            .into_any()
                    }
                    None => view! { <p class="field-hint">{hint.get()}</p> }.into_any(),
                }}
            </div>
        </div>
    }
}

/// What ties a control to the label and the note of its [`Field`].
#[derive(Debug, Clone)]
pub struct FieldTies {
    /// Id of the control.
    pub id: String,
    /// Id of the hint or error.
    pub note_id: String,
    error: Signal<Option<String>>,
    hint: Signal<String>,
}

impl FieldTies {
    /// `aria-invalid` of the control.
    #[must_use]
    pub fn invalid(&self) -> Signal<Option<&'static str>> {
        let error = self.error;
        Signal::derive(move || error.with(Option::is_some).then_some("true"))
    }

    /// `aria-describedby` of the control.
    #[must_use]
    pub fn described_by(&self) -> Signal<Option<String>> {
        let (error, hint, id) = (self.error, self.hint, self.note_id.clone());
        Signal::derive(move || (error.with(Option::is_some) || !hint.with(String::is_empty)).then(|| id.clone()))
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// What is asked for.
    #[prop(into)]
    label: Signal<String>,
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// It was typed into.
    #[prop(into)]
    on_input: Callback<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// Cannot be changed by anybody now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Can be read and copied.
    #[prop(optional, into)]
    readonly: Signal<bool>,
    /// Stands before the text: `/o/`.
    #[prop(optional, into)]
    prefix: Option<String>,
    /// Stands after the text: `%`.
    #[prop(optional, into)]
    suffix: Option<String>,
    /// Shown while it is empty.
    #[prop(optional, into)]
    placeholder: String,
    /// HTML's `type`: `email`, `url`, `number`.
    #[prop(default = "text")]
    kind: &'static str,
    /// HTML's `autocomplete`: `email`, `username`, `off`.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// In the fixed-width face: ids, commands.
    #[prop(optional)]
    mono: bool,
    /// Takes the focus when it appears.
    #[prop(optional)]
    autofocus: bool,
    /// How high it is.
    #[prop(optional)]
    size: ControlSize,
) -> impl IntoView {
    let control = move |ties: FieldTies| {
        let framed = prefix.is_some() || suffix.is_some();
        let input = view! {
            <input
                class=if framed { "" } else { "input" }
                data-mono=mono.then_some("")
                id=ties.id.clone()
                type=kind
                placeholder=placeholder
                autocomplete=autocomplete
                autofocus=autofocus
                spellcheck="false"
                disabled=move || disabled.get()
                readonly=move || readonly.get()
                aria-invalid=ties.invalid()
                aria-describedby=ties.described_by()
                prop:value=move || value.get()
                on:input=move |event| on_input.run(event_target_value(&event))
            />
        };
        if framed {
            view! {
                <div class="input-frame">
                    {prefix.map(|text| view! { <span class="affix">{text}</span> })} {input}
                    {suffix.map(|text| view! { <span class="affix">{text}</span> })}
                </div>
            }
            .into_any()
        } else {
            input.into_any()
        }
    };
    view! { <Field label optional hint error size control /> }
}

/// A password, which can be looked at.
#[component]
pub fn PasswordField(
    /// What is asked for.
    #[prop(into)]
    label: Signal<String>,
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// It was typed into.
    #[prop(into)]
    on_input: Callback<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// One that is being chosen, not one that exists.
    #[prop(optional)]
    new: bool,
    /// How high it is.
    #[prop(optional)]
    size: ControlSize,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let control = move |ties: FieldTies| {
        view! {
            <div class="input-frame">
                <input
                    id=ties.id.clone()
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=if new { "new-password" } else { "current-password" }
                    spellcheck="false"
                    aria-invalid=ties.invalid()
                    aria-describedby=ties.described_by()
                    prop:value=move || value.get()
                    on:input=move |event| on_input.run(event_target_value(&event))
                />
                <button
                    type="button"
                    class="button"
                    data-kind="ghost"
                    data-size="small"
                    data-shape="icon"
                    aria-label="Show the password"
                    aria-pressed=move || shown.get().to_string()
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    <Icon name=IconName::Eye size=IconSize::Small />
                </button>
            </div>
        }
        .into_any()
    };
    view! { <Field label hint error size control /> }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// What is asked for.
    #[prop(into)]
    label: Signal<String>,
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// It was typed into.
    #[prop(into)]
    on_input: Callback<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// Cannot be changed by anybody now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Lines that are seen at once.
    #[prop(default = 2)]
    rows: u32,
) -> impl IntoView {
    let control = move |ties: FieldTies| {
        view! {
            <textarea
                class="input"
                id=ties.id.clone()
                rows=rows
                disabled=move || disabled.get()
                aria-invalid=ties.invalid()
                aria-describedby=ties.described_by()
                prop:value=move || value.get()
                on:input=move |event| on_input.run(event_target_value(&event))
            ></textarea>
        }
        .into_any()
    };
    view! { <Field label optional hint error control /> }
}

/// One of a few values. `options` are pairs of value and words.
#[component]
pub fn SelectField(
    /// What is asked for.
    #[prop(into)]
    label: Signal<String>,
    /// The value that is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Pairs of value and words.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// Another was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with the choice.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Cannot be changed by anybody now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let control = move |ties: FieldTies| {
        view! {
            <select
                class="input"
                id=ties.id.clone()
                disabled=move || disabled.get()
                aria-invalid=ties.invalid()
                aria-describedby=ties.described_by()
                on:change=move |event| on_change.run(event_target_value(&event))
            >
                {options_view(value, options)}
            </select>
        }
        .into_any()
    };
    view! { <Field label hint error control /> }
}

/// A choice inside a table row: no frame until it is pointed at, and its name is read, not shown.
#[component]
pub fn InlineSelect(
    /// What is chosen: `Role of Sofie Bakker`.
    #[prop(into)]
    label: Signal<String>,
    /// The value that is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Pairs of value and words.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// Another was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// Cannot be changed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <select
            class="input"
            data-plain=""
            aria-label=move || label.get()
            disabled=move || disabled.get()
            // Set again on each answer of the server, also when it is the old value: a refused choice jumps back.
            prop:value=move || value.get()
            on:change=move |event| on_change.run(event_target_value(&event))
        >
            {options_view(value, options)}
        </select>
    }
}

/// `selected` on the options, because a select's own `value` is lost when its options come after it.
fn options_view(value: Signal<String>, options: Signal<Vec<(String, String)>>) -> impl IntoView {
    move || {
        options
            .get()
            .into_iter()
            .map(|(key, words)| {
                let own = key.clone();
                view! { <option value=key selected=move || value.with(|value| *value == own)>{words}</option> }
            })
            .collect_view()
    }
}

/// A field that filters what is below it. Its name is read, not shown.
#[component]
pub fn SearchField(
    /// What is searched: `Search members`.
    #[prop(into)]
    label: Signal<String>,
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// It was typed into, or emptied.
    #[prop(into)]
    on_input: Callback<String>,
    /// What can be typed.
    #[prop(optional, into)]
    placeholder: String,
) -> impl IntoView {
    view! {
        <div class="input-frame">
            <Icon name=IconName::Search size=IconSize::Small />
            <input
                type="search"
                aria-label=move || label.get()
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                prop:value=move || value.get()
                on:input=move |event| on_input.run(event_target_value(&event))
            />
            {move || {
                (!value.with(String::is_empty))
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button"
                                data-kind="ghost"
                                data-size="small"
                                data-shape="icon"
                                aria-label="Clear"
                                on:click=move |_| on_input.run(String::new())
                            >
                                <Icon name=IconName::Close size=IconSize::Small />
                            </button>
                        }
                    })
            }}
        </div>
    }
}
