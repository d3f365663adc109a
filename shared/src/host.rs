//! Hosts as the console shows them.

use crate::{HostId, Micros, report::Filesystem, report::Temperature};
use serde::{Deserialize, Serialize};

/// How a host is doing. Ordered from what needs attention least to what needs it most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// All measures are below their thresholds.
    Healthy,
    /// No report for [`STALE_AFTER`].
    NotReporting,
    /// A measure is above its warning threshold.
    Warning,
    /// A measure is above its critical threshold.
    Critical,
}

/// A host without a report for so long counts as not reporting, in microseconds.
pub const STALE_AFTER: Micros = 30 * crate::SECOND;

/// From this share of CPU, memory or a filesystem on a host has a warning, in percent.
pub const WARN_PERCENT: f64 = 85.0;
/// From this share of CPU, memory or a filesystem on a host is critical, in percent.
pub const CRIT_PERCENT: f64 = 94.0;

impl Health {
    /// The health that follows from the fullest of a host's measures, in percent, and the time since its last report.
    #[must_use]
    pub fn of(worst_percent: Option<f64>, last_report_at: Option<Micros>, now: Micros) -> Self {
        if last_report_at.is_none_or(|at| now.saturating_sub(at) > STALE_AFTER) {
            return Self::NotReporting;
        }
        match worst_percent {
            Some(percent) if percent >= CRIT_PERCENT => Self::Critical,
            Some(percent) if percent >= WARN_PERCENT => Self::Warning,
            _ => Self::Healthy,
        }
    }
}

/// One host in a list. Items of `GET /api/v1/orgs/{org}/hosts`; also what a live frame carries.
///
/// A measure is absent where the agent does not know it, or where a rate would need an earlier report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostSummary {
    /// Id within this organization.
    pub id: HostId,
    /// What the machine calls itself.
    pub name: String,
    /// Operating system, such as `Debian GNU/Linux 12`.
    pub os: String,
    /// How it was doing when the server answered; a client that keeps a list recomputes it with [`HostSummary::health_at`].
    pub health: Health,
    /// CPU in use, 0 to 100.
    pub cpu_percent: Option<f64>,
    /// Memory in use, in bytes.
    pub mem_used_bytes: Option<i64>,
    /// Memory installed, in bytes.
    pub mem_total_bytes: Option<i64>,
    /// Share of the fullest filesystem, 0 to 100.
    pub disk_percent: Option<f64>,
    /// Read from all disks, in bytes a second.
    pub disk_read_bps: Option<f64>,
    /// Written to all disks, in bytes a second.
    pub disk_write_bps: Option<f64>,
    /// Received on all interfaces but loopback, in bytes a second.
    pub net_in_bps: Option<f64>,
    /// Sent on all interfaces but loopback, in bytes a second.
    pub net_out_bps: Option<f64>,
    /// Seconds since the machine was started.
    pub uptime_s: Option<i64>,
    /// When the last report was taken, on the server's clock.
    pub last_report_at: Option<Micros>,
}

impl HostSummary {
    /// Share of memory in use, 0 to 100.
    #[must_use]
    pub fn mem_percent(&self) -> Option<f64> {
        match (self.mem_used_bytes, self.mem_total_bytes) {
            (Some(used), Some(total)) if total > 0 => Some(used as f64 * 100.0 / total as f64),
            _ => None,
        }
    }

    /// The fullest of CPU, memory and filesystems, 0 to 100.
    #[must_use]
    pub fn worst_percent(&self) -> Option<f64> {
        [self.cpu_percent, self.mem_percent(), self.disk_percent].into_iter().flatten().reduce(f64::max)
    }

    /// Health at another time than the server's answer.
    #[must_use]
    pub fn health_at(&self, now: Micros) -> Health {
        Health::of(self.worst_percent(), self.last_report_at, now)
    }
}

/// A page of hosts. `GET /api/v1/orgs/{org}/hosts?limit=&cursor=`, by name, then by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostPage {
    /// The hosts.
    pub items: Vec<HostSummary>,
    /// Opaque; absent on the last page. Means nothing in another organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// The server's clock when it answered.
    pub server_time: Micros,
}

/// Sums over an organization's hosts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostTotals {
    /// All hosts.
    pub hosts: i64,
    /// Of these, healthy.
    pub healthy: i64,
    /// Of these, with a warning.
    pub warning: i64,
    /// Of these, critical.
    pub critical: i64,
    /// Of these, not reporting.
    pub not_reporting: i64,
}

/// What a disk moves, from its last two readings. A rate is absent where there is no earlier reading to compare with: after
/// the first report, a start of the machine, a gap of more than 10 minutes, or where a counter went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiskRate {
    /// Name, such as `nvme0n1`.
    pub name: String,
    /// Read, in bytes a second.
    pub read_bps: Option<f64>,
    /// Written, in bytes a second.
    pub write_bps: Option<f64>,
}

/// Everything known of one host. `GET /api/v1/orgs/{org}/hosts/{host}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Host {
    /// What lists show.
    #[serde(flatten)]
    pub summary: HostSummary,
    /// Kernel, such as `Linux 6.1.0-37-amd64`.
    pub kernel: String,
    /// Model of the CPU.
    pub cpu_model: String,
    /// Logical cores.
    pub cpu_cores: i64,
    /// The agent's version.
    pub agent_version: String,
    /// When the first report came.
    pub first_report_at: Micros,
    /// By how much the machine's clock is ahead of the server's, in seconds, where it is more than a little.
    pub clock_skew_s: Option<i64>,
    /// Average number of runnable processes over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Swap in use, in bytes.
    pub swap_used_bytes: Option<i64>,
    /// Swap set up, in bytes.
    pub swap_total_bytes: Option<i64>,
    /// Disks of the last report.
    pub disks: Vec<DiskRate>,
    /// Mounted filesystems of the last report.
    pub filesystems: Vec<Filesystem>,
    /// Temperatures of the last report.
    pub temperatures: Vec<Temperature>,
}

/// Measures of one host over time. `GET /api/v1/orgs/{org}/hosts/{host}/metrics?from=&to=`, at most one hour by default
/// and at most [`MAX_SERIES_POINTS`] points.
///
/// One entry of each vector for each time in `at`, oldest first; none where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostSeries {
    /// Start of the window.
    pub from: Micros,
    /// End of the window.
    pub to: Micros,
    /// When each point was taken, on the server's clock.
    pub at: Vec<Micros>,
    /// CPU in use, 0 to 100.
    pub cpu_percent: Vec<Option<f64>>,
    /// Average number of runnable processes over one minute.
    pub load1: Vec<Option<f64>>,
    /// Memory in use, in bytes.
    pub mem_used_bytes: Vec<Option<f64>>,
    /// Swap in use, in bytes.
    pub swap_used_bytes: Vec<Option<f64>>,
    /// Read from all disks, in bytes a second.
    pub disk_read_bps: Vec<Option<f64>>,
    /// Written to all disks, in bytes a second.
    pub disk_write_bps: Vec<Option<f64>>,
    /// Received, in bytes a second.
    pub net_in_bps: Vec<Option<f64>>,
    /// Sent, in bytes a second.
    pub net_out_bps: Vec<Option<f64>>,
}

/// Most points in a [`HostSeries`].
pub const MAX_SERIES_POINTS: usize = 1_440;
