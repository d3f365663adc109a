//! stub
use leptos::prelude::*;
/// stub
#[component] pub fn Orgs() -> impl IntoView {}
