//! What a person prefers on this device: the theme, and which organizations they were in last.
//!
//! The only place of the app that touches the browser's storage. It holds ids of organizations and no data of any.

use crate::ui::Theme;
use shared::{OrgId, UserId};

/// Most organizations that are remembered as recent.
const MAX_RECENT: usize = 9;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that touches the storage; it holds no data of an organization"
)]
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The theme that was chosen on this device.
#[must_use]
pub fn theme() -> Theme {
    let stored = storage().and_then(|storage| storage.get_item("bulkhead:v1:theme").ok()?);
    Theme::parse(stored.as_deref().unwrap_or_default())
}

/// Remembers the theme and puts it in force.
pub fn set_theme(theme: Theme) {
    if let Some(storage) = storage() {
        // A full or forbidden storage costs the memory of the choice, nothing else.
        let _ = match theme.as_attribute() {
            Some(value) => storage.set_item("bulkhead:v1:theme", value),
            None => storage.remove_item("bulkhead:v1:theme"),
        };
    }
    crate::ui::apply_theme(theme);
}

fn recent_key(user: UserId) -> String {
    format!("bulkhead:v1:{user}:recent-orgs")
}

/// Organizations that this person was in on this device, the last one first.
#[must_use]
pub fn recent_orgs(user: UserId) -> Vec<OrgId> {
    let stored = storage().and_then(|storage| storage.get_item(&recent_key(user)).ok()?).unwrap_or_default();
    stored.split(',').filter_map(|id| id.parse().ok()).take(MAX_RECENT).collect()
}

/// Puts an organization first among the recent ones.
pub fn remember_org(user: UserId, org: OrgId) {
    let ids: Vec<String> = std::iter::once(org)
        .chain(recent_orgs(user).into_iter().filter(|id| *id != org))
        .take(MAX_RECENT)
        .map(|id| id.to_string())
        .collect();
    if let Some(storage) = storage() {
        let _ = storage.set_item(&recent_key(user), &ids.join(","));
    }
}
