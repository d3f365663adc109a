//! Counters of this process, in the text format of Prometheus. No label comes from a user: what an organization is
//! called, or that it exists, is nobody's business who reads metrics.

use shared::assistant::Outcome;
use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use store::Store;

/// The counters.
#[derive(Debug, Default)]
pub struct Metrics {
    answers: [AtomicU64; 5],
    accepted: AtomicU64,
    duplicates: AtomicU64,
    runs: [AtomicU64; 3],
}

impl Metrics {
    /// Counts an answer by the first digit of its status.
    pub fn count_answer(&self, status: u16) {
        if let Some(counter) = self.answers.get(usize::from(status / 100).saturating_sub(1)) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// Counts reports.
    pub fn count_reports(&self, accepted: i64, duplicates: i64) {
        self.accepted.fetch_add(accepted.unsigned_abs(), Relaxed);
        self.duplicates.fetch_add(duplicates.unsigned_abs(), Relaxed);
    }

    /// Counts a run of the assistant that ended.
    pub fn count_run(&self, end: Outcome) {
        self.runs[end as usize].fetch_add(1, Relaxed);
    }

    /// All counters as text.
    #[must_use]
    pub fn render(&self, live_sockets: usize, live_violations: u64) -> String {
        let mut out = String::new();
        let mut put = |name: &str, kind: &str, help: &str, values: &[(String, u64)]| {
            writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}").expect("a string grows");
            for (labels, value) in values {
                writeln!(out, "{name}{labels} {value}").expect("a string grows");
            }
        };
        let one = |value: u64| [(String::new(), value)];
        put(
            "isolation_violation_total",
            "counter",
            "Times that something of another organization was found where it cannot be. Must stay 0.",
            &one(Store::isolation_violations() + live_violations),
        );
        let answers: Vec<_> = self
            .answers
            .iter()
            .zip(1..)
            .map(|(counter, digit)| (format!("{{class=\"{digit}xx\"}}"), counter.load(Relaxed)))
            .collect();
        put("http_answers_total", "counter", "Answers by class of status.", &answers);
        put("reports_accepted_total", "counter", "Reports that were kept.", &one(self.accepted.load(Relaxed)));
        put(
            "reports_duplicate_total",
            "counter",
            "Reports that were kept before.",
            &one(self.duplicates.load(Relaxed)),
        );
        let runs =
            Outcome::ALL.map(|end| (format!("{{end=\"{}\"}}", end.as_str()), self.runs[end as usize].load(Relaxed)));
        put("assistant_runs_total", "counter", "Answers of the assistant by how they ended.", &runs);
        put("live_sockets", "gauge", "Open live channels.", &one(live_sockets as u64));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_counted_under_how_it_ended() {
        let metrics = Metrics::default();
        for (count, end) in [(1, Outcome::Complete), (2, Outcome::Stopped), (3, Outcome::Failed)] {
            for _ in 0..count {
                metrics.count_run(end);
            }
        }
        let text = metrics.render(0, 0);
        for line in ["{end=\"complete\"} 1\n", "{end=\"stopped\"} 2\n", "{end=\"failed\"} 3\n"] {
            assert!(text.contains(&format!("assistant_runs_total{line}")), "{text}");
        }
    }
}
