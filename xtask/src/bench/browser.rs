//! The figures that only a browser can give. Chromium is driven by `e2e/bench/console.ts`, which measures inside the page.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::http::Connection;
use super::outcome::Outcome;
use super::reports::{Host, report_once};
use super::server::{Data, EMAIL, Org, PASSWORD, Session};
use super::{Programs, stats};
use crate::shell::{self, Failure, IoContext, Result};
use crate::test::{CHROMIUM_PATH, install_node_modules};
use crate::workspace;

const HOSTS: usize = 10;

/// What the script writes.
#[derive(Deserialize)]
struct Measured {
    /// All that was transferred until the first row was painted, heads included.
    first_load_bytes: f64,
    /// One value for each first visit.
    first_row_ms: Vec<f64>,
    /// One value for each switch.
    switch_ms: Vec<f64>,
    /// One value for each fetch.
    rtt_ms: Vec<f64>,
    chromium: String,
}

pub(super) fn measure(programs: &Programs, dir: &Path, outcome: &mut Outcome) -> Result<()> {
    let e2e = workspace::root().join("e2e");
    install_node_modules(&e2e)?;
    let data = Data::create(programs, dir)?;
    let server = data.serve()?;
    let mut session = Session::sign_in(&server)?;
    let mut connection = Connection::open(server.address).map_err(|error| Failure::new(error.to_string()))?;
    let mut orgs: Vec<Org> = Vec::new();
    for name in ["Left", "Right"] {
        let org = session.create_org(name)?;
        for number in 0..HOSTS {
            report_once(&mut connection, &org.token, &Host::new(number))?;
        }
        orgs.push(org);
    }
    let file = dir.join("browser.json");
    let mut command = Command::new("npx");
    command
        .args(["--no-install", "playwright", "test", "--config", "bench/bench.config.ts"])
        .env("BULKHEAD_BENCH_URL", format!("http://{}", server.address))
        .env("BULKHEAD_BENCH_EMAIL", EMAIL)
        .env("BULKHEAD_BENCH_PASSWORD", PASSWORD)
        .env(
            "BULKHEAD_BENCH_ORGS",
            orgs.iter().map(|org| format!("{}={}", org.slug, org.name)).collect::<Vec<_>>().join(","),
        )
        .env("BULKHEAD_BENCH_OUT", &file)
        .env("CHROMIUM", CHROMIUM_PATH)
        .current_dir(&e2e);
    shell::step("measure in Chromium", &mut command)?;
    let json = std::fs::read_to_string(&file).or_cannot("read", &file)?;
    let mut measured: Measured = serde_json::from_str(&json)
        .map_err(|error| Failure::new(format!("{} is not what was agreed: {error}", file.display())))?;

    outcome.add("first_load_bytes", measured.first_load_bytes, "B");
    outcome.add("first_row_ms", stats::median(&mut measured.first_row_ms), "ms");
    outcome.add("switch_ms_p50", stats::percentile(&mut measured.switch_ms, 50.0), "ms");
    outcome.add("switch_ms_p95", stats::percentile(&mut measured.switch_ms, 95.0), "ms");
    outcome.add("rtt_ms", stats::median(&mut measured.rtt_ms), "ms");
    outcome.condition(format!(
        "Browser: {} without a window; two organizations with {HOSTS} hosts each. First load: everything that was transferred until the \
         first row was painted, heads and answers of the API included, with an empty cache; median time of {} visits. Switch: from the \
         key press to the frame that paints a row of the other organization, {} switches; rtt_ms: the median of one fetch of the same \
         bootstrap before each of them.",
        measured.chromium,
        measured.first_row_ms.len(),
        measured.switch_ms.len()
    ));
    Ok(())
}
