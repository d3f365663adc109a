//! `cargo xtask removals`: takes one guard away at a time and sees a test go red. A guard that nothing misses is a guard
//! that the next change can lose.
//!
//! The guards stand in `removals.toml`. Each is a text in a file that is replaced for the length of one test run, and is
//! put back whatever happens. Takes long (it builds once for each guard), so it is not part of `test`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use crate::build_web::{self, Mode};
use crate::postgres::Cluster;
use crate::shell::{self, Failure, IoContext, Result};
use crate::{test, tools, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only guards whose name contains this; may be given several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Write what was removed and what went red to this file, as a table in Markdown
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    removal: Vec<Removal>,
}

/// One guard, and how it is taken away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// What it keeps from happening.
    guard: String,
    /// Where it stands.
    file: PathBuf,
    /// Its text; stands exactly once in the file.
    find: String,
    /// What stands there without it.
    replace: String,
    /// Package whose tests run, or `e2e`.
    suite: String,
    /// Which tests: a filter of nextest, or a pattern of Playwright's `--grep`.
    #[serde(default)]
    filter: String,
}

/// Removes the guards one by one.
///
/// # Errors
/// When a guard is not where the list says, or nothing went red without it.
pub(crate) fn run(args: &Args) -> Result<()> {
    let list = load()?;
    let wanted: Vec<&Removal> = list
        .removal
        .iter()
        .filter(|removal| args.only.is_empty() || args.only.iter().any(|text| removal.guard.contains(text)))
        .collect();
    let cluster = Cluster::start()?;
    let mut rows = Vec::new();
    let mut survived = Vec::new();
    for removal in wanted {
        println!("\nwithout: {}", removal.guard);
        let red = without(removal, &cluster)?;
        match red.first() {
            Some(first) => println!("  ok   {} red, among them: {first}", red.len()),
            None => {
                println!("  FAIL nothing went red");
                survived.push(removal.guard.clone());
            }
        }
        rows.push((removal, red));
    }
    if let Some(path) = &args.report {
        let mut text = String::from("| without | in | red | which |\n|---|---|---:|---|\n");
        for (removal, red) in &rows {
            let names = if red.is_empty() { "**nothing**".to_owned() } else { red.join("; ") };
            text.push_str(&format!("| {} | `{}` | {} | {names} |\n", removal.guard, removal.file.display(), red.len()));
        }
        fs::write(path, text).or_cannot("write", path)?;
    }
    println!("\n{} guards, {} of them missed by a test", rows.len(), rows.len() - survived.len());
    if survived.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("no test misses: {}", survived.join("; "))))
}

fn load() -> Result<List> {
    let path = workspace::root().join("xtask/removals.toml");
    let text = fs::read_to_string(&path).or_cannot("read", &path)?;
    toml::from_str(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// The tests that go red without a guard.
fn without(removal: &Removal, cluster: &Cluster) -> Result<Vec<String>> {
    let path = workspace::root().join(&removal.file);
    let text = fs::read_to_string(&path).or_cannot("read", &path)?;
    let changed = removed(removal, &text)?;
    fs::write(&path, changed).or_cannot("write", &path)?;
    let _back = PutBack { path, text };
    if removal.suite == "e2e" { browser_tests(removal, cluster) } else { native_tests(removal, cluster) }
}

fn removed(removal: &Removal, text: &str) -> Result<String> {
    match text.matches(&removal.find).count() {
        1 => Ok(text.replacen(&removal.find, &removal.replace, 1)),
        found => Err(Failure::new(format!(
            "{}: the text of the guard \"{}\" stands {found} times in it: correct removals.toml",
            removal.file.display(),
            removal.guard
        ))),
    }
}

/// Puts the guard back, also when the run is cut short by an error.
struct PutBack {
    path: PathBuf,
    text: String,
}

impl Drop for PutBack {
    fn drop(&mut self) {
        if let Err(error) = fs::write(&self.path, &self.text) {
            eprintln!("{} could not be put back ({error}): git checkout it", self.path.display());
        }
    }
}

fn native_tests(removal: &Removal, cluster: &Cluster) -> Result<Vec<String>> {
    let mut command = Command::new(shell::cargo());
    command
        .args(["nextest", "run", "--locked", "--no-fail-fast", "--status-level", "fail", "--failure-output", "never"])
        .args(["--package", &removal.suite])
        .env("PATH", tools::ensure(&[&tools::NEXTEST])?)
        .env("BULKHEAD_TEST_PG", cluster.url())
        .current_dir(workspace::root());
    if !removal.filter.is_empty() {
        command.args(["-E", &removal.filter]);
    }
    let finished = shell::observe("tests", &mut command)?;
    if finished.lines().iter().any(|line| line.starts_with("error: could not compile")) {
        shell::show_failure("tests", finished.lines());
        return Err(Failure::new(format!(
            "without the guard \"{}\" nothing compiles: correct removals.toml",
            removal.guard
        )));
    }
    Ok(red_of_nextest(finished.lines()))
}

fn browser_tests(removal: &Removal, cluster: &Cluster) -> Result<Vec<String>> {
    build_web::build(Mode::Release)?;
    if removal.filter.contains("walls") {
        build_web::build(Mode::WallTests)?;
    }
    shell::step(
        "build the server",
        Command::new(shell::cargo())
            .args(["build", "--locked", "--package", "backend", "--package", "agent"])
            .current_dir(workspace::root()),
    )?;
    let dir = workspace::root().join("e2e");
    test::install_node_modules(&dir)?;
    let mut command = test::browser_tests(&dir, cluster.url())?;
    command.args(["--project", "sqlite", "--grep", &removal.filter]);
    let finished = shell::observe("browser tests", &mut command)?;
    Ok(red_of_playwright(finished.lines()))
}

/// Lines such as `        FAIL [   0.034s] store::contract name_of_the_test`, or `TIMEOUT [` for one that waited for ever.
fn red_of_nextest(lines: &[String]) -> Vec<String> {
    let mut names: Vec<String> = lines
        .iter()
        .filter(|line| ["FAIL [", "TIMEOUT ["].iter().any(|word| line.trim_start().starts_with(word)))
        .filter_map(|line| line.split_whitespace().last().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Lines such as `  ✘  3 [sqlite] › specs/switch.spec.ts:20:1 › Alpha, Beta, Alpha with the mouse (5.0s)`.
fn red_of_playwright(lines: &[String]) -> Vec<String> {
    let mut names: Vec<String> = lines
        .iter()
        .filter(|line| line.trim_start().starts_with(['✘', 'x']) && line.contains(" › "))
        .filter_map(|line| line.rsplit_once(" › ").map(|(_, name)| name.to_owned()))
        .map(|name| name.rsplit_once(" (").map_or(name.clone(), |(name, _)| name.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_guard_of_the_list_stands_once_where_the_list_says() {
        for removal in load().expect("the list can be read").removal {
            let path = workspace::root().join(&removal.file);
            let text = fs::read_to_string(&path).expect("the file of a guard exists");
            removed(&removal, &text).expect("the guard is there");
        }
    }

    #[test]
    fn the_red_tests_are_read_from_what_the_runners_print() {
        let nextest = [
            "   FAIL [   0.034s] (1/2) a::switch is_held_back",
            "   PASS [ 0.1s] x y",
            " TIMEOUT [ 180.0s] (2/2) a::b waits",
        ];
        assert_eq!(red_of_nextest(&nextest.map(str::to_owned)), ["is_held_back", "waits"]);
        let playwright = [
            "  ✘   3 [sqlite] › specs/switch.spec.ts:20:1 › Alpha, Beta, Alpha with the mouse (5.0s)",
            "  ✓   4 [sqlite] › specs/switch.spec.ts:40:1 › something else (1.0s)",
        ];
        assert_eq!(red_of_playwright(&playwright.map(str::to_owned)), ["Alpha, Beta, Alpha with the mouse"]);
    }
}
