//! What of an inventory is kept, and what the console gets of it.

use serde::{Deserialize, Serialize};
use shared::{
    ContainerId, GuestId, HostId, Micros,
    inventory::{
        Container, ContainerHealth, ContainerReport, ContainerState, Guest, GuestDisk, GuestKind, GuestReport,
        GuestState,
    },
};
use uuid::Uuid;

/// What was found on a host and is now kept. Turned into what the console shows only where somebody watches.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptInventory {
    pub(crate) host: HostId,
    pub(crate) host_name: String,
    pub(crate) containers: Option<KeptPart<KeptContainer>>,
    pub(crate) guests: Option<KeptPart<KeptGuest>>,
}

/// Containers or guests, with the time when they were found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeptPart<T> {
    pub(crate) clock: Clock,
    pub(crate) items: Vec<T>,
}

/// The same moment on both clocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Clock {
    /// On the agent's.
    pub(crate) taken_at: Micros,
    /// On the server's.
    pub(crate) at: Micros,
}

impl Clock {
    /// A time of the agent's clock on the server's.
    fn corrected(self, time: Micros) -> Micros {
        time.saturating_sub(self.taken_at.saturating_sub(self.at))
    }
}

impl KeptInventory {
    /// The machine.
    #[must_use]
    pub fn host(&self) -> HostId {
        self.host
    }

    /// Takes the parts that a newer one of the same machine has.
    pub fn update(&mut self, newer: Self) {
        self.host_name = newer.host_name;
        self.containers = newer.containers.or(self.containers.take());
        self.guests = newer.guests.or(self.guests.take());
    }

    /// All containers and all guests, as the console shows them; none for a part that was not looked at.
    #[must_use]
    pub fn into_wire(self) -> (Option<Vec<Container>>, Option<Vec<Guest>>) {
        let Self { host, host_name, containers, guests } = self;
        let containers = containers.map(|KeptPart { clock, items }| {
            items.into_iter().map(|item| item.into_container(host, &host_name, clock)).collect()
        });
        let guests = guests.map(|KeptPart { clock, items }| {
            items.into_iter().map(|item| item.into_guest(host, &host_name, clock.at)).collect()
        });
        (containers, guests)
    }
}

/// The id of a container: of its host and its name, so that one that is made anew keeps it.
pub(crate) fn container_id(host: HostId, name: &str) -> ContainerId {
    ContainerId::from_uuid(Uuid::new_v5(&host.as_uuid(), format!("container:{name}").as_bytes()))
}

/// The id of a guest: of its host and its hypervisor's id, so that one that is renamed keeps it.
pub(crate) fn guest_id(host: HostId, engine_id: &str) -> GuestId {
    GuestId::from_uuid(Uuid::new_v5(&host.as_uuid(), format!("guest:{engine_id}").as_bytes()))
}

/// A container in the column `containers`. Its times are on the agent's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptContainer {
    pub(crate) id: ContainerId,
    pub(crate) engine_id: String,
    name: String,
    image: String,
    state: ContainerState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health: Option<ContainerHealth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exit_code: Option<i64>,
    #[serde(default)]
    restarts: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Micros>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) started_at: Option<Micros>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu_percent: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mem_used_bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mem_limit_bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) received_bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent_bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    net_in_bps: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    net_out_bps: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
}

/// A guest in the column `guests`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptGuest {
    pub(crate) id: GuestId,
    engine_id: String,
    name: String,
    kind: GuestKind,
    state: GuestState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vcpus: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu_percent: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mem_used_bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mem_total_bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    disks: Vec<GuestDisk>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uptime_s: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    autostart: Option<bool>,
}

impl KeptContainer {
    /// A container as it was found, with its rates in and out.
    pub(crate) fn new(
        host: HostId,
        found: &ContainerReport,
        (net_in_bps, net_out_bps): (Option<f64>, Option<f64>),
    ) -> Self {
        Self {
            id: container_id(host, &found.name),
            engine_id: found.engine_id.clone(),
            name: found.name.clone(),
            image: found.image.clone(),
            state: found.state,
            health: found.health,
            exit_code: found.exit_code,
            restarts: found.restarts,
            created_at: found.created_at,
            started_at: found.started_at,
            cpu_percent: found.cpu_percent,
            mem_used_bytes: found.mem_used_bytes,
            mem_limit_bytes: found.mem_limit_bytes,
            received_bytes: found.received_bytes,
            sent_bytes: found.sent_bytes,
            net_in_bps,
            net_out_bps,
            project: found.project.clone(),
            service: found.service.clone(),
        }
    }

    pub(crate) fn into_container(self, host: HostId, host_name: &str, clock: Clock) -> Container {
        Container {
            id: self.id,
            host,
            host_name: host_name.to_owned(),
            engine_id: self.engine_id,
            name: self.name,
            image: self.image,
            state: self.state,
            health: self.health,
            exit_code: self.exit_code,
            restarts: self.restarts,
            created_at: self.created_at.map(|time| clock.corrected(time)),
            started_at: self.started_at.map(|time| clock.corrected(time)),
            cpu_percent: self.cpu_percent,
            mem_used_bytes: self.mem_used_bytes,
            mem_limit_bytes: self.mem_limit_bytes,
            net_in_bps: self.net_in_bps,
            net_out_bps: self.net_out_bps,
            project: self.project,
            service: self.service,
            seen_at: clock.at,
        }
    }
}

impl KeptGuest {
    /// A guest as it was found.
    pub(crate) fn new(host: HostId, found: &GuestReport) -> Self {
        Self {
            id: guest_id(host, &found.engine_id),
            engine_id: found.engine_id.clone(),
            name: found.name.clone(),
            kind: found.kind,
            state: found.state,
            vcpus: found.vcpus,
            cpu_percent: found.cpu_percent,
            mem_used_bytes: found.mem_used_bytes,
            mem_total_bytes: found.mem_total_bytes,
            disks: found.disks.clone(),
            uptime_s: found.uptime_s,
            autostart: found.autostart,
        }
    }

    pub(crate) fn into_guest(self, host: HostId, host_name: &str, seen_at: Micros) -> Guest {
        Guest {
            id: self.id,
            host,
            host_name: host_name.to_owned(),
            engine_id: self.engine_id,
            name: self.name,
            kind: self.kind,
            state: self.state,
            vcpus: self.vcpus,
            cpu_percent: self.cpu_percent,
            mem_used_bytes: self.mem_used_bytes,
            mem_total_bytes: self.mem_total_bytes,
            disks: self.disks,
            uptime_s: self.uptime_s,
            autostart: self.autostart,
            seen_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_one_host_one_kind_and_one_name() {
        let (one, other) = (HostId::from_uuid(Uuid::from_u128(1)), HostId::from_uuid(Uuid::from_u128(2)));
        assert_eq!(container_id(one, "web"), container_id(one, "web"));
        assert_ne!(container_id(one, "web"), container_id(other, "web"));
        assert_ne!(container_id(one, "web"), container_id(one, "db"));
        assert_ne!(container_id(one, "web").as_uuid(), guest_id(one, "web").as_uuid());
    }

    #[test]
    fn a_time_is_corrected_by_the_difference_of_the_clocks() {
        let clock = Clock { taken_at: 1_000, at: 400 };
        assert_eq!((clock.corrected(1_000), clock.corrected(900)), (400, 300));
        let odd = Clock { taken_at: Micros::MIN, at: Micros::MAX };
        assert_eq!(odd.corrected(1), Micros::MAX);
    }
}
