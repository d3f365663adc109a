//! What runs on hosts: containers of an engine, guests of a hypervisor.
//!
//! An agent sends what there is *now* beside its reports ([`Inventory`]); the server keeps the newest of each host, and
//! the console shows it as [`Container`]s and [`Guest`]s. There is no history of them.

use crate::{ContainerId, GuestId, HostId, Micros, SECOND, host::Health};
use serde::{Deserialize, Serialize};

/// Most containers of one host that are sent and kept. The rest are counted in [`FoundContainers::left_out`].
pub const MAX_CONTAINERS: usize = 1_000;
/// Most guests of one host that are sent and kept. The rest are counted in [`FoundGuests::left_out`].
pub const MAX_GUESTS: usize = 500;
/// Most disks of one guest.
pub const MAX_GUEST_DISKS: usize = 32;
/// What was found longer ago is old: its host does not report, or its engine does not answer.
pub const STALE_AFTER: Micros = 60 * SECOND;

/// What runs on a machine, as its agent found it. Part of a [`ReportBatch`](crate::report::ReportBatch).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// When it was found, on the agent's clock. An older one than the kept one changes nothing.
    pub taken_at: Micros,
    /// Containers; absent where the machine has no engine, or where it did not answer: what is known of them stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<FoundContainers>,
    /// Guests; absent where the machine is no hypervisor, or where it did not answer: what is known of them stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guests: Option<FoundGuests>,
}

/// All containers of an engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FoundContainers {
    /// The engine as it names itself, such as `Docker 28.2.2` or `Podman 4.3.1`.
    pub engine: String,
    /// At most [`MAX_CONTAINERS`], by name.
    pub items: Vec<ContainerReport>,
    /// How many more there are.
    #[serde(default)]
    pub left_out: i64,
}

/// All guests of a hypervisor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FoundGuests {
    /// The hypervisor as it names itself, such as `libvirt 9.0.0`.
    pub engine: String,
    /// At most [`MAX_GUESTS`], by name.
    pub items: Vec<GuestReport>,
    /// How many more there are.
    #[serde(default)]
    pub left_out: i64,
}

/// What a container is doing, in Docker's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContainerState {
    /// Made, never started.
    Created,
    /// Running.
    Running,
    /// Frozen.
    Paused,
    /// Ended, and about to be started again.
    Restarting,
    /// Being removed.
    Removing,
    /// Ended.
    Exited,
    /// Could not be removed.
    Dead,
    /// The engine says something else.
    Unknown,
}

impl ContainerState {
    /// The word for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Restarting => "Restarting",
            Self::Removing => "Removing",
            Self::Exited => "Exited",
            Self::Dead => "Dead",
            Self::Unknown => "Unknown",
        }
    }
}

/// What a container's own health check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContainerHealth {
    /// Not known yet.
    Starting,
    /// It passes.
    Healthy,
    /// It fails.
    Unhealthy,
}

impl ContainerHealth {
    /// The word for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Starting => "Starting",
            Self::Healthy => "Healthy",
            Self::Unhealthy => "Unhealthy",
        }
    }
}

/// One container as an agent found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ContainerReport {
    /// The engine's id: hexadecimal. A container that is made anew has another one.
    pub engine_id: String,
    /// Its name, unique on its host, without a slash.
    pub name: String,
    /// The image it was made from, such as `postgres:16.4`.
    pub image: String,
    /// What it is doing.
    pub state: ContainerState,
    /// Its health check; absent where it has none.
    #[serde(default)]
    pub health: Option<ContainerHealth>,
    /// How it ended; absent while it runs.
    #[serde(default)]
    pub exit_code: Option<i64>,
    /// How often its engine has started it again.
    #[serde(default)]
    pub restarts: i64,
    /// When it was made, on the agent's clock.
    #[serde(default)]
    pub created_at: Option<Micros>,
    /// When it was started last, on the agent's clock.
    #[serde(default)]
    pub started_at: Option<Micros>,
    /// CPU in use since the previous reading, in percent of one core: 250 is two and a half cores.
    #[serde(default)]
    pub cpu_percent: Option<f64>,
    /// Memory in use without the page cache, in bytes.
    #[serde(default)]
    pub mem_used_bytes: Option<i64>,
    /// Memory that it may use, in bytes; absent where there is no limit.
    #[serde(default)]
    pub mem_limit_bytes: Option<i64>,
    /// Received since it was started, in bytes; absent where it has no network of its own.
    #[serde(default)]
    pub received_bytes: Option<i64>,
    /// Sent since it was started, in bytes.
    #[serde(default)]
    pub sent_bytes: Option<i64>,
    /// The compose project that it belongs to.
    #[serde(default)]
    pub project: Option<String>,
    /// The service of that project.
    #[serde(default)]
    pub service: Option<String>,
}

/// What kind of guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GuestKind {
    /// A virtual machine.
    Vm,
    /// A system container, such as one of LXC.
    SystemContainer,
}

impl GuestKind {
    /// The word for people, short.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Vm => "VM",
            Self::SystemContainer => "CT",
        }
    }
}

/// What a guest is doing, in libvirt's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GuestState {
    /// Running, or waiting for input.
    Running,
    /// Frozen.
    Paused,
    /// Asleep by its own wish.
    Suspended,
    /// Being shut down.
    ShuttingDown,
    /// Off.
    Stopped,
    /// Ended by itself, badly.
    Crashed,
    /// The hypervisor says something else.
    Unknown,
}

impl GuestState {
    /// The word for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Suspended => "Suspended",
            Self::ShuttingDown => "Shutting down",
            Self::Stopped => "Stopped",
            Self::Crashed => "Crashed",
            Self::Unknown => "Unknown",
        }
    }
}

/// A disk of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuestDisk {
    /// What the guest sees, such as `vda`.
    pub target: String,
    /// What it is on the host: a file, volume or device; may be empty.
    #[serde(default)]
    pub source: String,
    /// What the guest may write, in bytes.
    #[serde(default)]
    pub capacity_bytes: Option<i64>,
    /// What it takes on the host, in bytes.
    #[serde(default)]
    pub allocated_bytes: Option<i64>,
}

/// One guest as an agent found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuestReport {
    /// The hypervisor's id: a UUID. Stays when the guest is renamed.
    pub engine_id: String,
    /// Its name, unique on its host.
    pub name: String,
    /// What kind of guest.
    pub kind: GuestKind,
    /// What it is doing.
    pub state: GuestState,
    /// Virtual CPUs.
    #[serde(default)]
    pub vcpus: Option<i64>,
    /// CPU in use since the previous reading, in percent of all its virtual CPUs, 0 to 100.
    #[serde(default)]
    pub cpu_percent: Option<f64>,
    /// Memory in use as the guest sees it, in bytes; absent where it does not tell.
    #[serde(default)]
    pub mem_used_bytes: Option<i64>,
    /// Memory that it has, in bytes.
    #[serde(default)]
    pub mem_total_bytes: Option<i64>,
    /// Its disks, at most [`MAX_GUEST_DISKS`].
    #[serde(default)]
    pub disks: Vec<GuestDisk>,
    /// Seconds since it was started; absent where that is not known or it does not run.
    #[serde(default)]
    pub uptime_s: Option<i64>,
    /// Whether it is started with its host.
    #[serde(default)]
    pub autostart: Option<bool>,
}

/// A container as the console shows it. Items of `GET /api/v1/orgs/{org}/containers`; also what a live frame carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Container {
    /// Id within this organization: of its host and its name, so that one that is made anew under its name keeps it.
    pub id: ContainerId,
    /// The machine that it runs on.
    pub host: HostId,
    /// What that machine calls itself.
    pub host_name: String,
    /// The engine's id.
    pub engine_id: String,
    /// Its name.
    pub name: String,
    /// The image it was made from.
    pub image: String,
    /// What it is doing.
    pub state: ContainerState,
    /// Its health check; absent where it has none.
    pub health: Option<ContainerHealth>,
    /// How it ended; absent while it runs.
    pub exit_code: Option<i64>,
    /// How often its engine has started it again.
    pub restarts: i64,
    /// When it was made.
    pub created_at: Option<Micros>,
    /// When it was started last.
    pub started_at: Option<Micros>,
    /// CPU in use, in percent of one core.
    pub cpu_percent: Option<f64>,
    /// Memory in use, in bytes.
    pub mem_used_bytes: Option<i64>,
    /// Memory that it may use, in bytes; absent where there is no limit.
    pub mem_limit_bytes: Option<i64>,
    /// Received, in bytes a second.
    pub net_in_bps: Option<f64>,
    /// Sent, in bytes a second.
    pub net_out_bps: Option<f64>,
    /// The compose project that it belongs to.
    pub project: Option<String>,
    /// The service of that project.
    pub service: Option<String>,
    /// When it was found, on the server's clock.
    pub seen_at: Micros,
}

impl Container {
    /// Share of the memory it may use, 0 to 100; none where there is no limit.
    #[must_use]
    pub fn mem_percent(&self) -> Option<f64> {
        percent(self.mem_used_bytes, self.mem_limit_bytes)
    }

    /// How it is doing. One that somebody stopped needs no attention; one that ended with an error does.
    #[must_use]
    pub fn health_at(&self, now: Micros) -> Health {
        if now.saturating_sub(self.seen_at) > STALE_AFTER {
            return Health::NotReporting;
        }
        let ended_badly = self.exit_code.is_some_and(|code| !matches!(code, 0 | 137 | 143));
        match self.state {
            ContainerState::Dead => Health::Critical,
            ContainerState::Restarting => Health::Warning,
            ContainerState::Exited if ended_badly => Health::Warning,
            ContainerState::Running if self.health == Some(ContainerHealth::Unhealthy) => Health::Warning,
            ContainerState::Running => match self.mem_percent() {
                Some(percent) if percent >= crate::host::CRIT_PERCENT => Health::Warning,
                _ => Health::Healthy,
            },
            _ => Health::Healthy,
        }
    }

    /// Whether it runs.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.state, ContainerState::Running)
    }
}

/// A guest as the console shows it. Items of `GET /api/v1/orgs/{org}/guests`; also what a live frame carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Guest {
    /// Id within this organization: of its host and the hypervisor's id, so that one that is renamed keeps it.
    pub id: GuestId,
    /// The machine that it runs on.
    pub host: HostId,
    /// What that machine calls itself.
    pub host_name: String,
    /// The hypervisor's id.
    pub engine_id: String,
    /// Its name.
    pub name: String,
    /// What kind of guest.
    pub kind: GuestKind,
    /// What it is doing.
    pub state: GuestState,
    /// Virtual CPUs.
    pub vcpus: Option<i64>,
    /// CPU in use, in percent of all its virtual CPUs.
    pub cpu_percent: Option<f64>,
    /// Memory in use as the guest sees it, in bytes.
    pub mem_used_bytes: Option<i64>,
    /// Memory that it has, in bytes.
    pub mem_total_bytes: Option<i64>,
    /// Its disks.
    pub disks: Vec<GuestDisk>,
    /// Seconds since it was started.
    pub uptime_s: Option<i64>,
    /// Whether it is started with its host.
    pub autostart: Option<bool>,
    /// When it was found, on the server's clock.
    pub seen_at: Micros,
}

impl Guest {
    /// Share of its memory in use, 0 to 100.
    #[must_use]
    pub fn mem_percent(&self) -> Option<f64> {
        percent(self.mem_used_bytes, self.mem_total_bytes)
    }

    /// What its disks may hold together, in bytes; none where that is not known of any.
    #[must_use]
    pub fn disk_bytes(&self) -> Option<i64> {
        self.disks.iter().filter_map(|disk| disk.capacity_bytes).reduce(i64::saturating_add)
    }

    /// How it is doing. One that somebody stopped needs no attention; one that crashed does.
    #[must_use]
    pub fn health_at(&self, now: Micros) -> Health {
        if now.saturating_sub(self.seen_at) > STALE_AFTER {
            return Health::NotReporting;
        }
        let worst = [self.cpu_percent, self.mem_percent()].into_iter().flatten().reduce(f64::max);
        match self.state {
            GuestState::Crashed => Health::Critical,
            GuestState::Running if worst.is_some_and(|percent| percent >= crate::host::CRIT_PERCENT) => Health::Warning,
            _ => Health::Healthy,
        }
    }

    /// Whether it runs.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.state, GuestState::Running)
    }
}

fn percent(used: Option<i64>, total: Option<i64>) -> Option<f64> {
    match (used, total) {
        (Some(used), Some(total)) if total > 0 => Some(used as f64 * 100.0 / total as f64),
        _ => None,
    }
}

/// A page of containers. `GET /api/v1/orgs/{org}/containers?limit=&cursor=`, host by host: a page ends after the host
/// with which it has `limit` containers or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContainerPage {
    /// The containers, those of one host together and by name.
    pub items: Vec<Container>,
    /// Opaque; absent on the last page. Means nothing in another organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// The server's clock when it answered.
    pub server_time: Micros,
}

/// A page of guests. `GET /api/v1/orgs/{org}/guests?limit=&cursor=`, as [`ContainerPage`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestPage {
    /// The guests, those of one host together and by name.
    pub items: Vec<Guest>,
    /// Opaque; absent on the last page. Means nothing in another organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// The server's clock when it answered.
    pub server_time: Micros,
}

/// Sums over what runs on an organization's hosts, as far as it was found last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InventoryTotals {
    /// All containers.
    pub containers: i64,
    /// Of these, running.
    pub containers_running: i64,
    /// All guests.
    pub guests: i64,
    /// Of these, running.
    pub guests_running: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn container(state: ContainerState) -> Container {
        Container {
            id: ContainerId::from_uuid(Uuid::from_u128(1)),
            host: HostId::from_uuid(Uuid::from_u128(2)),
            host_name: "h".to_owned(),
            engine_id: "e".to_owned(),
            name: "n".to_owned(),
            image: "i".to_owned(),
            state,
            health: None,
            exit_code: None,
            restarts: 0,
            created_at: None,
            started_at: None,
            cpu_percent: None,
            mem_used_bytes: None,
            mem_limit_bytes: None,
            net_in_bps: None,
            net_out_bps: None,
            project: None,
            service: None,
            seen_at: 0,
        }
    }

    #[test]
    fn what_somebody_stopped_needs_no_attention_and_what_failed_does() {
        let health = |state, exit_code| Container { exit_code, ..container(state) }.health_at(0);
        assert_eq!(health(ContainerState::Running, None), Health::Healthy);
        assert_eq!(health(ContainerState::Exited, Some(0)), Health::Healthy);
        assert_eq!(health(ContainerState::Exited, Some(143)), Health::Healthy);
        assert_eq!(health(ContainerState::Exited, Some(1)), Health::Warning);
        assert_eq!(health(ContainerState::Restarting, None), Health::Warning);
        assert_eq!(health(ContainerState::Dead, None), Health::Critical);
        let unhealthy = Container { health: Some(ContainerHealth::Unhealthy), ..container(ContainerState::Running) };
        assert_eq!(unhealthy.health_at(0), Health::Warning);
        assert_eq!(unhealthy.health_at(STALE_AFTER + 1), Health::NotReporting);
    }

    #[test]
    fn a_share_needs_a_limit() {
        let mut limited = container(ContainerState::Running);
        limited.mem_used_bytes = Some(50);
        assert_eq!(limited.mem_percent(), None);
        limited.mem_limit_bytes = Some(0);
        assert_eq!(limited.mem_percent(), None);
        limited.mem_limit_bytes = Some(200);
        assert_eq!(limited.mem_percent(), Some(25.0));
    }
}
