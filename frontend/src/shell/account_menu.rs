//! Who is signed in, and signing out.

use crate::{
    context::app,
    ui::{Avatar, IconName, Menu, MenuItem},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use org_client::AppEvent;

/// The menu behind the person's circle.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let context = app();
    let navigate = use_navigate();
    let account = context.account.clone();
    let me = Memo::new(move |_| account.me().map(|me| me.account));
    let name = Signal::derive(move || me.get().map(|account| account.name).unwrap_or_default());
    let choose = Callback::new(move |value: String| match value.as_str() {
        "orgs" => navigate("/orgs", NavigateOptions::default()),
        "sign-out" => {
            let context = context.clone();
            crate::context::in_app(async move {
                match context.account.client().sign_out().await {
                    Ok(()) => {
                        context.bus.emit(AppEvent::SignedOut);
                        context.account.forget();
                    }
                    Err(error) => context.toast(
                        crate::context::ToastTone::Failure,
                        "You are still signed in",
                        format!("{error}. Try again when the server can be reached."),
                        None,
                    ),
                }
            });
        }
        _ => {}
    });
    let items = Signal::derive(|| {
        vec![
            MenuItem::new("orgs", "All organizations").icon(IconName::Building),
            MenuItem::new("sign-out", "Sign out").icon(IconName::Logout),
        ]
    });
    move || {
        me.get().map(|account| {
            view! {
                <Menu label=format!("Account of {}", account.name) heading=account.email items on_choose=choose>
                    <Avatar name />
                </Menu>
            }
        })
    }
}
