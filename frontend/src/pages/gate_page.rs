//! The frame of pages that stand outside of any organization: signing in, setting up, nothing here.

use crate::{
    preferences,
    ui::{Icon, IconName, ThemeButton},
};
use leptos::prelude::*;

/// A page with the product's name above and one thing to do in the middle.
#[component]
pub fn GatePage(
    /// Small print at the bottom.
    #[prop(optional, into)]
    foot: ViewFn,
    /// What there is to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="gate">
            <header class="gate-head">
                <a class="brand" href="/">
                    <Icon name=IconName::Bulkhead />
                    <span>"Bulkhead"</span>
                </a>
                <ThemeToggle />
            </header>
            <main class="gate-card">{children()}</main>
            <footer class="gate-foot">{foot.run()}</footer>
        </div>
    }
}

/// Goes through light, dark and as the system says, and remembers it on this device.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(preferences::theme());
    let change = move |next| {
        theme.set(next);
        preferences::set_theme(next);
    };
    view! { <ThemeButton theme on_change=change /> }
}
