//! What one organization sees of another: nothing.

use crate::support::{CPU_A, CPU_B, HOST, TwoWorlds, batch_of, host_id, ingest, now, report, scope, worlds};
use authz::{Editor, Viewer};
use shared::HostId;
use store::{GetError, HostCursor};

#[test]
fn the_same_machine_in_two_organizations_is_two_things() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        for (who, org, cpu) in [(&two.a_viewer, two.a, CPU_A), (&two.b_owner, two.b, CPU_B), (&two.ab, two.b, CPU_B)] {
            let scope = scope::<Viewer>(&world.store, who, org);
            let data = world.store.org(&scope);
            let list = data.list_hosts(10, None).expect("a list").items;
            assert_eq!(
                list.iter().map(|host| (host.id, host.cpu_percent)).collect::<Vec<_>>(),
                [(host_id(), Some(cpu))]
            );
            let host = data.get_host(host_id()).expect("it is there");
            assert_eq!((host.summary.cpu_percent, host.filesystems.len()), (Some(cpu), 1));
            let series = data.host_series(host_id(), 0, i64::MAX, 100).expect("a series");
            assert_eq!(series.cpu_percent, [Some(cpu)]);
            let summary = data.summary(now()).expect("a summary");
            assert_eq!(summary.hosts.hosts, 1);
            assert_eq!(summary.worst.iter().map(|worst| worst.host).collect::<Vec<_>>(), [host_id()]);
            assert_eq!(data.host_count().expect("a count"), 1);
        }
    }
}

#[test]
fn deleting_a_host_in_one_organization_leaves_its_namesake_in_another() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        world.store.org(&editor).delete_host(host_id()).expect("it is removed");
        assert!(matches!(world.store.org(&editor).get_host(host_id()), Err(GetError::NotFound)));
        assert!(matches!(world.store.org(&editor).host_series(host_id(), 0, i64::MAX, 1), Err(GetError::NotFound)));
        assert!(matches!(world.store.org(&editor).delete_host(host_id()), Err(GetError::NotFound)));
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        assert_eq!(world.store.org(&of_b).get_host(host_id()).expect("B's is there").summary.cpu_percent, Some(CPU_B));
        let series = world.store.org(&of_b).host_series(host_id(), 0, i64::MAX, 10).expect("a series");
        assert_eq!(series.cpu_percent, [Some(CPU_B)]);
    }
}

#[test]
fn a_host_of_another_organization_is_as_missing_as_one_that_nobody_has() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let only_b: HostId = "00000000-0000-4000-8000-00000000000b".parse().expect("an id");
        ingest(&world.store, &two.agent_b, batch_of(only_b, vec![report(now(), 5.0)])).expect("it is kept");
        let missing: HostId = "00000000-0000-4000-8000-0000000000ff".parse().expect("an id");
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let data = world.store.org(&editor);
        for host in [only_b, missing] {
            assert_eq!(format!("{:?}", data.get_host(host)), "Err(NotFound)");
            assert_eq!(format!("{:?}", data.host_series(host, 0, i64::MAX, 1)), "Err(NotFound)");
            assert_eq!(format!("{:?}", data.delete_host(host)), "Err(NotFound)");
        }
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        assert_eq!(world.store.org(&of_b).host_count().expect("a count"), 2);
    }
}

#[test]
fn a_cursor_of_one_organization_means_nothing_in_another() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        for (secret, first) in [(&two.agent_a, 0x10), (&two.agent_b, 0x20)] {
            for number in first..first + 4 {
                let id = HostId::from_uuid(uuid::Uuid::from_u128(number));
                ingest(&world.store, secret, batch_of(id, vec![report(now(), 5.0)])).expect("it is kept");
            }
        }
        let of_a = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = world.store.org(&of_a).list_hosts(2, after.as_ref()).expect("a page");
            seen.extend(page.items.iter().map(|host| host.id));
            let Some(next) = page.next else { break };
            let text = next.to_text();
            assert!(HostCursor::parse(&text, two.b).is_err());
            let foreign = world.store.org(&of_b).list_hosts(2, Some(&next)).expect("a page");
            assert_eq!(foreign, world.store.org(&of_b).list_hosts(2, None).expect("a page"));
            after = Some(HostCursor::parse(&text, two.a).expect("its own cursor"));
        }
        let mut expected: Vec<HostId> =
            (0x10..0x14).map(|number| HostId::from_uuid(uuid::Uuid::from_u128(number))).collect();
        expected.push(HOST.parse().expect("an id"));
        expected.sort_by_key(ToString::to_string);
        assert_eq!(seen, expected, "equal names are in the order of ids, and each comes once");
        for bad in ["", "zz", "00", "é"] {
            assert!(HostCursor::parse(bad, two.a).is_err(), "{bad}");
        }
    }
}

#[test]
fn background_work_touches_one_organization() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let system = world.store.directory().system_scope(two.a, "test").expect("an answer").expect("it is active");
        assert_eq!(world.store.system(&system).prune(i64::MAX).expect("it is pruned"), 1);
        assert_eq!(world.store.system(&system).list_hosts().expect("a list").len(), 1);
        assert_eq!(world.store.system(&system).host_totals(now()).expect("totals").hosts, 1);
        let of_a = scope::<Viewer>(&world.store, &two.a_owner, two.a);
        assert!(world.store.org(&of_a).host_series(host_id(), 0, i64::MAX, 10).expect("a series").at.is_empty());
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        assert_eq!(world.store.org(&of_b).host_series(host_id(), 0, i64::MAX, 10).expect("a series").at.len(), 1);
    }
}
