//! Choices: checkbox, switch, segments, the hues of an organization.

use super::unique_id;
use leptos::prelude::*;

/// Yes or no, as part of a form.
#[component]
pub fn Checkbox(
    /// Whether it is checked.
    #[prop(into)]
    checked: Signal<bool>,
    /// It was checked or unchecked.
    #[prop(into)]
    on_change: Callback<bool>,
    /// Cannot be changed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="checkbox">
            <input
                type="checkbox"
                prop:checked=move || checked.get()
                disabled=move || disabled.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span>{children()}</span>
        </label>
    }
}

/// On or off, at once.
#[component]
pub fn Switch(
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// It was switched.
    #[prop(into)]
    on_change: Callback<bool>,
    /// Cannot be changed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="switch">
            <input
                type="checkbox"
                role="switch"
                prop:checked=move || on.get()
                disabled=move || disabled.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span>{children()}</span>
        </label>
    }
}

/// One segment of a [`Segmented`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it stands for.
    pub value: String,
    /// The words.
    pub label: String,
    /// How many there are behind it.
    pub count: Option<String>,
}

impl Segment {
    /// A segment without a count.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), count: None }
    }
}

/// One of a few values that are all in sight. Arrow keys move through it, as radio buttons do.
#[component]
pub fn Segmented(
    /// What is chosen: `Range`.
    #[prop(into)]
    label: String,
    /// The value that is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// The segments.
    #[prop(into)]
    segments: Signal<Vec<Segment>>,
    /// Another was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// None can be chosen now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let name = unique_id("segments");
    view! {
        <div class="segmented" role="radiogroup" aria-label=label>
            {move || {
                segments
                    .get()
                    .into_iter()
                    .map(|segment| {
                        let (own, chosen) = (segment.value.clone(), segment.value);
                        view! {
                            <label>
                                <input
                                    type="radio"
                                    name=name.clone()
                                    prop:checked=move || value.with(|value| *value == own)
                                    disabled=move || disabled.get()
                                    on:change=move |_| on_change.run(chosen.clone())
                                />
                                <span>
                                    {segment.label} {segment.count.map(|count| view! { <small>{count}</small> })}
                                </span>
                            </label>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// The hues that an organization can have, one of them chosen.
#[component]
pub fn ColourField(
    /// The hue that is chosen, one of [`shared::org::COLOURS`].
    #[prop(into)]
    value: Signal<String>,
    /// Another was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// Cannot be changed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let name = unique_id("colour");
    let swatches = shared::org::COLOURS
        .into_iter()
        .map(|colour| {
            view! {
                <label data-org-colour=colour title=colour>
                    <input
                        type="radio"
                        name=name.clone()
                        aria-label=colour
                        prop:checked=move || value.with(|value| value == colour)
                        disabled=move || disabled.get()
                        on:change=move |_| on_change.run(colour.to_owned())
                    />
                    <i></i>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field">
            <legend class="field-label">"Colour"</legend>
            <div class="swatches">{swatches}</div>
        </fieldset>
    }
}
