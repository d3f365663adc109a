//! A panel at the end of the page that pushes the content; on a narrow screen it lies over it.

use super::{IconButton, IconName};
use leptos::{html, prelude::*, wasm_bindgen::JsCast as _};

/// Where the focus goes when it opens: a field that waits to be typed into; else the drawer itself.
const FIRST: &str = "textarea, input:not([type='hidden'])";

/// Something about one thing of a list, or beside every page. Escape closes it while the focus is inside.
#[component]
pub fn Drawer(
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// Whose it is: the mark of an organization.
    #[prop(optional)]
    mark: Option<AnyView>,
    /// After the title, smaller.
    #[prop(optional, into)]
    note: Signal<String>,
    /// More buttons beside the one that closes it.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// It was closed, by the cross or by Escape. The focus goes back to where it was when it opened.
    #[prop(into)]
    on_close: Callback<()>,
    /// Escape was pressed inside; answers whether that was meant for something else than closing it.
    #[prop(optional, into)]
    on_escape: Option<Callback<(), bool>>,
    /// It came by itself: the focus stays where it is.
    #[prop(optional)]
    quiet: bool,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let id = super::unique_id("drawer");
    let labelled_by = id.clone();
    // Whoever opened it by keyboard goes on inside, and gets back.
    let panel = NodeRef::<html::Aside>::new();
    let opener = StoredValue::new_local(document().active_element());
    Effect::new(move |_| {
        let Some(panel) = panel.get().filter(|_| !quiet) else { return };
        let first =
            panel.query_selector(FIRST).ok().flatten().and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok());
        let focused = first.map(|first| first.focus()).unwrap_or_else(|| panel.focus());
        // A browser without focus has nothing to lose.
        drop(focused);
    });
    let close = Callback::new(move |()| {
        let opener = opener.try_get_value().flatten().and_then(|opener| opener.dyn_into::<web_sys::HtmlElement>().ok());
        on_close.run(());
        if let Some(opener) = opener {
            request_animation_frame(move || {
                if opener.is_connected() {
                    drop(opener.focus());
                }
            });
        }
    });
    view! {
        <aside
            class="drawer"
            node_ref=panel
            tabindex="-1"
            aria-labelledby=labelled_by
            on:keydown=move |event| {
                if event.key() == "Escape" && !event.default_prevented() {
                    event.prevent_default();
                    if !on_escape.is_some_and(|on_escape| on_escape.run(())) {
                        close.run(());
                    }
                }
            }
        >
            <header class="drawer-head">
                {mark}
                <h2 id=id class="truncate" title=move || title.get()>
                    {move || title.get()}
                </h2>
                <small class="truncate">{move || note.get()}</small>
                <span class="spacer"></span>
                {actions}
                <IconButton icon=IconName::Close label="Close" on_press=close />
            </header>
            {children()}
        </aside>
    }
}
