//! Rules for Rust: module files, lint levels, and nothing in the client that outlives an organization.

use super::{File, Finding};

pub(super) fn check(file: &File) -> Vec<Finding> {
    if !file.has_extension(&["rs"]) {
        return Vec::new();
    }
    let code = code_lines(&file.text);
    [module_file(file), lint_levels(file, &code), ownerless_state(file, &code)].into_iter().flatten().collect()
}

fn module_file(file: &File) -> Vec<Finding> {
    if file.name() != "mod.rs" {
        return Vec::new();
    }
    let folder = file.path.trim_end_matches("/mod.rs");
    vec![
        file.finding(
            0,
            format!("a file named mod.rs: call it {folder}.rs, so that an editor's tabs can be told apart"),
        ),
    ]
}

fn lint_levels(file: &File, code: &[String]) -> Vec<Finding> {
    let attributes = [concat!("#[", "allow("), concat!("#![", "allow(")];
    numbered(code)
        .filter(|(_, line)| {
            let inside_cfg_attr = line.contains("cfg_attr(") && line.contains(concat!(" ", "allow("));
            inside_cfg_attr || attributes.iter().any(|attribute| line.contains(attribute))
        })
        .map(|(number, _)| {
            let advice = "a lint is switched off for good: write #[expect(…, reason = \"…\")], which complains when it is not needed";
            file.finding(number, advice)
        })
        .collect()
}

/// Where everything belongs to the owner of an organization and dies with it.
const OWNED: &[&str] = &["frontend/src/", "crates/org-client/src/"];

/// Ways to keep something beyond the switch, and where it belongs instead.
const OWNERLESS: &[(&str, &str)] = &[
    ("static", "a static outlives every switch"),
    ("thread_local!", "a thread-local outlives every switch"),
    ("LazyLock", "a lazy static outlives every switch"),
    ("OnceLock", "a lazy static outlives every switch"),
    ("lazy_static", "a lazy static outlives every switch"),
    ("local_storage", "storage without the user and the organization in its key is read by the next one"),
    ("session_storage", "storage without the user and the organization in its key is read by the next one"),
    ("set_cookie", "a cookie is sent whatever organization is open"),
    ("document.cookie", "a cookie is sent whatever organization is open"),
];

/// A place that may do what is forbidden elsewhere.
struct Exception {
    path: &'static str,
    word: &'static str,
    /// For the reader of this list.
    #[expect(dead_code, reason = "an exception without a reason must not compile")]
    reason: &'static str,
}

/// May only shrink: an entry that is not needed is a finding.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        path: "frontend/src/preferences.rs",
        word: "local_storage",
        reason: "what a person prefers on this device, such as the theme, is of no organization",
    },
    Exception {
        path: "frontend/src/browser.rs",
        word: "session_storage",
        reason: "what is behind OrgStorage, which names user and organization in each key",
    },
    Exception {
        path: "frontend/src/ui/id.rs",
        word: "static",
        reason: "a counter for ids of elements, which must be unique in the page and say nothing",
    },
];

fn ownerless_state(file: &File, code: &[String]) -> Vec<Finding> {
    if !OWNED.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in numbered(code) {
        for (word, why) in OWNERLESS.iter().filter(|(word, _)| uses(line, word)) {
            if !EXCEPTIONS.iter().any(|exception| exception.covers(file, word)) {
                findings.push(file.finding(
                    number,
                    format!(
                        "{word}: {why}. Keep it in the owner of the organization (OrgSession, OrgCaches, OrgStorage)"
                    ),
                ));
            }
        }
    }
    findings
}

/// Exceptions that nothing needs any more.
pub(super) fn stale_exceptions(files: &[File]) -> Vec<Finding> {
    EXCEPTIONS
        .iter()
        .filter(|exception| {
            let is_needed = |file: &File| {
                file.path == exception.path && code_lines(&file.text).iter().any(|line| uses(line, exception.word))
            };
            !files.iter().any(is_needed)
        })
        .map(|exception| Finding {
            path: "xtask/src/tidy/rust.rs".to_owned(),
            line: 0,
            message: format!("{} does not use {} any more: remove the exception", exception.path, exception.word),
        })
        .collect()
}

impl Exception {
    fn covers(&self, file: &File, word: &str) -> bool {
        self.path == file.path && self.word == word
    }
}

/// Whether a line of code uses the word. `static` is an item only: the lifetime `'static` is harmless.
fn uses(line: &str, word: &str) -> bool {
    let is_part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let is_word = !before.ends_with(|c| is_part_of_word(c) || c == '\'') && !after.starts_with(is_part_of_word);
        is_word && (word != "static" || after.starts_with(' '))
    })
}

fn numbered(code: &[String]) -> impl Iterator<Item = (usize, &str)> {
    code.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()))
}

/// The lines without comments and without the insides of strings: neither can keep anything.
fn code_lines(text: &str) -> Vec<String> {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if c == '"' {
            end_of_string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            // The one character that would be taken for the beginning of a string.
            rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        // Line breaks stay, so that the numbers of the lines do.
        code.extend(rest[..skipped].chars().filter(|&c| c == '\n'));
        rest = &rest[skipped..];
    }
    code.lines().map(str::to_owned).collect()
}

/// The length of `r"…"` or `r#"…"#` at the beginning of the text, if there is one.
fn raw_string(text: &str) -> Option<usize> {
    let after_r = text.strip_prefix('r')?;
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let inside = after_r[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = text.len() - inside.len();
    Some(inside.find(&end).map_or(text.len(), |at| begin + at + end.len()))
}

/// The length of a string that begins with the first character.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_only, file};
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Finding> {
        check(&file(path, text))
    }

    #[test]
    fn a_mod_rs_is_found_and_gets_its_name() {
        assert_only(&found("backend/src/api/mod.rs", "//! Api.\n"), 0, "backend/src/api.rs");
    }

    #[test]
    fn every_form_of_allow_is_found() {
        for attribute in [
            concat!("#[", "allow(dead_code)]"),
            concat!("#![", "allow(dead_code)]"),
            "#[cfg_attr(test, allow(dead_code))]",
        ] {
            assert_only(&found("backend/src/a.rs", &format!("{attribute}\nfn a() {{}}\n")), 1, "expect");
        }
        assert_eq!(found("backend/src/a.rs", "#[expect(dead_code, reason = \"soon\")]\nfn a() {}\n"), []);
    }

    #[test]
    fn everything_that_outlives_an_organization_is_found_in_the_client() {
        for planted in [
            "static CACHE: Mutex<u8> = Mutex::new(0);",
            "pub(crate) static mut CACHE: u8 = 0;",
            "thread_local! { }",
            "use std::sync::LazyLock;",
            "use std::sync::OnceLock;",
            "lazy_static! { }",
            "let storage = window().local_storage();",
            "let storage = window().session_storage();",
            "document.set_cookie(\"a=b\");",
        ] {
            for folder in OWNED {
                let findings = found(&format!("{folder}page.rs"), &format!("//! Page.\n{planted}\n"));
                assert_only(&findings, 2, "organization");
            }
            assert_eq!(found("backend/src/page.rs", planted), [], "the server has no such owner");
        }
    }

    #[test]
    fn an_exception_covers_its_word_in_its_file_and_nothing_else() {
        for exception in EXCEPTIONS {
            let text = format!("{} KEPT\n", exception.word);
            assert_eq!(found(exception.path, &text), []);
            assert_only(&found("frontend/src/elsewhere.rs", &text), 1, exception.word);
            assert_only(&found(exception.path, "thread_local! { }\n"), 1, "thread_local");
        }
    }

    #[test]
    fn an_exception_that_nothing_needs_is_found() {
        let unused: Vec<File> = EXCEPTIONS.iter().map(|exception| file(exception.path, "//! Nothing.\n")).collect();
        assert_eq!(stale_exceptions(&unused).len(), EXCEPTIONS.len());
        let text = |exception: &Exception| format!("{} KEPT\n", exception.word);
        let used: Vec<File> = EXCEPTIONS.iter().map(|exception| file(exception.path, &text(exception))).collect();
        assert_eq!(stale_exceptions(&used), []);
    }

    #[test]
    fn lifetimes_comments_and_strings_keep_nothing() {
        let harmless = "// a static would be wrong\nfn a(x: &'static str) -> impl Fn() + 'static {}\n/* thread_local!\n */\n\
                        let a = \"static x\"; let b = r#\"\"LazyLock\"#; let c = '\"'; let d = \"\\\" static x\";\n";
        assert_eq!(found("frontend/src/a.rs", harmless), []);
    }

    #[test]
    fn what_follows_a_string_or_a_comment_is_seen_on_its_line() {
        let text = "let a = \"one\ntwo\"; /* three\nfour */ static FIVE: u8 = 5;\n";
        assert_only(&found("frontend/src/a.rs", text), 3, "static");
    }
}
