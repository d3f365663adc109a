//! `bulkhead`: the server and its commands.

use backend::{
    cli::{Cli, Command},
    commands,
};
use clap::Parser as _;
use std::{
    io::{self, IsTerminal as _},
    process::ExitCode,
};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let command = Cli::parse().command;
    // A server tells what it does; a command answers, and is otherwise silent.
    let usual = if matches!(command, Command::Serve(_)) { "info,actix_server=warn" } else { "warn" };
    let filter = EnvFilter::try_from_env("BULKHEAD_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(colours)
        .with_writer(io::stderr)
        .init();
    commands::run(command)
}
