//! What runs on hosts: kept with the reports, newest first, each organization's own.

use crate::support::{
    TwoWorlds, World, batch, batch_of, container, find_in_both, guest, host_id, identify, ingest, ingest_valid,
    inventory, later, now, report, scope, worlds,
};
use authz::{Editor, Viewer};
use shared::{
    ContainerId, GuestId, HostId, SECOND,
    inventory::{
        Container, ContainerReport, ContainerState, Guest, GuestReport, GuestState, Inventory, InventoryTotals,
        MAX_CONTAINERS,
    },
    report::ReportBatch,
};
use std::sync::mpsc::channel;
use store::{IngestError, IngestOutcome, IngestWriter, InventoryCursor, Part, ValidBatch};

fn found(host: HostId, found: Inventory) -> ReportBatch {
    ReportBatch { inventory: Some(found), ..batch_of(host, Vec::new()) }
}

fn numbered(number: u128) -> HostId {
    HostId::from_uuid(uuid::Uuid::from_u128(number))
}

fn send(world: &World, two: &TwoWorlds, batch: ReportBatch) -> IngestOutcome {
    ingest(&world.store, &two.agent_a, batch).expect("it is kept")
}

/// All that A sees.
fn look(world: &World, two: &TwoWorlds) -> (Vec<Container>, Vec<Guest>, InventoryTotals) {
    let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
    let data = world.store.org(&scope);
    (
        data.list_containers(10_000, None).expect("a list").items,
        data.list_guests(10_000, None).expect("a list").items,
        data.summary(0).expect("a summary").inventory,
    )
}

#[test]
fn equal_hosts_names_and_engine_ids_of_two_organizations_are_two_things() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        find_in_both(&world.store, &two);
        let mut seen = Vec::new();
        for (who, org, words) in [(&two.a_viewer, two.a, "of A"), (&two.b_owner, two.b, "of B")] {
            let scope = scope::<Viewer>(&world.store, who, org);
            let data = world.store.org(&scope);
            let containers = data.list_containers(10, None).expect("a list").items;
            assert_eq!(containers.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["db", "web"]);
            assert!(containers.iter().all(|item| item.image == words && item.host == host_id()));
            for item in &containers {
                assert_eq!(&data.get_container(item.id).expect("it is there"), item);
            }
            let guests = data.list_guests(10, None).expect("a list").items;
            assert_eq!(data.get_guest(guests[0].id).expect("it is there"), guests[0]);
            assert_eq!((guests[0].name.as_str(), guests[0].host_name.as_str()), ("mail", "web-1"));
            let totals = data.summary(0).expect("a summary").inventory;
            assert_eq!((totals.containers, totals.guests), (2, 1));
            seen.push((containers.iter().map(|item| item.id).collect::<Vec<_>>(), guests[0].id, guests[0].cpu_percent));
        }
        assert_eq!((&seen[0].0, seen[0].1), (&seen[1].0, seen[1].1), "the ids are equal");
        assert_ne!(seen[0].2, seen[1].2, "and what they name is not");
    }
}

#[test]
fn what_another_organization_runs_is_as_missing_as_what_nobody_does() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let here = found(host_id(), inventory(now(), vec![container("secret")], vec![guest("secret")]));
        ingest(&world.store, &two.agent_b, here).expect("it is kept");
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        let foreign = world.store.org(&of_b).list_containers(10, None).expect("a list").items[0].id;
        let foreign_guest = world.store.org(&of_b).list_guests(10, None).expect("a list").items[0].id;
        let of_a = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&of_a);
        for id in [foreign, ContainerId::from_uuid(uuid::Uuid::from_u128(404))] {
            assert_eq!(format!("{:?}", data.get_container(id)), "Err(NotFound)");
        }
        for id in [foreign_guest, GuestId::from_uuid(uuid::Uuid::from_u128(404))] {
            assert_eq!(format!("{:?}", data.get_guest(id)), "Err(NotFound)");
        }
        assert_eq!(data.summary(0).expect("a summary").inventory, InventoryTotals::default());
    }
}

#[test]
fn an_inventory_replaces_the_part_that_it_has_and_leaves_the_other() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = now();
        let first = inventory(start, vec![container("a"), container("b")], vec![guest("g")]);
        let outcome = send(&world, &two, found(host_id(), first));
        let (containers, guests) = outcome.inventory.expect("it is kept").into_wire();
        assert_eq!(look(&world, &two).0, containers.expect("they were found"), "those who watch see what is kept");
        assert_eq!(look(&world, &two).1, guests.expect("they were found"));
        let stopped = ContainerReport { state: ContainerState::Exited, exit_code: Some(0), ..container("c") };
        let mut only_containers = inventory(start + 1, vec![stopped], Vec::new());
        only_containers.guests = None;
        let outcome = send(&world, &two, found(host_id(), only_containers));
        assert_eq!(outcome.inventory.expect("it is kept").into_wire().1, None, "guests were not looked at");
        let (containers, guests, totals) = look(&world, &two);
        assert_eq!(containers.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["c"]);
        assert_eq!((guests.len(), guests[0].seen_at), (1, start));
        assert_eq!((totals.containers, totals.containers_running, totals.guests, totals.guests_running), (1, 0, 1, 1));
        let mut only_guests =
            inventory(start + 2, Vec::new(), vec![GuestReport { state: GuestState::Stopped, ..guest("g") }]);
        only_guests.containers = None;
        only_guests.guests.as_mut().expect("there are").left_out = 7;
        send(&world, &two, found(host_id(), only_guests));
        let (containers, guests, totals) = look(&world, &two);
        assert_eq!((containers[0].seen_at, guests[0].state), (start + 1, GuestState::Stopped));
        assert_eq!((totals.guests, totals.guests_running), (8, 0), "those that were left out count");
        send(&world, &two, found(host_id(), inventory(start + 3, Vec::new(), Vec::new())));
        assert_eq!(look(&world, &two), (Vec::new(), Vec::new(), InventoryTotals::default()), "none is known too");
    }
}

#[test]
fn an_older_inventory_changes_nothing_and_the_same_again_neither() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = now();
        let newest = found(host_id(), inventory(start, vec![container("new")], vec![guest("new")]));
        send(&world, &two, newest.clone());
        let before = look(&world, &two);
        for old in
            [inventory(start - 1, vec![container("old")], vec![guest("old")]), newest.inventory.expect("there is")]
        {
            assert_eq!(send(&world, &two, found(host_id(), old)).inventory, None);
            assert_eq!(look(&world, &two), before);
        }
    }
}

#[test]
fn of_several_batches_in_one_transaction_the_newest_inventory_stays() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = now();
        let writer = IngestWriter::start(world.store.clone());
        let (sender, receiver) = channel();
        // Written together: while the first is committed, the others gather.
        for step in [0, 1, 5, 3, 4, 2] {
            let names = [format!("at-{step}")];
            let items: Vec<_> = names.iter().map(|name| container(name)).collect();
            let newer = found(host_id(), inventory(start + step, items, Vec::new()));
            let (valid, _) = ValidBatch::new(newer, now()).expect("acceptable");
            let who = identify(&world.store, &two.agent_a).expect("it works");
            let scope = world.store.directory().enter_ingest(&who).expect("an agent");
            let sender = sender.clone();
            writer
                .submit(scope, valid, move |answer| sender.send(answer.expect("it is kept")).expect("the test waits"));
        }
        writer.stop();
        drop(sender);
        let kept: Vec<bool> = receiver.iter().map(|outcome| outcome.inventory.is_some()).collect();
        assert_eq!(kept, [true, true, true, false, false, false]);
        assert_eq!(look(&world, &two).0[0].name, "at-5");
    }
}

#[test]
fn reports_that_are_known_already_do_not_hold_up_an_inventory() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let taken = now();
        let mut first = batch(vec![report(taken, 1.0)]);
        send(&world, &two, first.clone());
        first.inventory = Some(inventory(taken, vec![container("web")], Vec::new()));
        let again = send(&world, &two, first);
        assert_eq!((again.accepted, again.duplicates), (0, 1));
        assert_eq!(look(&world, &two).0.len(), 1);
    }
}

#[test]
fn a_new_host_comes_with_what_runs_on_it_and_a_refused_one_keeps_nothing() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let new = || {
            let mut new = batch_of(numbered(9), vec![report(now(), 5.0)]);
            new.inventory = Some(inventory(now(), vec![container("web")], vec![guest("mail")]));
            ValidBatch::new(new, now()).expect("acceptable").0
        };
        match ingest_valid(&world.store, &two.agent_a, new().with_host_limit(Some(1))) {
            Err(IngestError::HostLimit { limit: 1, used: 1 }) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(look(&world, &two), (Vec::new(), Vec::new(), InventoryTotals::default()));
        let kept = ingest_valid(&world.store, &two.agent_a, new().with_host_limit(Some(2))).expect("there is room");
        assert!(kept.inventory.is_some());
        assert_eq!(look(&world, &two).0.len(), 1);
        let unknown = found(numbered(10), inventory(now(), vec![container("web")], Vec::new()));
        assert_eq!(send(&world, &two, unknown).inventory, None, "nobody knows that machine: its first report makes it");
        assert_eq!(look(&world, &two).0.len(), 1);
    }
}

#[test]
fn a_container_has_rates_from_its_second_reading_on() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = now();
        let mut step = 0;
        let mut rates = |container: ContainerReport| {
            step += 1;
            let next = inventory(later(start, step * 10), vec![container], Vec::new());
            send(&world, &two, found(host_id(), next));
            let web = &look(&world, &two).0[0];
            (web.net_in_bps, web.net_out_bps)
        };
        let with = |received, sent| ContainerReport {
            received_bytes: Some(received),
            sent_bytes: Some(sent),
            ..container("web")
        };
        assert_eq!(rates(with(1_000, 1_000)), (None, None));
        assert_eq!(rates(with(6_000, 1_000)), (Some(500.0), Some(0.0)));
        assert_eq!(rates(with(5_999, 9_000)), (None, None), "a counter went back");
        let anew = ContainerReport { engine_id: "another".to_owned(), ..with(50_000, 50_000) };
        assert_eq!(rates(anew.clone()), (None, None), "another one of the same name");
        assert_eq!(rates(anew.clone()), (Some(0.0), Some(0.0)));
        assert_eq!(rates(ContainerReport { started_at: Some(later(start, 1)), ..anew }), (None, None), "started anew");
    }
}

#[test]
fn times_of_a_clock_that_is_off_are_corrected_and_rates_are_not_lost_by_it() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let (arrived, day) = (now(), 86_400 * SECOND);
        for (step, bytes) in [(0, 0), (10 * SECOND, 1_000)] {
            let mut web = container("web");
            web.started_at = Some(arrived + day - 60 * SECOND);
            web.received_bytes = Some(bytes);
            let mut ahead = found(host_id(), inventory(arrived + day + step, vec![web], Vec::new()));
            // The difference of the clocks is never measured twice alike.
            ahead.sent_at = arrived + day + step / SECOND * 3;
            let (valid, refused) = ValidBatch::new(ahead, arrived).expect("acceptable");
            assert_eq!(refused.inventory, None);
            ingest_valid(&world.store, &two.agent_a, valid).expect("it is kept");
        }
        let web = &look(&world, &two).0[0];
        assert!((web.started_at.expect("it was started") - (arrived - 60 * SECOND)).abs() < SECOND);
        assert!((web.seen_at - (arrived + 10 * SECOND)).abs() < SECOND);
        assert_eq!(web.net_in_bps, Some(100.0));
    }
}

#[test]
fn too_many_containers_are_refused_and_the_reports_beside_them_are_kept() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let many = |count: usize| (0..count).map(|number| container(&format!("c-{number:05}"))).collect::<Vec<_>>();
        let mut full = batch(vec![report(later(now(), 1), 5.0)]);
        full.inventory = Some(inventory(now(), many(MAX_CONTAINERS), Vec::new()));
        assert!(send(&world, &two, full).inventory.is_some());
        assert_eq!(look(&world, &two).0.len(), MAX_CONTAINERS);
        let mut more = batch(vec![report(later(now(), 2), 5.0)]);
        more.inventory = Some(inventory(later(now(), 1), many(5_000), Vec::new()));
        let (valid, refused) = ValidBatch::new(more, now()).expect("the reports are acceptable");
        assert_eq!(refused.inventory.expect("it says so").pointer, "/inventory/containers/items");
        assert_eq!(ingest_valid(&world.store, &two.agent_a, valid).expect("they are kept").accepted, 1);
        assert_eq!(look(&world, &two).0.len(), MAX_CONTAINERS, "what was known stays");
    }
}

#[test]
fn pages_end_after_whole_hosts_and_hold_each_thing_once() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        for number in 0..7_u128 {
            let names: Vec<String> = (0..number).map(|item| format!("{number}-{item}")).collect();
            let mut host = batch_of(numbered(0x100 + number), vec![report(now(), 5.0)]);
            let containers = names.iter().map(|name| container(name)).collect();
            host.inventory = Some(inventory(now(), containers, names.iter().map(|name| guest(name)).collect()));
            send(&world, &two, host);
        }
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&scope);
        for limit in [1, 2, 3, 6, 20, 21, 22, 500] {
            let (mut seen, mut sizes, mut after) = (Vec::new(), Vec::new(), None);
            loop {
                let page = data.list_containers(limit, after.as_ref()).expect("a page");
                sizes.push(page.items.len());
                seen.extend(page.items.into_iter().map(|item| item.name));
                let Some(next) = page.next else { break };
                after = Some(InventoryCursor::parse(&next.to_text(), two.a, Part::Containers).expect("its own"));
            }
            let expected: Vec<_> =
                (1..7).flat_map(|host| (0..host).map(move |item| format!("{host}-{item}"))).collect();
            assert_eq!(seen, expected, "{limit}");
            assert!(sizes.iter().rev().skip(1).all(|size| *size >= limit), "{limit}: {sizes:?}");
            assert!(sizes.iter().all(|size| *size < limit + 6), "{limit}: {sizes:?}");
        }
        let (mut seen, mut after) = (0, None);
        loop {
            let page = data.list_guests(4, after.as_ref()).expect("a page");
            seen += page.items.len();
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        assert_eq!(seen, 21);
    }
}

#[test]
fn a_cursor_means_nothing_in_another_organization_or_in_the_other_list() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        for secret in [&two.agent_a, &two.agent_b] {
            for number in 0x10..0x13 {
                let mut host = batch_of(numbered(number), vec![report(now(), 5.0)]);
                host.inventory = Some(inventory(now(), vec![container("web")], vec![guest("mail")]));
                ingest(&world.store, secret, host).expect("it is kept");
            }
        }
        let of_a = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        let (a, b) = (world.store.org(&of_a), world.store.org(&of_b));
        let cursor = a.list_containers(1, None).expect("a page").next.expect("there is more");
        let text = cursor.to_text();
        assert!(InventoryCursor::parse(&text, two.a, Part::Containers).is_ok());
        assert!(InventoryCursor::parse(&text, two.b, Part::Containers).is_err());
        assert!(InventoryCursor::parse(&text, two.a, Part::Guests).is_err());
        assert_eq!(b.list_containers(1, Some(&cursor)).expect("a page"), b.list_containers(1, None).expect("a page"));
        assert_eq!(a.list_guests(1, Some(&cursor)).expect("a page"), a.list_guests(1, None).expect("a page"));
        for bad in ["", "zz", "00", "é"] {
            assert!(InventoryCursor::parse(bad, two.a, Part::Containers).is_err(), "{bad}");
        }
    }
}

#[test]
fn what_runs_on_a_host_goes_with_it_and_its_namesake_elsewhere_stays() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        find_in_both(&world.store, &two);
        let web = look(&world, &two).0[0].id;
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        world.store.org(&editor).delete_host(host_id()).expect("it is removed");
        assert_eq!(look(&world, &two), (Vec::new(), Vec::new(), InventoryTotals::default()));
        assert_eq!(format!("{:?}", world.store.org(&editor).get_container(web)), "Err(NotFound)");
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        assert_eq!(world.store.org(&of_b).get_container(web).expect("B's is there").image, "of B");
        ingest(&world.store, &two.agent_a, batch(vec![report(later(now(), 1), 1.0)])).expect("it comes back");
        assert_eq!(look(&world, &two).2, InventoryTotals::default(), "and what ran on it does not, until it is found");
    }
}

#[test]
fn a_name_that_looks_like_markup_or_json_is_a_name() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        find_in_both(&world.store, &two);
        let web = look(&world, &two).0[1].id;
        let odd = [format!("\"id\":\"{web}\""), "<b>x</b>".to_owned(), "%_'; DROP TABLE hosts".to_owned()];
        let mut other = batch_of(numbered(1), vec![report(now(), 5.0)]);
        other.inventory = Some(inventory(now(), odd.iter().map(|name| container(name)).collect(), Vec::new()));
        send(&world, &two, other);
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&scope);
        assert_eq!(data.get_container(web).expect("it is there").name, "web");
        let mut names: Vec<_> = look(&world, &two).0.into_iter().map(|item| item.name).collect();
        names.retain(|name| odd.contains(name));
        assert_eq!(names.len(), 3);
    }
}
