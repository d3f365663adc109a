//! The second wall on SQLite: a file for each organization.

use crate::support::{
    CPU_A, CPU_B, TwoWorlds, agent, ask, batch, chat, find_in_both, ingest, new_org, note_in_both, now, person, report,
    scope, sqlite, sqlite_world, talk_in_both, texts,
};
use authz::Viewer;
use diesel::connection::SimpleConnection as _;
use shared::{OrgId, metadata::Subject};
use std::{fs, time::Duration};
use store::{Store, StoreError};

#[test]
fn a_file_refuses_a_row_of_another_organization() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    note_in_both(&world.store, &two);
    find_in_both(&world.store, &two);
    talk_in_both(&world.store, &two);
    let mut file = sqlite(&world.place.org_file(two.a));
    let columns = "id, name, os, last_report_at, last_taken_at, details";
    let host = |org: OrgId, id: &str| {
        format!("INSERT INTO hosts (org_id, {columns}) VALUES ('{org}', '{id}', 'n', 'o', 1, 1, '{{}}')")
    };
    file.batch_execute(&host(two.a, "own")).expect("a row of its own organization");
    let refused = file.batch_execute(&host(two.b, "foreign")).expect_err("a row of B");
    assert!(refused.to_string().contains("row of another organization"), "{refused}");
    for sql in [
        format!("UPDATE hosts SET org_id = '{}'", two.b),
        format!(
            "INSERT OR REPLACE INTO host_samples (org_id, host_id, taken_at, at) VALUES ('{}', 'own', 1, 1)",
            two.b
        ),
        format!("UPDATE host_samples SET org_id = '{}'", two.b),
        format!(
            "INSERT INTO metadata (org_id, kind, subject_id, host_id, description, tags, notes, version, updated_at, \
             updated_by) VALUES ('{}', 'host', 'own', 'own', '', '[]', '', 1, 1, '')",
            two.b
        ),
        format!("UPDATE metadata SET org_id = '{}'", two.b),
        format!(
            "INSERT OR REPLACE INTO inventories (org_id, host_id, taken_at, containers_total, containers_running, \
             containers_left_out, guests_total, guests_running, guests_left_out) VALUES ('{}', 'own', 1, 0, 0, 0, 0, 0, 0)",
            two.b
        ),
        format!("UPDATE inventories SET org_id = '{}'", two.b),
        format!(
            "INSERT INTO chats (org_id, user_id, id, draft, context, created_at) VALUES ('{}', 'x', 'x', '', '[]', 1)",
            two.b
        ),
        format!("UPDATE chats SET org_id = '{}'", two.b),
        format!(
            "INSERT INTO chat_messages (org_id, user_id, seq, speaker, text, lookups, outcome, at) \
             VALUES ('{}', 'x', 9, 'person', '', '[]', 'complete', 1)",
            two.b
        ),
        format!("UPDATE chat_messages SET org_id = '{}'", two.b),
        format!("INSERT INTO assistant_usage (org_id, month, used) VALUES ('{}', '2000-01', 1)", two.b),
        format!("UPDATE assistant_usage SET org_id = '{}'", two.b),
        format!("UPDATE owner SET org_id = '{}'", two.b),
        "DELETE FROM owner".to_owned(),
    ] {
        let refused = file.batch_execute(&sql).expect_err(&sql);
        assert!(refused.to_string().contains("bulkhead:"), "{refused}");
    }
}

#[test]
fn a_file_under_another_organizations_name_is_refused_and_counted() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    world.store.close_idle_orgs(Duration::ZERO);
    assert_eq!(world.store.open_orgs(), 0);
    fs::copy(world.place.org_file(two.b), world.place.org_file(two.a)).expect("B's file under A's name");
    let before = Store::isolation_violations();
    let of_a = scope::<Viewer>(&world.store, &two.a_owner, two.a);
    match world.store.org(&of_a).list_hosts(10, None) {
        Err(StoreError::Corrupt { what, .. }) => assert!(what.contains("another organization"), "{what}"),
        other => panic!("{other:?}"),
    }
    assert!(Store::isolation_violations() > before);
    let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
    let hosts = world.store.org(&of_b).list_hosts(10, None).expect("B goes on").items;
    assert_eq!(hosts[0].cpu_percent, Some(CPU_B));
}

#[test]
fn the_predicate_and_the_check_of_rows_hold_where_the_files_wall_is_gone() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    note_in_both(&world.store, &two);
    find_in_both(&world.store, &two);
    talk_in_both(&world.store, &two);
    let mut file = sqlite(&world.place.org_file(two.a));
    for table in ["hosts", "host_samples", "metadata", "inventories", "chats", "chat_messages", "assistant_usage"] {
        file.batch_execute(&format!("DROP TRIGGER {table}_org_on_insert")).expect("no wall");
    }
    file.batch_execute(&format!(
        "INSERT INTO hosts (org_id, id, name, os, last_report_at, last_taken_at, details, cpu_percent) \
         SELECT '{b}', id, name, os, last_report_at, last_taken_at, details, 99 FROM hosts; \
         INSERT INTO host_samples (org_id, host_id, taken_at, at, cpu_percent) \
         SELECT '{b}', host_id, taken_at, at, 99 FROM host_samples; \
         INSERT INTO metadata (org_id, kind, subject_id, host_id, description, tags, notes, version, updated_at, updated_by) \
         SELECT '{b}', kind, subject_id, host_id, 'of B', tags, notes, 7, updated_at, updated_by FROM metadata; \
         INSERT INTO inventories (org_id, host_id, taken_at, containers, containers_taken_at, containers_at, \
         containers_total, containers_running, containers_left_out, guests, guests_at, guests_total, guests_running, \
         guests_left_out) \
         SELECT '{b}', host_id, taken_at + 1000000000, replace(containers, 'of A', 'of B'), containers_taken_at, \
         containers_at, 7, 7, 0, guests, guests_at, 7, 7, 0 FROM inventories; \
         INSERT INTO chats (org_id, user_id, id, draft, context, created_at) \
         SELECT '{b}', user_id, 'b', 'of B', context, created_at FROM chats; \
         INSERT INTO chat_messages (org_id, user_id, seq, speaker, text, lookups, outcome, at) \
         SELECT '{b}', user_id, seq + 5, speaker, 'of B', lookups, outcome, at FROM chat_messages; \
         INSERT INTO assistant_usage (org_id, month, used) SELECT '{b}', month, 70 FROM assistant_usage",
        b = two.b
    ))
    .expect("rows of B in the file of A");
    let of_a = scope::<Viewer>(&world.store, &two.a_owner, two.a);
    let violations = Store::isolation_violations();
    let data = world.store.org(&of_a);
    let hosts = data.list_hosts(10, None).expect("a list").items;
    assert_eq!(hosts.iter().map(|host| host.cpu_percent).collect::<Vec<_>>(), [Some(CPU_A)]);
    assert_eq!(data.host_count().expect("a count"), 1);
    let host = hosts[0].id;
    assert_eq!(data.host_series(host, 0, i64::MAX, 10).expect("a series").cpu_percent, [Some(CPU_A)]);
    let notes = data.list_metadata().expect("a list");
    assert_eq!(notes.iter().map(|noted| noted.metadata.description.as_str()).collect::<Vec<_>>(), ["of A"]);
    assert_eq!(data.get_metadata(Subject::Host(host)).expect("noted").version, 1);
    let containers = data.list_containers(10, None).expect("a list").items;
    assert_eq!(containers.iter().map(|item| item.image.as_str()).collect::<Vec<_>>(), ["of A", "of A"]);
    assert_eq!(data.get_container(containers[0].id).expect("A's").image, "of A");
    assert_eq!(data.list_guests(10, None).expect("a list").items.len(), 1);
    assert_eq!(data.summary(0).expect("a summary").inventory.containers, 2);
    let said = chat(&world.store, &two.ab, two.a);
    assert_eq!((texts(&said), said.draft.as_str(), said.used), (vec!["of A", "of A"], "", 1));
    let asked = ask(&world.store, &two.ab, two.a, "more of A", Some(2)).expect("B's questions are not counted");
    assert_eq!((asked.message.seq, asked.used), (3, 2), "B's messages are not gone on from");
    // B's row is newer: if it were taken for A's, this would change nothing.
    find_in_both(&world.store, &two);
    assert_eq!(Store::isolation_violations(), violations, "no query brought a row of another organization");
}

#[test]
fn the_number_of_open_files_is_bounded_and_all_organizations_work() {
    let world = sqlite_world();
    let ann = person(&world.store, "ann@example.org");
    let orgs: Vec<OrgId> = (0..20)
        .map(|_| world.store.directory().create_org(&ann, new_org("Org")).expect("an organization").id)
        .collect();
    assert_eq!(world.store.open_orgs(), 0, "an organization that nobody looks at costs nothing");
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for org in &orgs {
                    let scope = scope::<Viewer>(&world.store, &ann, *org);
                    assert_eq!(world.store.org(&scope).host_count().expect("a count"), 0);
                }
            });
        }
    });
    for org in &orgs {
        let scope = scope::<Viewer>(&world.store, &ann, *org);
        world.store.org(&scope).host_count().expect("a count");
        assert!(world.store.open_orgs() <= 8, "{}", world.store.open_orgs());
    }
    assert_eq!(world.store.open_orgs(), 8);
    assert_eq!(world.store.close_idle_orgs(Duration::from_secs(3600)), 0);
    assert_eq!(world.store.close_idle_orgs(Duration::ZERO), 8);
}

#[test]
fn an_organization_that_writes_does_not_keep_readers_waiting() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    let mut other_process = sqlite(&world.place.org_file(two.a));
    other_process.batch_execute("BEGIN IMMEDIATE; DELETE FROM host_samples").expect("a long write");
    let of_a = scope::<Viewer>(&world.store, &two.a_owner, two.a);
    let started = std::time::Instant::now();
    assert_eq!(
        world.store.org(&of_a).host_series(crate::support::host_id(), 0, i64::MAX, 9).expect("a series").at.len(),
        1
    );
    let secret = agent(&world.store, &two.b_owner, two.b);
    ingest(&world.store, &secret, batch(vec![report(now(), 1.0)])).expect("B writes meanwhile");
    assert!(started.elapsed() < Duration::from_secs(4), "nobody waited for the lock to time out");
    other_process.batch_execute("ROLLBACK").expect("it ends");
}
