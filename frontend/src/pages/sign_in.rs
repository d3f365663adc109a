//! stub
use leptos::prelude::*;
/// stub
#[component] pub fn SignIn() -> impl IntoView {}
