//! `cargo xtask test`: the whole suite. What is cheap and fails often comes first; a failing step does not hide the ones behind it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::build_web::{self, Mode};
use crate::postgres::Cluster;
use crate::results::Results;
use crate::shell::{self, Failure, Finished, IoContext, Result};
use crate::tools::{self, WASM_TARGET};
use crate::{check_layers, tidy, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out what takes minutes: docs, the release build of the app, PostgreSQL and the browser
    #[arg(long)]
    fast: bool,
    /// Run only this step; may be given several times
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
    /// Stop at the first step that fails
    #[arg(long)]
    fail_fast: bool,
}

/// The steps in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// rustfmt finds nothing to change
    Fmt,
    /// What a linter cannot see
    Tidy,
    /// Which crate may know which
    CheckLayers,
    /// clippy on everything that runs natively, tests included
    Clippy,
    /// clippy on the app as it is built for the browser
    ClippyWasm,
    /// Documentation builds without a warning
    Docs,
    /// All native tests, those of the store and the server on SQLite and on PostgreSQL
    Tests,
    /// The examples in the documentation
    Doctests,
    /// What of the app can be tested without a browser
    FrontendTests,
    /// The app builds for release, and the server compiles with the app inside
    Web,
    /// A real browser against the real server
    E2e,
}

/// Debian's Chromium, which the browser tests use.
pub(crate) const CHROMIUM_PATH: &str = "/usr/bin/chromium";

const NATIVE: &[&str] = &["--workspace", "--exclude", "frontend"];
const NO_WARNINGS: &[&str] = &["--", "-D", "warnings"];

/// How a step ended.
enum Outcome {
    /// With something worth a look, such as a number of tests.
    Passed(String),
    Failed,
}

/// A step that ran, with its tests by name.
pub(crate) struct Ran {
    step: Step,
    pub(crate) passed: bool,
    pub(crate) took: Duration,
    /// Empty for a step that runs no tests.
    pub(crate) results: Results,
    /// Something worth a look, such as a number of tests.
    note: String,
}

impl Ran {
    /// The name of the step, as one types it.
    pub(crate) fn name(&self) -> String {
        self.step.name()
    }

    #[cfg(test)]
    pub(crate) fn for_test(step: &str, passed: bool, results: Results) -> Self {
        let step = Step::from_str(step, true).expect("a step");
        Self { step, passed, took: Duration::ZERO, results, note: String::new() }
    }
}

/// Runs the steps and prints a closing table.
///
/// # Errors
/// When a system package is missing and cannot be installed, or a step failed.
pub(crate) fn run(args: &Args) -> Result<()> {
    let steps: Vec<Step> = Step::value_variants().iter().copied().filter(|step| step.is_wanted(args)).collect();
    let ran = run_steps(&steps, args.fast, args.fail_fast)?;
    let failed: Vec<String> = ran.iter().filter(|ran| !ran.passed).map(Ran::name).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let again: Vec<String> = failed.iter().map(|name| format!("--only {name}")).collect();
    Err(Failure::new(format!("{} failed. Again: cargo xtask test {}", failed.join(", "), again.join(" "))))
}

/// Runs those steps whose name is wanted, for the certificate to look at.
///
/// # Errors
/// When a system package is missing and cannot be installed. A step that fails is none.
pub(crate) fn run_for_certificate(is_wanted: impl Fn(&str) -> bool) -> Result<Vec<Ran>> {
    let steps: Vec<Step> = Step::value_variants().iter().copied().filter(|step| is_wanted(&step.name())).collect();
    run_steps(&steps, false, false)
}

fn run_steps(steps: &[Step], fast: bool, fail_fast: bool) -> Result<Vec<Ran>> {
    let started_at = Instant::now();
    let mut suite = Suite { fast, cluster: None, results: Results::default() };
    // Before the first step, so that a package that cannot be installed is known now and not after twenty minutes.
    suite.install_packages(steps)?;

    let mut all: Vec<Ran> = Vec::new();
    for &step in steps {
        println!("\n{}", step.name());
        let step_started_at = Instant::now();
        let outcome = suite.run(step).unwrap_or_else(|failure| {
            println!("  FAIL {failure}");
            Outcome::Failed
        });
        let (passed, note) = match outcome {
            Outcome::Passed(note) => (true, note),
            Outcome::Failed => (false, String::new()),
        };
        let results = std::mem::take(&mut suite.results);
        all.push(Ran { step, passed, took: step_started_at.elapsed(), results, note });
        if !passed && fail_fast {
            break;
        }
    }
    drop(suite); // Stops PostgreSQL before the last word.
    print_table(&all, started_at.elapsed());
    Ok(all)
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn is_wanted(self, args: &Args) -> bool {
        let is_slow = matches!(self, Self::Docs | Self::Doctests | Self::Web | Self::E2e);
        if args.only.is_empty() { !(args.fast && is_slow) } else { args.only.contains(&self) }
    }

    fn needs_native_build(self) -> bool {
        matches!(self, Self::Clippy | Self::Docs | Self::Tests | Self::Doctests | Self::Web | Self::E2e)
    }
}

/// What the steps of one run have in common.
struct Suite {
    fast: bool,
    /// Started when the first step needs it.
    cluster: Option<Cluster>,
    /// The tests of the step that runs.
    results: Results,
}

impl Suite {
    fn install_packages(&self, steps: &[Step]) -> Result<()> {
        let mut packages = Vec::new();
        if steps.iter().any(|step| step.needs_native_build()) {
            packages.push(&tools::OPENSSL);
        }
        if !self.fast && steps.iter().any(|step| matches!(step, Step::Tests | Step::E2e)) {
            packages.push(&tools::POSTGRESQL);
        }
        if !self.fast && steps.contains(&Step::Tests) && tools::is_root() {
            packages.push(&tools::ENGINES);
        }
        if steps.contains(&Step::E2e) {
            packages.extend([&tools::CHROMIUM, &tools::NODE]);
        }
        tools::ensure_system_packages(&packages)
    }

    fn run(&mut self, step: Step) -> Result<Outcome> {
        match step {
            // The names of the files are enough: `cargo fmt --all` puts them right.
            Step::Fmt => passed(shell::step("rustfmt", &mut cargo(&["fmt", "--all", "--", "--check", "-l"], &[]))),
            Step::Tidy => passed(tidy::run()),
            Step::CheckLayers => passed(check_layers::run()),
            Step::Clippy => {
                passed(shell::step("clippy", cargo(&["clippy", "--all-targets"], NATIVE).args(NO_WARNINGS)))
            }
            Step::ClippyWasm => {
                tools::ensure_wasm_target()?;
                passed(shell::step("clippy for the browser", cargo(&["clippy"], WASM).args(NO_WARNINGS)))
            }
            Step::Docs => {
                tools::ensure_wasm_target()?;
                // The app is documented for its own target: the lints before have built its dependencies there.
                let doc = |title, packages| {
                    shell::step(title, cargo(&["doc", "--no-deps"], packages).env("RUSTDOCFLAGS", "-D warnings"))
                };
                doc("docs", NATIVE)?;
                passed(doc("docs of the app", WASM))
            }
            Step::Tests => self.tests(),
            Step::Doctests => {
                let finished = counted("doctests", &mut cargo(&["test", "--doc", "--no-fail-fast"], NATIVE))?;
                Ok(Outcome::Passed(count_of_libtest(finished.lines())))
            }
            Step::FrontendTests => {
                let finished = shell::observe(
                    "tests of the app",
                    &mut cargo(&["test", "--no-fail-fast", "--package", "frontend"], &[]),
                )?;
                self.results = Results::of_libtest(finished.lines());
                let finished = successful("tests of the app", finished)?;
                Ok(Outcome::Passed(count_of_libtest(finished.lines())))
            }
            Step::Web => {
                build_web::build(Mode::Release)?;
                passed(shell::step(
                    "check the server with the app inside",
                    cargo(&["clippy", "--package", "backend", "--features", "embed"], &[]).args(NO_WARNINGS),
                ))
            }
            Step::E2e => self.e2e(),
        }
    }

    fn tests(&mut self) -> Result<Outcome> {
        let path = tools::ensure(&[&tools::NEXTEST])?;
        let mut command =
            cargo(&["nextest", "run", "--no-fail-fast", "--status-level", "pass", "--failure-output", "final"], NATIVE);
        command.env("PATH", path);
        if !self.fast {
            command.env("BULKHEAD_TEST_PG", self.postgres_url()?);
            if tools::is_root() {
                // They are there now: leaving their tests out would be a lie.
                command.env("BULKHEAD_REQUIRE_PODMAN", "1").env("BULKHEAD_REQUIRE_VIRSH", "1");
            }
        }
        let finished = shell::observe("tests", &mut command)?;
        self.results = Results::of_nextest(finished.lines());
        let finished = successful("tests", finished)?;
        let summary = finished.lines().iter().rev().find_map(|line| line.split_once("] "));
        let databases = if self.fast { "SQLite only" } else { "SQLite and PostgreSQL" };
        Ok(Outcome::Passed(format!("{}, {databases}", summary.map_or("", |(_, counts)| counts.trim()))))
    }

    fn e2e(&mut self) -> Result<Outcome> {
        build_web::build(Mode::Release)?;
        build_web::build(Mode::WallTests)?;
        // With the tests, because then cargo uses what the step `tests` has built. Without them the dependencies have fewer features
        // and would be built once more.
        shell::step("build the server and the agent", &mut cargo(&["build", "--all-targets"], NATIVE))?;
        let dir = workspace::root().join("e2e");
        install_node_modules(&dir)?;
        // Playwright runs TypeScript without looking at its types.
        shell::step(
            "types of the browser tests",
            Command::new("npm").args(["run", "--silent", "check"]).current_dir(&dir),
        )?;
        let finished = shell::observe("browser tests", &mut browser_tests(&dir, &self.postgres_url()?)?)?;
        self.results = Results::of_playwright(finished.lines());
        let finished = successful("browser tests", finished)?;
        let count = finished.lines().iter().rev().find(|line| line.contains(" passed"));
        Ok(Outcome::Passed(count.map(|line| line.trim().to_owned()).unwrap_or_default()))
    }

    /// The address of the cluster for tests, which is started on first use.
    fn postgres_url(&mut self) -> Result<OsString> {
        if self.cluster.is_none() {
            self.cluster = Some(Cluster::start()?);
        }
        Ok(self.cluster.as_ref().map(|cluster| cluster.url().into()).unwrap_or_default())
    }
}

const WASM: &[&str] = &["--package", "frontend", "--target", WASM_TARGET];

/// A cargo command on some packages that neither changes the lock file nor depends on where it is typed.
fn cargo(args: &[&str], packages: &[&str]) -> Command {
    let mut command = Command::new(shell::cargo());
    command.args(args).args(packages).current_dir(workspace::root());
    if args[0] != "fmt" {
        command.arg("--locked");
    }
    command
}

fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed(String::new()))
}

/// Runs tests whose output holds a number that belongs into the table.
fn counted(title: &str, command: &mut Command) -> Result<Finished> {
    successful(title, shell::observe(title, command)?)
}

/// Shows what a command printed where it failed.
fn successful(title: &str, finished: Finished) -> Result<Finished> {
    if finished.success() {
        return Ok(finished);
    }
    shell::show_failure(title, finished.lines());
    Err(Failure::new(format!("{title}: see above")))
}

/// The sum over all "test result: ok. 3 passed; …" lines, one for each test program.
fn count_of_libtest(lines: &[String]) -> String {
    let passed: u32 = lines
        .iter()
        .filter_map(|line| line.strip_prefix("test result: ok. ")?.split_once(" passed")?.0.parse::<u32>().ok())
        .sum();
    format!("{passed} passed")
}

/// The browser tests with all that they need to know.
pub(crate) fn browser_tests(dir: &Path, postgres_url: impl AsRef<OsStr>) -> Result<Command> {
    let bin = workspace::bin_dir("debug")?;
    let mut command = Command::new("npx");
    command
        .args(["--no-install", "playwright", "test"])
        .env("BULKHEAD_BIN", bin.join("bulkhead"))
        .env("BULKHEAD_AGENT_BIN", bin.join("bulkhead-agent"))
        .env("BULKHEAD_PROVIDER_BIN", bin.join("examples/scripted-provider"))
        .env("BULKHEAD_WEB_ROOT", workspace::web_root())
        .env("BULKHEAD_WEB_ROOT_WALLS", workspace::web_walls_root())
        .env("BULKHEAD_TEST_PG", postgres_url)
        .env("CHROMIUM", CHROMIUM_PATH)
        // What runs on the machine of the tests is none of their business.
        .env("BULKHEAD_AGENT_DOCKER_SOCKET", "none")
        .env("BULKHEAD_AGENT_LIBVIRT_URI", "none")
        .current_dir(dir);
    Ok(command)
}

/// `npm ci`, unless what it would install is there.
pub(crate) fn install_node_modules(dir: &Path) -> Result<()> {
    let lock = dir.join("package-lock.json");
    let wanted = fs::read_to_string(&lock).or_cannot("read", &lock)?;
    // npm's own note of what it installed is younger than the lock file it was installed from, but git may set any time: so we keep
    // a copy and compare.
    let note = dir.join("node_modules/.installed-package-lock.json");
    if fs::read_to_string(&note).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    shell::step(
        "npm ci",
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            // The system's Chromium is used.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .current_dir(dir),
    )?;
    fs::write(&note, wanted).or_cannot("write", &note)
}

fn print_table(rows: &[Ran], total: Duration) {
    println!("\n{:<16} {:<8} {:>12}", "step", "result", "time");
    for ran in rows {
        let result = if ran.passed { "ok" } else { "FAILED" };
        let line = format!("{:<16} {result:<8} {:>12}  {}", ran.name(), shell::human(ran.took), ran.note);
        println!("{}", line.trim_end());
    }
    println!("{:<16} {:<8} {:>12}", "total", "", shell::human(total));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(fast: bool, only: &[Step]) -> Vec<Step> {
        let args = Args { fast, only: only.to_vec(), fail_fast: false };
        Step::value_variants().iter().copied().filter(|step| step.is_wanted(&args)).collect()
    }

    #[test]
    fn without_arguments_every_step_runs() {
        assert_eq!(wanted(false, &[]), Step::value_variants());
    }

    #[test]
    fn fast_leaves_out_the_browser_and_keeps_the_tests() {
        let steps = wanted(true, &[]);
        assert!(!steps.contains(&Step::E2e));
        assert!(steps.contains(&Step::Tests));
    }

    #[test]
    fn only_runs_the_named_steps_even_slow_ones() {
        assert_eq!(wanted(false, &[Step::E2e, Step::Fmt]), [Step::Fmt, Step::E2e]);
        assert_eq!(wanted(true, &[Step::Web]), [Step::Web]);
    }

    #[test]
    fn the_passed_tests_of_all_programs_are_added_up() {
        let lines: Vec<String> =
            ["running 2 tests", "test result: ok. 2 passed; 0 failed", "test result: ok. 40 passed; 0 failed"]
                .map(str::to_owned)
                .into();
        assert_eq!(count_of_libtest(&lines), "42 passed");
    }
}
