//! A panel at the end of the page that pushes the content; on a narrow screen it lies over it.

use super::{IconButton, IconName};
use leptos::prelude::*;

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
    /// It was closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let id = super::unique_id("drawer");
    let labelled_by = id.clone();
    view! {
        <aside
            class="drawer"
            aria-labelledby=labelled_by
            on:keydown=move |event| {
                if event.key() == "Escape" && !event.default_prevented() {
                    event.prevent_default();
                    on_close.run(());
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
                <IconButton icon=IconName::Close label="Close" on_press=on_close />
            </header>
            {children()}
        </aside>
    }
}
