//! stub
use leptos::prelude::*;
/// stub
#[component] pub fn Shell() -> impl IntoView {}
