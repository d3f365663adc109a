//! Texts that others wrote, on their way to the provider or back.

/// Most characters of a name or another short text.
const MAX_SHORT: usize = 120;

/// A short text.
pub(super) fn cut(text: &str) -> String {
    cut_to(text, MAX_SHORT)
}

/// At most so many characters, with a mark where some are missing.
pub(super) fn cut_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Without the characters that a terminal or a database would choke on, and those that turn the direction of reading.
pub(super) fn printable(text: &str) -> String {
    let is_fine = |letter: &char| match letter {
        '\n' | '\t' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        letter => !letter.is_control(),
    };
    text.chars().filter(is_fine).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_says_can_be_kept_and_shown() {
        assert_eq!(printable("a\u{0}b\r\n\tc\u{1b}[31m \u{202e}d é"), "ab\n\tc[31m d é");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!((cut_to("ééééé", 5), cut_to("ééé", 2)), ("ééééé".to_owned(), "éé…".to_owned()));
    }
}
