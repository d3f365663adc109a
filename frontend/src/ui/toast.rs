//! Toasts: what came of what one did. Errors stay until they are dismissed.

use super::{Icon, IconButton, IconName, OrgMark, Tone};
use leptos::prelude::*;

/// One toast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToastItem {
    /// Tells it from the others.
    pub id: u64,
    /// What it is about.
    pub tone: Tone,
    /// What happened.
    pub title: String,
    /// What follows from it.
    pub text: String,
    /// Colour and monogram of the organization that it is about.
    pub org: Option<(String, String)>,
    /// The words on its button: `Undo`.
    pub action: Option<String>,
}

/// The corner where toasts appear. It is there from the start, so that a screen reader hears what comes into it.
#[component]
pub fn ToastRegion(
    /// Newest last.
    #[prop(into)]
    toasts: Signal<Vec<ToastItem>>,
    /// One was dismissed.
    #[prop(into)]
    on_dismiss: Callback<u64>,
    /// The button of one was pressed.
    #[prop(optional, into)]
    on_action: Option<Callback<u64>>,
) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-relevant="additions">
            <For each=move || toasts.get() key=|toast| toast.id let:toast>
                <Toast toast on_dismiss on_action=Signal::stored(on_action) />
            </For>
        </div>
    }
}

/// One toast, where it stands.
#[component]
pub fn Toast(
    /// What it says.
    toast: ToastItem,
    /// It was dismissed.
    #[prop(into)]
    on_dismiss: Callback<u64>,
    /// Its button was pressed.
    #[prop(optional, into)]
    on_action: Signal<Option<Callback<u64>>>,
) -> impl IntoView {
    let id = toast.id;
    let mark = match toast.org {
        Some((colour, monogram)) => view! { <OrgMark colour monogram /> }.into_any(),
        None => {
            let name = match toast.tone {
                Tone::Ok => IconName::Check,
                Tone::Warn => IconName::Warning,
                Tone::Crit => IconName::Error,
                _ => IconName::Info,
            };
            view! { <Icon name /> }.into_any()
        }
    };
    view! {
        <div class="toast" data-tone=toast.tone.as_str()>
            <span class="toast-mark">{mark}</span>
            <div class="toast-text">
                <b>{toast.title}</b>
                <p>{toast.text}</p>
            </div>
            <div class="end">
                {toast
                    .action
                    .map(|words| {
                        view! {
                            <button
                                type="button"
                                class="button"
                                data-size="small"
                                on:click=move |_| {
                                    if let Some(on_action) = on_action.get_untracked() {
                                        on_action.run(id);
                                    }
                                }
                            >
                                {words}
                            </button>
                        }
                    })}
                <IconButton
                    icon=IconName::Close
                    label="Dismiss"
                    size=super::ControlSize::Small
                    on_press=Callback::new(move |()| on_dismiss.run(id))
                />
            </div>
        </div>
    }
}
