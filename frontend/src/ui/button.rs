//! Buttons.

use super::{Icon, IconName, IconSize, Spinner, unique_id};
use leptos::prelude::*;

/// How much a button asks to be pressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do in a view.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// The way out: *Cancel*.
    Ghost,
    /// Leads towards something that takes away.
    Danger,
    /// Takes away, now. In dialogs alone.
    Destroy,
}

impl ButtonKind {
    /// The word in the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Ghost => "ghost",
            Self::Danger => "danger",
            Self::Destroy => "destroy",
        }
    }
}

/// How high a button is: 24, 30 or 38 px.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ControlSize {
    /// 24 px, inside rows.
    Small,
    /// 30 px.
    #[default]
    Medium,
    /// 38 px, on pages that have nothing but a form.
    Large,
}

impl ControlSize {
    /// The word in the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// A button with words.
///
/// With a `reason` it stays in its place, disabled, and says why beside it; it can still be focused, so that a screen
/// reader gets to the reason. While `busy` it keeps its words, turns a wheel and does nothing.
#[component]
pub fn Button(
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// How high it is.
    #[prop(optional)]
    size: ControlSize,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// Something that it started is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// There is nothing to do, and everybody sees why.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Why it may not be pressed: `Needs owner`.
    #[prop(optional, into)]
    reason: Signal<Option<String>>,
    /// Submits the form that it is in.
    #[prop(optional)]
    submit: bool,
    /// As wide as what it stands in.
    #[prop(optional)]
    block: bool,
    /// It was pressed.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// The words: a verb, and what it acts on.
    children: Children,
) -> impl IntoView {
    let reason_id = unique_id("reason");
    let refused = Signal::derive(move || reason.with(Option::is_some));
    let press = move |event: leptos::ev::MouseEvent| {
        if busy.get_untracked() || refused.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    let described_by = {
        let id = reason_id.clone();
        move || refused.get().then(|| id.clone())
    };
    let button = view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="button"
            data-kind=kind.as_str()
            data-size=size.as_str()
            data-block=block.then_some("")
            disabled=move || disabled.get()
            aria-disabled=move || refused.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            aria-describedby=described_by
            on:click=press
        >
            {move || {
                if busy.get() {
                    Some(view! { <Spinner /> }.into_any())
                } else {
                    icon.map(|name| view! { <Icon name size=IconSize::Small /> }.into_any())
                }
            }}
            {children()}
        </button>
    };
    // `contents` lets the button take its place in the parent's row as if the reason were not there.
    view! {
        <span class="with-reason" style:display=move || (!refused.get()).then_some("contents")>
            {button}
            {move || {
                reason
                    .get()
                    .map(|why| {
                        view! {
                            <span class="reason" id=reason_id.clone()>
                                <Icon name=IconName::Lock size=IconSize::Small />
                                {why}
                            </span>
                        }
                    })
            }}
        </span>
    }
}

/// A button that is an icon; its name is what a screen reader says and a pointer sees.
#[component]
pub fn IconButton(
    /// The icon.
    #[prop(into)]
    icon: Signal<IconName>,
    /// What it does: `Actions for db-ams-02`.
    #[prop(into)]
    label: Signal<String>,
    /// How much it asks to be pressed.
    #[prop(default = ButtonKind::Ghost)]
    kind: ButtonKind,
    /// How high it is.
    #[prop(optional)]
    size: ControlSize,
    /// It is one that stays down: whether it is.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// There is nothing to do.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// It was pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-kind=kind.as_str()
            data-size=size.as_str()
            data-shape="icon"
            aria-label=move || label.get()
            title=move || label.get()
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            disabled=move || disabled.get()
            on:click=move |_| on_press.run(())
        >
            <Icon name=icon />
        </button>
    }
}

/// A link that looks like a button: it goes somewhere, and can be opened in a new tab.
#[component]
pub fn LinkButton(
    /// Where it goes.
    #[prop(into)]
    href: Signal<String>,
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// How high it is.
    #[prop(optional)]
    size: ControlSize,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="button" data-kind=kind.as_str() data-size=size.as_str() href=move || href.get()>
            {icon.map(|name| view! { <Icon name size=IconSize::Small /> })}
            {children()}
        </a>
    }
}

/// A button that looks like a link, where a sentence goes on in an action.
#[component]
pub fn TextButton(
    /// It was pressed.
    #[prop(into)]
    on_press: Callback<()>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" class="button" data-shape="link" on:click=move |_| on_press.run(())>
            {children()}
        </button>
    }
}
