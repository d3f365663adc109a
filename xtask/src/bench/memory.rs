//! `rss_idle_mb` and `rss_1000_orgs_mb`: what a server holds while nothing happens.

use std::path::Path;
use std::time::Duration;

use super::http::Connection;
use super::outcome::Outcome;
use super::reports::{Host, report_once};
use super::server::{Data, Running, Session};
use super::{Programs, idle};
use crate::shell::{Failure, Result};

const ORGS: usize = 1_000;
const IDLE: Duration = Duration::from_secs(10);

pub(super) fn measure(programs: &Programs, dir: &Path, outcome: &mut Outcome) -> Result<()> {
    let data = Data::create(programs, dir)?;
    let server = data.serve()?;
    let mut session = Session::sign_in(&server)?;
    new_org(&server, &mut session, "The first")?;
    idle(IDLE);
    let before = server.resident_mb()?;
    for number in 1..=ORGS {
        new_org(&server, &mut session, &format!("Number {number}"))?;
    }
    idle(IDLE);
    let after = server.resident_mb()?;
    outcome.add("rss_idle_mb", before, "MB");
    outcome.add("rss_1000_orgs_mb", after - before, "MB");
    outcome.condition(format!(
        "Memory: VmRSS of the one running process, its own file's pages included, in MB of 1,000,000 bytes: after {} s without a request \
         with one organization whose owner signed in and whose host reported; and again, without a restart, after {ORGS} more were \
         created through the API, each with a token and a report, and {} s without a request.",
        IDLE.as_secs(),
        IDLE.as_secs()
    ));
    Ok(())
}

/// An organization that is used: a token is made, a host reports, its owner looks.
fn new_org(server: &Running, session: &mut Session, name: &str) -> Result<()> {
    let org = session.create_org(name)?;
    // A connection of its own, as each agent has one.
    let mut connection = Connection::open(server.address).map_err(|error| Failure::new(error.to_string()))?;
    report_once(&mut connection, &org.token, &Host::new(0))?;
    session.ask("GET", &format!("/api/v1/orgs/{}/hosts", org.id), None).map(drop)
}
