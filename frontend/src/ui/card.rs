//! Cards and what fills them: heads, figures, facts.

use super::{Icon, IconName, IconSize, Skeleton};
use leptos::prelude::*;

/// A panel with a frame. Its first child is usually a [`CardHead`].
#[component]
pub fn Card(
    /// Its name, where it has no visible head.
    #[prop(optional, into)]
    label: Option<String>,
    /// What is in it takes away.
    #[prop(optional)]
    danger: bool,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card" aria-label=label data-tone=danger.then_some("danger")>
            {children()}
        </section>
    }
}

/// The head of a card: a title, a line beside it, and at the end what can be done.
#[component]
pub fn CardHead(
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// A few words beside it.
    #[prop(optional, into)]
    note: Signal<String>,
    /// An icon before the title.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// What stands at its end: buttons, an organization's tag.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="card-head">
            <h2>
                {icon.map(|name| view! { <Icon name size=IconSize::Small /> })} {move || title.get()}
            </h2>
            {move || {
                let note = note.get();
                (!note.is_empty()).then(|| view! { <p>{note}</p> })
            }}
            {children.map(|children| view! { <div class="end">{children()}</div> })}
        </div>
    }
}

/// The padded body of a card.
#[component]
pub fn CardBody(
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! { <div class="card-body">{children()}</div> }
}

/// A strip of figures, a [`Stat`] each.
#[component]
pub fn StatStrip(
    /// The figures.
    children: Children,
) -> impl IntoView {
    view! { <div class="stats">{children()}</div> }
}

/// One figure that leads a page: label, value, what it is of, a line below.
#[component]
pub fn Stat(
    /// What it is.
    #[prop(into)]
    label: Signal<String>,
    /// The figure; none while it is on its way.
    #[prop(into)]
    value: Signal<Option<String>>,
    /// After the figure, smaller: `of 48 healthy`.
    #[prop(optional, into)]
    of: Signal<String>,
    /// Below it.
    #[prop(optional, into)]
    note: Signal<String>,
    /// Instead of the note: a meter, a line with colour.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="stat">
            <div class="stat-label">{move || label.get()}</div>
            {move || match value.get() {
                Some(value) => view! { <div class="stat-value">{value} " " <small>{of.get()}</small></div> }.into_any(),
                None => view! { <div class="stat-value"><Skeleton width="3.5rem" />"\u{200b}"</div> }.into_any(),
            }}
            {match children {
                Some(children) => children().into_any(),
                None => {
                    view! {
                        <div class="stat-note">
                            {move || {
                                if value.with(Option::is_some) {
                                    note.get().into_any()
                                } else {
                                    view! { <Skeleton width="80%" /> }.into_any()
                                }
                            }}
                        </div>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// Names and values, as a list of [`Fact`]s.
#[component]
pub fn DescriptionList(
    /// On a grey plane, inside a notice.
    #[prop(optional)]
    boxed: bool,
    /// The facts.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts" data-boxed=boxed.then_some("")>{children()}</dl> }
}

/// One name and its value.
#[component]
pub fn Fact(
    /// The name.
    #[prop(into)]
    name: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}
