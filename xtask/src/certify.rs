//! `cargo xtask certify`: runs everything and says, clause by clause, what was checked and how it came out.
//!
//! The packets stand in `certify.toml`. A packet names tests by a part of their names; one without a check, or with a check
//! that no test ran for, fails: a promise that nothing looks at is not kept. The last packet is the whole suite, compared
//! with the certificate in the repository, so that a test that goes missing is noticed.

mod certificate;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;

use crate::shell::{self, Failure, IoContext, Result};
use crate::test::{self, Ran};
use crate::{machine, workspace};
use certificate::{Certificate, CheckOutcome, PacketOutcome, SuiteOutcome};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder that `certificate.md` and `certificate.json` are written to; the present ones there are compared with
    #[arg(long, value_name = "DIR", default_value = "docs")]
    out: PathBuf,
    /// Only these packets; nothing is written then. May be given several times
    #[arg(long, value_name = "PACKET")]
    only: Vec<String>,
}

/// The packet that is the whole suite.
const EVERYTHING: &str = "ISO-07";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    packet: Vec<Packet>,
}

/// A clause of the promise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packet {
    id: String,
    /// What is promised.
    title: String,
    #[serde(default)]
    check: Vec<Check>,
}

/// Tests that hold it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// `tests`, `frontend-tests` or `e2e`.
    suite: String,
    /// A part of the names of the tests.
    tests: String,
    /// What they show.
    shows: String,
}

/// Runs the suite and writes the certificate.
///
/// # Errors
/// When a packet does not hold.
pub(crate) fn run(args: &Args) -> Result<()> {
    let list = load()?;
    let wanted: Vec<&Packet> =
        list.packet.iter().filter(|packet| args.only.is_empty() || args.only.contains(&packet.id)).collect();
    if let Some(unknown) = args.only.iter().find(|id| !list.packet.iter().any(|packet| packet.id == **id)) {
        return Err(Failure::new(format!("there is no packet {unknown} in xtask/certify.toml")));
    }
    let out = workspace::root().join(&args.out);
    // Read before the suite runs: a certificate that cannot be read is known now and not after twenty minutes.
    let before = Certificate::load(&out.join("certificate.json"))?;

    let started_at = Instant::now();
    let all = wanted.iter().any(|packet| packet.id == EVERYTHING);
    let suites: Vec<&str> = wanted.iter().flat_map(|packet| &packet.check).map(|check| check.suite.as_str()).collect();
    let ran = test::run_for_certificate(|step| all || suites.contains(&step))?;
    let suites: Vec<SuiteOutcome> = ran.iter().map(suite_outcome).collect();
    let packets: Vec<PacketOutcome> =
        wanted.iter().map(|packet| examine(packet, &ran, &suites, before.as_ref())).collect();
    let mut machine = machine::describe(&workspace::root()).lines();
    let today = shell::output(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"])).unwrap_or_default();
    machine.push(("date", today.trim().to_owned()));
    let certificate = Certificate { machine, took: started_at.elapsed(), packets, suites };

    println!("\n{}", certificate.table());
    if args.only.is_empty() {
        fs::create_dir_all(&out).or_cannot("create", &out)?;
        for (name, text) in [("certificate.md", certificate.to_markdown()), ("certificate.json", certificate.to_json())]
        {
            let path = out.join(name);
            fs::write(&path, text).or_cannot("write", &path)?;
        }
        println!("written to {}", args.out.display());
    }
    let broken: Vec<&str> =
        certificate.packets.iter().filter(|packet| !packet.holds()).map(|packet| packet.id.as_str()).collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("not kept: {}", broken.join(", "))))
}

fn load() -> Result<List> {
    let path = workspace::root().join("xtask/certify.toml");
    let text = fs::read_to_string(&path).or_cannot("read", &path)?;
    toml::from_str(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn suite_outcome(ran: &Ran) -> SuiteOutcome {
    SuiteOutcome {
        name: ran.name(),
        command: format!("cargo xtask test --only {}", ran.name()),
        exit_code: i32::from(!ran.passed),
        took: ran.took,
        tests: ran.results.names().cloned().collect(),
        failed: ran.results.failed().cloned().collect(),
    }
}

/// Whether a packet holds, and why not.
fn examine(packet: &Packet, ran: &[Ran], suites: &[SuiteOutcome], before: Option<&Certificate>) -> PacketOutcome {
    let mut checks: Vec<CheckOutcome> = packet.check.iter().map(|check| examine_check(check, ran)).collect();
    if packet.id == EVERYTHING {
        checks.extend(suites.iter().map(|suite| examine_suite(suite, before)));
    }
    PacketOutcome { id: packet.id.clone(), title: packet.title.clone(), checks }
}

fn examine_check(check: &Check, ran: &[Ran]) -> CheckOutcome {
    let suite = ran.iter().find(|ran| ran.name() == check.suite);
    let found = suite.map(|ran| ran.results.matching(&check.tests)).unwrap_or_default();
    let failed: Vec<String> = found.failed().cloned().collect();
    let mut reasons: Vec<String> = failed.iter().map(|name| format!("failed: {name}")).collect();
    if found.len() == 0 {
        reasons.push(match suite {
            Some(ran) if !ran.passed => format!("no such test ran: {} did not get that far", check.suite),
            _ => "no such test ran".to_owned(),
        });
    }
    CheckOutcome {
        shows: check.shows.clone(),
        command: format!("cargo xtask test --only {} (tests named `{}`)", check.suite, check.tests),
        exit_code: i32::from(!reasons.is_empty()),
        passed: found.len() - failed.len(),
        failed: failed.len(),
        took: found.took(),
        reasons,
    }
}

/// A step of the suite as a check of the last packet.
fn examine_suite(suite: &SuiteOutcome, before: Option<&Certificate>) -> CheckOutcome {
    let mut reasons: Vec<String> = suite.failed.iter().map(|name| format!("failed: {name}")).collect();
    if suite.exit_code != 0 && reasons.is_empty() {
        reasons.push(format!("{} failed before a test did", suite.name));
    }
    let known = before.and_then(|before| before.suites.iter().find(|known| known.name == suite.name));
    if let Some(known) = known {
        // A name that is there no more is a drop, also where as many others came.
        let missing = known.tests.iter().filter(|name| !suite.tests.contains(name));
        reasons.extend(missing.map(|name| format!("missing since the last certificate: {name}")));
    }
    CheckOutcome {
        shows: format!("{} passes", suite.name),
        command: suite.command.clone(),
        exit_code: i32::from(!reasons.is_empty()),
        passed: suite.tests.len() - suite.failed.len(),
        failed: suite.failed.len(),
        took: suite.took,
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Results;
    use std::time::Duration;

    fn ran(passed: bool, lines: &[&str]) -> Ran {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        Ran::for_test("tests", passed, Results::of_libtest(&lines))
    }

    fn packet(id: &str, tests: &[&str]) -> Packet {
        let check =
            |tests: &&str| Check { suite: "tests".to_owned(), tests: (*tests).to_owned(), shows: String::new() };
        Packet { id: id.to_owned(), title: String::new(), check: tests.iter().map(check).collect() }
    }

    fn holds(packet: &Packet, ran: &Ran, before: Option<&Certificate>) -> bool {
        let suites = [suite_outcome(ran)];
        examine(packet, std::slice::from_ref(ran), &suites, before).holds()
    }

    /// A panel without a frame would keep what was said and typed over it through a switch. Sharing has nothing of the
    /// kind yet, so no page could show it.
    #[test]
    fn each_panel_subscribes_to_the_switch_when_it_is_mounted() {
        for panel in ["overview", "access", "sharing", "billing"] {
            let path = workspace::root().join(format!("frontend/src/panels/{panel}.rs"));
            let text = std::fs::read_to_string(path).expect("each panel has a file");
            assert!(text.contains(&format!("::mount(\"{panel} panel\")")), "{panel} mounts no frame");
        }
        let frame = std::fs::read_to_string(workspace::root().join("frontend/src/panels/frame.rs")).expect("a file");
        assert!(frame.contains("app().bus.subscribe(panel, "), "a frame subscribes");
    }

    #[test]
    fn a_packet_holds_when_all_its_tests_ran_and_passed() {
        let ran = ran(true, &["test a::one ... ok", "test a::two ... ok", "test b ... FAILED"]);
        assert!(holds(&packet("X", &["a::"]), &ran, None));
        assert!(!holds(&packet("X", &["a::", "b"]), &ran, None), "one failed");
        assert!(!holds(&packet("X", &["a::", "c"]), &ran, None), "one ran no test");
        assert!(!holds(&packet("X", &[]), &ran, None), "nothing looks at it");
    }

    #[test]
    fn a_test_that_went_missing_is_named() {
        let full = ran(true, &["test one ... ok", "test two ... ok"]);
        let before = Certificate {
            machine: Vec::new(),
            took: Duration::ZERO,
            packets: Vec::new(),
            suites: vec![suite_outcome(&full)],
        };
        assert!(holds(&packet(EVERYTHING, &["one"]), &full, Some(&before)));
        let less = ran(true, &["test one ... ok", "test three ... ok"]);
        let suites = [suite_outcome(&less)];
        let outcome = examine(&packet(EVERYTHING, &["one"]), std::slice::from_ref(&less), &suites, Some(&before));
        assert!(!outcome.holds());
        assert!(outcome.checks.iter().flat_map(|check| &check.reasons).any(|why| why.ends_with(": two")));
    }

    #[test]
    fn the_list_in_the_repository_can_be_read_and_each_packet_has_a_check() {
        let list = load().expect("it can be read");
        for number in 1..=7 {
            let id = format!("ISO-{number:02}");
            let packet = list.packet.iter().find(|packet| packet.id == id);
            assert!(packet.is_some_and(|packet| !packet.check.is_empty()), "{id}");
        }
    }
}
