//! `cargo xtask bench`: how fast the console is, each figure beside its baseline in the same run.
//!
//! Everything is measured on the release build, on the loopback address, with SQLite in a folder that is removed afterwards, by a
//! load generator of plain threads and sockets. What is compared is measured in short rounds in turn, so that a machine that gets
//! slower or faster meanwhile changes both alike. Each run is bounded in count and time; all of it takes some minutes.

mod assistant;
mod browser;
mod http;
mod lists;
mod load;
mod memory;
mod outcome;
mod reports;
mod server;
mod stats;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::build_web::{self, Mode};
use crate::scratch::ScratchDir;
use crate::shell::{self, Failure, IoContext, Result};
use crate::{machine, tools, workspace};
use outcome::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write the figures to this file too, as JSON with a description of the machine
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fail when a target is missed
    #[arg(long)]
    check: bool,
    /// Measure only this part; may be given several times
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
    /// Measure what the last run built instead of building
    #[arg(long)]
    no_build: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Lists of hosts and containers, beside a route that returns the same bytes
    Lists,
    /// Reports that are acknowledged after the commit
    Reports,
    /// What the server adds before the first word of an answer
    Assistant,
    /// Memory of an idle server, and what a thousand organizations add
    Memory,
    /// First load and switches in a browser
    Browser,
}

/// The programs that are measured.
struct Programs {
    /// `bulkhead` with the app inside.
    server: PathBuf,
    /// The baseline: a route that does nothing.
    bare: PathBuf,
    /// What the assistant asks.
    provider: PathBuf,
}

/// Builds, measures and prints.
///
/// # Errors
/// When something cannot be built or measured; with `--check` also when a target is missed.
pub(crate) fn run(args: &Args) -> Result<()> {
    let parts: Vec<Part> = Part::value_variants()
        .iter()
        .copied()
        .filter(|part| args.only.is_empty() || args.only.contains(part))
        .collect();
    let mut packages = vec![&tools::OPENSSL];
    if parts.contains(&Part::Browser) {
        packages.extend([&tools::CHROMIUM, &tools::NODE]);
    }
    tools::ensure_system_packages(&packages)?;
    if !args.no_build {
        build()?;
    }
    let bin = workspace::bin_dir("release")?;
    let programs = Programs {
        server: bin.join("bulkhead"),
        bare: bin.join("examples/bare"),
        provider: bin.join("examples/scripted-provider"),
    };

    // Beside what was built, and not in /tmp, which may be in memory: a commit has to wait for a real disk.
    let scratch = ScratchDir::new(&workspace::notes_dir(), "bench")?;
    let mut outcome = Outcome::default();
    let mut failed = Vec::new();
    for part in parts {
        let started_at = Instant::now();
        println!("  …    {}", part.title());
        let dir = ScratchDir::new(scratch.path(), "data")?;
        let measured = match part {
            Part::Lists => lists::measure(&programs, dir.path(), &mut outcome),
            Part::Reports => reports::measure(&programs, dir.path(), &mut outcome),
            Part::Assistant => assistant::measure(&programs, dir.path(), &mut outcome),
            Part::Memory => memory::measure(&programs, dir.path(), &mut outcome),
            Part::Browser => browser::measure(&programs, dir.path(), &mut outcome),
        };
        let took = shell::human(started_at.elapsed());
        // A part that cannot be measured does not take the figures of the others with it.
        match measured {
            Ok(()) => println!("  ok   {} ({took})", part.title()),
            Err(failure) => {
                println!("  FAIL {} ({took}): {failure}", part.title());
                failed.push(part.title());
            }
        }
    }
    let machine = machine::describe(scratch.path());
    outcome.print(&machine);
    if let Some(file) = &args.json {
        std::fs::write(file, outcome.to_json(&machine)).or_cannot("write", file)?;
    }
    if !failed.is_empty() {
        return Err(Failure::new(format!("could not be measured: {}", failed.join(", "))));
    }
    match outcome.missed() {
        0 => Ok(()),
        _ if !args.check => Ok(()),
        missed => Err(Failure::new(format!("{missed} of the targets above missed"))),
    }
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Self::Lists => "lists of hosts and containers",
            Self::Reports => "reports",
            Self::Assistant => "assistant",
            Self::Memory => "memory",
            Self::Browser => "first load and switches",
        }
    }
}

/// The release build, as `cargo xtask run --release` makes it, and the baseline from the same dependencies.
fn build() -> Result<()> {
    build_web::build(Mode::Release)?;
    let mut command = Command::new(shell::cargo());
    command
        .args(["build", "--locked", "--release", "--package", "backend", "--package", "agent"])
        .args(["--features", "backend/embed", "--bins", "--example", "bare"])
        .current_dir(workspace::root());
    shell::step("build the server and the baseline for release", &mut command)?;
    let mut command = Command::new(shell::cargo());
    command
        .args(["build", "--locked", "--release", "--package", "assistant", "--features", "test-provider"])
        .args(["--example", "scripted-provider"])
        .current_dir(workspace::root());
    shell::step("build the provider for release", &mut command)
}

/// Lets the server be idle for so long.
#[expect(clippy::disallowed_methods, reason = "that nothing happens for some seconds is what is measured")]
fn idle(length: Duration) {
    std::thread::sleep(length);
}

/// What a program of the benchmark is given as a path.
fn text(path: &Path) -> String {
    path.display().to_string()
}
