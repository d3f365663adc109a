//! The program; see the library for what it does.

use agent::{
    cli::{Cli, Command, ConnectArgs, MachineArgs},
    clock::{Clock, SystemClock},
    doctor,
    identity::{self, MACHINE_ID},
    inventory::Lookout,
    measure::Meter,
    run,
};
use clap::Parser;
use shared::report::ReportBatch;
use std::{error::Error, io, path::Path, process::ExitCode, thread, time::Duration};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    // Wrong use ends here, with code 2.
    let cli = Cli::parse();
    start_log();
    let outcome = match cli.command {
        Command::Run(args) => run(args),
        Command::Once(args) => once(args),
        Command::Doctor(args) => doctor(args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("bulkhead-agent: {error}");
        ExitCode::FAILURE
    })
}

fn start_log() {
    let filter = EnvFilter::try_from_env("BULKHEAD_AGENT_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_target(false)
        .init();
}

fn run(args: ConnectArgs) -> Result<ExitCode, Box<dyn Error>> {
    run::run(args.settings()?)?;
    Ok(ExitCode::SUCCESS)
}

/// Measures twice, because CPU use is the difference of two readings.
#[expect(
    clippy::disallowed_methods,
    reason = "the half second between the readings is what is asked for, not a condition"
)]
fn once(args: MachineArgs) -> Result<ExitCode, Box<dyn Error>> {
    let host = identity::host_id(&args.state_dir, Path::new(MACHINE_ID))?;
    let mut lookout = Lookout::new(args.places())?;
    let mut meter = Meter::new(host, args.name);
    meter.measure(SystemClock.now());
    lookout.look();
    thread::sleep(Duration::from_millis(500));
    let sent_at = SystemClock.now();
    let (host, report) = meter.measure(sent_at);
    let look = lookout.look();
    let troubles =
        [look.containers.as_ref().err().map(ToString::to_string), look.guests.as_ref().err().map(ToString::to_string)];
    let batch = ReportBatch { sent_at, host, reports: vec![report], inventory: look.inventory(sent_at) };
    serde_json::to_writer_pretty(io::stdout().lock(), &batch)?;
    println!();
    for trouble in troubles.into_iter().flatten() {
        eprintln!("bulkhead-agent: {trouble}");
    }
    Ok(ExitCode::SUCCESS)
}

fn doctor(args: ConnectArgs) -> Result<ExitCode, Box<dyn Error>> {
    let is_well = doctor::examine(&args.settings()?, &mut io::stdout().lock())?;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
