//! Messages over the page.

use crate::{
    context::{Retry, ToastTone, app},
    ui::{ToastItem, ToastRegion, Tone},
};
use leptos::prelude::*;

/// The corner where they appear.
#[component]
pub fn Toasts() -> impl IntoView {
    let context = app();
    let messages = context.toasts;
    let toasts = Signal::derive(move || {
        messages
            .get()
            .into_iter()
            .map(|message| ToastItem {
                id: message.id,
                tone: match message.tone {
                    ToastTone::Success => Tone::Ok,
                    ToastTone::Failure => Tone::Crit,
                },
                title: message.title,
                text: message.detail,
                org: None,
                action: message.retry.map(|_| "Try again".to_owned()),
            })
            .collect::<Vec<_>>()
    });
    let (dismissing, retrying) = (context.clone(), context);
    let retry = move |id: u64| {
        let what =
            retrying.toasts.with_untracked(|all| all.iter().find(|toast| toast.id == id).and_then(|toast| toast.retry));
        retrying.dismiss(id);
        match what {
            Some(Retry::Orgs) => retrying.refresh_orgs(),
            None => {}
        }
    };
    view! { <ToastRegion toasts on_dismiss=move |id| dismissing.dismiss(id) on_action=Callback::new(retry) /> }
}
