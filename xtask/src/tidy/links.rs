//! A link in a Markdown file to something in the repository leads there.

use super::{File, Finding};

/// `paths` are all files of the repository.
pub(super) fn check(file: &File, paths: &[String]) -> Vec<Finding> {
    if !file.has_extension(&["md"]) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut is_code = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        for link in links(line) {
            let target = link.split(['#', '?']).next().unwrap_or_default();
            if target.is_empty() || link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let exists = resolve(&file.path, target)
                .is_some_and(|path| paths.iter().any(|known| *known == path || known.starts_with(&format!("{path}/"))));
            if !exists {
                findings
                    .push(file.finding(number, format!("the link to {target} leads nowhere: correct or remove it")));
            }
        }
    }
    findings
}

/// The targets of `[text](target)`, `![text](target "title")`, `<a href="target">` and `<img src="target">`.
fn links(line: &str) -> Vec<&str> {
    let line = without_code(line);
    let between = |begin: &'static str, end: &'static [char]| {
        line.match_indices(begin).filter_map(move |(at, _)| {
            let rest = &line[at + begin.len()..];
            rest.find(end).map(|length| &rest[..length])
        })
    };
    between("](", &[')', ' ']).chain(between("href=\"", &['"'])).chain(between("src=\"", &['"'])).collect()
}

/// Up to the first code span with brackets in it, which shows how a link is written and is none.
fn without_code(line: &str) -> &str {
    let shown = line.match_indices('`').map(|(at, _)| at).collect::<Vec<_>>();
    shown.chunks_exact(2).find(|pair| line[pair[0]..pair[1]].contains("](")).map_or(line, |pair| &line[..pair[0]])
}

/// The path from the root that a link in `from` means; `None` when it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_only, file};
    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        let paths = ["README.md", "docs/guide.md", "docs/pictures/a.png"].map(str::to_owned);
        check(&file("docs/guide.md", text), &paths)
    }

    #[test]
    fn links_to_files_folders_headings_and_other_sites_are_fine() {
        let text = "[up](../README.md) [root](/README.md#start) ![picture](pictures/a.png \"title\") [folder](pictures)\n\
                    [here](#heading) [site](https://example.org/x) <img src=\"pictures/a.png\" width=\"10\">\n";
        assert_eq!(found(text), []);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found_in_every_form() {
        for link in
            ["[a](gone.md)", "![a](gone.png)", "<img src=\"gone.png\">", "<a href=\"gone\">", "[a](../../README.md)"]
        {
            assert_only(&found(&format!("one\n{link}\n")), 2, "leads nowhere");
        }
    }

    #[test]
    fn code_is_no_link() {
        assert_eq!(found("```\n[a](gone.md)\n```\nwrite `[text](target)`\n"), []);
    }
}
