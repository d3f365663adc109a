//! An organization at a glance: what the first frame after a switch shows before anything else was loaded.

use crate::{
    Micros, SECOND,
    host::{HostSummary, HostTotals},
    inventory::InventoryTotals,
};
use serde::{Deserialize, Serialize};

/// Most hosts in [`Summary::worst`].
pub const MAX_WORST: usize = 5;
/// Most points of a series in a [`WorstHost`].
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

/// A host with the last hour of what it is short of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorstHost {
    /// The host.
    pub host: HostSummary,
    /// CPU in use, 0 to 100, oldest first, at most [`SPARK_POINTS`].
    pub cpu_percent: Vec<Option<f64>>,
    /// Memory in use, 0 to 100, oldest first, as many points.
    pub mem_percent: Vec<Option<f64>>,
}
