//! Rules for every text file.

use super::{File, Finding};

/// Longer files have more than one reason to change. At about 400 lines look for the seam.
const MAX_LINES: usize = 600;
/// Only what people write is measured.
const MEASURED: &[&str] = &["rs", "css", "ts", "js", "html", "sql", "sh"];

/// Written by tools, which have their own idea of white space.
const GENERATED: &[&str] = &["Cargo.lock", "package-lock.json", "LICENSE"];
const GENERATED_EXTENSIONS: &[&str] = &["stderr", "snap", "svg"];

pub(super) fn check(file: &File) -> Vec<Finding> {
    if GENERATED.contains(&file.name()) || file.has_extension(GENERATED_EXTENSIONS) {
        return Vec::new();
    }
    [white_space(file), merge_markers(file), length(file), to_dos(file), spelling(file)].into_iter().flatten().collect()
}

fn white_space(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.text.contains('\r') {
        findings.push(file.finding(0, "has Windows line ends: save it with \\n"));
    } else {
        for (number, line) in file.lines() {
            if line.contains('\t') {
                findings.push(file.finding(number, "a tab: indent with spaces"));
            }
            if line.ends_with([' ', '\t']) {
                findings.push(file.finding(number, "white space at the end of the line: remove it"));
            }
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        findings.push(file.finding(file.text.lines().count(), "the last line has no line end: add one"));
    }
    findings
}

fn merge_markers(file: &File) -> Vec<Finding> {
    // Put together here, or this file would be found.
    let markers = ["<".repeat(7), "|".repeat(7), ">".repeat(7)];
    file.lines()
        .filter(|(_, line)| markers.iter().any(|marker| line.starts_with(marker)))
        .map(|(number, _)| file.finding(number, "the marker of a merge conflict: finish the merge"))
        .collect()
}

fn length(file: &File) -> Vec<Finding> {
    let count = file.text.lines().count();
    if count <= MAX_LINES || !file.has_extension(MEASURED) {
        return Vec::new();
    }
    vec![file.finding(0, format!("{count} lines, and {MAX_LINES} is the most: find the seam and make two files of it"))]
}

/// A note of unfinished work names the issue in which it is going to be finished: `TODO(#12)`.
fn to_dos(file: &File) -> Vec<Finding> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        for word in words {
            let is_open = line.match_indices(word).any(|(at, _)| {
                let (before, after) = (&line[..at], &line[at + word.len()..]);
                let is_word = !before.ends_with(is_part_of_word) && !after.starts_with(is_part_of_word);
                is_word && !names_issue(after)
            });
            if is_open {
                findings
                    .push(file.finding(number, format!("a {word} without an issue: write {word}(#12), or do it now")));
            }
        }
    }
    findings
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn names_issue(after: &str) -> bool {
    after
        .strip_prefix("(#")
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(number, _)| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

/// One word for one thing, spelled one way, so that a search finds all of it.
fn spelling(file: &File) -> Vec<Finding> {
    let word = concat!("organi", "sation");
    file.lines()
        .filter(|(_, line)| line.to_lowercase().contains(word))
        .map(|(number, _)| file.finding(number, "spell it organization"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_only, file};
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Finding> {
        check(&file(path, text))
    }

    #[test]
    fn a_tidy_file_has_no_finding() {
        assert_eq!(found("src/a.rs", "//! Fine.\n\nfn main() {}\n"), []);
        assert_eq!(found("src/empty.rs", ""), []);
    }

    #[test]
    fn tabs_and_white_space_at_the_end_are_found() {
        assert_only(&found("a.rs", "fn a() {\n\tb();\n}\n"), 2, "tab");
        assert_only(&found("a.md", "one\ntwo \n"), 2, "end of the line");
    }

    #[test]
    fn windows_line_ends_are_found_once_for_the_file() {
        assert_only(&found("a.rs", "one\r\ntwo\r\n"), 0, "Windows");
    }

    #[test]
    fn a_missing_line_end_is_found() {
        assert_only(&found("a.rs", "one\ntwo"), 2, "no line end");
    }

    #[test]
    fn each_marker_of_a_merge_conflict_is_found() {
        for marker in ["<", "|", ">"] {
            assert_only(&found("a.rs", &format!("one\n{} main\n", marker.repeat(7))), 2, "merge");
        }
    }

    #[test]
    fn a_long_file_is_found_if_people_wrote_it() {
        let long = "x\n".repeat(MAX_LINES + 1);
        assert_only(&found("a.rs", &long), 0, "601 lines");
        assert_eq!(found("a.rs", &"x\n".repeat(MAX_LINES)), []);
        assert_eq!(found("Cargo.lock", &long), []);
        assert_eq!(found("data.json", &long), []);
    }

    #[test]
    fn open_work_needs_an_issue() {
        let word = concat!("TO", "DO");
        assert_only(&found("a.rs", &format!("// {word}: later\n")), 1, "without an issue");
        assert_only(&found("a.rs", &format!("// {word}(#): later\n")), 1, "without an issue");
        assert_only(&found("a.css", &format!("/* {} */\n", concat!("FIX", "ME"))), 1, "without an issue");
        assert_eq!(found("a.rs", &format!("// {word}(#12): later\nlet x = MY_{word}S;\n")), []);
    }

    #[test]
    fn the_other_spelling_of_organization_is_found() {
        assert_only(&found("a.md", concat!("An Organi", "sation.\n")), 1, "organization");
    }
}
