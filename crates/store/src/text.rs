//! Texts that people type and others read.

use crate::Invalid;
use shared::text::is_deceptive;

/// Most characters of a name.
const MAX_NAME: usize = 80;
/// Most characters of a description.
const MAX_DESCRIPTION: usize = 500;
/// Most bytes of an address.
const MAX_EMAIL: usize = 254;

/// A name, trimmed: 1 to 80 characters, none of them a control or direction character.
///
/// # Errors
/// What is wrong, with the pointer that was given.
pub(crate) fn name(text: &str, pointer: &'static str) -> Result<String, Invalid> {
    let text = text.trim();
    let message = match text.chars().count() {
        0 => "A name has at least one character.",
        count if count > MAX_NAME => "A name has at most 80 characters.",
        _ if text.chars().any(is_deceptive) => {
            "A name has no control characters, and none that turn the direction of text."
        }
        _ => return Ok(text.to_owned()),
    };
    Err(Invalid { pointer, message: message.to_owned() })
}

/// One line, trimmed: at most so many characters, and none that deceive.
pub(crate) fn line(text: &str, pointer: &'static str, most: usize) -> Result<String, Invalid> {
    let text = text.trim();
    bounded(text, pointer, most)?;
    if text.chars().any(is_deceptive) {
        let message =
            "One line without control characters, and without any that turn the direction of text.".to_owned();
        return Err(Invalid { pointer, message });
    }
    Ok(text.to_owned())
}

/// Lines, without blanks at their end: at most so many characters; tabs and line breaks are fine.
pub(crate) fn lines(text: &str, pointer: &'static str, most: usize) -> Result<String, Invalid> {
    typed(text.trim_end(), pointer, most)
}

/// Lines as they are being typed, with the blanks at their end.
pub(crate) fn typed(text: &str, pointer: &'static str, most: usize) -> Result<String, Invalid> {
    let text = text.replace("\r\n", "\n");
    bounded(&text, pointer, most)?;
    if text.chars().any(|letter| is_deceptive(letter) && !matches!(letter, '\n' | '\t')) {
        let message = "No control characters, and none that turn the direction of text.".to_owned();
        return Err(Invalid { pointer, message });
    }
    Ok(text)
}

/// Whether a text has characters that make it look like another.
pub(crate) fn is_deceiving(text: &str) -> bool {
    text.chars().any(is_deceptive)
}

fn bounded(text: &str, pointer: &'static str, most: usize) -> Result<(), Invalid> {
    let count = text.chars().count();
    if count > most {
        let message = format!("At most {most} characters; these are {count}.");
        return Err(Invalid { pointer, message });
    }
    Ok(())
}

/// A description, trimmed: at most 500 characters; line breaks and tabs are fine.
pub(crate) fn description(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let deceptive = text.chars().any(|letter| is_deceptive(letter) && !matches!(letter, '\n' | '\r' | '\t'));
    let message = if text.chars().count() > MAX_DESCRIPTION {
        "A description has at most 500 characters."
    } else if deceptive {
        "A description has no control characters, and none that turn the direction of text."
    } else {
        return Ok(text.to_owned());
    };
    Err(Invalid { pointer: "/description", message: message.to_owned() })
}

/// An address in the form in which it is kept and looked up: trimmed, in lower case.
pub(crate) fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// An address that could be one: something, an `@`, something, without blanks. Whether mail arrives is not asked.
pub(crate) fn email(text: &str) -> Result<String, Invalid> {
    let email = normal_email(text);
    let well_formed = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
    });
    let plain = !email.chars().any(|letter| letter.is_whitespace() || is_deceptive(letter));
    if well_formed && plain && email.len() <= MAX_EMAIL {
        return Ok(email);
    }
    Err(Invalid { pointer: "/email", message: "That is no mail address. One looks like name@example.org.".to_owned() })
}

/// One of the theme's hues.
pub(crate) fn colour(text: &str) -> Result<String, Invalid> {
    if shared::org::COLOURS.contains(&text) {
        return Ok(text.to_owned());
    }
    let message = format!("A colour is one of {}.", shared::org::COLOURS.join(", "));
    Err(Invalid { pointer: "/colour", message })
}

/// One or two letters or digits, in upper case.
pub(crate) fn monogram(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if matches!(text.chars().count(), 1 | 2) && text.chars().all(char::is_alphanumeric) {
        return Ok(text.to_uppercase().chars().take(2).collect());
    }
    Err(Invalid { pointer: "/monogram", message: "A monogram is one or two letters or digits.".to_owned() })
}

/// A monogram for a name: the initials of its first two words, or the first two letters of its only one.
pub(crate) fn monogram_of(name: &str) -> String {
    let words: Vec<Vec<char>> = name
        .split_whitespace()
        .map(|word| word.chars().filter(|letter| letter.is_alphanumeric()).collect::<Vec<_>>())
        .filter(|word| !word.is_empty())
        .collect();
    let letters: String = match words.as_slice() {
        [] => "O".to_owned(),
        [word] => word.iter().take(2).collect(),
        [first, second, ..] => [first[0], second[0]].iter().collect(),
    };
    letters.to_uppercase().chars().take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_look_like_another_is_refused() {
        assert_eq!(name("  Acme  ", "/name"), Ok("Acme".to_owned()));
        for bad in ["", "   ", "a\nb", "evil\u{202e}emca", "a\u{200b}b", &"x".repeat(81)] {
            assert!(name(bad, "/name").is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn addresses_are_kept_in_one_form() {
        assert_eq!(email(" Ann@Example.ORG "), Ok("ann@example.org".to_owned()));
        for bad in ["", "ann", "@x", "ann@", "a b@c", "a@b@c", "ann@.org", "a\u{202e}@b.c"] {
            assert!(email(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn every_name_has_a_monogram_of_one_or_two_letters() {
        for (from, to) in
            [("Acme Corp", "AC"), ("acme", "AC"), ("x", "X"), ("!!!", "O"), ("日本", "日本"), ("ß x", "SS")]
        {
            assert_eq!(monogram_of(from), to, "{from}");
        }
    }
}
