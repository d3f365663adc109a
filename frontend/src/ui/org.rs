//! How organizations and people look: the rounded square is an organization, the circle a person.

use super::{Icon, IconName, IconSize};
use leptos::prelude::*;

/// How large a mark is: 16, 20, 26 or 40 px.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MarkSize {
    /// 16 px, inside a tag.
    Tiny,
    /// 20 px.
    #[default]
    Small,
    /// 26 px, in lists.
    Large,
    /// 40 px, at the head of a page.
    Huge,
}

/// An organization's square: its hue and its letters. The name stands beside it, so it is decoration to a screen reader.
#[component]
pub fn OrgMark(
    /// One of [`shared::org::COLOURS`].
    #[prop(into)]
    colour: Signal<String>,
    /// One or two letters.
    #[prop(into)]
    monogram: Signal<String>,
    /// How large.
    #[prop(optional)]
    size: MarkSize,
) -> impl IntoView {
    let size = match size {
        MarkSize::Tiny => "tiny",
        MarkSize::Small => "small",
        MarkSize::Large => "large",
        MarkSize::Huge => "huge",
    };
    view! {
        <span class="org-mark" data-size=size data-org-colour=move || colour.get() aria-hidden="true">
            {move || monogram.get()}
        </span>
    }
}

/// An organization's mark and name in its own hue: on whatever comes from somewhere else, and on what it belongs to.
#[component]
pub fn OrgTag(
    /// One of [`shared::org::COLOURS`].
    #[prop(into)]
    colour: Signal<String>,
    /// One or two letters.
    #[prop(into)]
    monogram: Signal<String>,
    /// Its name.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="org-tag" data-org-colour=move || colour.get()>
            <OrgMark colour monogram size=MarkSize::Tiny />
            <span class="truncate">{move || name.get()}</span>
        </span>
    }
}

/// The button in the header that says whose data this is and opens the switcher.
#[component]
pub fn SwitcherButton(
    /// One of [`shared::org::COLOURS`].
    #[prop(into)]
    colour: Signal<String>,
    /// One or two letters.
    #[prop(into)]
    monogram: Signal<String>,
    /// The organization's name.
    #[prop(into)]
    name: Signal<String>,
    /// The person's role in it: `Admin`.
    #[prop(into)]
    role: Signal<String>,
    /// Whether the panel is open.
    #[prop(optional, into)]
    open: Signal<bool>,
    /// A switch is being confirmed.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// It was pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="switcher"
            data-org-colour=move || colour.get()
            aria-haspopup="dialog"
            aria-expanded=move || open.get().to_string()
            aria-busy=move || busy.get().then_some("true")
            title=move || name.get()
            on:click=move |_| on_press.run(())
        >
            <OrgMark colour monogram />
            <span class="sr-only">"Organization: "</span>
            <b>{move || name.get()}</b>
            <small>{move || role.get()}</small>
            {move || {
                if busy.get() {
                    view! { <span class="spinner"></span> }.into_any()
                } else {
                    view! { <Icon name=IconName::UpDown size=IconSize::Small /> }.into_any()
                }
            }}
        </button>
    }
}

/// A person's circle with initials. The name stands beside it.
#[component]
pub fn Avatar(
    /// The person's name; its initials are shown.
    #[prop(into)]
    name: Signal<String>,
    /// 20 px instead of 26.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    view! {
        <span class="avatar" data-size=small.then_some("small") aria-hidden="true">
            {move || initials(&name.get())}
        </span>
    }
}

/// First letters of the first and the last word of a name, in capitals.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    words.next().into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// The icon of a page about an organization: a data URL of its mark, for `<link rel="icon">`.
///
/// The colours are those of the light theme: a browser's tab strip follows its own theme, not the page's.
#[must_use]
pub fn favicon(colour: &str, monogram: &str) -> String {
    let (hue, chroma) = match colour {
        "rose" => (12, ".16"),
        "copper" => (45, ".125"),
        "ochre" => (78, ".105"),
        "moss" => (122, ".115"),
        "pine" => (155, ".105"),
        "teal" => (188, ".085"),
        "lagoon" => (218, ".095"),
        "cobalt" => (258, ".17"),
        "iris" => (285, ".19"),
        "plum" => (312, ".17"),
        "fuchsia" => (342, ".17"),
        _ => (255, ".03"),
    };
    // A monogram is letters and digits by the server's rule; anything else must not become markup here.
    let letters: String = monogram.chars().filter(|letter| letter.is_alphanumeric()).take(2).collect();
    format!(
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' \
         height='32' rx='8' fill='oklch(.51 {chroma} {hue})'/%3E%3Ctext x='16' y='21.5' font-family='sans-serif' \
         font-weight='700' font-size='15' text-anchor='middle' fill='white'%3E{letters}%3C/text%3E%3C/svg%3E"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        assert_eq!(initials("Mara Lindqvist"), "ML");
        assert_eq!(initials("  ada "), "A");
        assert_eq!(initials("Jan van der Berg"), "JB");
        assert_eq!(initials("“Quoted” (name)"), "QN");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_favicon_says_what_the_style_sheet_says_of_the_hue() {
        let tokens = include_str!("../../styles/tokens.css");
        for colour in shared::org::COLOURS {
            let rule = tokens
                .lines()
                .find(|line| line.contains(&format!("[data-org-colour=\"{colour}\"]")))
                .expect("each colour has a rule");
            let value = |name: &str| rule.split(name).nth(1).and_then(|rest| rest.split(';').next()).expect("a value");
            let fill = format!("oklch(.51 {} {})", value("--org-c: "), value("--org-h: "));
            assert!(favicon(colour, "AC").contains(&fill), "{colour}: {fill}");
        }
    }

    #[test]
    fn a_monogram_cannot_become_markup() {
        assert!(!favicon("iris", "</").contains("%3E</"));
    }
}
