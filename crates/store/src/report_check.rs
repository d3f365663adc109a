//! Whether an agent's reports can be kept. What cannot is named with a pointer and a sentence, and keeps nothing else
//! from being kept.

mod inventory;

use shared::{
    HostId, Micros, SECOND,
    inventory::Inventory,
    problem::FieldError,
    report::{HostIdentity, MAX_REPORTS, RejectedReport, Report, ReportBatch},
};

/// Clocks that differ by no more count as equal.
const SKEW_TOLERANCE: Micros = 5 * SECOND;
/// A report may be so far ahead of the server's clock, after correction.
const MAX_AHEAD: Micros = 600 * SECOND;
/// An older report is not kept.
const MAX_AGE: Micros = 7 * 24 * 3600 * SECOND;
/// Most entries of each list in a report.
const MAX_DEVICES: usize = 200;
/// Most characters of a machine's name.
const MAX_HOST_NAME: usize = 253;
/// Most characters of any other text.
const MAX_TEXT: usize = 255;
/// Most characters of the place where a filesystem is mounted.
const MAX_PATH: usize = 1_024;
/// Measuring errors make a share a little larger than all; up to here it counts as all.
const MAX_PERCENT: f64 = 100.5;

/// Reports of one machine that can be kept, oldest first.
#[derive(Debug)]
pub struct ValidBatch {
    pub(crate) host: HostIdentity,
    pub(crate) reports: Vec<Report>,
    /// What runs on it.
    pub(crate) inventory: Option<Inventory>,
    /// The agent's clock minus the server's; 0 where that is little.
    pub(crate) skew: Micros,
    pub(crate) max_hosts: Option<i64>,
}

/// What of a batch cannot be kept, and never will be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// Reports.
    pub reports: Vec<RejectedReport>,
    /// The inventory, with what is wrong with it.
    pub inventory: Option<FieldError>,
}

impl ValidBatch {
    /// Checks a batch that arrived at `now` on the server's clock. What cannot be kept is in the answer beside the rest.
    ///
    /// # Errors
    /// Nothing of the batch can be kept (422): the machine's identity is not acceptable, or there are too many reports.
    pub fn new(batch: ReportBatch, now: Micros) -> Result<(Self, Refused), Vec<FieldError>> {
        let errors = check_batch(&batch);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut skew = batch.sent_at.saturating_sub(now);
        if skew.saturating_abs() <= SKEW_TOLERANCE {
            skew = 0;
        }
        let mut refused = Refused::default();
        let mut reports = Vec::with_capacity(batch.reports.len());
        for (index, mut report) in batch.reports.into_iter().enumerate() {
            match check_report(&mut report, skew, now) {
                Ok(()) => reports.push(report),
                Err((pointer, message)) => {
                    let pointer = format!("/reports/{index}{pointer}");
                    refused.reports.push(RejectedReport { index, pointer, message });
                }
            }
        }
        reports.sort_by_key(|report| report.taken_at);
        let mut inventory = batch.inventory.filter(|found| found.containers.is_some() || found.guests.is_some());
        if let Some(Err((pointer, message))) = inventory.as_mut().map(|found| inventory::check(found, skew, now)) {
            inventory = None;
            refused.inventory = Some(FieldError { pointer: format!("/inventory{pointer}"), message });
        }
        let mut host = batch.host;
        host.name = host.name.trim().to_owned();
        Ok((Self { host, reports, inventory, skew, max_hosts: None }, refused))
    }

    /// Has a host that is not known yet refused where the organization has so many already. It is checked in the
    /// transaction that would add it.
    #[must_use]
    pub fn with_host_limit(mut self, max_hosts: Option<i64>) -> Self {
        self.max_hosts = max_hosts;
        self
    }

    /// The machine.
    #[must_use]
    pub fn host(&self) -> HostId {
        self.host.id
    }

    /// How many reports can be kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reports.len()
    }

    /// Whether nothing can be kept. Such a batch need not be submitted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty() && self.inventory.is_none()
    }
}

fn check_batch(batch: &ReportBatch) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |pointer: &str, message: String| {
        errors.push(FieldError { pointer: pointer.to_owned(), message });
    };
    let host = &batch.host;
    if batch.reports.len() > MAX_REPORTS {
        refuse("/reports", format!("A batch has at most {MAX_REPORTS} reports. Send the rest in another one."));
    }
    if host.name.trim().is_empty() {
        refuse("/host/name", "A machine has a name.".to_owned());
    }
    for (pointer, text, most) in [
        ("/host/name", &host.name, MAX_HOST_NAME),
        ("/host/os", &host.os, MAX_TEXT),
        ("/host/kernel", &host.kernel, MAX_TEXT),
        ("/host/cpu_model", &host.cpu_model, MAX_TEXT),
        ("/host/agent_version", &host.agent_version, MAX_TEXT),
    ] {
        if let Err(message) = check_text(text, most) {
            refuse(pointer, message);
        }
    }
    if !(0..=65_536).contains(&host.cpu_cores) {
        refuse("/host/cpu_cores", "A machine has 0 to 65536 cores.".to_owned());
    }
    errors
}

/// Where in the report, and what is wrong there.
type Wrong = (String, String);

fn check_report(report: &mut Report, skew: Micros, now: Micros) -> Result<(), Wrong> {
    check_time(report.taken_at, skew, now)?;
    if let Some(percent) = &mut report.cpu_percent {
        if !(0.0..=MAX_PERCENT).contains(percent) {
            return wrong("/cpu_percent", "A share is a number from 0 to 100.");
        }
        *percent = percent.min(100.0);
    }
    if report.load.is_some_and(|load| load.iter().any(|value| !value.is_finite() || *value < 0.0)) {
        return wrong("/load", "A load is a number that is not negative.");
    }
    for (pointer, value) in [
        ("/uptime_s", Some(report.uptime_s)),
        ("/mem_total_bytes", report.mem_total_bytes),
        ("/mem_used_bytes", report.mem_used_bytes),
        ("/swap_total_bytes", report.swap_total_bytes),
        ("/swap_used_bytes", report.swap_used_bytes),
    ] {
        if value.is_some_and(|value| value < 0) {
            return wrong(pointer, "This is never negative.");
        }
    }
    for (pointer, count) in [
        ("/filesystems", report.filesystems.len()),
        ("/disks", report.disks.len()),
        ("/networks", report.networks.len()),
        ("/temperatures", report.temperatures.len()),
    ] {
        if count > MAX_DEVICES {
            return wrong(pointer, "There are at most 200 of these in a report.");
        }
    }
    for (at, filesystem) in report.filesystems.iter().enumerate() {
        let place = format!("/filesystems/{at}");
        text_at(&place, "mount", &filesystem.mount, MAX_PATH)?;
        text_at(&place, "device", &filesystem.device, MAX_PATH)?;
        text_at(&place, "kind", &filesystem.kind, MAX_TEXT)?;
        counter_at(&place, "total_bytes", filesystem.total_bytes)?;
        counter_at(&place, "used_bytes", filesystem.used_bytes)?;
    }
    for (at, disk) in report.disks.iter().enumerate() {
        let place = format!("/disks/{at}");
        text_at(&place, "name", &disk.name, MAX_TEXT)?;
        counter_at(&place, "read_bytes", disk.read_bytes)?;
        counter_at(&place, "written_bytes", disk.written_bytes)?;
    }
    for (at, network) in report.networks.iter().enumerate() {
        let place = format!("/networks/{at}");
        text_at(&place, "name", &network.name, MAX_TEXT)?;
        counter_at(&place, "received_bytes", network.received_bytes)?;
        counter_at(&place, "sent_bytes", network.sent_bytes)?;
    }
    for (at, temperature) in report.temperatures.iter().enumerate() {
        let place = format!("/temperatures/{at}");
        text_at(&place, "label", &temperature.label, MAX_TEXT)?;
        if !(-274.0..=10_000.0).contains(&temperature.celsius) {
            return wrong(format!("{place}/celsius"), "That is no temperature in degrees Celsius.");
        }
    }
    check_sum("/disks", report.disks.iter().flat_map(|disk| [disk.read_bytes, disk.written_bytes]))?;
    check_sum("/networks", report.networks.iter().flat_map(|network| [network.received_bytes, network.sent_bytes]))
}

fn check_time(taken_at: Micros, skew: Micros, now: Micros) -> Result<(), Wrong> {
    let Some(at) = taken_at.checked_sub(skew) else { return wrong("/taken_at", "That is no time of our age.") };
    if at > now.saturating_add(MAX_AHEAD) {
        return wrong("/taken_at", "It was taken more than 10 minutes in the future. Check the machine's clock.");
    }
    if at < now.saturating_sub(MAX_AGE) {
        return wrong("/taken_at", "It was taken more than 7 days ago: too old to be kept.");
    }
    Ok(())
}

fn check_sum(pointer: &str, counters: impl Iterator<Item = i64>) -> Result<(), Wrong> {
    let mut sum = 0_i64;
    for counter in counters {
        match sum.checked_add(counter) {
            Some(next) => sum = next,
            None => return wrong(pointer, "The counters together are larger than any machine's."),
        }
    }
    Ok(())
}

fn text_at(place: &str, field: &str, text: &str, most: usize) -> Result<(), Wrong> {
    check_text(text, most).map_err(|message| (format!("{place}/{field}"), message))
}

fn counter_at(place: &str, field: &str, value: i64) -> Result<(), Wrong> {
    if value >= 0 { Ok(()) } else { wrong(format!("{place}/{field}"), "A counter is never negative.") }
}

fn check_text(text: &str, most: usize) -> Result<(), String> {
    if text.chars().count() > most {
        Err(format!("This has at most {most} characters."))
    } else if text.chars().any(char::is_control) {
        Err("This has no control characters.".to_owned())
    } else {
        Ok(())
    }
}

fn wrong<T>(pointer: impl Into<String>, message: &str) -> Result<T, Wrong> {
    Err((pointer.into(), message.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::report::{DiskCounters, Filesystem, NetworkCounters, Temperature};

    const NOW: Micros = 1_800_000_000 * SECOND;

    fn report() -> Report {
        let name = "x".to_owned();
        Report {
            taken_at: NOW,
            uptime_s: 1,
            cpu_percent: None,
            load: None,
            mem_total_bytes: None,
            mem_used_bytes: None,
            swap_total_bytes: None,
            swap_used_bytes: None,
            filesystems: vec![Filesystem {
                mount: "/".to_owned(),
                device: name.clone(),
                kind: name.clone(),
                total_bytes: 1,
                used_bytes: 1,
            }],
            disks: vec![DiskCounters { name: name.clone(), read_bytes: 1, written_bytes: 1 }],
            networks: vec![NetworkCounters { name: name.clone(), received_bytes: 1, sent_bytes: 1 }],
            temperatures: vec![Temperature { label: name, celsius: 40.0 }],
        }
    }

    fn batch(reports: Vec<Report>) -> ReportBatch {
        let host = HostIdentity {
            id: HostId::from_uuid(uuid::Uuid::from_u128(1)),
            name: "web-1".to_owned(),
            os: String::new(),
            kernel: String::new(),
            cpu_model: String::new(),
            cpu_cores: 1,
            agent_version: String::new(),
        };
        ReportBatch { sent_at: NOW, host, reports, inventory: None }
    }

    fn check(reports: Vec<Report>) -> (ValidBatch, Vec<RejectedReport>) {
        let (valid, refused) = ValidBatch::new(batch(reports), NOW).expect("the machine is acceptable");
        (valid, refused.reports)
    }

    #[test]
    fn a_report_with_a_senseless_value_is_refused_with_its_place_and_the_rest_is_kept() {
        type Spoil = fn(&mut Report);
        let cases: [(&str, Spoil); 20] = [
            ("/cpu_percent", |r| r.cpu_percent = Some(f64::NAN)),
            ("/cpu_percent", |r| r.cpu_percent = Some(-0.1)),
            ("/cpu_percent", |r| r.cpu_percent = Some(100.6)),
            ("/cpu_percent", |r| r.cpu_percent = Some(f64::INFINITY)),
            ("/load", |r| r.load = Some([0.0, f64::NAN, 0.0])),
            ("/load", |r| r.load = Some([0.0, 0.0, -1.0])),
            ("/uptime_s", |r| r.uptime_s = -1),
            ("/mem_used_bytes", |r| r.mem_used_bytes = Some(i64::MIN)),
            ("/swap_total_bytes", |r| r.swap_total_bytes = Some(-1)),
            ("/disks/0/read_bytes", |r| r.disks[0].read_bytes = -1),
            ("/disks/0/name", |r| r.disks[0].name = "n".repeat(256)),
            ("/networks/0/sent_bytes", |r| r.networks[0].sent_bytes = -7),
            ("/networks/0/name", |r| r.networks[0].name = "a\0b".to_owned()),
            ("/filesystems/0/used_bytes", |r| r.filesystems[0].used_bytes = -1),
            ("/temperatures/0/celsius", |r| r.temperatures[0].celsius = f64::NEG_INFINITY),
            ("/disks", |r| r.disks = vec![r.disks[0].clone(); 201]),
            ("/disks", |r| (r.disks[0].read_bytes, r.disks[0].written_bytes) = (i64::MAX, 1)),
            ("/networks", |r| (r.networks[0].received_bytes, r.networks[0].sent_bytes) = (i64::MAX, i64::MAX)),
            ("/taken_at", |r| r.taken_at = NOW + MAX_AHEAD + 1),
            ("/taken_at", |r| r.taken_at = NOW - MAX_AGE - 1),
        ];
        for (pointer, spoil) in cases {
            let mut bad = report();
            spoil(&mut bad);
            let (valid, rejected) = check(vec![report(), bad, report()]);
            assert_eq!(valid.len(), 2, "{pointer}");
            let [refused] = rejected.as_slice() else { panic!("{pointer}: {rejected:?}") };
            assert_eq!((refused.index, refused.pointer.as_str()), (1, format!("/reports/1{pointer}").as_str()));
            assert!(refused.message.ends_with('.'), "{}", refused.message);
        }
        let (valid, rejected) = check(vec![report()]);
        assert_eq!((valid.len(), rejected), (1, Vec::new()), "the report that is spoilt above is a good one");
    }

    #[test]
    fn the_ends_of_time_are_refused_and_do_not_overflow() {
        for (sent_at, taken_at) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (NOW, i64::MIN), (i64::MIN, i64::MIN)] {
            let mut odd = batch(vec![Report { taken_at, ..report() }]);
            odd.sent_at = sent_at;
            let (valid, refused) = ValidBatch::new(odd, NOW).expect("the machine is acceptable");
            assert!(valid.is_empty() || (sent_at, taken_at) == (i64::MIN, i64::MIN), "{sent_at} {taken_at}");
            assert_eq!(valid.len() + refused.reports.len(), 1);
        }
    }

    #[test]
    fn a_share_a_little_above_all_counts_as_all_and_reports_are_put_in_order() {
        let late = Report { taken_at: NOW - SECOND, cpu_percent: Some(100.4), ..report() };
        let (valid, rejected) = check(vec![report(), late]);
        assert_eq!(rejected, []);
        assert_eq!(valid.reports[0].cpu_percent, Some(100.0));
        assert!(valid.reports[0].taken_at < valid.reports[1].taken_at);
    }

    #[test]
    fn a_machine_that_is_not_acceptable_is_refused_as_a_whole() {
        type Spoil = fn(&mut ReportBatch);
        let cases: [(&str, Spoil); 6] = [
            ("/host/name", |b| b.host.name = " ".to_owned()),
            ("/host/name", |b| b.host.name = "n".repeat(254)),
            ("/host/name", |b| b.host.name = "a\nb".to_owned()),
            ("/host/os", |b| b.host.os = "n".repeat(256)),
            ("/host/cpu_cores", |b| b.host.cpu_cores = -1),
            ("/reports", |b| b.reports = vec![report(); MAX_REPORTS + 1]),
        ];
        for (pointer, spoil) in cases {
            let mut bad = batch(vec![report()]);
            spoil(&mut bad);
            let errors = ValidBatch::new(bad, NOW).expect_err(pointer);
            assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), [pointer]);
        }
    }

    #[test]
    fn a_clock_that_is_a_little_off_is_taken_as_it_is() {
        for (off, skew) in [(SKEW_TOLERANCE, 0), (-SKEW_TOLERANCE, 0), (SKEW_TOLERANCE + 1, SKEW_TOLERANCE + 1)] {
            let mut ahead = batch(vec![Report { taken_at: NOW + off, ..report() }]);
            ahead.sent_at = NOW + off;
            let (valid, _) = ValidBatch::new(ahead, NOW).expect("the machine is acceptable");
            assert_eq!(valid.skew, skew);
        }
    }
}
