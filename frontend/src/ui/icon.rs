//! Icons, drawn from the sprite that `index.html` holds.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident => $id:literal),* $(,)?) => {
        /// An icon of `assets/icons.svg`, by what it shows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each name says what it shows")]
        pub enum IconName { $($name),* }

        impl IconName {
            /// All icons.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Where the sprite holds it.
            #[must_use]
            pub const fn href(self) -> &'static str {
                match self { $(Self::$name => concat!("#i-", $id)),* }
            }
        }
    };
}

icons! {
    Bulkhead => "bulkhead", Hosts => "hosts", Guest => "guest", Container => "container", Storage => "storage",
    Alert => "alert", Assistant => "assistant", Overview => "overview", Access => "access", Sharing => "sharing",
    Billing => "billing", Search => "search", Filter => "filter", Plus => "plus", Close => "close", Check => "check",
    More => "more", Menu => "menu", ChevronDown => "chevron-down", ChevronUp => "chevron-up",
    ChevronRight => "chevron-right", UpDown => "updown", ArrowLeft => "arrow-left", Lock => "lock", Key => "key",
    Wrench => "wrench", Info => "info", Warning => "warning", Error => "error", Help => "help", Sun => "sun",
    Moon => "moon", Contrast => "contrast", Copy => "copy", Link => "link", Edit => "edit", Trash => "trash",
    Pause => "pause", Refresh => "refresh", Table => "table", Offline => "offline", Eye => "eye",
    Shield => "shield", Logout => "logout", User => "user", Building => "building",
}

/// How large an icon is: 14, 16 or 20 px.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IconSize {
    /// 14 px, beside 12 px text.
    Small,
    /// 16 px.
    #[default]
    Medium,
    /// 20 px, in the tab bar.
    Large,
}

/// An icon beside words. It is decoration to a screen reader: the words say it.
#[component]
pub fn Icon(
    /// Which.
    #[prop(into)]
    name: Signal<IconName>,
    /// How large.
    #[prop(optional)]
    size: IconSize,
) -> impl IntoView {
    let size = match size {
        IconSize::Small => "small",
        IconSize::Medium => "medium",
        IconSize::Large => "large",
    };
    view! {
        <svg class="icon" data-size=size aria-hidden="true">
            <use href=move || name.get().href() />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_in_the_sprite_and_the_sprite_holds_no_other() {
        let sprite = include_str!("../../assets/icons.svg");
        for icon in IconName::ALL {
            let id = icon.href().trim_start_matches('#');
            assert!(sprite.contains(&format!("id=\"{id}\"")), "{id} is missing");
        }
        assert_eq!(sprite.matches("<symbol ").count(), IconName::ALL.len());
    }
}
