//! Machines that do not exist. Their measures wander smoothly around what each is for, the same at each start.

mod running;

use running::Running;
use sha2::{Digest as _, Sha256};
use shared::{
    HostId, Micros, SECOND,
    inventory::Inventory,
    report::{DiskCounters, Filesystem, HostIdentity, NetworkCounters, Report, Temperature},
};
use uuid::Builder;

const GIB: i64 = 1 << 30;

/// How a machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    /// Memory is nearly full.
    Strained,
    /// A filesystem is full.
    Full,
    /// It fell silent some minutes ago.
    Silent,
}

/// A measure that wanders around its mean and stays within its bounds.
#[derive(Debug, Clone)]
struct Walk {
    value: f64,
    mean: f64,
    spread: f64,
    low: f64,
    high: f64,
}

impl Walk {
    fn around(mean: f64, spread: f64, low: f64, high: f64) -> Self {
        Self { value: mean, mean, spread, low, high }
    }

    /// The value after so many seconds.
    fn step(&mut self, seconds: f64, noise: &mut Noise) -> f64 {
        let pull = (seconds / 120.0).min(1.0);
        self.value += (self.mean - self.value) * pull + self.spread * pull.sqrt() * noise.next();
        self.value = self.value.clamp(self.low, self.high);
        self.value
    }
}

/// Numbers that look random and are the same at each start.
#[derive(Debug, Clone)]
struct Noise(u64);

impl Noise {
    /// From -1 to 1, most of them near 0.
    fn next(&mut self) -> f64 {
        (self.unit() + self.unit() + self.unit()) * 2.0 / 3.0 - 1.0
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A simulated machine.
pub(super) struct SimulatedHost {
    /// What it says it is.
    pub(super) identity: HostIdentity,
    condition: Condition,
    noise: Noise,
    cpu: Walk,
    mem: Walk,
    disk_read: Walk,
    disk_write: Walk,
    net_in: Walk,
    net_out: Walk,
    temperature: Walk,
    mem_total: i64,
    disk_total: i64,
    disk_used: f64,
    counters: [f64; 4],
    started_at: Micros,
    booted_at: Micros,
    last_at: Micros,
    silent_from: Micros,
    running: Running,
}

/// The machines of an organization. Names and ids follow from the word alone, so that two organizations have equal ones;
/// what the machines measure does not.
pub(super) fn machines(org: &str, words: &[(&str, usize)], since: Micros) -> Vec<SimulatedHost> {
    let names =
        words.iter().flat_map(|(word, count)| (1..=*count).map(move |number| (*word, format!("{word}-{number:02}"))));
    let names: Vec<_> = names.collect();
    let count = names.len();
    names
        .into_iter()
        .enumerate()
        .map(|(index, (word, name))| {
            let condition = match index {
                _ if index == count / 3 => Condition::Full,
                _ if index == count / 2 => Condition::Strained,
                _ if index == count - 1 => Condition::Silent,
                _ => Condition::Well,
            };
            SimulatedHost::new(org, word, name, condition, since)
        })
        .collect()
}

impl SimulatedHost {
    fn new(org: &str, word: &str, name: String, condition: Condition, since: Micros) -> Self {
        let digest = Sha256::digest(format!("{org}/{name}").as_bytes());
        let seed = digest.iter().take(8).fold(1_u64, |seed, byte| (seed << 8) | u64::from(*byte));
        let mut noise = Noise(seed | 1);
        let (cpu, cores, mem_gib, disk_gib) = match word {
            "db" => (38.0, 16, 64, 900),
            "sim" | "gpu" => (71.0, 64, 256, 1_800),
            "build" => (55.0, 32, 64, 450),
            "nas" | "backup" => (12.0, 8, 32, 16_000),
            "edge" | "gate" | "print" | "mon" => (9.0, 4, 8, 60),
            _ => (24.0, 8, 16, 220),
        };
        let cpu = cpu * (0.7 + 0.5 * noise.unit());
        let mem_share = if condition == Condition::Strained { 0.89 } else { 0.35 + 0.35 * noise.unit() };
        let disk_share = if condition == Condition::Full { 0.962 } else { 0.2 + 0.5 * noise.unit() };
        let busy = 0.4 + noise.unit();
        let wander = |mean: f64| Walk::around(mean * busy, mean * 0.5, mean * 0.05, mean * 4.0);
        Self {
            running: Running::new(org, word, &name, condition, since),
            identity: HostIdentity {
                id: host_id(&name),
                name,
                os: "Debian GNU/Linux 12".to_owned(),
                kernel: "Linux 6.1.0-37-amd64".to_owned(),
                cpu_model: "Simulated CPU".to_owned(),
                cpu_cores: cores,
                agent_version: concat!(env!("CARGO_PKG_VERSION"), "-demo").to_owned(),
            },
            condition,
            cpu: Walk::around(cpu, 9.0, 0.5, 82.0),
            mem: Walk::around(mem_share, 0.01, 0.05, 0.92),
            disk_read: wander(4.0e6),
            disk_write: wander(6.0e6),
            net_in: wander(9.0e6),
            net_out: wander(1.4e7),
            temperature: Walk::around(44.0, 2.0, 30.0, 70.0),
            mem_total: mem_gib * GIB,
            disk_total: disk_gib * GIB,
            disk_used: disk_share,
            counters: [1.0e12 * noise.unit(), 1.0e12 * noise.unit(), 1.0e13 * noise.unit(), 1.0e13 * noise.unit()],
            started_at: since,
            booted_at: since - (2.0e6 + 1.0e7 * noise.unit()) as i64 * SECOND,
            last_at: since,
            silent_from: since + 48 * 60 * SECOND,
            noise,
        }
    }

    /// What runs on it at that time, which has to grow.
    pub(super) fn inventory(&mut self, at: Micros) -> Inventory {
        self.running.inventory(at)
    }

    /// What it measures at that time, which has to grow; none where it is silent.
    pub(super) fn report(&mut self, at: Micros) -> Option<Report> {
        if self.condition == Condition::Silent && at >= self.silent_from {
            return None;
        }
        let seconds = (at - self.last_at).max(0) as f64 / SECOND as f64;
        self.last_at = at;
        let noise = &mut self.noise;
        let cpu = self.cpu.step(seconds, noise);
        let mem = self.mem.step(seconds, noise);
        let rates = [&mut self.disk_read, &mut self.disk_write, &mut self.net_in, &mut self.net_out];
        for (counter, rate) in self.counters.iter_mut().zip(rates) {
            *counter += rate.step(seconds, noise) * seconds;
        }
        let [read_bytes, written_bytes, received_bytes, sent_bytes] = self.counters.map(|counter| counter as i64);
        let load = cpu / 100.0 * self.identity.cpu_cores as f64;
        let grown = (at - self.started_at) as f64 / (400.0 * 86_400.0 * SECOND as f64);
        Some(Report {
            taken_at: at,
            uptime_s: (at - self.booted_at) / SECOND,
            cpu_percent: Some(round(cpu)),
            load: Some([round(load), round(load * 0.95), round(load * 0.9)]),
            mem_total_bytes: Some(self.mem_total),
            mem_used_bytes: Some((self.mem_total as f64 * mem) as i64),
            swap_total_bytes: Some(2 * GIB),
            swap_used_bytes: Some((GIB as f64 * 0.1 * mem) as i64),
            filesystems: vec![
                Filesystem {
                    mount: "/".to_owned(),
                    device: "/dev/nvme0n1p2".to_owned(),
                    kind: "ext4".to_owned(),
                    total_bytes: 40 * GIB,
                    used_bytes: 40 * GIB / 4,
                },
                Filesystem {
                    mount: "/srv".to_owned(),
                    device: "/dev/nvme1n1".to_owned(),
                    kind: "xfs".to_owned(),
                    total_bytes: self.disk_total,
                    used_bytes: (self.disk_total as f64 * (self.disk_used + grown).min(0.985)) as i64,
                },
            ],
            disks: vec![DiskCounters { name: "nvme1n1".to_owned(), read_bytes, written_bytes }],
            networks: vec![NetworkCounters { name: "eth0".to_owned(), received_bytes, sent_bytes }],
            temperatures: vec![Temperature {
                label: "CPU".to_owned(),
                celsius: round(self.temperature.step(seconds, noise)),
            }],
        })
    }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The same id for the same name, whatever the organization.
fn host_id(name: &str) -> HostId {
    let digest = Sha256::digest(name.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    HostId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_grow_and_shares_stay_below_what_is_possible() {
        for mut host in machines("acme", &[("db", 4), ("web", 5)], 0) {
            let mut before: Option<Report> = None;
            for second in 1..500 {
                let Some(report) = host.report(second * 5 * SECOND) else { continue };
                assert!(report.cpu_percent.is_some_and(|cpu| (0.0..=100.0).contains(&cpu)));
                assert!(report.mem_used_bytes < report.mem_total_bytes);
                assert!(report.filesystems.iter().all(|fs| fs.used_bytes <= fs.total_bytes));
                if let Some(before) = &before {
                    assert!(report.disks[0].read_bytes > before.disks[0].read_bytes);
                    assert!(report.networks[0].sent_bytes > before.networks[0].sent_bytes);
                }
                before = Some(report);
            }
            assert!(before.is_some());
        }
    }

    #[test]
    fn two_organizations_have_equal_names_and_ids_with_different_measures() {
        let (mut a, mut b) = (machines("acme", &[("web", 1)], 0), machines("globex", &[("web", 1)], 0));
        assert_eq!(a[0].identity, b[0].identity);
        a[0].condition = Condition::Well;
        b[0].condition = Condition::Well;
        assert_ne!(a[0].report(5 * SECOND), b[0].report(5 * SECOND));
    }
}
