//! Status: shape before colour, and always a word within reach.

use leptos::prelude::*;
use shared::host::Health;

/// How something is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A circle.
    Healthy,
    /// A triangle.
    Warning,
    /// A diamond.
    Critical,
    /// A ring.
    NotReporting,
    /// A ring as well: somebody stopped it.
    Stopped,
    /// A dashed ring: it has not begun.
    Waiting,
}

impl Status {
    /// The word in the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::NotReporting => "not-reporting",
            Self::Stopped => "stopped",
            Self::Waiting => "waiting",
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Warning => "Warning",
            Self::Critical => "Critical",
            Self::NotReporting => "Not reporting",
            Self::Stopped => "Stopped",
            Self::Waiting => "Waiting",
        }
    }
}

impl From<Health> for Status {
    fn from(health: Health) -> Self {
        match health {
            Health::Healthy => Self::Healthy,
            Health::Warning => Self::Warning,
            Health::Critical => Self::Critical,
            Health::NotReporting => Self::NotReporting,
        }
    }
}

/// The shape of a status. Says its word to a screen reader unless the word stands beside it.
#[component]
pub fn StatusMark(
    /// How it is doing.
    #[prop(into)]
    status: Signal<Status>,
    /// The word stands beside it.
    #[prop(optional)]
    decorative: bool,
) -> impl IntoView {
    let shape = move || match status.get() {
        Status::Healthy | Status::NotReporting | Status::Stopped => view! { <circle cx="6" cy="6" r="4" /> }.into_any(),
        Status::Waiting => view! { <circle cx="6" cy="6" r="4" stroke-dasharray="3 2.2" /> }.into_any(),
        Status::Warning => view! { <path d="M6 1 11.6 10.8H.4z" /> }.into_any(),
        Status::Critical => view! { <path d="M6 0 12 6 6 12 0 6z" /> }.into_any(),
    };
    view! {
        <svg
            class="status-mark"
            viewBox="0 0 12 12"
            data-status=move || status.get().as_str()
            role=(!decorative).then_some("img")
            aria-label=move || (!decorative).then(|| status.get().title())
            aria-hidden=decorative.then_some("true")
        >
            {shape}
        </svg>
    }
}

/// A status with its word.
#[component]
pub fn StatusText(
    /// How it is doing.
    #[prop(into)]
    status: Signal<Status>,
) -> impl IntoView {
    view! {
        <span class="status">
            <StatusMark status decorative=true />
            {move || status.get().title()}
        </span>
    }
}

/// What a badge, banner or toast is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Neutral,
    /// A frame alone: the name of a plan.
    Outline,
    /// It is good.
    Ok,
    /// It wants attention.
    Warn,
    /// It is bad.
    Crit,
    /// It is under way, or worth knowing.
    Accent,
}

impl Tone {
    /// The word in the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Outline => "outline",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Crit => "crit",
            Self::Accent => "accent",
        }
    }
}

/// One or two words about a thing, beside its name.
#[component]
pub fn Badge(
    /// What it is about.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// A shape before the words.
    #[prop(optional, into)]
    mark: Option<Status>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=move || tone.get().as_str()>
            {mark.map(|status| view! { <StatusMark status decorative=true /> })}
            {children()}
        </span>
    }
}

/// A label that people gave: `role:postgres`.
#[component]
pub fn Tag(
    /// With or without a key before a colon.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let full = text.clone();
    let (key, value) = match text.split_once(':') {
        Some((key, value)) => (Some(format!("{key}:")), value.to_owned()),
        None => (None, text),
    };
    view! { <span class="tag" title=full>{key.map(|key| view! { <span>{key}</span> })} {value}</span> }
}
