//! Guests of libvirt, asked through its command `virsh`.
//!
//! And not through libvirt's library: its crate needs the library's headers where the agent is built and the library
//! itself where it runs, on machines without a hypervisor too. `virsh` is there where libvirt is used, and what it
//! writes is stable: `domstats` is meant for programs, and the rest is XML. It is called read-only (`-r`), four times a
//! look however many guests there are.

mod domain;
mod stats;

use super::{
    access,
    command::{self, CommandError, Output},
    each_once, left_out,
    usage::CpuReading,
};
use crate::measure::clean;
use domain::Domain;
use shared::inventory::{FoundGuests, GuestReport, GuestState, MAX_GUESTS};
use stats::Stats;
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    time::{Duration, Instant},
};

/// Longest wait for one call.
const LONGEST_CALL: Duration = Duration::from_secs(5);
/// Most bytes that one call may write. The description of a guest has about 8 kB.
const MOST_BYTES: u64 = 32 << 20;
/// Sockets by which a libvirt on this machine is known, of one daemon for all and of one for QEMU alone.
const SOCKETS: [&str; 2] = ["/run/libvirt/libvirt-sock-ro", "/run/libvirt/virtqemud-sock-ro"];
/// What `virsh` itself takes by default.
const USUAL_URI: &str = "qemu:///system";

/// Which hypervisor is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum HypervisorPlace {
    /// QEMU on this machine, where a libvirt runs.
    #[default]
    Usual,
    /// The one of this connection URI.
    At(String),
    /// None: guests are not reported.
    Nowhere,
}

impl HypervisorPlace {
    /// What a person set.
    #[must_use]
    pub fn choose(set: Option<&str>) -> Self {
        match set {
            None => Self::Usual,
            Some("none") => Self::Nowhere,
            Some(uri) => Self::At(uri.to_owned()),
        }
    }

    /// Whether a person said where it is, and so expects one there.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        matches!(self, Self::At(_))
    }

    /// The connection URI to ask now; none where there is no hypervisor.
    #[must_use]
    pub fn uri(&self) -> Option<String> {
        match self {
            Self::Usual => socket().map(|_| USUAL_URI.to_owned()),
            Self::At(uri) => Some(uri.clone()),
            Self::Nowhere => None,
        }
    }
}

fn socket() -> Option<PathBuf> {
    SOCKETS.iter().map(PathBuf::from).find(|path| path.exists())
}

/// The hypervisor does not tell its guests.
#[derive(Debug, thiserror::Error)]
pub enum HypervisorError {
    /// No `virsh`.
    #[error("libvirt is asked through virsh, which is not installed here: install libvirt-clients (or libvirt-client)")]
    NoVirsh,
    /// The agent's account may not connect.
    #[error("may not connect to {uri}: {help}, or set --libvirt-uri none")]
    Denied {
        /// The connection.
        uri: String,
        /// What to do.
        help: String,
    },
    /// All calls together take too long.
    #[error("libvirt does not tell its guests in time")]
    Late,
    /// `virsh` does not get to its end.
    #[error("virsh does not tell the guests of {uri}: {cause}")]
    Command {
        /// The connection.
        uri: String,
        /// Why.
        cause: String,
    },
    /// `virsh` says that it fails.
    #[error("virsh does not tell the guests of {uri}: {said}. Is libvirt running, and the URI right?")]
    Failed {
        /// The connection.
        uri: String,
        /// What it said.
        said: String,
    },
}

/// A hypervisor, with what the next look is compared with.
#[derive(Debug)]
pub(super) struct Hypervisor {
    place: HypervisorPlace,
    program: String,
    cpu: HashMap<String, CpuReading>,
}

impl Hypervisor {
    pub(super) fn new(place: HypervisorPlace) -> Self {
        Self { place, program: "virsh".to_owned(), cpu: HashMap::new() }
    }

    /// All guests; none where there is no hypervisor.
    ///
    /// # Errors
    /// When there should be one, and it does not tell its guests.
    pub(super) async fn look(&mut self) -> Result<Option<FoundGuests>, HypervisorError> {
        let Some(uri) = self.place.uri() else { return Ok(None) };
        // Asked first, for an error here is about the connection.
        let answer = self.must(&uri, "version; list --all --uuid --name").await?;
        let (engine, listed) = (engine(&answer), listed(&answer));
        let left_out = left_out(listed.len(), MAX_GUESTS);
        let ids: Vec<_> = listed.into_iter().take(MAX_GUESTS).map(|(id, _)| id).collect();
        if ids.is_empty() {
            self.cpu.clear();
            return Ok(Some(FoundGuests { engine, items: Vec::new(), left_out: 0 }));
        }
        let autostart = self.call(&uri, "list --all --autostart --uuid").await?;
        let autostart = autostart.is_success.then_some(autostart.text);
        let autostart: Option<HashSet<&str>> = autostart.as_ref().map(|text| text.lines().map(str::trim).collect());
        // Without `nowait` a guest that is stuck stops the statistics of all.
        let stats = self.must(&uri, "domstats --nowait --state --cpu-total --balloon --vcpu --block").await?;
        let (stats, read_at) = (stats::read(&stats), Instant::now());
        let domains = domain::read_all(&self.descriptions(&uri, &ids).await?);
        let mut items: Vec<_> = domains
            .into_iter()
            .filter(|domain| ids.contains(&domain.id))
            .map(|domain| {
                let stats = stats.get(&domain.raw_name);
                let autostart = autostart.as_ref().map(|ids| ids.contains(domain.id.as_str()));
                self.report(domain, stats, read_at, autostart)
            })
            .collect();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        each_once(&mut items, |guest| &guest.name);
        each_once(&mut items, |guest| &guest.engine_id);
        let ids: HashSet<_> = items.iter().map(|guest| guest.engine_id.as_str()).collect();
        self.cpu.retain(|id, _| ids.contains(id.as_str()));
        Ok(Some(FoundGuests { engine, items, left_out }))
    }

    fn report(&mut self, domain: Domain, stats: Option<&Stats>, at: Instant, autostart: Option<bool>) -> GuestReport {
        let mut guest = domain.report(stats);
        guest.autostart = autostart;
        let is_running = guest.state == GuestState::Running;
        let used_ns = stats.and_then(|stats| stats.number("cpu.time")).filter(|_| is_running);
        let Some(now) = used_ns.map(|used_ns| CpuReading { at, used_ns }) else {
            self.cpu.remove(&guest.engine_id);
            return guest;
        };
        let before = self.cpu.insert(guest.engine_id.clone(), now);
        let vcpus = guest.vcpus.filter(|vcpus| *vcpus > 0);
        guest.cpu_percent = now
            .cores_since(before.as_ref())
            .zip(vcpus)
            .and_then(|(cores, vcpus)| clean::percent_of(cores * 100.0 / vcpus as f64, 100.0));
        guest
    }

    /// How guests are set up, in one call for all: each costs a process and a connection.
    async fn descriptions(&self, uri: &str, ids: &[String]) -> Result<String, HypervisorError> {
        let dump: Vec<_> = ids.iter().map(|id| format!("dumpxml {id}")).collect();
        let output = self.call(uri, &dump.join("; ")).await?;
        // A guest that is gone meanwhile is said so. After another failure, those that are missing are not gone.
        let is_about_gone = |line: &str| line.contains("failed to get domain") || line.contains("Domain not found");
        if output.complaints.lines().all(|line| line.trim().is_empty() || is_about_gone(line)) {
            Ok(output.text)
        } else {
            Err(failure(uri, &output))
        }
    }

    /// A call that must succeed.
    async fn must(&self, uri: &str, what: &str) -> Result<String, HypervisorError> {
        let output = self.call(uri, what).await?;
        if output.is_success { Ok(output.text) } else { Err(failure(uri, &output)) }
    }

    /// One call of `virsh`. `what` has nothing in it that comes from outside but UUIDs.
    async fn call(&self, uri: &str, what: &str) -> Result<Output, HypervisorError> {
        let args = ["-r", "-q", "-c", uri, what];
        command::run(&self.program, &args, LONGEST_CALL, MOST_BYTES).await.map_err(|error| match error {
            CommandError::Start(cause) if cause.kind() == std::io::ErrorKind::NotFound => HypervisorError::NoVirsh,
            error => HypervisorError::Command { uri: uri.to_owned(), cause: error.to_string() },
        })
    }
}

fn failure(uri: &str, output: &Output) -> HypervisorError {
    let said = clean::text(&output.complaints.replace("error: ", " ").replace('\n', " "));
    let is_denied = ["Permission denied", "authentication", "access denied"].iter().any(|why| said.contains(why));
    if is_denied {
        let socket = socket().unwrap_or_else(|| PathBuf::from(SOCKETS[0]));
        HypervisorError::Denied { uri: uri.to_owned(), help: access::help(&socket) }
    } else {
        HypervisorError::Failed { uri: uri.to_owned(), said }
    }
}

/// Ids and names of `list --uuid --name`, by name.
fn listed(text: &str) -> Vec<(String, String)> {
    let mut listed: Vec<_> = text
        .lines()
        .filter_map(|line| {
            let (id, name) = line.split_once(' ')?;
            // It becomes part of a command, so it must be what it should be.
            uuid::Uuid::try_parse(id).ok().map(|id| (id.hyphenated().to_string(), name.trim().to_owned()))
        })
        .collect();
    listed.sort_by(|a, b| a.1.cmp(&b.1));
    listed
}

/// What libvirt calls itself.
fn engine(text: &str) -> String {
    let library = text.lines().find_map(|line| line.strip_prefix("Using library: "));
    library.map(clean::text).filter(|name| !name.is_empty()).unwrap_or_else(|| "libvirt".to_owned())
}

#[cfg(test)]
mod tests;
