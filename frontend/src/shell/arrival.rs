//! Step 6 of a switch: it is announced once the new data is on screen.

use crate::{context::app, shell::frame::Here};
use leptos::prelude::*;
use org_client::AppEvent;

/// Says where one has arrived, and puts the focus on the page's heading.
#[component]
pub fn Arrival(
    /// The organization on screen.
    here: Here,
) -> impl IntoView {
    let context = app();
    let said = RwSignal::new(String::new());
    context.bus.subscribe("arrival", move |event| {
        let AppEvent::OrgSwitched(switched) = event else { return };
        // The first organization of a tab is no switch to anybody.
        let from_another = switched.from.is_some();
        said.set(String::new());
        // After the frame that shows it: what is announced is already true.
        request_animation_frame(move || {
            if !from_another {
                return;
            }
            if let Some(org) = here.org.get_untracked() {
                said.set(format!("Switched to {}", org.name));
            }
            focus_heading();
        });
    });
    view! { <div class="sr-only" role="status" aria-live="polite">{move || said.get()}</div> }
}

fn focus_heading() {
    let heading = document().query_selector("main h1").ok().flatten();
    if let Some(heading) = heading {
        let _ = heading.set_attribute("tabindex", "-1");
        if let Ok(heading) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(heading) {
            let _ = heading.focus();
        }
    }
}
