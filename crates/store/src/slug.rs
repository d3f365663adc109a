//! Slugs: the word that names an organization in URLs.

/// Words that mean something else in a URL, now or foreseeably.
const RESERVED: [&str; 40] = [
    "about",
    "account",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "bulkhead",
    "dashboard",
    "default",
    "docs",
    "global",
    "health",
    "healthz",
    "help",
    "hosts",
    "install",
    "live",
    "login",
    "logout",
    "me",
    "metrics",
    "new",
    "null",
    "operator",
    "org",
    "orgs",
    "public",
    "readyz",
    "root",
    "search",
    "sessions",
    "settings",
    "setup",
    "static",
    "status",
    "support",
    "system",
    "ui",
];

/// Fewest and most characters of a slug.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=40;

/// Whether a text can be a slug: 2 to 40 of `a` to `z`, `0` to `9` and `-`, with no hyphen at an end and no two in a
/// row, and no reserved word. A text of the form of an id is none either, since the same place in a URL takes ids.
///
/// # Errors
/// What is wrong, as a sentence for the person who typed it.
pub fn validate(slug: &str) -> Result<(), String> {
    if !LENGTH.contains(&slug.len()) {
        return Err("A slug has 2 to 40 characters.".to_owned());
    }
    if !slug.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
        return Err("A slug consists of the letters a to z, digits and hyphens.".to_owned());
    }
    if slug.starts_with('-') || slug.ends_with('-') || slug.contains("--") {
        return Err("A slug neither starts nor ends with a hyphen, and has no two in a row.".to_owned());
    }
    if RESERVED.contains(&slug) || slug.parse::<shared::OrgId>().is_ok() {
        return Err(format!("{slug} is reserved. Choose another slug."));
    }
    Ok(())
}

/// A slug for a name. Always valid; whether it is free is another question.
#[must_use]
pub fn from_name(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        let plain = match letter {
            'a'..='z' | '0'..='9' => letter,
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => 'a',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            'ñ' => 'n',
            'ß' => 's',
            _ => '-',
        };
        if plain != '-' || !(slug.is_empty() || slug.ends_with('-')) {
            slug.push(plain);
        }
    }
    slug.truncate(*LENGTH.end());
    let slug = slug.trim_matches('-').to_owned();
    if validate(&slug).is_ok() {
        return slug;
    }
    let longer: String = format!("org-{slug}").chars().take(*LENGTH.end()).collect();
    if validate(&longer).is_ok() { longer } else { "org-1".to_owned() }
}

/// The same slug with a number behind it, for one that is taken.
pub(crate) fn numbered(slug: &str, number: usize) -> String {
    let suffix = format!("-{number}");
    let kept: String = slug.chars().take(LENGTH.end() - suffix.len()).collect();
    format!("{}{suffix}", kept.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_slugs_are_refused_with_a_sentence() {
        for slug in [
            "",
            "a",
            "-a",
            "a-",
            "a--b",
            "Acme",
            "a b",
            "../b",
            "b.db",
            "ac\u{202e}me",
            "api",
            "o\0o",
            "é1",
            "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f",
            &"a".repeat(41),
        ] {
            let message = validate(slug).expect_err(slug);
            assert!(message.ends_with('.'), "{message}");
        }
        for slug in ["ab", "acme", "acme-2", "7seas", &"a".repeat(40)] {
            assert_eq!(validate(slug), Ok(()), "{slug}");
        }
    }

    #[test]
    fn every_name_gives_a_valid_slug() {
        assert_eq!(from_name("Acme Corp."), "acme-corp");
        assert_eq!(from_name("Müller & Söhne"), "muller-sohne");
        assert_eq!(from_name("API"), "org-api");
        for name in ["", "日本", "x", "  -- ", "-", "O", &"é".repeat(200), &"a-".repeat(60), "system"] {
            let slug = from_name(name);
            assert_eq!(validate(&slug), Ok(()), "{name:?} gave {slug:?}");
            assert_eq!(validate(&numbered(&slug, 12)), Ok(()), "{slug:?}");
        }
    }
}
