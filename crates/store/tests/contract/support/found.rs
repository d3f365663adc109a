//! What agents find on the machine of the fixture.

use super::{CPU_A, CPU_B, TwoWorlds, batch, ingest, now};
use shared::inventory::{
    ContainerReport, ContainerState, FoundContainers, FoundGuests, GuestKind, GuestReport, GuestState, Inventory,
};
use store::Store;

/// Has the machine report containers and guests in both, with the same names and engine's ids, and images and shares
/// that say whose they are.
pub(crate) fn find_in_both(store: &Store, two: &TwoWorlds) {
    for (secret, words) in [(&two.agent_a, "of A"), (&two.agent_b, "of B")] {
        let containers = ["db", "web"].map(|name| ContainerReport { image: words.to_owned(), ..container(name) });
        let guests = ["mail"].map(|name| GuestReport { cpu_percent: Some(cpu_of(words)), ..guest(name) });
        let mut batch = batch(vec![]);
        batch.inventory = Some(inventory(now(), containers.to_vec(), guests.to_vec()));
        let outcome = ingest(store, secret, batch).expect("it is kept");
        assert!(outcome.inventory.is_some());
    }
}

fn cpu_of(words: &str) -> f64 {
    if words == "of A" { CPU_A } else { CPU_B }
}

/// What an agent found now.
pub(crate) fn inventory(taken_at: i64, containers: Vec<ContainerReport>, guests: Vec<GuestReport>) -> Inventory {
    Inventory {
        taken_at,
        containers: Some(FoundContainers { engine: "Docker 28.2.2".to_owned(), items: containers, left_out: 0 }),
        guests: Some(FoundGuests { engine: "libvirt 9.0.0".to_owned(), items: guests, left_out: 0 }),
    }
}

/// A container that runs. The engine's id follows from the name.
pub(crate) fn container(name: &str) -> ContainerReport {
    ContainerReport {
        engine_id: format!("engine-{name}"),
        name: name.to_owned(),
        image: "postgres:16.4".to_owned(),
        state: ContainerState::Running,
        health: None,
        exit_code: None,
        restarts: 0,
        created_at: Some(1_700_000_000_000_000),
        started_at: Some(1_700_000_000_000_000),
        cpu_percent: Some(12.5),
        mem_used_bytes: Some(1_000),
        mem_limit_bytes: Some(4_000),
        received_bytes: Some(0),
        sent_bytes: Some(0),
        project: Some("shop".to_owned()),
        service: Some(name.to_owned()),
    }
}

/// A guest that runs. The hypervisor's id follows from the name.
pub(crate) fn guest(name: &str) -> GuestReport {
    GuestReport {
        engine_id: format!("domain-{name}"),
        name: name.to_owned(),
        kind: GuestKind::Vm,
        state: GuestState::Running,
        vcpus: Some(2),
        cpu_percent: Some(30.0),
        mem_used_bytes: Some(1_000),
        mem_total_bytes: Some(4_000),
        disks: Vec::new(),
        uptime_s: Some(60),
        autostart: Some(true),
    }
}
