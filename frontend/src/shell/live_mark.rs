//! Whether what is on screen is live.

use crate::{context::app, ui::format};
use leptos::prelude::*;
use org_client::{LiveState, SwitchState};

/// A dot and a word: live, connecting, on hold, or offline and since when.
#[component]
pub fn LiveMark() -> impl IntoView {
    let switcher = app().switcher;
    let state = Memo::new(move |_| {
        if matches!(switcher.state(), SwitchState::Confirming { .. }) {
            return ("hold", "On hold".to_owned());
        }
        let live = switcher.active().and_then(|active| active.live.try_get());
        match live {
            Some(LiveState::Live) => ("live", "Live".to_owned()),
            Some(LiveState::Connecting) | None => ("connecting", "Connecting".to_owned()),
            Some(LiveState::Offline { since }) => {
                ("down", format!("Offline since {}", format::clock(since, offset_s())))
            }
            Some(LiveState::Ended) => ("down", "Ended".to_owned()),
        }
    });
    view! {
        <span class="live wide-only" role="status" data-state=move || state.get().0>
            {move || state.get().1}
        </span>
    }
}

/// Seconds that this machine's time zone is ahead of UTC.
#[must_use]
pub fn offset_s() -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a time zone is less than a day off")]
    let seconds = (-js_sys::Date::new_0().get_timezone_offset() * 60.0) as i32;
    seconds
}
