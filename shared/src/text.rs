//! What texts may hold that people read.

/// Whether a character makes a text look like another: controls, those that turn the direction of reading, and those that
/// cannot be seen.
#[must_use]
pub fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
                | '\u{3164}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::is_deceptive;

    #[test]
    fn what_is_read_as_it_is_written_is_fine() {
        assert!("Grüße, 東京 – שלום 🚀 <b>".chars().all(|letter| !is_deceptive(letter)));
        for letter in ['\0', '\u{7}', '\u{202e}', '\u{200b}', '\u{2028}', '\u{3164}', '\u{ad}', '\u{61c}'] {
            assert!(is_deceptive(letter), "{:?}", letter.escape_unicode().to_string());
        }
    }
}
