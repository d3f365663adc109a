//! `/ui`
use leptos::prelude::*;
/// x
#[component]
pub fn UiKitPage() -> impl IntoView { view!{<p>"hi"</p>} }
