//! Menus: a button, and a list of acts that opens below it.

use super::{ButtonKind, ControlSize, Icon, IconName};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// One act of a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MenuItem {
    /// What is given to the callback.
    pub value: String,
    /// The words.
    pub label: String,
    /// An icon before them.
    pub icon: Option<IconName>,
    /// At the end: a key, a hint.
    pub note: Option<String>,
    /// Why it cannot be chosen; shown at the end.
    pub reason: Option<String>,
    /// It takes away: red, and behind a line.
    pub danger: bool,
    /// It leads to where one is.
    pub current: bool,
}

impl MenuItem {
    /// An act.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    /// With an icon.
    #[must_use]
    pub fn icon(mut self, icon: IconName) -> Self {
        self.icon = Some(icon);
        self
    }

    /// One that takes away.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }
}

/// A button that opens a menu. Arrow keys, Home and End move in it, Esc closes it and gives the focus back.
#[component]
pub fn Menu(
    /// What the button does, for a screen reader: `Actions for db-ams-02`.
    #[prop(into)]
    label: String,
    /// The heading of the menu.
    #[prop(optional, into)]
    heading: Option<String>,
    /// The acts.
    #[prop(into)]
    items: Signal<Vec<MenuItem>>,
    /// One was chosen: its value.
    #[prop(into)]
    on_choose: Callback<String>,
    /// How the button looks.
    #[prop(default = ButtonKind::Ghost)]
    kind: ButtonKind,
    /// How high the button is.
    #[prop(optional)]
    size: ControlSize,
    /// One of them leads to where one is.
    #[prop(optional, into)]
    current: Signal<bool>,
    /// What is on the button instead of three dots.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Div>::new();
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            // A button that has gone needs no focus.
            drop(button.focus());
        }
    };
    Effect::new(move |_| {
        if let Some(list) = list.get() {
            focus_item(&list, Move::First);
        }
    });
    let on_keydown = move |event: web_sys::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" => Move::Next,
            "ArrowUp" => Move::Previous,
            "Home" => Move::First,
            "End" => Move::Last,
            "Escape" => {
                event.prevent_default();
                event.stop_propagation();
                return close();
            }
            "Tab" => return open.set(false),
            _ => return,
        };
        event.prevent_default();
        if let Some(list) = list.get_untracked() {
            focus_item(&list, step);
        }
    };
    let is_icon = children.is_none();
    let face = match children {
        Some(children) => children().into_any(),
        None => view! { <Icon name=IconName::More /> }.into_any(),
    };
    let name = label.clone();
    view! {
        <span class="anchor">
            <button
                type="button"
                class="button"
                data-kind=kind.as_str()
                data-size=size.as_str()
                data-shape=is_icon.then_some("icon")
                node_ref=button
                aria-label=label
                aria-haspopup="menu"
                aria-current=move || current.get().then_some("page")
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {face}
            </button>
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="anchor-cover" on:click=move |_| open.set(false)></div>
                            <div
                                class="popover menu"
                                role="menu"
                                aria-label=name.clone()
                                node_ref=list
                                on:keydown=on_keydown
                            >
                                {heading.clone().map(|text| view! { <div class="menu-group">{text}</div> })}
                                {items
                                    .get()
                                    .into_iter()
                                    .map(|item| {
                                        view! {
                                            <MenuRow
                                                item
                                                on_choose=Callback::new(move |value| {
                                                    close();
                                                    on_choose.run(value);
                                                })
                                            />
                                        }
                                    })
                                    .collect_view()}
                            </div>
                        }
                    })
            }}
        </span>
    }
}

/// One act in a menu.
#[component]
pub fn MenuRow(
    /// What it says.
    item: MenuItem,
    /// It was chosen: its value.
    #[prop(into)]
    on_choose: Callback<String>,
) -> impl IntoView {
    let MenuItem { value, label, icon, note, reason, danger, current } = item;
    let refused = reason.is_some();
    view! {
        {danger.then(|| view! { <hr /> })}
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            data-tone=danger.then_some("danger")
            aria-disabled=refused.then_some("true")
            aria-current=current.then_some("page")
            on:click=move |_| {
                if !refused {
                    on_choose.run(value.clone());
                }
            }
        >
            {icon.map(|name| view! { <Icon name /> })}
            {label}
            {reason.or(note).map(|note| view! { <span class="end">{note}</span> })}
        </button>
    }
}

enum Move {
    First,
    Last,
    Next,
    Previous,
}

/// Moves the focus among the items of a menu, around its ends.
fn focus_item(list: &web_sys::Element, step: Move) {
    let Ok(items) = list.query_selector_all("[role^=menuitem]") else { return };
    let count = items.length();
    if count == 0 {
        return;
    }
    let focused = document().active_element();
    let at = (0..count).find(|&at| {
        let item = items.get(at).and_then(|node| node.dyn_into::<web_sys::Element>().ok());
        item.is_some() && item == focused
    });
    let next = match (step, at) {
        (Move::First, _) | (Move::Next, None) => 0,
        (Move::Last, _) | (Move::Previous, None) => count - 1,
        (Move::Next, Some(at)) => (at + 1) % count,
        (Move::Previous, Some(at)) => (at + count - 1) % count,
    };
    if let Some(item) = items.get(next).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok()) {
        // It fails for an item that has just gone.
        drop(item.focus());
    }
}
