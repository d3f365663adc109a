//! `list_rps` and its kin: the list of an organization's hosts over a session's cookie, beside a route that returns the same bytes.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::http::{Answer, Connection};
use super::load::{self, Talk};
use super::outcome::Outcome;
use super::reports::{Host, report_once};
use super::server::{self, Data, Session, parsed};
use super::{Programs, stats};
use crate::shell::{Failure, IoContext, Result};

const CONNECTIONS: usize = 16;
/// The list of containers is of ten hosts.
const CONTAINERS_PER_HOST: usize = 10;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(700);

/// One thing that is asked for again and again.
struct Series {
    name: &'static str,
    address: SocketAddr,
    request: Vec<u8>,
    per_second: Vec<f64>,
    p99_ms: Vec<f64>,
}

pub(super) fn measure(programs: &Programs, dir: &Path, outcome: &mut Outcome) -> Result<()> {
    let data = Data::create(programs, dir)?;
    let server = data.serve()?;
    let mut session = Session::sign_in(&server)?;
    let mut series = Vec::new();
    // Ended when this function is.
    let mut baselines = Vec::new();
    for (hosts, containers, name, bare_name) in [
        (10, 0, "list", "bare"),
        (100, 0, "list100", "bare100"),
        (10, CONTAINERS_PER_HOST, "containers_list", "containers_bare"),
    ] {
        let org = session.create_org(&format!("Lists {hosts} {containers}"))?;
        let mut connection = Connection::open(server.address).map_err(|error| Failure::new(error.to_string()))?;
        for number in 0..hosts {
            report_once(&mut connection, &org.token, &Host::with_containers(number, containers))?;
        }
        let (what, expected) = if containers == 0 { ("hosts", hosts) } else { ("containers", hosts * containers) };
        let path = format!("/api/v1/orgs/{}/{what}", org.id);
        let bytes = session.ask("GET", &path, None)?;
        let listed = parsed(&bytes)?["items"].as_array().map_or(0, Vec::len);
        if listed != expected {
            return Err(Failure::new(format!("{listed} {what} are listed instead of {expected}")));
        }
        let file = dir.join(format!("{bare_name}.json"));
        std::fs::write(&file, &bytes).or_cannot("write", &file)?;
        let bare = server::start_bare(programs, &file)?;
        // The same request to both: reading it is part of the price.
        let request = session.request("GET", &path, None);
        for (name, address) in [(name, server.address), (bare_name, bare.address)] {
            series.push(Series { name, address, request: request.clone(), per_second: Vec::new(), p99_ms: Vec::new() });
        }
        baselines.push(bare);
    }

    // The first round fills caches and is not counted.
    for round in 0..=ROUNDS {
        for one in &mut series {
            let mut talks: Vec<Asking> = (0..CONNECTIONS).map(|_| Asking(&one.request)).collect();
            let result = load::run(one.address, &mut talks, CONNECTIONS, ROUND)?;
            if round > 0 {
                one.per_second.push(result.per_second());
                let mut latencies: Vec<f64> = result.latencies.iter().copied().map(stats::millis).collect();
                one.p99_ms.push(stats::percentile(&mut latencies, 99.0));
            }
        }
    }
    for (name, key, p99_key) in [
        ("list", "list_rps", Some("list_p99_ms")),
        ("bare", "bare_rps", None),
        ("list100", "list100_rps", None),
        ("bare100", "bare100_rps", None),
        ("containers_list", "containers_list_rps", None),
        ("containers_bare", "containers_bare_rps", None),
    ] {
        let Some(one) = series.iter_mut().find(|series| series.name == name) else { continue };
        outcome.add(key, stats::median(&mut one.per_second), "/s");
        if let Some(p99_key) = p99_key {
            outcome.add(p99_key, stats::median(&mut one.p99_ms), "ms");
        }
    }
    outcome.condition(format!(
        "Lists: {CONNECTIONS} connections that stay open, one request in flight on each; medians of {ROUNDS} rounds of {} ms in turn \
         with the bare route. The load generator runs on the same cores.",
        ROUND.as_millis()
    ));
    Ok(())
}

/// A connection that asks the same again and again.
struct Asking<'a>(&'a [u8]);

impl Talk for Asking<'_> {
    fn ask(&mut self, request: &mut Vec<u8>) {
        request.extend_from_slice(self.0);
    }

    fn answered(&mut self, answer: &Answer<'_>) -> Result<u64> {
        if answer.status == 200 && answer.body.ends_with(b"}") {
            return Ok(1);
        }
        let said: Value = serde_json::from_slice(answer.body).unwrap_or_default();
        Err(Failure::new(format!("a list was answered {}: {said}", answer.status)))
    }
}
