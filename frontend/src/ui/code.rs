//! What can be copied: commands, secrets, keys.

use super::{Button, ControlSize, IconName};
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Text in the fixed-width face with a button that copies it.
#[component]
pub fn CodeBlock(
    /// What it shows and copies.
    #[prop(into)]
    text: Signal<String>,
    /// Shown once: broken where it must be, and never cut.
    #[prop(optional)]
    secret: bool,
) -> impl IntoView {
    let pre = NodeRef::<html::Pre>::new();
    let lines = move || {
        text.get()
            .split_inclusive('\n')
            .map(|line| {
                let comment = line.trim_start().starts_with('#');
                view! { <span class:comment=comment>{line.to_owned()}</span> }
            })
            .collect_view()
    };
    view! {
        <div class="code" data-secret=secret.then_some("")>
            <pre node_ref=pre tabindex="0">
                <code>{lines}</code>
            </pre>
            <CopyButton text select=pre />
        </div>
    }
}

/// A secret that is shown this once, with its label.
#[component]
pub fn CopyField(
    /// What it is.
    #[prop(into)]
    label: String,
    /// The secret.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    let name = label.clone();
    view! {
        <div class="field" role="group" aria-label=name>
            <span class="field-label">{label}</span>
            <CodeBlock text=value secret=true />
        </div>
    }
}

/// What became of copying.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    NotYet,
    Yes,
    /// The browser does not let a page without TLS write to the clipboard.
    Selected,
    /// The same, and there is nothing to select.
    Refused,
}

/// Copies a text. Where the browser forbids it, selects what `select` points to and says which keys copy it.
#[component]
#[expect(clippy::disallowed_methods, reason = "asks the browser and nobody else; it may outlive the button")]
pub fn CopyButton(
    /// What it copies.
    #[prop(into)]
    text: Signal<String>,
    /// What shows the text.
    #[prop(optional)]
    select: NodeRef<html::Pre>,
    /// The words before it was pressed.
    #[prop(default = "Copy".to_owned(), into)]
    label: String,
) -> impl IntoView {
    let copied = RwSignal::new(Copied::NotYet);
    let copy = move |()| {
        leptos::task::spawn_local(async move {
            let done = write_clipboard(&text.get_untracked()).await;
            let outcome = match done {
                true => Copied::Yes,
                false if select_all(select) => Copied::Selected,
                false => Copied::Refused,
            };
            // The button may have gone while the browser was asked.
            let _ = copied.try_set(outcome);
        });
    };
    view! {
        <Button size=ControlSize::Small icon=IconName::Copy on_press=Callback::new(copy)>
            <span aria-live="polite">
                {move || match copied.get() {
                    Copied::NotYet => label.clone(),
                    Copied::Yes => "Copied".to_owned(),
                    Copied::Selected => "Press Ctrl C".to_owned(),
                    Copied::Refused => "The browser refused".to_owned(),
                }}
            </span>
        </Button>
    }
}

/// Whether the browser took the text. It has no clipboard at all on a page that did not come over TLS.
async fn write_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).unwrap_or(JsValue::UNDEFINED);
    match clipboard.dyn_into::<web_sys::Clipboard>() {
        Ok(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        Err(_) => false,
    }
}

/// Whether the text is selected now.
fn select_all(element: NodeRef<html::Pre>) -> bool {
    match (element.get_untracked(), window().get_selection()) {
        (Some(pre), Ok(Some(selection))) => selection.select_all_children(&pre).is_ok(),
        _ => false,
    }
}

/// A key, as it is written on the keyboard.
#[component]
pub fn Kbd(
    /// `Ctrl K`.
    #[prop(into)]
    keys: String,
) -> impl IntoView {
    view! { <kbd>{keys}</kbd> }
}
