//! What a person prefers on this device: the theme, and which organizations they were in last.
//!
//! The only place of the app that touches the browser's storage. It holds ids of organizations and no data of any.

use shared::{OrgId, UserId};

/// Most organizations that are remembered as recent.
const MAX_RECENT: usize = 9;

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme` on the page's root; none for the system's.
    #[must_use]
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The theme that was chosen on this device.
#[must_use]
pub fn theme() -> Theme {
    let stored = storage().and_then(|storage| storage.get_item("bulkhead:v1:theme").ok()?);
    match stored.as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Remembers the theme and puts it in force.
pub fn set_theme(theme: Theme) {
    if let Some(storage) = storage() {
        // A full or forbidden storage costs the memory of the choice, nothing else.
        let _ = match theme.attribute() {
            Some(value) => storage.set_item("bulkhead:v1:theme", value),
            None => storage.remove_item("bulkhead:v1:theme"),
        };
    }
    apply_theme(theme);
}

/// Puts a theme in force.
pub fn apply_theme(theme: Theme) {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let Some(root) = root else { return };
    let _ = match theme.attribute() {
        Some(value) => root.set_attribute("data-theme", value),
        None => root.remove_attribute("data-theme"),
    };
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
