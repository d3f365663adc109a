//! Finding by typing: which letters of a name the typed ones stand for.

/// For each letter of `name`, whether it was matched by `query`; none where the name does not match.
///
/// A run of letters at the start of a word wins over one inside a word, and that over single letters in order. Case and
/// spaces around do not count. An empty query matches everything and marks nothing.
#[must_use]
pub fn match_letters(name: &str, query: &str) -> Option<Vec<bool>> {
    let fold =
        |text: &str| text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect::<Vec<_>>();
    let (letters, wanted) = (fold(name), fold(query.trim()));
    let mut marks = vec![false; letters.len()];
    if wanted.is_empty() {
        return Some(marks);
    }
    let runs = || (0..letters.len()).filter(|&from| letters[from..].starts_with(&wanted));
    let at_word = runs().find(|&from| from == 0 || !letters[from - 1].is_alphanumeric());
    if let Some(from) = at_word.or_else(|| runs().next()) {
        marks[from..from + wanted.len()].fill(true);
        return Some(marks);
    }
    let mut rest = wanted.iter().filter(|letter| !letter.is_whitespace()).peekable();
    for (at, letter) in letters.iter().enumerate() {
        if rest.peek() == Some(&letter) {
            rest.next();
            marks[at] = true;
        }
    }
    rest.peek().is_none().then_some(marks)
}

/// Cuts a name into runs of letters that are all matched or all not.
#[must_use]
pub fn marked_runs(name: &str, marks: &[bool]) -> Vec<(bool, String)> {
    let mut runs: Vec<(bool, String)> = Vec::new();
    for (at, letter) in name.chars().enumerate() {
        let marked = marks.get(at).copied().unwrap_or(false);
        match runs.last_mut() {
            Some((same, run)) if *same == marked => run.push(letter),
            _ => runs.push((marked, letter.to_string())),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name with matched letters in brackets.
    fn marked(name: &str, query: &str) -> Option<String> {
        let marks = match_letters(name, query)?;
        let runs = marked_runs(name, &marks);
        Some(runs.into_iter().map(|(marked, run)| if marked { format!("[{run}]") } else { run }).collect())
    }

    #[test]
    fn the_start_of_a_word_wins_over_its_middle() {
        assert_eq!(marked("Globex Research", "re").as_deref(), Some("Globex [Re]search"));
        assert_eq!(marked("Area Rental", "re").as_deref(), Some("Area [Re]ntal"));
        assert_eq!(marked("Borealis Energy", "re").as_deref(), Some("Bo[re]alis Energy"));
    }

    #[test]
    fn letters_in_order_match_when_no_run_does() {
        assert_eq!(marked("Northwind Clinic", "nwc").as_deref(), Some("[N]orth[w]ind [C]linic"));
        assert_eq!(marked("Northwind Clinic", "cwn"), None);
    }

    #[test]
    fn nothing_typed_matches_and_marks_nothing() {
        assert_eq!(marked("Acme", "  ").as_deref(), Some("Acme"));
    }

    #[test]
    fn letters_beyond_ascii_count_as_one() {
        assert_eq!(marked("Tomás Ortega", "más").as_deref(), Some("To[más] Ortega"));
        assert_eq!(marked("ÄRZTE", "är").as_deref(), Some("[ÄR]ZTE"));
    }
}
