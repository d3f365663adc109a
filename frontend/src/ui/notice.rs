//! Notices that stand in the page: nothing here yet, something to know.

use super::{Icon, IconName, Tone};
use leptos::prelude::*;

/// There is nothing yet: what would be here, and the one thing to do about it.
#[component]
pub fn EmptyState(
    /// What it is.
    #[prop(into)]
    title: String,
    /// What would be here, or how it comes.
    #[prop(into)]
    text: String,
    /// An icon above.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// One action, or the command to type.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {icon.map(|name| view! { <Icon name /> })} <h3>{title}</h3> <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// A line across the page or a panel, for what is so and will stay so for a while.
#[component]
pub fn Banner(
    /// What it is about; decides colour and icon.
    #[prop(optional)]
    tone: Tone,
    /// Another icon than the tone's.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// What is so, in bold.
    #[prop(into)]
    title: Signal<String>,
    /// What follows from it.
    #[prop(optional, into)]
    text: Signal<String>,
    /// What can be done, at its end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let name = icon.unwrap_or(match tone {
        Tone::Ok => IconName::Check,
        Tone::Warn => IconName::Warning,
        Tone::Crit => IconName::Error,
        Tone::Neutral | Tone::Outline | Tone::Accent => IconName::Info,
    });
    let role = if tone == Tone::Crit { "alert" } else { "status" };
    view! {
        <div class="banner" data-tone=tone.as_str() role=role>
            <Icon name />
            <div class="banner-text">
                <b>{move || title.get()}</b>
                " "
                {move || text.get()}
            </div>
            {children.map(|children| view! { <div class="end">{children()}</div> })}
        </div>
    }
}
