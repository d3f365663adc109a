//! What runs on machines that do not exist: containers, and guests on some of them.

use super::{Condition, GIB, Noise, Walk, round};
use sha2::{Digest as _, Sha256};
use shared::{
    Micros, SECOND,
    inventory::{
        ContainerHealth, ContainerReport, ContainerState, FoundContainers, FoundGuests, GuestDisk, GuestKind,
        GuestReport, GuestState, Inventory,
    },
};
use uuid::Builder;

const MIB: f64 = 1_048_576.0;

/// A container by what it is for: compose project, service, image, CPU in percent of a core, memory in MiB.
type Service = (&'static str, &'static str, &'static str, f64, f64);

/// What runs on a machine of that word.
fn services(word: &str) -> &'static [Service] {
    match word {
        "web" => &[
            ("shop", "nginx", "nginx:1.29-alpine", 14.0, 90.0),
            ("shop", "storefront", "registry.bulkhead.example/shop/storefront:2026.11.2", 85.0, 640.0),
            ("shop", "sessions", "valkey/valkey:8.1", 6.0, 220.0),
        ],
        "app" => &[
            ("platform", "api", "registry.bulkhead.example/platform/api:4.18.0", 120.0, 900.0),
            ("platform", "worker", "registry.bulkhead.example/platform/worker:4.18.0", 160.0, 1_200.0),
            ("platform", "scheduler", "registry.bulkhead.example/platform/worker:4.18.0", 3.0, 180.0),
            ("platform", "migrate", "registry.bulkhead.example/platform/api:4.18.0", 0.0, 0.0),
        ],
        "db" => &[
            ("data", "postgres", "postgres:16.4", 210.0, 12_000.0),
            ("data", "pgbouncer", "edoburu/pgbouncer:1.24.1", 9.0, 40.0),
            ("data", "exporter", "prometheuscommunity/postgres-exporter:0.18.1", 1.5, 30.0),
        ],
        "cache" => &[("cache", "valkey", "valkey/valkey:8.1", 40.0, 5_200.0)],
        "queue" => &[("queue", "rabbitmq", "rabbitmq:4.1-management", 32.0, 1_100.0)],
        "edge" => &[("edge", "traefik", "traefik:3.5", 22.0, 160.0)],
        "build" => &[
            ("ci", "runner-1", "gitea/act_runner:0.2.13", 180.0, 2_400.0),
            ("ci", "runner-2", "gitea/act_runner:0.2.13", 140.0, 2_100.0),
            ("ci", "registry", "registry:3.0", 4.0, 120.0),
        ],
        "mail" => &[
            ("mail", "postfix", "boky/postfix:5.1.0", 3.0, 80.0),
            ("mail", "rspamd", "rspamd/rspamd:3.13", 12.0, 420.0),
        ],
        "mon" => &[
            ("monitoring", "prometheus", "prom/prometheus:3.7.0", 35.0, 1_900.0),
            ("monitoring", "grafana", "grafana/grafana:12.2.0", 4.0, 210.0),
        ],
        "sim" => &[
            ("solver", "solver", "registry.bulkhead.example/research/solver:7.3", 4_200.0, 96_000.0),
            ("solver", "results", "minio/minio:RELEASE.2025-09-07", 20.0, 900.0),
        ],
        "gpu" => &[
            ("notebooks", "jupyter", "quay.io/jupyter/pytorch-notebook:2026-11-03", 310.0, 24_000.0),
            ("notebooks", "proxy", "traefik:3.5", 2.0, 60.0),
        ],
        "nas" => &[("files", "minio", "minio/minio:RELEASE.2025-09-07", 25.0, 1_400.0)],
        "pacs" => &[
            ("imaging", "orthanc", "orthancteam/orthanc:25.10.2", 60.0, 3_000.0),
            ("imaging", "postgres", "postgres:16.4", 35.0, 2_200.0),
        ],
        "gate" => &[("vpn", "wireguard", "linuxserver/wireguard:1.0", 5.0, 40.0)],
        "backup" => &[("backup", "rest-server", "restic/rest-server:0.14.0", 6.0, 110.0)],
        "print" => &[("print", "cups", "registry.bulkhead.example/print/cups:2.4", 1.0, 60.0)],
        _ => &[],
    }
}

/// Guests of a machine of that word: name, kind, whether it runs, virtual CPUs, GiB of memory, GiB of disk.
type Domain = (&'static str, GuestKind, bool, i64, i64, i64);

fn domains(word: &str) -> &'static [Domain] {
    match word {
        "build" => &[
            ("ci-debian-12", GuestKind::Vm, true, 8, 16, 120),
            ("ci-windows-11", GuestKind::Vm, true, 8, 16, 200),
            ("ci-freebsd-14", GuestKind::Vm, false, 4, 8, 80),
        ],
        "nas" => {
            &[("licences", GuestKind::Vm, true, 2, 4, 40), ("old-wiki", GuestKind::SystemContainer, false, 2, 2, 20)]
        }
        "pacs" => &[("viewer", GuestKind::Vm, true, 4, 8, 80), ("legacy-ris", GuestKind::Vm, false, 2, 4, 60)],
        "gate" => &[("dns", GuestKind::SystemContainer, true, 1, 1, 8)],
        "backup" => &[("restore-test", GuestKind::Vm, false, 4, 8, 400)],
        _ => &[],
    }
}

/// All that runs on one machine.
pub(super) struct Running {
    containers: Vec<SimulatedContainer>,
    guests: Vec<SimulatedGuest>,
    noise: Noise,
    last_at: Micros,
}

struct SimulatedContainer {
    found: ContainerReport,
    since: Micros,
    cpu: Walk,
    mem: Walk,
    net: [Walk; 2],
    counters: [f64; 2],
}

struct SimulatedGuest {
    found: GuestReport,
    started_at: Micros,
    cpu: Walk,
    mem: Walk,
}

impl Running {
    /// On a machine of which something is wrong, something is wrong with the last container too.
    pub(super) fn new(org: &str, word: &str, host: &str, condition: Condition, since: Micros) -> Self {
        let digest = Sha256::digest(format!("{org}/{host}/running").as_bytes());
        let seed = digest.iter().take(8).fold(1_u64, |seed, byte| (seed << 8) | u64::from(*byte));
        let mut noise = Noise(seed | 1);
        let key = format!("{org}/{host}");
        let mut containers: Vec<_> =
            services(word).iter().map(|service| SimulatedContainer::new(&key, service, since, &mut noise)).collect();
        if let Some(last) = containers.iter_mut().rfind(|container| container.found.state == ContainerState::Running) {
            match condition {
                Condition::Full => last.found.health = Some(ContainerHealth::Unhealthy),
                Condition::Strained => {
                    last.found.state = ContainerState::Restarting;
                    last.found.exit_code = Some(1);
                    last.found.health = None;
                }
                Condition::Well | Condition::Silent => {}
            }
        }
        let guests = domains(word).iter().map(|domain| SimulatedGuest::new(&key, domain, since, &mut noise)).collect();
        Self { containers, guests, noise, last_at: since }
    }

    /// What is found at that time, which has to grow. Machines without guests are no hypervisors.
    pub(super) fn inventory(&mut self, at: Micros) -> Inventory {
        let seconds = (at - self.last_at).max(0) as f64 / SECOND as f64;
        self.last_at = at;
        let noise = &mut self.noise;
        let containers = self.containers.iter_mut().map(|container| container.found_at(at, seconds, noise)).collect();
        let guests: Vec<_> = self.guests.iter_mut().map(|guest| guest.found_at(at, seconds, noise)).collect();
        Inventory {
            taken_at: at,
            containers: Some(FoundContainers {
                engine: "Docker 28.2.2 (simulated)".to_owned(),
                items: containers,
                left_out: 0,
            }),
            guests: (!guests.is_empty()).then(|| FoundGuests {
                engine: "libvirt 9.0.0 (simulated)".to_owned(),
                items: guests,
                left_out: 0,
            }),
        }
    }
}

impl SimulatedContainer {
    fn new(key: &str, service: &Service, since: Micros, noise: &mut Noise) -> Self {
        let (project, service, image, cpu, mem) = *service;
        let name = format!("{project}-{service}-1");
        let digest = Sha256::digest(format!("{key}/{name}").as_bytes());
        let started_at = since - (3_600.0 + 2.0e6 * noise.unit()) as i64 * SECOND;
        // A job that has done what it had to.
        let is_done = cpu == 0.0;
        let cpu = cpu * (0.6 + 0.6 * noise.unit());
        let mem = mem * (0.8 + 0.3 * noise.unit()) * MIB;
        let net = 2.0e5 + 4.0e6 * noise.unit();
        let found = ContainerReport {
            engine_id: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            name,
            image: image.to_owned(),
            state: if is_done { ContainerState::Exited } else { ContainerState::Running },
            health: (!is_done).then_some(ContainerHealth::Healthy),
            exit_code: is_done.then_some(0),
            restarts: 0,
            created_at: Some(started_at - 40 * SECOND),
            started_at: Some(started_at),
            cpu_percent: None,
            mem_used_bytes: None,
            // Round, and never reached.
            mem_limit_bytes: Some(((mem * 1.6 / MIB / 256.0).ceil() * 256.0 * MIB) as i64).filter(|_| !is_done),
            received_bytes: None,
            sent_bytes: None,
            project: Some(project.to_owned()),
            service: Some(service.to_owned()),
        };
        Self {
            found,
            since,
            cpu: Walk::around(cpu, cpu * 0.3, 0.0, cpu * 2.0),
            mem: Walk::around(mem, mem * 0.02, mem * 0.7, mem * 1.3),
            net: [net, net * 1.4].map(|rate| Walk::around(rate, rate * 0.5, 0.0, rate * 4.0)),
            counters: [1.0e10 * noise.unit(), 1.0e10 * noise.unit()],
        }
    }

    fn found_at(&mut self, at: Micros, seconds: f64, noise: &mut Noise) -> ContainerReport {
        let found = &mut self.found;
        match found.state {
            ContainerState::Running => {
                found.cpu_percent = Some(round(self.cpu.step(seconds, noise)));
                found.mem_used_bytes = Some(self.mem.step(seconds, noise) as i64);
                for (counter, rate) in self.counters.iter_mut().zip(&mut self.net) {
                    *counter += rate.step(seconds, noise) * seconds;
                }
                found.received_bytes = Some(self.counters[0] as i64);
                found.sent_bytes = Some(self.counters[1] as i64);
            }
            // Its engine has tried once a minute since the demo began.
            ContainerState::Restarting => {
                let started_at = at - at % (60 * SECOND);
                found.restarts = (at - self.since) / (60 * SECOND);
                found.started_at = Some(started_at);
            }
            _ => {}
        }
        found.clone()
    }
}

impl SimulatedGuest {
    fn new(key: &str, domain: &Domain, since: Micros, noise: &mut Noise) -> Self {
        let (name, kind, runs, vcpus, mem_gib, disk_gib) = *domain;
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&Sha256::digest(format!("{key}/{name}").as_bytes())[..16]);
        let target = if kind == GuestKind::Vm { "vda" } else { "rootfs" };
        let found = GuestReport {
            engine_id: Builder::from_custom_bytes(bytes).into_uuid().to_string(),
            name: name.to_owned(),
            kind,
            state: if runs { GuestState::Running } else { GuestState::Stopped },
            vcpus: Some(vcpus),
            cpu_percent: None,
            mem_used_bytes: None,
            mem_total_bytes: Some(mem_gib * GIB),
            disks: vec![GuestDisk {
                target: target.to_owned(),
                source: format!("/var/lib/libvirt/images/{name}.qcow2"),
                capacity_bytes: Some(disk_gib * GIB),
                allocated_bytes: Some((disk_gib * GIB) / 3),
            }],
            uptime_s: None,
            autostart: Some(runs),
        };
        let mem = (mem_gib * GIB) as f64 * (0.4 + 0.3 * noise.unit());
        Self {
            found,
            started_at: since - (3_600.0 + 4.0e6 * noise.unit()) as i64 * SECOND,
            cpu: Walk::around(10.0 + 40.0 * noise.unit(), 8.0, 0.5, 82.0),
            mem: Walk::around(mem, mem * 0.02, mem * 0.7, mem * 1.2),
        }
    }

    fn found_at(&mut self, at: Micros, seconds: f64, noise: &mut Noise) -> GuestReport {
        if self.found.state == GuestState::Running {
            self.found.cpu_percent = Some(round(self.cpu.step(seconds, noise)));
            self.found.mem_used_bytes = Some(self.mem.step(seconds, noise) as i64);
            self.found.uptime_s = Some((at - self.started_at) / SECOND);
        }
        self.found.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::machines, *};
    use shared::report::ReportBatch;
    use store::{Refused, ValidBatch};

    const NOW: Micros = 1_800_000_000 * SECOND;

    #[test]
    fn what_runs_in_the_demo_is_what_the_server_takes() {
        let words = ["web", "app", "db", "build", "nas", "pacs", "gate", "backup", "print", "mail"];
        let words: Vec<_> = words.iter().map(|word| (*word, 3)).collect();
        for mut host in machines("acme", &words, NOW - 600 * SECOND) {
            for step in (0..600).step_by(5) {
                let at = NOW - 600 * SECOND + step * SECOND;
                let inventory = Some(host.inventory(at));
                let batch = ReportBatch { sent_at: at, host: host.identity.clone(), reports: Vec::new(), inventory };
                let (_, refused) = ValidBatch::new(batch, at).expect("the machine is acceptable");
                assert_eq!(refused, Refused::default(), "{}", host.identity.name);
            }
        }
    }

    #[test]
    fn one_container_is_unhealthy_one_is_started_again_and_again_and_some_guests_are_off() {
        for org in [
            &[("web", 12), ("app", 10), ("db", 6), ("build", 4), ("backup", 2)][..],
            &[("sim", 6), ("web", 5), ("db", 3), ("gpu", 3), ("nas", 2)],
            &[("db", 2), ("web", 2), ("pacs", 1), ("gate", 1), ("backup", 1), ("print", 1)],
        ] {
            let found: Vec<_> =
                machines("acme", org, NOW - SECOND).iter_mut().map(|host| host.inventory(NOW)).collect();
            let containers: Vec<_> =
                found.iter().filter_map(|found| found.containers.as_ref()).flat_map(|found| &found.items).collect();
            let unhealthy = containers.iter().filter(|item| item.health == Some(ContainerHealth::Unhealthy)).count();
            let restarting = containers.iter().filter(|item| item.state == ContainerState::Restarting).count();
            assert_eq!((unhealthy, restarting), (1, 1));
            assert!(containers.iter().all(|item| item.mem_used_bytes <= item.mem_limit_bytes), "none is at its limit");
            let guests: Vec<_> =
                found.iter().filter_map(|found| found.guests.as_ref()).flat_map(|found| &found.items).collect();
            assert!(guests.iter().any(|guest| guest.state == GuestState::Running));
            assert!(guests.iter().any(|guest| guest.state == GuestState::Stopped));
        }
    }
}
