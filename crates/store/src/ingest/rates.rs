//! From counters to rates.

use crate::inventory::KeptContainer;
use shared::{
    Micros, SECOND,
    host::DiskRate,
    inventory::ContainerReport,
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
        let Some((previous, seconds)) = comparable(previous, report) else { return Self::default() };
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

/// The earlier report and the seconds since, where the counters of both can be compared.
fn comparable<'a>(previous: Option<&'a Previous>, report: &Report) -> Option<(&'a Previous, f64)> {
    let previous = previous?;
    let gap = report.taken_at.saturating_sub(previous.taken_at);
    let started_in_between = report.uptime_s < previous.uptime_s || report.uptime_s < gap / SECOND;
    let comparable = gap > 0 && gap <= MAX_GAP && !started_in_between;
    comparable.then_some((previous, gap as f64 / SECOND as f64))
}

/// What each disk moves. A disk of which one counter went back was reset or replaced, and has no rate at all; neither have
/// two that bear one name.
pub(super) fn disk_rates(previous: Option<&Previous>, report: &Report) -> Vec<DiskRate> {
    let comparable = comparable(previous, report);
    let rates = |disk: &DiskCounters| {
        let (previous, seconds) = comparable?;
        only(&report.disks, &disk.name)?;
        let earlier = only(&previous.disks, &disk.name)?;
        let read = disk.read_bytes.checked_sub(earlier.read_bytes).filter(|grown| *grown >= 0)?;
        let written = disk.written_bytes.checked_sub(earlier.written_bytes).filter(|grown| *grown >= 0)?;
        Some((read as f64 / seconds, written as f64 / seconds))
    };
    let one = |disk: &DiskCounters| {
        let (read_bps, write_bps) = rates(disk).unzip();
        DiskRate { name: disk.name.clone(), read_bps, write_bps }
    };
    report.disks.iter().map(one).collect()
}

/// The one disk of that name; none where there are several.
fn only<'a>(disks: &'a [DiskCounters], name: &str) -> Option<&'a DiskCounters> {
    let mut named = disks.iter().filter(|disk| disk.name == name);
    named.next().filter(|_| named.next().is_none())
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

/// Bytes a second in and out of a container, from what was known of the one with the same engine's id. None where it was
/// started in between, after a gap of more than 10 minutes, or where a counter went back.
pub(super) fn container_rates(
    before: Option<&KeptContainer>,
    after: &ContainerReport,
    gap: Micros,
) -> (Option<f64>, Option<f64>) {
    let same = |before: &&KeptContainer| before.engine_id == after.engine_id && before.started_at == after.started_at;
    let Some(before) = before.filter(same).filter(|_| gap > 0 && gap <= MAX_GAP) else { return (None, None) };
    let growth = |before: Option<i64>, after: Option<i64>| after?.checked_sub(before?);
    let received = growth(before.received_bytes, after.received_bytes);
    let sent = growth(before.sent_bytes, after.sent_bytes);
    // One that went back says that the other was reset as well, even if it has grown since.
    if received.is_some_and(|bytes| bytes < 0) || sent.is_some_and(|bytes| bytes < 0) {
        return (None, None);
    }
    let rate = |bytes: i64| bytes as f64 * SECOND as f64 / gap as f64;
    (received.map(rate), sent.map(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(second: i64, uptime_s: i64, disks: &[(&str, i64, i64)]) -> Report {
        let disk = |(name, read_bytes, written_bytes): &(&str, i64, i64)| DiskCounters {
            name: (*name).to_owned(),
            read_bytes: *read_bytes,
            written_bytes: *written_bytes,
        };
        Report {
            taken_at: second * SECOND,
            uptime_s,
            cpu_percent: None,
            load: None,
            mem_total_bytes: None,
            mem_used_bytes: None,
            swap_total_bytes: None,
            swap_used_bytes: None,
            filesystems: Vec::new(),
            disks: disks.iter().map(disk).collect(),
            networks: Vec::new(),
            temperatures: Vec::new(),
        }
    }

    fn disk_rates_of(before: &Report, after: &Report) -> Vec<(Option<f64>, Option<f64>)> {
        let previous = Previous {
            taken_at: before.taken_at,
            uptime_s: before.uptime_s,
            disks: before.disks.clone(),
            networks: Vec::new(),
        };
        disk_rates(Some(&previous), after).into_iter().map(|disk| (disk.read_bps, disk.write_bps)).collect()
    }

    #[test]
    fn a_disk_has_rates_from_its_own_last_two_readings() {
        let before = report(100, 1_000, &[("sda", 1_000, 5_000), ("sdb", 0, 0)]);
        let after = report(110, 1_010, &[("sdb", 50, 0), ("sda", 2_000, 5_000)]);
        assert_eq!(disk_rates_of(&before, &after), [(Some(5.0), Some(0.0)), (Some(100.0), Some(0.0))]);
        assert_eq!(disk_rates(None, &after)[0].read_bps, None, "nothing was known");
    }

    #[test]
    fn a_disk_has_no_rate_across_a_start_a_gap_a_replacement_or_two_of_one_name() {
        let before = report(100, 1_000, &[("sda", 1_000, 5_000)]);
        for (what, after) in [
            ("started anew", report(110, 5, &[("sda", 2_000, 6_000)])),
            ("a long gap", report(100 + 601, 1_601, &[("sda", 2_000, 6_000)])),
            ("reads went back", report(110, 1_010, &[("sda", 999, 6_000)])),
            ("writes went back", report(110, 1_010, &[("sda", 2_000, 4_999)])),
            ("another disk", report(110, 1_010, &[("sdb", 2_000, 6_000)])),
            ("two of one name", report(110, 1_010, &[("sda", 2_000, 6_000), ("sda", 2_000, 6_000)])),
        ] {
            assert!(disk_rates_of(&before, &after).iter().all(|rates| *rates == (None, None)), "{what}");
        }
    }
    use shared::{HostId, inventory::ContainerState};

    fn container(engine_id: &str, started_at: Option<Micros>, counters: Option<(i64, i64)>) -> ContainerReport {
        ContainerReport {
            engine_id: engine_id.to_owned(),
            name: "web".to_owned(),
            image: "nginx".to_owned(),
            state: ContainerState::Running,
            health: None,
            exit_code: None,
            restarts: 0,
            created_at: None,
            started_at,
            cpu_percent: None,
            mem_used_bytes: None,
            mem_limit_bytes: None,
            received_bytes: counters.map(|(received, _)| received),
            sent_bytes: counters.map(|(_, sent)| sent),
            project: None,
            service: None,
        }
    }

    fn rates(before: &ContainerReport, after: &ContainerReport, gap: Micros) -> (Option<f64>, Option<f64>) {
        let host = HostId::from_uuid(uuid::Uuid::from_u128(1));
        container_rates(Some(&KeptContainer::new(host, before, (None, None))), after, gap)
    }

    #[test]
    fn a_container_has_rates_while_it_is_the_same_and_runs_on() {
        let before = container("a", Some(7), Some((1_000, 2_000)));
        let after = container("a", Some(7), Some((6_000, 2_000)));
        assert_eq!(rates(&before, &after, 10 * SECOND), (Some(500.0), Some(0.0)));
        assert_eq!(rates(&before, &after, MAX_GAP), (Some(5_000.0 / 600.0), Some(0.0)));
        assert_eq!(container_rates(None, &after, SECOND), (None, None), "nothing was known");
    }

    #[test]
    fn there_is_no_rate_across_a_start_a_gap_or_two_containers_of_one_name() {
        let before = container("a", Some(7), Some((1_000, 2_000)));
        let grown = Some((6_000, 9_000));
        for (what, after, gap) in [
            ("made anew under its name", container("b", Some(7), grown), SECOND),
            ("started anew", container("a", Some(8), grown), SECOND),
            ("stopped", container("a", None, grown), SECOND),
            ("received went back", container("a", Some(7), Some((999, 9_000))), SECOND),
            ("sent went back", container("a", Some(7), Some((6_000, 1_999))), SECOND),
            ("no network", container("a", Some(7), None), SECOND),
            ("no time went by", container("a", Some(7), grown), 0),
            ("time went back", container("a", Some(7), grown), -SECOND),
            ("a long gap", container("a", Some(7), grown), MAX_GAP + 1),
        ] {
            assert_eq!(rates(&before, &after, gap), (None, None), "{what}");
        }
        let odd = container("a", Some(7), Some((i64::MIN, i64::MAX)));
        assert_eq!(rates(&odd, &container("a", Some(7), Some((i64::MAX, i64::MAX))), SECOND), (None, Some(0.0)));
    }
}
