//! stub
use leptos::prelude::*;
/// stub
#[component] pub fn NotFound() -> impl IntoView {}
