//! The tasks of the project, as `cargo xtask <task>`: everything that a person or a CI job runs, in one place and in Rust, so that
//! there is nothing to keep in step with a Makefile or a workflow file.

mod bench;
mod build_web;
mod certify;
mod check_layers;
mod fingerprint;
mod machine;
mod postgres;
mod removals;
mod results;
mod run;
mod scratch;
mod shell;
mod split_app;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The tasks of Bulkhead")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and serve the console with this machine's live data
    Run(run::Args),
    /// Run the whole suite: format, rules, lints, docs, tests on both databases, the browser
    Test(test::Args),
    /// Take one guard away at a time and see a test go red
    Removals(removals::Args),
    /// Run everything and certify, clause by clause, that organizations are kept apart
    Certify(certify::Args),
    /// Measure speed and memory of the release build, each figure beside its baseline
    Bench(bench::Args),
    /// Build the app for release into target/web and compress each file with brotli
    BuildWeb,
    /// Check which crate may know which
    CheckLayers,
    /// Check what a linter cannot see
    Tidy,
    /// Wait until a started server answers and say so (used by `run`)
    #[command(hide = true)]
    Announce(run::AnnounceArgs),
    /// Cut the app in two between compiler and wasm-bindgen (used by `build-web`)
    #[command(hide = true)]
    SplitApp(split_app::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Run(args) => run::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Removals(args) => removals::run(&args),
        Task::Certify(args) => certify::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::BuildWeb => build_web::build(build_web::Mode::Release),
        Task::CheckLayers => check_layers::run(),
        Task::Tidy => tidy::run(),
        Task::Announce(args) => run::announce(&args),
        Task::SplitApp(args) => split_app::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}
