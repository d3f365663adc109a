//! Dialogs, on the browser's own `<dialog>`: it keeps the focus inside, closes by Esc, and gives the focus back.

use super::{IconButton, IconName, OrgMark};
use leptos::{html, prelude::*, wasm_bindgen::JsCast as _};

/// What a dialog is for: its main button, as long as it can be pressed.
const PRIMARY: &str =
    ".dialog-foot .button[data-kind='primary']:not([disabled], [aria-disabled='true'], [aria-busy='true'])";

/// How wide a dialog is at most: 464, 560 or 976 px.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DialogSize {
    /// 464 px: a question.
    Small,
    /// 560 px: a form.
    #[default]
    Medium,
    /// 976 px: a table.
    Wide,
}

/// A modal dialog; up to 720 px a sheet from below.
///
/// What it holds is made anew each time it opens, so that nothing of the last time is left in its fields.
#[component]
pub fn Dialog(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Esc, the cross, or a press beside it. The page answers by closing it, or not.
    #[prop(into)]
    on_close: Callback<()>,
    /// Asks or names the act: `Remove Sofie Bakker?`
    #[prop(into)]
    title: Signal<String>,
    /// What follows from it.
    #[prop(optional, into)]
    text: Signal<String>,
    /// Colour and monogram of the organization in which something changes.
    #[prop(optional, into)]
    org: Signal<Option<(String, String)>>,
    /// How wide it is.
    #[prop(optional)]
    size: DialogSize,
    /// What stands in its foot: *Cancel*, then the act.
    #[prop(optional, into)]
    foot: Option<ViewFn>,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    let title_id = super::unique_id("dialog");
    let label_id = title_id.clone();
    let opener = StoredValue::new_local(None::<web_sys::Element>);
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                opener.set_value(document().active_element());
                // It fails only for a dialog that is not in the page, and then there is nothing to show.
                drop(dialog.show_modal());
            }
            (false, true) => {
                opener.set_value(None);
                dialog.close();
            }
            _ => {}
        }
    });
    // A dialog that is taken out of the page without being closed takes the focus with it.
    on_cleanup(move || {
        let opener = opener.try_get_value().flatten().and_then(|opener| opener.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(opener) = opener {
            request_animation_frame(move || {
                let lost = document().active_element().is_none_or(|focused| focused.tag_name() == "BODY");
                if lost && opener.is_connected() {
                    drop(opener.focus());
                }
            });
        }
    });
    let size = match size {
        DialogSize::Small => "small",
        DialogSize::Medium => "medium",
        DialogSize::Wide => "wide",
    };
    view! {
        <dialog
            class="dialog"
            data-size=size
            node_ref=element
            aria-labelledby=label_id
            // The page decides whether it closes: there may be something unsaved.
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                on_close.run(());
            }
            // As in a form: Enter in a line of text does what the dialog is for.
            on:keydown=move |event| {
                let in_a_line = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
                if event.key() == "Enter"
                    && !event.is_composing()
                    && in_a_line.is_some()
                    && let Some(dialog) = element.get_untracked()
                    && let Ok(Some(act)) = dialog.query_selector(PRIMARY)
                    && let Ok(act) = act.dyn_into::<web_sys::HtmlElement>()
                {
                    event.prevent_default();
                    act.click();
                }
            }
            on:click=move |event| {
                let beside = element.get_untracked().is_some_and(|dialog| {
                    event.target().is_some_and(|target| &target == AsRef::<web_sys::EventTarget>::as_ref(&dialog))
                });
                if beside {
                    on_close.run(());
                }
            }
        >
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="dialog-frame">
                                <header class="dialog-head">
                                    <h2 id=title_id.clone()>
                                        {org
                                            .get()
                                            .map(|(colour, monogram)| view! { <OrgMark colour monogram /> })}
                                        {move || title.get()}
                                    </h2>
                                    {move || {
                                        let text = text.get();
                                        (!text.is_empty()).then(|| view! { <p>{text}</p> })
                                    }}
                                    <div class="dialog-close">
                                        <IconButton icon=IconName::Close label="Close" on_press=on_close />
                                    </div>
                                </header>
                                <div class="dialog-body">{children()}</div>
                                {foot.clone().map(|foot| view! { <footer class="dialog-foot">{foot.run()}</footer> })}
                            </div>
                        }
                    })
            }}
        </dialog>
    }
}
