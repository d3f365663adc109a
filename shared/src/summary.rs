//! An organization at a glance: what the first frame after a switch shows before anything else was loaded.

use crate::{HostId, Micros, SECOND, host::HostTotals, inventory::InventoryTotals};
use serde::{Deserialize, Serialize};

/// Most hosts in [`Summary::worst`].
pub const MAX_WORST: usize = 5;
/// Points of a series in a [`WorstHost`].
pub const SPARK_POINTS: usize = 30;
/// How far back a series in a [`WorstHost`] goes.
pub const SPARK_WINDOW: Micros = 3_600 * SECOND;

/// Sums, and what needs attention most. `GET /api/v1/orgs/{org}/summary`; also in a bootstrap.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// The server's clock when it was made: whatever shows it says how old it is.
    pub at: Micros,
    /// Sums over the hosts.
    pub hosts: HostTotals,
    /// Sums over what runs on them.
    pub inventory: InventoryTotals,
    /// The hosts that are doing worst, worst first, at most [`MAX_WORST`].
    pub worst: Vec<WorstHost>,
}

/// A host with the last hour of what it is shortest of. Its other figures stand in the list of hosts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorstHost {
    /// Which host.
    pub host: HostId,
    /// What the series is of.
    pub short_of: ShortOf,
    /// In use, 0 to 100 to a tenth: [`SPARK_POINTS`] equal parts of the window that ends when the summary was made, oldest
    /// first; none for a part in which nothing was reported. Empty where fewer than two parts are known.
    pub last_hour: Vec<Option<f64>>,
}

/// What of a host is used most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShortOf {
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
}
