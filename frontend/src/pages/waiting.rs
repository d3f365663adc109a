//! stub
use leptos::prelude::*;
/// stub
#[component] pub fn Waiting() -> impl IntoView {}
/// stub
#[component] pub fn Unreachable() -> impl IntoView {}
