//! How long an answer may become.

/// Stands at the end of an answer that was cut off here.
pub(super) const CUT: &str = "\n\n*(The answer is longer than what is kept and was cut off here.)*";

/// Counts what was said.
#[derive(Debug)]
pub(super) struct Answer {
    /// Characters that may still be said, the mark not counted.
    room: usize,
    is_empty: bool,
    /// The next text belongs to another message of the provider than what was said before.
    begins_part: bool,
}

impl Answer {
    /// An answer of at most so many characters.
    pub(super) fn new(most: usize) -> Self {
        Self { room: most.saturating_sub(CUT.chars().count()), is_empty: true, begins_part: false }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// From here on the provider says another message.
    pub(super) const fn begin_part(&mut self) {
        self.begins_part = !self.is_empty;
    }

    /// What is said of `text`, and whether that was the last of it.
    pub(super) fn add(&mut self, text: &str) -> (String, bool) {
        let mut said = String::with_capacity(text.len() + 2);
        let between = if self.begins_part && !text.is_empty() { "\n\n" } else { "" };
        for c in between.chars().chain(text.chars()) {
            if self.room == 0 {
                said.push_str(CUT);
                return (said, true);
            }
            self.room -= 1;
            said.push(c);
        }
        if !text.is_empty() {
            self.begins_part = false;
            self.is_empty = false;
        }
        (said, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_cut_at_its_limit_and_marked_whatever_the_pieces() {
        let most = CUT.chars().count() + 5;
        for size in 1..12 {
            let mut answer = Answer::new(most);
            let (mut all, mut ended) = (String::new(), false);
            while !ended {
                let (said, is_full) = answer.add(&"\u{1f980}".repeat(size));
                all.push_str(&said);
                ended = is_full;
            }
            assert_eq!(all, format!("{}{CUT}", "\u{1f980}".repeat(5)));
            assert_eq!(all.chars().count(), most);
        }
        let mut answer = Answer::new(most);
        assert_eq!(answer.add("12345"), ("12345".to_owned(), false));
    }

    #[test]
    fn messages_of_one_answer_are_paragraphs() {
        let mut answer = Answer::new(1000);
        answer.begin_part();
        assert_eq!(answer.add("a").0, "a");
        answer.begin_part();
        assert_eq!(answer.add("").0, "");
        assert_eq!(answer.add("b").0, "\n\nb");
        assert_eq!(answer.add("c").0, "c");
    }
}
