//! stub
use leptos::prelude::*;
/// stub
#[component] pub fn SetUp() -> impl IntoView {}
