//! Tabs.

use leptos::prelude::*;

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabItem {
    /// What it stands for.
    pub value: String,
    /// The words.
    pub label: String,
    /// How many there are behind it.
    pub count: Option<String>,
}

/// Parts of one page, of which one is in sight. Arrow keys choose the neighbour.
///
/// The page gives what it shows `role="tabpanel"` and `aria-labelledby="tab-{value}"`.
#[component]
pub fn Tabs(
    /// What they are parts of.
    #[prop(into)]
    label: String,
    /// The one in sight.
    #[prop(into)]
    value: Signal<String>,
    /// All of them.
    tabs: Vec<TabItem>,
    /// Another was chosen.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let values = StoredValue::new(tabs.iter().map(|tab| tab.value.clone()).collect::<Vec<_>>());
    let on_keydown = move |event: web_sys::KeyboardEvent| {
        let next = values.with_value(|values| {
            let at = value.with_untracked(|value| values.iter().position(|own| own == value)).unwrap_or(0);
            let count = values.len().max(1);
            let next = match event.key().as_str() {
                "ArrowRight" => (at + 1) % count,
                "ArrowLeft" => (at + count - 1) % count,
                "Home" => 0,
                "End" => count - 1,
                _ => return None,
            };
            values.get(next).cloned()
        });
        if let Some(next) = next {
            event.prevent_default();
            if let Some(tab) = document().get_element_by_id(&format!("tab-{next}")) {
                use wasm_bindgen::JsCast;
                // A tab that has gone needs no focus.
                drop(tab.unchecked_into::<web_sys::HtmlElement>().focus());
            }
            on_change.run(next);
        }
    };
    let buttons = tabs
        .into_iter()
        .map(|tab| {
            let (own, chosen) = (tab.value.clone(), tab.value.clone());
            let selected = Signal::derive(move || value.with(|value| *value == own));
            view! {
                <button
                    type="button"
                    role="tab"
                    id=format!("tab-{}", tab.value)
                    aria-selected=move || selected.get().to_string()
                    tabindex=move || if selected.get() { "0" } else { "-1" }
                    on:click=move |_| on_change.run(chosen.clone())
                >
                    {tab.label}
                    {tab.count.map(|count| view! { <small>{count}</small> })}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_keydown>
            {buttons}
        </div>
    }
}
