//! What Docker's API answers, as the wire wants it.
//!
//! Fields are looked up one by one and not read into a whole: podman leaves out some, says others in its own words, and
//! neither may cost more than the one field.

use super::super::time;
use crate::measure::clean;
use serde_json::Value;
use shared::{
    Micros, SECOND,
    inventory::{ContainerHealth, ContainerReport, ContainerState},
};

/// More than any machine has, in percent of one core.
const MOST_CPU_PERCENT: f64 = 1_000_000.0;

/// A container as the list tells it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: ContainerState,
    image: String,
    created_at: Option<Micros>,
    project: Option<String>,
    service: Option<String>,
}

/// What only a look at the one container tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Detail {
    pub(super) state: Option<ContainerState>,
    health: Option<ContainerHealth>,
    exit_code: Option<i64>,
    restarts: i64,
    started_at: Option<Micros>,
    mem_limit_bytes: Option<i64>,
    has_own_network: bool,
}

/// What a running container uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) cpu_ns: Option<u64>,
    mem_used_bytes: Option<i64>,
    received_bytes: Option<i64>,
    sent_bytes: Option<i64>,
}

impl Listed {
    /// Reads one item of `GET /containers/json`; none where it has no id.
    pub(super) fn read(item: &Value) -> Option<Self> {
        let id = text(item, "/Id")?;
        let label = |names: &[&str]| names.iter().find_map(|name| cleaned(item.get("Labels")?.get(name)?.as_str()?));
        Some(Self {
            name: own_name(item).unwrap_or_else(|| id.chars().take(12).collect()),
            state: text(item, "/State").map_or(ContainerState::Unknown, |word| state(&word)),
            image: text(item, "/Image").or_else(|| text(item, "/ImageID")).map_or_else(String::new, short_image),
            created_at: number(item, "/Created").filter(|s| *s > 0).and_then(|s| s.checked_mul(SECOND)),
            project: label(&["com.docker.compose.project", "io.podman.compose.project"]),
            service: label(&["com.docker.compose.service", "io.podman.compose.service"]),
            id,
        })
    }

    /// The container with all that is known of it.
    pub(super) fn report(self, detail: Option<&Detail>, usage: Option<&Usage>, cores: Option<f64>) -> ContainerReport {
        let unknown = (Detail::default(), Usage::default());
        let (detail, usage) = (detail.unwrap_or(&unknown.0), usage.unwrap_or(&unknown.1));
        let has_ended =
            matches!(self.state, ContainerState::Exited | ContainerState::Dead | ContainerState::Restarting);
        let is_up = matches!(self.state, ContainerState::Running | ContainerState::Paused);
        let network = |bytes: Option<i64>| bytes.filter(|_| detail.has_own_network);
        ContainerReport {
            engine_id: self.id,
            name: self.name,
            image: self.image,
            state: self.state,
            // Of one that has ended it says what was.
            health: detail.health.filter(|_| is_up),
            exit_code: detail.exit_code.filter(|_| has_ended),
            restarts: detail.restarts,
            created_at: self.created_at,
            started_at: detail.started_at,
            cpu_percent: cores.and_then(|cores| clean::percent_of(cores * 100.0, MOST_CPU_PERCENT)),
            mem_used_bytes: usage.mem_used_bytes,
            mem_limit_bytes: detail.mem_limit_bytes,
            received_bytes: network(usage.received_bytes),
            sent_bytes: network(usage.sent_bytes),
            project: self.project,
            service: self.service,
        }
    }
}

impl Detail {
    /// Reads `GET /containers/{id}/json`.
    pub(super) fn read(answer: &Value) -> Self {
        let mode = text(answer, "/HostConfig/NetworkMode").unwrap_or_default();
        Self {
            state: text(answer, "/State/Status").map(|word| state(&word)),
            health: text(answer, "/State/Health/Status").and_then(|word| health(&word)),
            exit_code: number(answer, "/State/ExitCode"),
            restarts: number(answer, "/RestartCount").unwrap_or(0).max(0),
            started_at: text(answer, "/State/StartedAt").and_then(|at| time::parse(&at)),
            // The limit in the statistics is the machine's memory where none is set.
            mem_limit_bytes: number(answer, "/HostConfig/Memory").filter(|bytes| *bytes > 0),
            has_own_network: mode != "none" && mode != "host" && !mode.starts_with("container:"),
        }
    }
}

impl Usage {
    /// Reads `GET /containers/{id}/stats`.
    pub(super) fn read(answer: &Value) -> Self {
        let networks = answer.get("networks").and_then(Value::as_object);
        let sum = |what: &str| -> Option<i64> {
            networks?.values().filter_map(|network| network.get(what)?.as_i64()).reduce(i64::saturating_add)
        };
        Self {
            cpu_ns: answer.pointer("/cpu_stats/cpu_usage/total_usage").and_then(Value::as_u64),
            mem_used_bytes: mem_used(answer),
            received_bytes: sum("rx_bytes").filter(|bytes| *bytes >= 0),
            sent_bytes: sum("tx_bytes").filter(|bytes| *bytes >= 0),
        }
    }
}

/// Memory without the pages of files that the kernel would give back, as the command `docker stats` has it: they are
/// told as `total_inactive_file` by the first version of control groups, and as `inactive_file` by the second.
fn mem_used(answer: &Value) -> Option<i64> {
    let memory = answer.get("memory_stats")?;
    let used = memory.get("usage")?.as_u64()?;
    let cache =
        ["total_inactive_file", "inactive_file"].iter().find_map(|name| memory.get("stats")?.get(name)?.as_u64());
    clean::count(cache.filter(|cache| *cache < used).map_or(used, |cache| used - cache))
}

/// What the engine calls itself. Docker and podman say it in different places of `GET /version`.
pub(super) fn engine(version: &Value) -> String {
    let components = version.get("Components").and_then(Value::as_array).into_iter().flatten();
    let is_podman = components
        .filter_map(|component| component.get("Name")?.as_str())
        .any(|name| name.to_ascii_lowercase().contains("podman"));
    let number = text(version, "/Version").unwrap_or_default();
    clean::text(&format!("{} {number}", if is_podman { "Podman" } else { "Docker" }))
}

/// The name that is the container's own: one that was given to it for another container has a second slash.
fn own_name(item: &Value) -> Option<String> {
    let names = || item.get("Names").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let bare = |name: &str| cleaned(&name.trim_start_matches('/').replace('/', "-"));
    names().find(|name| !name.trim_start_matches('/').contains('/')).or_else(|| names().next()).and_then(bare)
}

/// Docker's words, and podman's where they differ.
fn state(word: &str) -> ContainerState {
    match word {
        "created" | "configured" | "initialized" => ContainerState::Created,
        "running" | "stopping" => ContainerState::Running,
        "paused" => ContainerState::Paused,
        "restarting" => ContainerState::Restarting,
        "removing" => ContainerState::Removing,
        "exited" | "stopped" => ContainerState::Exited,
        "dead" => ContainerState::Dead,
        _ => ContainerState::Unknown,
    }
}

fn health(word: &str) -> Option<ContainerHealth> {
    match word {
        "starting" => Some(ContainerHealth::Starting),
        "healthy" => Some(ContainerHealth::Healthy),
        "unhealthy" => Some(ContainerHealth::Unhealthy),
        _ => None,
    }
}

/// Podman names an image in full where Docker leaves out what goes without saying.
fn short_image(image: String) -> String {
    let short = image.strip_prefix("docker.io/library/").or_else(|| image.strip_prefix("docker.io/"));
    short.map(str::to_owned).unwrap_or(image)
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    cleaned(value.pointer(pointer)?.as_str()?)
}

/// On one line and not too long for the server; none where nothing is left.
fn cleaned(text: &str) -> Option<String> {
    Some(clean::text(text)).filter(|text| !text.is_empty())
}

fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer)?.as_i64()
}

#[cfg(test)]
mod tests;
