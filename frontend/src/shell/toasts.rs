//! stub
use leptos::prelude::*;
/// stub
#[component] pub fn Toasts() -> impl IntoView {}
