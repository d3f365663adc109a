//! An organization at a glance: which hosts are named, in which order, with which of their measures.

use crate::support::{TwoWorlds, batch_of, ingest, later, now, report, scope, worlds};
use authz::Viewer;
use shared::{
    HostId,
    report::Report,
    summary::{MAX_WORST, SPARK_POINTS, ShortOf},
};

fn numbered(number: u128) -> HostId {
    HostId::from_uuid(uuid::Uuid::from_u128(number))
}

#[test]
fn the_worst_hosts_come_first_with_the_last_hour_of_what_they_are_short_of() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = later(now(), -1_200);
        let busy = |at, cpu: f64| report(at, cpu);
        let full = |at, used: i64| Report { mem_used_bytes: Some(used), ..report(at, 12.0) };
        let send = |number, reports| {
            ingest(&world.store, &two.agent_a, batch_of(numbered(number), reports)).expect("it is kept");
        };
        send(1, vec![busy(start, 91.26), busy(later(start, 1_190), 92.0)]);
        send(2, vec![full(start, 7_333), full(later(start, 1_190), 7_900)]);
        for number in 3..10 {
            send(number, vec![busy(start, 60.0)]);
        }
        // Another organization's host of the same id has a line of its own.
        let reports = vec![busy(start, 94.0), busy(later(start, 1_190), 95.0)];
        ingest(&world.store, &two.agent_b, batch_of(numbered(2), reports)).expect("it is kept");
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        let of_b = world.store.org(&of_b).summary(now()).expect("a summary");
        assert_eq!((of_b.worst[0].host, of_b.worst[0].short_of), (numbered(2), ShortOf::Cpu));
        assert_eq!(of_b.worst[0].last_hour.iter().copied().flatten().collect::<Vec<_>>(), [94.0, 95.0]);
        let viewer = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let summary = world.store.org(&viewer).summary(now()).expect("a summary");
        assert_eq!(summary.worst.len(), MAX_WORST, "and no more, of {} hosts", summary.hosts.hosts);
        let first_host = &summary.worst[0];
        assert_eq!(first_host.last_hour.len(), SPARK_POINTS, "all of the hour");
        let began = first_host.last_hour.iter().position(Option::is_some);
        assert!(matches!(began, Some(19 | 20)), "40 minutes without a report: {began:?}");
        assert_eq!(summary.worst[4].last_hour, [], "one report is no line");
        let first: Vec<_> = summary
            .worst
            .iter()
            .take(2)
            .map(|worst| {
                let known: Vec<f64> = worst.last_hour.iter().copied().flatten().collect();
                (worst.host, worst.short_of, known)
            })
            .collect();
        assert_eq!(
            first,
            [(numbered(2), ShortOf::Memory, vec![91.7, 98.8]), (numbered(1), ShortOf::Cpu, vec![91.3, 92.0])],
            "to a tenth of a percent"
        );
    }
}
