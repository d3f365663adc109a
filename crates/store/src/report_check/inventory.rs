//! Whether an agent's inventory can be kept: as a whole or not at all, since a list with holes would look like one in
//! which things were removed.

use super::{MAX_AHEAD, MAX_PATH, MAX_TEXT, Wrong, check_text, check_time, counter_at, text_at, wrong};
use crate::text;
use shared::{
    Micros,
    inventory::{
        ContainerReport, FoundContainers, FoundGuests, GuestReport, Inventory, MAX_CONTAINERS, MAX_GUEST_DISKS,
        MAX_GUESTS,
    },
};
use std::collections::HashSet;

/// Most cores of a machine, and so most hundreds of percent that a container can use.
const MAX_CORES: i64 = 65_536;
/// A hypervisor counts a guest's time and the agent its own, so a busy guest may seem to use more than it has. Up to here
/// it counts as all.
const MAX_GUEST_PERCENT: f64 = 200.0;
/// More than that are on no machine.
const MAX_LEFT_OUT: i64 = 1_000_000;

/// Checks an inventory and brings it into the form in which it is kept: lists in the order of names.
pub(super) fn check(inventory: &mut Inventory, skew: Micros, now: Micros) -> Result<(), Wrong> {
    check_time(inventory.taken_at, skew, now)?;
    if let Some(containers) = &mut inventory.containers {
        check_containers(containers, skew, now).map_err(|wrong| below("/containers", wrong))?;
    }
    if let Some(guests) = &mut inventory.guests {
        check_guests(guests).map_err(|wrong| below("/guests", wrong))?;
    }
    Ok(())
}

fn below(place: &str, (pointer, message): Wrong) -> Wrong {
    (format!("{place}{pointer}"), message)
}

fn check_containers(found: &mut FoundContainers, skew: Micros, now: Micros) -> Result<(), Wrong> {
    check_list(&found.engine, found.items.len(), found.left_out, MAX_CONTAINERS)?;
    for (at, container) in found.items.iter_mut().enumerate() {
        check_container(container, skew, now).map_err(|wrong| below(&format!("/items/{at}"), wrong))?;
    }
    each_once(&found.items, "name", |container| &container.name)?;
    each_once(&found.items, "engine_id", |container| &container.engine_id)?;
    found.items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(())
}

fn check_guests(found: &mut FoundGuests) -> Result<(), Wrong> {
    check_list(&found.engine, found.items.len(), found.left_out, MAX_GUESTS)?;
    for (at, guest) in found.items.iter_mut().enumerate() {
        check_guest(guest).map_err(|wrong| below(&format!("/items/{at}"), wrong))?;
    }
    each_once(&found.items, "name", |guest| &guest.name)?;
    each_once(&found.items, "engine_id", |guest| &guest.engine_id)?;
    found.items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(())
}

fn check_list(engine: &str, count: usize, left_out: i64, most: usize) -> Result<(), Wrong> {
    text_at("", "engine", engine, MAX_TEXT)?;
    if count > most {
        let message =
            format!("At most {most} of one host are kept, and these are {count}. Count the rest in left_out.");
        return Err(("/items".to_owned(), message));
    }
    if !(0..=MAX_LEFT_OUT).contains(&left_out) {
        return wrong("/left_out", "This is a number from 0 to 1000000.");
    }
    Ok(())
}

fn check_container(container: &mut ContainerReport, skew: Micros, now: Micros) -> Result<(), Wrong> {
    name_at("engine_id", &container.engine_id)?;
    name_at("name", &container.name)?;
    text_at("", "image", &container.image, MAX_TEXT)?;
    for (field, text) in [("project", &container.project), ("service", &container.service)] {
        text_at("", field, text.as_deref().unwrap_or_default(), MAX_TEXT)?;
    }
    for (field, value) in [
        ("restarts", Some(container.restarts)),
        ("mem_used_bytes", container.mem_used_bytes),
        ("mem_limit_bytes", container.mem_limit_bytes),
        ("received_bytes", container.received_bytes),
        ("sent_bytes", container.sent_bytes),
    ] {
        counter_at("", field, value.unwrap_or_default())?;
    }
    if container.cpu_percent.is_some_and(|percent| !(0.0..=MAX_CORES as f64 * 100.0).contains(&percent)) {
        return wrong("/cpu_percent", "This is a share of one core in percent, and not negative.");
    }
    for (field, time) in [("created_at", &mut container.created_at), ("started_at", &mut container.started_at)] {
        counter_at("", field, time.unwrap_or_default())?;
        // An engine notes what its clock says, and a clock that was ahead then is no reason to refuse the machine now.
        *time = time.filter(|time| time.checked_sub(skew).is_some_and(|at| at <= now.saturating_add(MAX_AHEAD)));
    }
    Ok(())
}

fn check_guest(guest: &mut GuestReport) -> Result<(), Wrong> {
    name_at("engine_id", &guest.engine_id)?;
    name_at("name", &guest.name)?;
    if !(0..=MAX_CORES).contains(&guest.vcpus.unwrap_or_default()) {
        return wrong("/vcpus", "A guest has 0 to 65536 virtual CPUs.");
    }
    if let Some(percent) = &mut guest.cpu_percent {
        if !(0.0..=MAX_GUEST_PERCENT).contains(percent) {
            return wrong("/cpu_percent", "A share is a number from 0 to 100.");
        }
        *percent = percent.min(100.0);
    }
    for (field, value) in [
        ("mem_used_bytes", guest.mem_used_bytes),
        ("mem_total_bytes", guest.mem_total_bytes),
        ("uptime_s", guest.uptime_s),
    ] {
        counter_at("", field, value.unwrap_or_default())?;
    }
    if guest.disks.len() > MAX_GUEST_DISKS {
        return wrong("/disks", "At most 32 disks of a guest are kept.");
    }
    for (at, disk) in guest.disks.iter().enumerate() {
        let place = format!("/disks/{at}");
        text_at(&place, "target", &disk.target, MAX_TEXT)?;
        text_at(&place, "source", &disk.source, MAX_PATH)?;
        counter_at(&place, "capacity_bytes", disk.capacity_bytes.unwrap_or_default())?;
        counter_at(&place, "allocated_bytes", disk.allocated_bytes.unwrap_or_default())?;
    }
    Ok(())
}

/// What tells one from another is never empty.
fn name_at(field: &str, text: &str) -> Result<(), Wrong> {
    if text.is_empty() {
        return wrong(format!("/{field}"), "This is never empty.");
    }
    if text::is_deceiving(text) {
        return wrong(format!("/{field}"), "This has no characters that turn the direction of text or cannot be seen.");
    }
    check_text(text, MAX_TEXT).map_err(|message| (format!("/{field}"), message))
}

/// Two of one name would be one thing to the console, and the counters of one would be taken for those of the other.
fn each_once<T>(items: &[T], field: &str, text: fn(&T) -> &String) -> Result<(), Wrong> {
    let mut seen = HashSet::with_capacity(items.len());
    match items.iter().position(|item| !seen.insert(text(item))) {
        None => Ok(()),
        Some(at) => wrong(format!("/items/{at}/{field}"), "Another one of this host has the same."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{
        SECOND,
        inventory::{ContainerState, GuestDisk, GuestKind, GuestState},
    };

    const NOW: Micros = 1_800_000_000 * SECOND;

    fn container(name: &str) -> ContainerReport {
        ContainerReport {
            engine_id: format!("id of {name}"),
            name: name.to_owned(),
            image: "postgres:16.4".to_owned(),
            state: ContainerState::Running,
            health: None,
            exit_code: None,
            restarts: 0,
            created_at: Some(NOW - SECOND),
            started_at: Some(NOW - SECOND),
            cpu_percent: Some(250.0),
            mem_used_bytes: Some(1),
            mem_limit_bytes: None,
            received_bytes: Some(1),
            sent_bytes: Some(1),
            project: Some("shop".to_owned()),
            service: None,
        }
    }

    fn guest(name: &str) -> GuestReport {
        GuestReport {
            engine_id: format!("id of {name}"),
            name: name.to_owned(),
            kind: GuestKind::Vm,
            state: GuestState::Running,
            vcpus: Some(2),
            cpu_percent: Some(50.0),
            mem_used_bytes: None,
            mem_total_bytes: Some(1),
            disks: vec![GuestDisk {
                target: "vda".to_owned(),
                source: String::new(),
                capacity_bytes: Some(1),
                allocated_bytes: None,
            }],
            uptime_s: Some(1),
            autostart: None,
        }
    }

    fn inventory() -> Inventory {
        Inventory {
            taken_at: NOW,
            containers: Some(FoundContainers {
                engine: "Docker 28.2.2".to_owned(),
                items: vec![container("web"), container("db")],
                left_out: 0,
            }),
            guests: Some(FoundGuests {
                engine: "libvirt 9.0.0".to_owned(),
                items: vec![guest("one"), guest("mail")],
                left_out: 0,
            }),
        }
    }

    #[test]
    fn an_inventory_with_a_senseless_value_is_refused_with_its_place() {
        type Spoil = fn(&mut Inventory, &mut Vec<ContainerReport>, &mut Vec<GuestReport>);
        let cases: [(&str, Spoil); 32] = [
            ("/taken_at", |i, _, _| i.taken_at = NOW + MAX_AHEAD + 1),
            ("/taken_at", |i, _, _| i.taken_at = 0),
            ("/containers/items", |_, c, _| *c = vec![container("x"); MAX_CONTAINERS + 1]),
            ("/guests/items", |_, _, g| *g = vec![guest("x"); MAX_GUESTS + 1]),
            ("/containers/items/1/name", |_, c, _| c[1].name = c[0].name.clone()),
            ("/containers/items/1/engine_id", |_, c, _| c[1].engine_id = c[0].engine_id.clone()),
            ("/guests/items/1/name", |_, _, g| g[1].name = g[0].name.clone()),
            ("/guests/items/1/engine_id", |_, _, g| g[1].engine_id = g[0].engine_id.clone()),
            ("/containers/items/0/name", |_, c, _| c[0].name = String::new()),
            ("/containers/items/0/name", |_, c, _| c[0].name = "n".repeat(256)),
            ("/containers/items/0/name", |_, c, _| c[0].name = "a\u{1b}[31m".to_owned()),
            ("/containers/items/0/engine_id", |_, c, _| c[0].engine_id = String::new()),
            ("/containers/items/0/image", |_, c, _| c[0].image = "n".repeat(256)),
            ("/containers/items/0/project", |_, c, _| c[0].project = Some("a\0b".to_owned())),
            ("/containers/items/0/service", |_, c, _| c[0].service = Some("n".repeat(256))),
            ("/containers/items/0/cpu_percent", |_, c, _| c[0].cpu_percent = Some(f64::NAN)),
            ("/containers/items/0/cpu_percent", |_, c, _| c[0].cpu_percent = Some(-0.1)),
            ("/containers/items/0/cpu_percent", |_, c, _| c[0].cpu_percent = Some(f64::INFINITY)),
            ("/containers/items/0/restarts", |_, c, _| c[0].restarts = -1),
            ("/containers/items/0/mem_limit_bytes", |_, c, _| c[0].mem_limit_bytes = Some(-1)),
            ("/containers/items/0/received_bytes", |_, c, _| c[0].received_bytes = Some(i64::MIN)),
            ("/containers/items/0/started_at", |_, c, _| c[0].started_at = Some(-1)),
            ("/guests/items/0/name", |_, _, g| g[0].name = String::new()),
            ("/guests/items/0/vcpus", |_, _, g| g[0].vcpus = Some(-1)),
            ("/guests/items/0/cpu_percent", |_, _, g| g[0].cpu_percent = Some(201.0)),
            ("/guests/items/0/cpu_percent", |_, _, g| g[0].cpu_percent = Some(f64::NAN)),
            ("/guests/items/0/mem_total_bytes", |_, _, g| g[0].mem_total_bytes = Some(-1)),
            ("/guests/items/0/uptime_s", |_, _, g| g[0].uptime_s = Some(-1)),
            ("/guests/items/0/disks", |_, _, g| g[0].disks = vec![g[0].disks[0].clone(); 33]),
            ("/guests/items/0/disks/0/source", |_, _, g| g[0].disks[0].source = "n".repeat(1_025)),
            ("/guests/items/0/disks/0/capacity_bytes", |_, _, g| g[0].disks[0].capacity_bytes = Some(-1)),
            ("/guests/items/1/disks/0/target", |_, _, g| g[1].disks[0].target = "a\nb".to_owned()),
        ];
        for (pointer, spoil) in cases {
            let mut bad = inventory();
            let (mut containers, mut guests) = (bad.containers.take(), bad.guests.take());
            spoil(
                &mut bad,
                &mut containers.as_mut().expect("there are").items,
                &mut guests.as_mut().expect("there are").items,
            );
            (bad.containers, bad.guests) = (containers, guests);
            let (place, message) = check(&mut bad, 0, NOW).expect_err(pointer);
            assert_eq!(place, pointer);
            assert!(message.ends_with('.'), "{message}");
        }
        assert_eq!(check(&mut inventory(), 0, NOW), Ok(()), "the inventory that is spoilt above is a good one");
    }

    #[test]
    fn what_is_left_out_is_a_number_that_can_be_summed_up() {
        for left_out in [-1, i64::MAX] {
            let mut bad = inventory();
            bad.containers.as_mut().expect("there are").left_out = left_out;
            assert_eq!(check(&mut bad, 0, NOW).expect_err("no").0, "/containers/left_out");
        }
    }

    #[test]
    fn markup_is_a_name_like_any_other_and_lists_are_put_in_order() {
        let mut odd = inventory();
        odd.containers.as_mut().expect("there are").items[0].name = "<b>x</b>".to_owned();
        assert_eq!(check(&mut odd, 0, NOW), Ok(()));
        let names: Vec<_> = odd.containers.iter().flat_map(|found| found.items.iter().map(|item| &item.name)).collect();
        assert_eq!(names, ["<b>x</b>", "db"]);
        let names: Vec<_> = odd.guests.iter().flat_map(|found| found.items.iter().map(|item| &item.name)).collect();
        assert_eq!(names, ["mail", "one"]);
    }

    #[test]
    fn a_busy_guest_counts_as_all_and_a_start_in_the_future_as_unknown() {
        let mut odd = inventory();
        odd.guests.as_mut().expect("there are").items[0].cpu_percent = Some(101.7);
        odd.containers.as_mut().expect("there are").items[0].started_at = Some(NOW + MAX_AHEAD + 1);
        assert_eq!(check(&mut odd, 0, NOW), Ok(()));
        let guests = odd.guests.expect("there are").items;
        assert_eq!(guests.iter().find(|guest| guest.name == "one").and_then(|guest| guest.cpu_percent), Some(100.0));
        let containers = odd.containers.expect("there are").items;
        let starts: Vec<_> = containers.iter().map(|item| (item.name.as_str(), item.started_at)).collect();
        assert_eq!(starts, [("db", Some(NOW - SECOND)), ("web", None)]);
    }

    #[test]
    fn times_are_judged_by_the_corrected_clock() {
        let day = 24 * 3_600 * SECOND;
        let mut ahead = inventory();
        ahead.taken_at += day;
        ahead.containers.as_mut().expect("there are").items[0].started_at = Some(NOW + day - SECOND);
        assert_eq!(check(&mut ahead.clone(), 0, NOW).expect_err("a day in the future").0, "/taken_at");
        assert_eq!(check(&mut ahead, day, NOW), Ok(()));
        assert_eq!(ahead.containers.expect("there are").items[1].started_at, Some(NOW + day - SECOND));
    }
}
