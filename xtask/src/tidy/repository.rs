//! Rules for the repository as a whole.

use super::Finding;
use crate::workspace::Member;

/// What every visitor looks for.
const EXPECTED: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "Cargo.lock",
    "rust-toolchain.toml",
];

pub(super) fn check(paths: &[String], members: &[Member]) -> Vec<Finding> {
    let finding = |path: &str, message: &str| Finding { path: path.to_owned(), line: 0, message: message.to_owned() };
    let missing = EXPECTED
        .iter()
        .filter(|expected| !paths.iter().any(|path| path == *expected))
        .map(|expected| finding(expected, "is missing or ignored by git: write it"));
    let undescribed = members
        .iter()
        .filter(|member| member.description.as_deref().is_none_or(|description| description.trim().is_empty()))
        .map(|member| {
            finding(&member.name, "has no description in its Cargo.toml: say in one sentence what the crate is for")
        });
    missing.chain(undescribed).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_only;
    use super::*;

    fn all_paths() -> Vec<String> {
        EXPECTED.iter().map(|path| (*path).to_owned()).collect()
    }

    fn member(description: Option<&str>) -> Member {
        Member {
            name: "shared".to_owned(),
            description: description.map(str::to_owned),
            manifest_path: "shared/Cargo.toml".into(),
            dependencies: Vec::new(),
        }
    }

    #[test]
    fn a_missing_changelog_is_found() {
        let paths: Vec<String> = all_paths().into_iter().filter(|path| path != "CHANGELOG.md").collect();
        let findings = check(&paths, &[member(Some("Wire types."))]);
        assert_only(&findings, 0, "missing");
        assert_eq!(findings[0].path, "CHANGELOG.md");
    }

    #[test]
    fn a_crate_without_a_description_is_found() {
        for description in [None, Some(" ")] {
            assert_only(&check(&all_paths(), &[member(description)]), 0, "no description");
        }
        assert_eq!(check(&all_paths(), &[member(Some("Wire types."))]), []);
    }
}
