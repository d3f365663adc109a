//! From counters to rates.

use shared::{
    Micros, SECOND,
    report::{DiskCounters, NetworkCounters, Report},
};

/// A longer gap says nothing about what happened in it.
const MAX_GAP: Micros = 600 * SECOND;

/// What the next rates are computed from: the last report that counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Previous {
    /// On the agent's clock, like the next report's.
    pub(super) taken_at: Micros,
    pub(super) uptime_s: i64,
    pub(super) disks: Vec<DiskCounters>,
    pub(super) networks: Vec<NetworkCounters>,
}

/// Bytes a second, over all devices; none where it cannot be known. Never negative.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) disk_read_bps: Option<f64>,
    pub(super) disk_write_bps: Option<f64>,
    pub(super) net_in_bps: Option<f64>,
    pub(super) net_out_bps: Option<f64>,
}

impl Rates {
    /// Rates between two reports. None of them without a predecessor, after a gap of more than 10 minutes, or where the
    /// machine was started in between.
    pub(super) fn between(previous: Option<&Previous>, report: &Report) -> Self {
        let Some(previous) = previous else { return Self::default() };
        let gap = report.taken_at.saturating_sub(previous.taken_at);
        let started_in_between = report.uptime_s < previous.uptime_s || report.uptime_s < gap / SECOND;
        if gap <= 0 || gap > MAX_GAP || started_in_between {
            return Self::default();
        }
        let seconds = gap as f64 / SECOND as f64;
        let disks = |counter: fn(&DiskCounters) -> i64| {
            rate(&previous.disks, &report.disks, |disk| &disk.name, counter, seconds)
        };
        let networks = |counter: fn(&NetworkCounters) -> i64| {
            rate(&previous.networks, &report.networks, |network| &network.name, counter, seconds)
        };
        Self {
            disk_read_bps: disks(|disk| disk.read_bytes),
            disk_write_bps: disks(|disk| disk.written_bytes),
            net_in_bps: networks(|network| network.received_bytes),
            net_out_bps: networks(|network| network.sent_bytes),
        }
    }
}

/// The sum of the growths of the devices that are in both reports. None where there is no such device, and where a
/// counter went back: then a device was reset or replaced, and the sum would be a dip that did not happen.
fn rate<T>(before: &[T], after: &[T], name: fn(&T) -> &String, counter: fn(&T) -> i64, seconds: f64) -> Option<f64> {
    let mut growth = None;
    for device in after {
        let Some(earlier) = before.iter().find(|earlier| name(earlier) == name(device)) else { continue };
        let grown = counter(device).checked_sub(counter(earlier)).filter(|grown| *grown >= 0)?;
        growth = Some(growth.unwrap_or(0.0) + grown as f64);
    }
    growth.map(|bytes| bytes / seconds)
}
