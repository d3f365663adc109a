//! What the machine is and does, as a [`HostIdentity`] and a [`Report`].
//!
//! Numbers are cleaned where they are read: what is not finite, negative where it cannot be, or larger than the wire
//! carries is left out rather than passed on, so that the server never has to refuse a report of ours.

pub mod clean;
mod disks;
mod filesystems;
mod networks;

use shared::{
    HostId, Micros, SECOND,
    report::{HostIdentity, Report, Temperature},
};
use std::cmp::Ordering;
use sysinfo::{Components, CpuRefreshKind, Disks, MemoryRefreshKind, Networks, RefreshKind, System};

/// Most entries of a list in a [`Report`].
const MAX_ENTRIES: usize = 200;

/// Measures this machine. Kept from one report to the next, because CPU use is the difference of two readings.
#[derive(Debug)]
pub struct Meter {
    host: HostId,
    /// What a person called the machine; otherwise its own name is asked for at each report, since it may change.
    name: Option<String>,
    /// Each part can fail to start on an exotic system; the others then still report.
    system: Option<System>,
    disks: Option<Disks>,
    networks: Option<Networks>,
    components: Option<Components>,
    has_cpu_baseline: bool,
    last_taken_at: Micros,
}

impl Meter {
    /// A meter that has not measured yet.
    #[must_use]
    pub fn new(host: HostId, name: Option<String>) -> Self {
        let what =
            RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()).with_memory(MemoryRefreshKind::everything());
        Self {
            host,
            name,
            system: System::new_with_specifics(what).ok(),
            disks: Disks::new().ok(),
            networks: Networks::new().ok(),
            components: Components::new().ok(),
            has_cpu_baseline: false,
            last_taken_at: -SECOND,
        }
    }

    /// Measures once. `now` becomes the report's identity, so a clock that stands still, or steps back by less than a
    /// second as time services make it do, is carried on by a microsecond: two reports never carry the same time.
    pub fn measure(&mut self, now: Micros) -> (HostIdentity, Report) {
        let is_behind = now <= self.last_taken_at && self.last_taken_at - now < SECOND;
        let taken_at = if is_behind { self.last_taken_at + 1 } else { now };
        self.last_taken_at = taken_at;
        let cpu_percent = self.cpu_percent();
        let report = Report {
            taken_at,
            uptime_s: System::uptime().ok().and_then(clean::count).unwrap_or(0),
            cpu_percent,
            load: System::load_average().ok().and_then(|load| clean::load([load.one, load.five, load.fifteen])),
            mem_total_bytes: None,
            mem_used_bytes: None,
            swap_total_bytes: None,
            swap_used_bytes: None,
            filesystems: self.disks.as_mut().map(filesystems::read).unwrap_or_default(),
            disks: disks::read(),
            networks: self.networks.as_mut().map(networks::read).unwrap_or_default(),
            temperatures: self.components.as_mut().map(temperatures).unwrap_or_default(),
        };
        let report = self.with_memory(report);
        (self.identity(), report)
    }

    /// CPU in use since the previous call; none in the first, which has nothing to compare with.
    fn cpu_percent(&mut self) -> Option<f64> {
        let system = self.system.as_mut()?;
        system.refresh_cpu_usage();
        let had_baseline = std::mem::replace(&mut self.has_cpu_baseline, true);
        had_baseline.then(|| clean::percent(system.global_cpu_usage())).flatten()
    }

    /// Memory in use is what programs could not get: total without available. Caches that the kernel would give back
    /// are not "used", or every machine would look full.
    fn with_memory(&mut self, mut report: Report) -> Report {
        let Some(system) = self.system.as_mut() else { return report };
        system.refresh_memory();
        let total = system.total_memory();
        if total > 0 {
            report.mem_total_bytes = clean::count(total);
            report.mem_used_bytes = clean::count(total.saturating_sub(system.available_memory()));
            report.swap_total_bytes = clean::count(system.total_swap());
            report.swap_used_bytes = clean::count(system.used_swap());
        }
        report
    }

    fn identity(&self) -> HostIdentity {
        let own_name = || System::host_name().ok().map(|name| clean::text(&name)).filter(|name| !name.is_empty());
        let cpus = self.system.as_ref().map(System::cpus).unwrap_or_default();
        HostIdentity {
            id: self.host,
            name: self.name.clone().or_else(own_name).unwrap_or_else(|| "unnamed".to_owned()),
            os: operating_system(),
            kernel: System::kernel_version().map(|kernel| clean::text(&kernel)).unwrap_or_default(),
            cpu_model: cpus.first().map(|cpu| clean::text(cpu.brand())).unwrap_or_default(),
            cpu_cores: i64::try_from(cpus.len()).unwrap_or(0),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// Such as `Debian GNU/Linux 12`.
fn operating_system() -> String {
    let parts = [System::name(), System::os_version()].map(|part| part.unwrap_or_default());
    clean::text(&parts.join(" "))
}

/// Sensors that tell a temperature. Absent probes answer with values such as -273 or 65261 degrees, which are dropped.
fn temperatures(components: &mut Components) -> Vec<Temperature> {
    components.refresh(true);
    let mut found: Vec<_> = components
        .iter()
        .filter_map(|sensor| {
            let celsius = clean::celsius(sensor.temperature()?)?;
            Some(Temperature { label: clean::text(sensor.label()), celsius })
        })
        .collect();
    found.sort_by(|a, b| a.label.cmp(&b.label).then(a.celsius.partial_cmp(&b.celsius).unwrap_or(Ordering::Equal)));
    found.truncate(MAX_ENTRIES);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn meter() -> Meter {
        Meter::new(HostId::from_uuid(Uuid::from_u128(7)), None)
    }

    fn assert_clean(report: &Report) {
        let counts = [
            Some(report.uptime_s),
            report.mem_total_bytes,
            report.mem_used_bytes,
            report.swap_total_bytes,
            report.swap_used_bytes,
        ];
        let lists = report
            .filesystems
            .iter()
            .flat_map(|f| [f.total_bytes, f.used_bytes])
            .chain(report.disks.iter().flat_map(|d| [d.read_bytes, d.written_bytes]))
            .chain(report.networks.iter().flat_map(|n| [n.received_bytes, n.sent_bytes]));
        for count in counts.into_iter().flatten().chain(lists) {
            assert!(count >= 0, "{report:?}");
        }
        let shares = report.cpu_percent.into_iter().chain(report.load.into_iter().flatten());
        for share in shares {
            assert!(share.is_finite() && share >= 0.0, "{report:?}");
        }
        assert!(report.temperatures.iter().all(|t| t.celsius.is_finite()), "{report:?}");
        assert!(report.mem_used_bytes <= report.mem_total_bytes, "{report:?}");
        assert!(report.filesystems.iter().all(|f| f.used_bytes <= f.total_bytes), "{report:?}");
    }

    #[test]
    fn what_this_machine_reports_is_clean_and_survives_the_wire() {
        let mut meter = meter();
        for now in 1..=3 {
            let (identity, report) = meter.measure(now);
            assert_clean(&report);
            assert!((1..=253).contains(&identity.name.chars().count()), "{identity:?}");
            assert!(report.mem_total_bytes.is_some_and(|bytes| bytes > 0), "{report:?}");
            let json = serde_json::to_string(&report).expect("serializes");
            assert_eq!(serde_json::from_str::<Report>(&json).expect("reads back"), report);
        }
    }

    #[test]
    fn cpu_use_is_absent_in_the_first_report_and_there_in_the_second() {
        let mut meter = meter();
        assert_eq!(meter.measure(1).1.cpu_percent, None);
        assert!(meter.measure(2).1.cpu_percent.is_some_and(|percent| (0.0..=100.0).contains(&percent)));
    }

    #[test]
    fn a_clock_that_stands_still_does_not_make_two_reports_one() {
        let mut meter = meter();
        let taken_at: Vec<_> = (0..4).map(|_| meter.measure(5).1.taken_at).collect();
        assert_eq!(taken_at, [5, 6, 7, 8]);
    }

    #[test]
    fn the_name_given_by_a_person_wins() {
        let mut meter = Meter::new(HostId::from_uuid(Uuid::from_u128(7)), Some("web-1".to_owned()));
        assert_eq!(meter.measure(1).0.name, "web-1");
    }
}
