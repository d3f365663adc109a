//! What an agent reports, and how the server answers. `POST /api/v1/ingest/reports`.
//!
//! The organization is the token's. Nothing in a body names one.

use crate::{HostId, Micros, inventory::Inventory, problem::FieldError};
use serde::{Deserialize, Serialize};

/// Some reports of one agent, oldest first, at most [`MAX_REPORTS`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportBatch {
    /// The agent's clock when it sends. The server takes the difference from its own as skew and corrects by it.
    pub sent_at: Micros,
    /// The machine.
    pub host: HostIdentity,
    /// What was measured.
    pub reports: Vec<Report>,
    /// What runs on the machine now. Replaces what is known; it is no history, so an agent keeps no older one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Inventory>,
}

/// Most reports in one [`ReportBatch`].
pub const MAX_REPORTS: usize = 500;

/// What a machine is, as its agent sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HostIdentity {
    /// Stays the same when the machine is renamed or rebooted: derived from the machine id of the operating system,
    /// or drawn once and kept in the agent's folder.
    pub id: HostId,
    /// What the machine calls itself, 1 to 253 characters.
    pub name: String,
    /// Operating system.
    #[serde(default)]
    pub os: String,
    /// Kernel.
    #[serde(default)]
    pub kernel: String,
    /// Model of the CPU.
    #[serde(default)]
    pub cpu_model: String,
    /// Logical cores.
    #[serde(default)]
    pub cpu_cores: i64,
    /// The agent's version.
    #[serde(default)]
    pub agent_version: String,
}

/// One measurement. `taken_at` identifies it: the server keeps one report of a host for each, so a batch that is sent
/// again counts once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// When it was taken, on the agent's clock.
    pub taken_at: Micros,
    /// Seconds since the machine was started.
    pub uptime_s: i64,
    /// CPU in use since the previous report, 0 to 100; absent in the first.
    #[serde(default)]
    pub cpu_percent: Option<f64>,
    /// Average number of runnable processes over 1, 5 and 15 minutes.
    #[serde(default)]
    pub load: Option<[f64; 3]>,
    /// Memory installed, in bytes.
    #[serde(default)]
    pub mem_total_bytes: Option<i64>,
    /// Memory in use, in bytes.
    #[serde(default)]
    pub mem_used_bytes: Option<i64>,
    /// Swap set up, in bytes.
    #[serde(default)]
    pub swap_total_bytes: Option<i64>,
    /// Swap in use, in bytes.
    #[serde(default)]
    pub swap_used_bytes: Option<i64>,
    /// Mounted filesystems, at most 200.
    #[serde(default)]
    pub filesystems: Vec<Filesystem>,
    /// Counters of each disk since it appeared, at most 200.
    #[serde(default)]
    pub disks: Vec<DiskCounters>,
    /// Counters of each network interface since it appeared, at most 200; loopback is left out.
    #[serde(default)]
    pub networks: Vec<NetworkCounters>,
    /// Temperatures, at most 200; often none.
    #[serde(default)]
    pub temperatures: Vec<Temperature>,
}

/// A mounted filesystem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Filesystem {
    /// Where it is mounted.
    pub mount: String,
    /// What is mounted, such as `/dev/nvme0n1p2`.
    pub device: String,
    /// Its kind, such as `ext4`.
    pub kind: String,
    /// Size in bytes.
    pub total_bytes: i64,
    /// In use, in bytes.
    pub used_bytes: i64,
}

impl Filesystem {
    /// Share in use, 0 to 100; none for a filesystem without a size.
    #[must_use]
    pub fn used_percent(&self) -> Option<f64> {
        (self.total_bytes > 0).then(|| self.used_bytes as f64 * 100.0 / self.total_bytes as f64)
    }
}

/// Counters of a disk. They only grow, except when the disk is replaced or the machine restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DiskCounters {
    /// Name, such as `nvme0n1`.
    pub name: String,
    /// Read, in bytes.
    pub read_bytes: i64,
    /// Written, in bytes.
    pub written_bytes: i64,
}

/// Counters of a network interface. They only grow, except when the machine restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NetworkCounters {
    /// Name, such as `eth0`.
    pub name: String,
    /// Received, in bytes.
    pub received_bytes: i64,
    /// Sent, in bytes.
    pub sent_bytes: i64,
}

/// A temperature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Temperature {
    /// The sensor's label.
    pub label: String,
    /// Degrees Celsius.
    pub celsius: f64,
}

/// What became of a batch. Sent after the commit: what it counts survives the death of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportAck {
    /// Reports that are now kept.
    pub accepted: i64,
    /// Reports that were already kept.
    pub duplicates: i64,
    /// Reports that will never be kept; the agent drops them and says so in its log.
    pub rejected: Vec<RejectedReport>,
    /// What is wrong with the inventory, where it is not kept. The reports beside it are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory_rejected: Option<FieldError>,
}

/// A report that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RejectedReport {
    /// Position in [`ReportBatch::reports`].
    pub index: usize,
    /// JSON pointer to what is wrong, relative to the batch, such as `/reports/0/disks/1/read_bytes`.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
}
