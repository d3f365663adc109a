//! What a certificate says, as a table, as Markdown and as JSON.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::shell::{Failure, IoContext, Result, human};

/// The whole.
pub(super) struct Certificate {
    /// On which machine and from which sources.
    pub(super) machine: Vec<(&'static str, String)>,
    pub(super) took: Duration,
    pub(super) packets: Vec<PacketOutcome>,
    pub(super) suites: Vec<SuiteOutcome>,
}

/// How a clause came out.
pub(super) struct PacketOutcome {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) checks: Vec<CheckOutcome>,
}

/// How one look at a clause came out.
pub(super) struct CheckOutcome {
    pub(super) shows: String,
    /// What to type to see it again.
    pub(super) command: String,
    pub(super) exit_code: i32,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) took: Duration,
    /// Why it does not hold; empty where it does.
    pub(super) reasons: Vec<String>,
}

/// A step of the suite with its tests by name, to be compared with the next time.
pub(super) struct SuiteOutcome {
    pub(super) name: String,
    pub(super) command: String,
    pub(super) exit_code: i32,
    pub(super) took: Duration,
    pub(super) tests: Vec<String>,
    pub(super) failed: Vec<String>,
}

impl PacketOutcome {
    /// It has checks, and all of them hold.
    pub(super) fn holds(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.reasons.is_empty())
    }

    fn passed(&self) -> usize {
        self.checks.iter().map(|check| check.passed).sum()
    }

    fn reasons(&self) -> Vec<String> {
        if self.checks.is_empty() {
            return vec!["nothing looks at it".to_owned()];
        }
        self.checks.iter().flat_map(|check| check.reasons.iter().map(|why| format!("{}: {why}", check.shows))).collect()
    }
}

/// The part of a certificate file that the next one is compared with.
#[derive(Deserialize)]
struct Known {
    suites: Vec<KnownSuite>,
}

#[derive(Deserialize)]
struct KnownSuite {
    name: String,
    tests: Vec<String>,
}

impl Certificate {
    /// The certificate in a file; none where there is none yet.
    ///
    /// # Errors
    /// When there is one that cannot be read.
    pub(super) fn load(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(path).or_cannot("read", path)?;
        let known: Known = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("{} is no certificate: {error}", path.display())))?;
        let suite = |KnownSuite { name, tests }| SuiteOutcome {
            name,
            command: String::new(),
            exit_code: 0,
            took: Duration::ZERO,
            tests,
            failed: Vec::new(),
        };
        let suites = known.suites.into_iter().map(suite).collect();
        Ok(Some(Self { machine: Vec::new(), took: Duration::ZERO, packets: Vec::new(), suites }))
    }

    /// For the terminal.
    pub(super) fn table(&self) -> String {
        let mut lines = vec![format!("{:<8} {:<9} {:>6}  clause", "packet", "", "tests")];
        for packet in &self.packets {
            let word = if packet.holds() { "holds" } else { "BROKEN" };
            lines.push(format!("{:<8} {word:<9} {:>6}  {}", packet.id, packet.passed(), packet.title));
            lines.extend(packet.reasons().into_iter().map(|why| format!("{:<26} {why}", "")));
        }
        lines.join("\n")
    }

    pub(super) fn to_markdown(&self) -> String {
        let all = self.packets.iter().all(PacketOutcome::holds);
        let verdict = if all { "Every clause holds." } else { "Not every clause holds." };
        let mut text = format!(
            "# Certificate\n\nWhat Bulkhead promises about keeping organizations apart, what was checked, and how it came \
             out. Written by `cargo xtask certify`; whoever doubts it types the same.\n\n**{verdict}**\n\n"
        );
        for (key, value) in &self.machine {
            text.push_str(&format!("- {key}: {value}\n"));
        }
        text.push_str(&format!("- duration: {}\n", human(self.took)));
        for packet in &self.packets {
            let word = if packet.holds() { "holds" } else { "**broken**" };
            text.push_str(&format!("\n## {}: {word}\n\n{}\n\n", packet.id, packet.title));
            text.push_str("| shown | passed | failed | exit code | time | command |\n|---|---:|---:|---:|---:|---|\n");
            for check in &packet.checks {
                text.push_str(&format!(
                    "| {} | {} | {} | {} | {} | `{}` |\n",
                    check.shows,
                    check.passed,
                    check.failed,
                    check.exit_code,
                    human(check.took),
                    check.command.replace('`', "'")
                ));
            }
            for why in packet.reasons() {
                text.push_str(&format!("\n- {why}"));
            }
            if !packet.holds() {
                text.push('\n');
            }
        }
        text
    }

    pub(super) fn to_json(&self) -> String {
        let machine: Map<String, Value> =
            self.machine.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        let check = |check: &CheckOutcome| {
            json!({
                "shows": check.shows,
                "command": check.command,
                "exit_code": check.exit_code,
                "passed": check.passed,
                "failed": check.failed,
                "duration_s": round(check.took),
                "reasons": check.reasons,
            })
        };
        let packet = |packet: &PacketOutcome| {
            json!({
                "id": packet.id,
                "title": packet.title,
                "holds": packet.holds(),
                "checks": packet.checks.iter().map(check).collect::<Vec<_>>(),
            })
        };
        let suite = |suite: &SuiteOutcome| {
            json!({
                "name": suite.name,
                "command": suite.command,
                "exit_code": suite.exit_code,
                "duration_s": round(suite.took),
                "count": suite.tests.len(),
                "tests": suite.tests,
                "failed": suite.failed,
            })
        };
        let all = json!({
            "machine": machine,
            "duration_s": round(self.took),
            "holds": self.packets.iter().all(PacketOutcome::holds),
            "packets": self.packets.iter().map(packet).collect::<Vec<_>>(),
            "suites": self.suites.iter().map(suite).collect::<Vec<_>>(),
        });
        let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Seconds with one digit after the point.
fn round(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10.0).round() / 10.0
}
