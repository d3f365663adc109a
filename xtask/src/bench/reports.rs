//! `reports_per_s`: reports as agents send them, counted when they are acknowledged, and looked for after the server was killed.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::http::{Answer, Connection, request};
use super::load::{self, Round, Talk};
use super::outcome::Outcome;
use super::server::{Data, Org, Running, Session, exchange, parsed};
use super::{Programs, stats};
use crate::shell::{Failure, Result};

const PATH: &str = "/api/v1/ingest/reports";
/// Most agents that talk at once. Above that a connection speaks for several hosts in turn.
const MAX_CONNECTIONS: usize = 500;
/// The load generator's threads. They only pass bytes on, and leave the cores to the server.
const THREADS: usize = 4;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(1_500);
/// Reports in one request while looking for what was kept. The server takes at most 500.
const CHECKED_AT_ONCE: usize = 500;

/// A monitored machine that does not exist.
pub(super) struct Host {
    id: String,
    name: String,
    /// When its last report was taken, in microseconds since 1970.
    last: u64,
    /// When each acknowledged report was taken.
    kept: Vec<u64>,
    /// How many containers run on it.
    containers: usize,
}

impl Host {
    pub(super) fn new(number: usize) -> Self {
        let id = format!("00000000-0000-4000-8000-{number:012x}");
        Self { id, name: format!("host-{number:04}"), last: 0, kept: Vec::new(), containers: 0 }
    }

    /// A host on which containers run.
    pub(super) fn with_containers(number: usize, containers: usize) -> Self {
        Self { containers, ..Self::new(number) }
    }

    /// The inventory of a report, as one more field of the batch; nothing where nothing runs.
    fn inventory(&self) -> String {
        if self.containers == 0 {
            return String::new();
        }
        let containers: Vec<Value> = (0..self.containers)
            .map(|number| {
                json!({
                    "engine_id": format!("{number:064x}"), "name": format!("shop-web-{number}"), "image": "registry.example.org/shop/web:4.12.3",
                    "state": "running", "health": "healthy", "restarts": 1, "created_at": self.last - 1_000_000, "started_at": self.last - 1_000_000,
                    "cpu_percent": 12.5, "mem_used_bytes": 640_000_000, "mem_limit_bytes": 1_073_741_824, "received_bytes": 1_000_000,
                    "sent_bytes": 2_000_000, "project": "shop", "service": "web",
                })
            })
            .collect();
        let found = json!({ "taken_at": self.last, "containers": { "engine": "Docker 28.2.2", "items": containers } });
        format!(r#","inventory":{found}"#)
    }

    /// A report as an agent on a small server makes it: about 1.3 kB.
    fn report(&mut self) -> String {
        self.last = now().max(self.last + 1);
        let (id, name, at, inventory) = (&self.id, &self.name, self.last, self.inventory());
        let (counter, percent) = (at / 1_000 % 1_000_000_000, at / 1_000 % 80);
        format!(
            r#"{{"sent_at":{at},"host":{{"id":"{id}","name":"{name}","os":"Debian GNU/Linux 12","kernel":"Linux 6.1.0-37-amd64","cpu_model":"AMD EPYC 7402P 24-Core Processor","cpu_cores":4,"agent_version":"0.1.0"}},"reports":[{{"taken_at":{at},"uptime_s":864000,"cpu_percent":{percent}.5,"load":[0.52,0.48,0.4],"mem_total_bytes":8330801152,"mem_used_bytes":2930801152,"swap_total_bytes":1073737728,"swap_used_bytes":0,"filesystems":[{{"mount":"/","device":"/dev/nvme0n1p2","kind":"ext4","total_bytes":105088212992,"used_bytes":41088212992}},{{"mount":"/boot/efi","device":"/dev/nvme0n1p1","kind":"vfat","total_bytes":535805952,"used_bytes":6152192}},{{"mount":"/srv","device":"/dev/nvme1n1p1","kind":"xfs","total_bytes":1005088212992,"used_bytes":541088212992}}],"disks":[{{"name":"nvme0n1","read_bytes":{counter}0,"written_bytes":{counter}00}},{{"name":"nvme1n1","read_bytes":{counter},"written_bytes":{counter}0}}],"networks":[{{"name":"eth0","received_bytes":{counter}00,"sent_bytes":{counter}0}}],"temperatures":[{{"label":"Tctl","celsius":48.5}}]}}]{inventory}}}"#
        )
    }

    /// The same keys once more, as a batch that the server answers by saying which of them it has.
    fn repeat(&self, kept: &[u64]) -> String {
        let reports: Vec<Value> = kept.iter().map(|at| json!({ "taken_at": at, "uptime_s": 864_000 })).collect();
        json!({ "sent_at": now(), "host": { "id": self.id, "name": self.name }, "reports": reports }).to_string()
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// One report of a host, acknowledged.
pub(super) fn report_once(connection: &mut Connection, token: &str, host: &Host) -> Result<()> {
    let mut host =
        Host { id: host.id.clone(), name: host.name.clone(), last: 0, kept: Vec::new(), containers: host.containers };
    let bytes = request("POST", PATH, &[("Authorization", &format!("Bearer {token}"))], Some(&host.report()));
    let answer = parsed(&exchange(connection, &bytes, PATH)?)?;
    if answer["accepted"] == 1 { Ok(()) } else { Err(Failure::new(format!("a report was answered {answer}"))) }
}

/// An organization and the agents on its hosts.
struct Fleet {
    key: &'static str,
    org: Org,
    agents: Vec<Agent>,
    hosts: usize,
    per_second: Vec<f64>,
}

pub(super) fn measure(programs: &Programs, dir: &Path, outcome: &mut Outcome) -> Result<()> {
    let data = Data::create(programs, dir)?;
    let server = data.serve()?;
    let mut session = Session::sign_in(&server)?;
    let mut fleets = Vec::new();
    for (hosts, key) in [(1_000, "reports_per_s"), (10, "reports_per_s_10")] {
        let org = session.create_org(&format!("Reports {hosts}"))?;
        let mut agents: Vec<Agent> = (0..hosts.min(MAX_CONNECTIONS)).map(|_| Agent::new(&org.token)).collect();
        let connections = agents.len();
        (0..hosts).for_each(|number| agents[number % connections].hosts.push(Host::new(number)));
        fleets.push(Fleet { key, org, agents, hosts, per_second: Vec::new() });
    }
    // The first round makes the hosts known and is not counted.
    for round in 0..=ROUNDS {
        for fleet in &mut fleets {
            let Round { counted, took, .. } = load::run(server.address, &mut fleet.agents, THREADS, ROUND)?;
            if round > 0 {
                fleet.per_second.push(counted as f64 / took.as_secs_f64());
            }
        }
    }
    // Killed in the middle of its work, so to say: what it acknowledged has to be there all the same.
    drop(session);
    drop(server);
    let server = data.serve()?;
    let mut session = Session::sign_in(&server)?;
    let mut acknowledged = 0;
    for fleet in &mut fleets {
        acknowledged += look_for(fleet, &server, &mut session)?;
        outcome.add(fleet.key, stats::median(&mut fleet.per_second), "/s");
    }
    outcome.condition(format!(
        "Reports: one report in each request, one connection for each host and at most {MAX_CONNECTIONS}, one request in flight on \
         each; medians of {ROUNDS} rounds of {} ms in turn. The server was killed afterwards (SIGKILL) and started again: all {acknowledged} \
         acknowledged reports were there.",
        ROUND.as_millis()
    ));
    Ok(())
}

/// Checks that each acknowledged report is kept. Returns how many there are.
fn look_for(fleet: &Fleet, server: &Running, session: &mut Session) -> Result<usize> {
    let hosts = listed_hosts(session, &fleet.org)?;
    if hosts != fleet.hosts {
        return Err(Failure::new(format!("{hosts} hosts are listed after {} reported", fleet.hosts)));
    }
    let mut connection = Connection::open(server.address).map_err(|error| Failure::new(error.to_string()))?;
    let mut found = 0;
    for agent in &fleet.agents {
        for host in &agent.hosts {
            for kept in host.kept.chunks(CHECKED_AT_ONCE) {
                let bytes = request("POST", PATH, &[("Authorization", &agent.bearer)], Some(&host.repeat(kept)));
                let answer = parsed(&exchange(&mut connection, &bytes, PATH)?)?;
                if answer["accepted"] != 0 || answer["duplicates"] != kept.len() {
                    let (name, count) = (&host.name, kept.len());
                    return Err(Failure::new(format!(
                        "of {count} acknowledged reports of {name} some are lost: {answer}"
                    )));
                }
                found += kept.len();
            }
        }
    }
    Ok(found)
}

/// How many hosts the API lists, page by page.
fn listed_hosts(session: &mut Session, org: &Org) -> Result<usize> {
    let mut count = 0;
    let mut cursor = String::new();
    loop {
        let page = parsed(&session.ask("GET", &format!("/api/v1/orgs/{}/hosts?limit=500{cursor}", org.id), None)?)?;
        count += page["items"].as_array().map_or(0, Vec::len);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(count),
        }
    }
}

/// A connection on which hosts report in turn.
struct Agent {
    bearer: String,
    hosts: Vec<Host>,
    /// Which of them reported last.
    turn: usize,
}

impl Agent {
    fn new(token: &str) -> Self {
        Self { bearer: format!("Bearer {token}"), hosts: Vec::new(), turn: 0 }
    }
}

impl Talk for Agent {
    fn ask(&mut self, buffer: &mut Vec<u8>) {
        self.turn = (self.turn + 1) % self.hosts.len();
        let body = self.hosts[self.turn].report();
        buffer.extend_from_slice(&request("POST", PATH, &[("Authorization", &self.bearer)], Some(&body)));
    }

    fn answered(&mut self, answer: &Answer<'_>) -> Result<u64> {
        let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
        if answer.status != 200 || body["accepted"] != 1 {
            return Err(Failure::new(format!("a report was answered {}: {body}", answer.status)));
        }
        let host = &mut self.hosts[self.turn];
        host.kept.push(host.last);
        Ok(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_never_takes_two_reports_at_one_time() {
        let mut host = Host::new(7);
        let times: Vec<u64> = (0..100)
            .map(|_| {
                let report: Value = serde_json::from_str(&host.report()).expect("a report is JSON");
                report["reports"][0]["taken_at"].as_u64().expect("a time")
            })
            .collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn only_what_is_acknowledged_is_counted_and_looked_for() {
        let mut agent = Agent::new("t");
        agent.hosts = vec![Host::new(0), Host::new(1)];
        let mut requests = Vec::new();
        agent.ask(&mut requests);
        let refused = b"HTTP/1.1 200 OK\r\ncontent-length: 29\r\n\r\n{\"accepted\":0,\"duplicates\":1}";
        let accepted = b"HTTP/1.1 200 OK\r\ncontent-length: 29\r\n\r\n{\"accepted\":1,\"duplicates\":0}";
        assert!(super::super::http::with_answer(refused, |answer| agent.answered(answer)).is_err());
        assert_eq!(super::super::http::with_answer(accepted, |answer| agent.answered(answer)).expect("it counts"), 1);
        assert_eq!(agent.hosts.iter().map(|host| host.kept.len()).sum::<usize>(), 1);
    }
}
