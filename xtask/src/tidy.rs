//! `cargo xtask tidy`: the rules of the house that neither rustc nor clippy can see.
//!
//! A rule is a function from a file to findings. Each has tests that plant a violation, so that a rule that sees nothing is noticed.

mod links;
mod repository;
mod rust;
mod text;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::shell::{self, Failure, Result};
use crate::workspace;

/// A text file of the repository.
struct File {
    /// Relative to the root, with `/`.
    path: String,
    text: String,
}

/// A broken rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from 1; 0 when the finding is about the whole file.
    line: usize,
    /// What is wrong and what to do.
    message: String,
}

impl File {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    fn has_extension(&self, extensions: &[&str]) -> bool {
        self.name().rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }

    fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, message: message.into() }
    }

    /// The lines with their numbers, counted from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// Checks all files that are in git or would be added to it.
///
/// # Errors
/// When a rule is broken; every finding has been printed.
pub(crate) fn run() -> Result<()> {
    let root = workspace::root();
    let paths = list_files(&root)?;
    let files: Vec<File> = paths.iter().filter_map(|path| read_text(&root, path)).collect();
    let mut findings: Vec<Finding> = files
        .iter()
        .flat_map(|file| [text::check(file), rust::check(file), links::check(file, &paths)])
        .flatten()
        .chain(rust::stale_exceptions(&files))
        .chain(repository::check(&paths, &workspace::metadata()?.packages))
        .collect();
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    if findings.is_empty() {
        println!("  ok   {} files are tidy", files.len());
        return Ok(());
    }
    for Finding { path, line, message } in &findings {
        println!("  {path}:{line}: {message}");
    }
    Err(Failure::new(format!("tidy: {} to put right", findings.len())))
}

/// Everything that is tracked, or new and not ignored, as paths relative to the root.
fn list_files(root: &Path) -> Result<Vec<String>> {
    let list = shell::output(
        Command::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root),
    )?;
    // A file that was deleted but not yet committed is still listed.
    let mut paths: Vec<String> =
        list.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// `None` for pictures and other files that are not text.
fn read_text(root: &Path, path: &str) -> Option<File> {
    let bytes = fs::read(root.join(path)).ok()?;
    if bytes.contains(&0) {
        return None;
    }
    Some(File { path: path.to_owned(), text: String::from_utf8(bytes).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// One finding, on this line, that says this.
    pub(super) fn assert_only(findings: &[Finding], line: usize, word: &str) {
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].line, line, "{findings:#?}");
        assert!(findings[0].message.contains(word), "{word} is not in: {findings:#?}");
    }

    #[test]
    fn the_list_of_files_holds_this_one_and_nothing_that_is_built() {
        let paths = list_files(&workspace::root()).expect("git lists the files");
        assert!(paths.iter().any(|path| path == "xtask/src/tidy.rs"), "{paths:?}");
        assert!(!paths.iter().any(|path| path.starts_with("target/")));
    }
}
