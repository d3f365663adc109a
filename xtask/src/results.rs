//! Names and outcomes of single tests, read from what their runners print.

use std::collections::BTreeMap;
use std::time::Duration;

/// How one test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) passed: bool,
    pub(crate) took: Duration,
}

/// Tests of one run by name. One that is named twice counts as failed if it failed once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Results(BTreeMap<String, Ended>);

impl Results {
    /// What nextest prints with `--status-level pass`: `PASS [   0.014s] ( 1/24) package::binary module::name`.
    pub(crate) fn of_nextest(lines: &[String]) -> Self {
        Self::read(lines, |line| {
            let (status, rest) = line.trim_start().split_once(" [")?;
            let passed = match status.split_whitespace().next()? {
                "PASS" => true,
                "FAIL" | "TIMEOUT" | "ABORT" | "SIGABRT" | "SIGSEGV" => false,
                _ => return None,
            };
            let (took, rest) = rest.split_once(']')?;
            // The place in the run comes in brackets, padded with blanks.
            let rest = rest.trim_start();
            let name = if rest.starts_with('(') { rest.split_once(')')?.1 } else { rest };
            Some((name.trim().to_owned(), Ended { passed, took: seconds(took) }))
        })
    }

    /// What libtest prints: `test module::name ... ok`.
    pub(crate) fn of_libtest(lines: &[String]) -> Self {
        Self::read(lines, |line| {
            let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
            let passed = match outcome {
                "ok" => true,
                "FAILED" => false,
                _ => return None,
            };
            Some((name.to_owned(), Ended { passed, took: Duration::ZERO }))
        })
    }

    /// What Playwright's list reporter prints: `✓  30 [sqlite] › specs/late.spec.ts:11:1 › title (3.1s)`.
    pub(crate) fn of_playwright(lines: &[String]) -> Self {
        Self::read(lines, |line| {
            let line = line.trim_start();
            let passed = match line.chars().next()? {
                '✓' => true,
                '✘' => false,
                _ => return None,
            };
            let (project, rest) = line.split_once('[')?.1.split_once("] › ")?;
            let (place, title) = rest.split_once(" › ")?;
            // Where in the file it stands changes with every edit.
            let file = place.split(':').next()?.trim_start_matches("specs/");
            let (title, took) = title.rsplit_once(" (")?;
            let name = format!("[{project}] {file} › {title}");
            Some((name, Ended { passed, took: seconds(took.trim_end_matches(')')) }))
        })
    }

    fn read(lines: &[String], one: impl Fn(&str) -> Option<(String, Ended)>) -> Self {
        let mut all: BTreeMap<String, Ended> = BTreeMap::new();
        for (name, ended) in lines.iter().filter_map(|line| one(line)) {
            all.entry(name).and_modify(|known| known.passed &= ended.passed).or_insert(ended);
        }
        Self(all)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(crate) fn failed(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter(|(_, ended)| !ended.passed).map(|(name, _)| name)
    }

    /// Those whose name contains a text.
    pub(crate) fn matching(&self, text: &str) -> Self {
        Self(
            self.0.iter().filter(|(name, _)| name.contains(text)).map(|(name, ended)| (name.clone(), *ended)).collect(),
        )
    }

    /// How long they took one after the other.
    pub(crate) fn took(&self) -> Duration {
        self.0.values().map(|ended| ended.took).sum()
    }
}

/// `3.1s`, `0.014s`, `420ms`, `1.2m`.
fn seconds(text: &str) -> Duration {
    let text = text.trim();
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => match text.strip_suffix('m') {
            Some(number) => (number, 60.0),
            None => (text.trim_end_matches('s'), 1.0),
        },
    };
    let number: f64 = number.trim().trim_start_matches('>').parse().unwrap_or(0.0);
    Duration::try_from_secs_f64(number * unit).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn nextest_is_read() {
        let results = Results::of_nextest(&lines(
            "    Starting 3 tests\n        PASS [   0.014s] ( 1/24) org-client cache::tests::a\n        \
             FAIL [   1.500s] ( 2/24) org-client::switch b\n────\n     Summary [   8.797s] 24 tests run\n        \
             FAIL [   1.500s] ( 2/24) org-client::switch b\n     TIMEOUT [ 180.001s] ( 3/24) agent::it c\n",
        ));
        assert_eq!(
            results.names().collect::<Vec<_>>(),
            ["agent::it c", "org-client cache::tests::a", "org-client::switch b"]
        );
        assert_eq!(results.failed().count(), 2);
        assert_eq!(results.matching("switch").took(), Duration::from_millis(1_500));
    }

    #[test]
    fn libtest_is_read() {
        let results =
            Results::of_libtest(&lines("running 2 tests\ntest a::b ... ok\ntest c ... FAILED\ntest d ... ignored\n"));
        assert_eq!((results.len(), results.failed().collect::<Vec<_>>()), (2, vec![&"c".to_owned()]));
    }

    #[test]
    fn playwright_is_read_whatever_line_a_test_stands_on() {
        let results = Results::of_playwright(&lines(
            "  ✓   30 [sqlite] › specs/late.spec.ts:11:1 › a slow answer › and more (3.1s)\n  \
             ✘    2 [postgres] › specs/a.spec.ts:1:1 › b (1.2m)\n  1 failed\n    [postgres] › specs/a.spec.ts:1:1 › b\n",
        ));
        assert_eq!(
            results.names().collect::<Vec<_>>(),
            ["[postgres] a.spec.ts › b", "[sqlite] late.spec.ts › a slow answer › and more"]
        );
        assert_eq!(results.failed().collect::<Vec<_>>(), ["[postgres] a.spec.ts › b"]);
    }
}
