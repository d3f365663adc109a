//! The button that changes the theme.

use super::{IconButton, IconName};
use leptos::prelude::*;

/// Which theme a person wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// The system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme` on the root, and what is stored; none follows the system.
    #[must_use]
    pub const fn as_attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The theme that was stored; what is not known follows the system.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The next one that the button gives.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::System => "Theme: as the system",
            Self::Light => "Theme: light",
            Self::Dark => "Theme: dark",
        }
    }
}

/// Puts a theme on the page. The only place that touches `data-theme`.
pub fn apply_theme(theme: Theme) {
    if let Some(root) = document().document_element() {
        // Neither can fail: the name is a valid one.
        drop(match theme.as_attribute() {
            Some(value) => root.set_attribute("data-theme", value),
            None => root.remove_attribute("data-theme"),
        });
    }
}

/// Goes from one theme to the next. Its icon shows the one in force.
#[component]
pub fn ThemeButton(
    /// The theme in force.
    #[prop(into)]
    theme: Signal<Theme>,
    /// The next one was asked for.
    #[prop(into)]
    on_change: Callback<Theme>,
) -> impl IntoView {
    let icon = Signal::derive(move || match theme.get() {
        Theme::System => IconName::Contrast,
        Theme::Light => IconName::Sun,
        Theme::Dark => IconName::Moon,
    });
    view! {
        <IconButton
            icon
            label=Signal::derive(move || theme.get().title().to_owned())
            on_press=Callback::new(move |()| on_change.run(theme.get_untracked().next()))
        />
    }
}
