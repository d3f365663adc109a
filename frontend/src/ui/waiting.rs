//! What stands where something is on its way.

use leptos::prelude::*;

/// A turning wheel. Words stand beside it.
#[component]
pub fn Spinner() -> impl IntoView {
    view! { <span class="spinner" aria-hidden="true"></span> }
}

/// A grey line in the shape of what comes.
#[component]
pub fn Skeleton(
    /// CSS width: `60%`, `8rem`.
    #[prop(into)]
    width: String,
) -> impl IntoView {
    view! { <span class="skeleton" aria-hidden="true" style:--width=width></span> }
}

/// Several grey lines of uneven length, and for a screen reader the word *Loading*.
#[component]
pub fn SkeletonLines(
    /// How many.
    #[prop(default = 4)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="stack" data-gap="small" role="status">
            <span class="sr-only">"Loading"</span>
            {(0..lines).map(|line| view! { <Skeleton width=format!("{}%", uneven(line)) /> }).collect_view()}
        </div>
    }
}

/// A width between 45 and 90 percent that looks accidental and is the same each time.
pub(crate) fn uneven(index: usize) -> usize {
    45 + (index * 37 + 29) % 46
}

/// The organization's line on top of the page; while a switch is being confirmed, its progress.
#[component]
pub fn OrgLine(
    /// One of [`shared::org::COLOURS`], or none where there is no organization.
    #[prop(optional, into)]
    colour: Signal<Option<String>>,
    /// A switch is being confirmed, for longer than anyone would not notice.
    #[prop(optional, into)]
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <div
            class="org-line"
            data-org-colour=move || colour.get()
            data-busy=move || busy.get().then_some("")
            role=move || busy.get().then_some("progressbar")
            aria-label=move || busy.get().then_some("Opening the organization")
            aria-hidden=move || (!busy.get()).then_some("true")
        ></div>
    }
}

/// A progress line of unknown length inside a panel.
#[component]
pub fn ProgressLine(
    /// What is under way, for a screen reader.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <span class="progress-line" role="progressbar" aria-label=label></span> }
}
