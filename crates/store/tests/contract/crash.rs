//! Two files are never one transaction: what a crash between them leaves is mended at the next start.

use crate::support::{
    Place, TwoWorlds, batch, host_id, identify, later, now, report, scope, sqlite, sqlite_world, worlds,
};
use authz::Viewer;
use diesel::connection::SimpleConnection as _;
use shared::OrgId;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};
use store::{IngestWriter, OrgRef, Store, ValidBatch};

#[test]
fn a_creation_that_was_cut_short_leaves_no_file() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    let folder = world.place.folder().join("orgs");
    // Between the file and the commit of its row: the file is complete, and nobody knows it.
    let lost = OrgId::from_uuid(uuid::Uuid::now_v7());
    world.store.close_idle_orgs(std::time::Duration::ZERO);
    fs::copy(world.place.org_file(two.a), folder.join(format!("{lost}.db"))).expect("a file");
    sqlite(&folder.join(format!("{lost}.db"))).batch_execute("DELETE FROM hosts").expect("an empty one");
    // Before that: a draft.
    let draft = folder.join(format!("{}.db.new", OrgId::from_uuid(uuid::Uuid::now_v7())));
    fs::write(&draft, "half").expect("a draft");
    // What is no leftover of ours is left alone.
    let stranger = folder.join("notes.txt");
    fs::write(&stranger, "mine").expect("a file");

    let again = world.second_handle();
    assert!(!folder.join(format!("{lost}.db")).exists());
    assert!(!draft.exists());
    assert!(stranger.exists());
    let of_a = scope::<Viewer>(&again, &two.a_owner, two.a);
    assert_eq!(again.org(&of_a).host_count().expect("A is untouched"), 1);
}

#[test]
fn a_file_with_data_that_the_directory_does_not_know_is_never_removed() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    world.store.close_idle_orgs(std::time::Duration::ZERO);
    let unknown = world.place.folder().join("orgs").join(format!("{}.db", OrgId::from_uuid(uuid::Uuid::now_v7())));
    fs::copy(world.place.org_file(two.a), &unknown).expect("a file with a host in it");
    world.second_handle();
    assert!(unknown.exists(), "a directory that was restored from an older backup must not cost data");
}

#[test]
fn a_deletion_that_was_cut_short_is_finished_at_the_next_start() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        world.store.close_idle_orgs(std::time::Duration::ZERO);
        // After the commit in the directory, before the data is erased.
        world.directory_sql(&format!("UPDATE orgs SET status = 'deleted', deleted_at = 1 WHERE id = '{}'", two.a));
        world.second_handle();
        match &world.place {
            Place::Sqlite(_) => {
                assert!(!world.place.org_file(two.a).exists());
                assert!(world.place.org_file(two.b).exists());
            }
            Place::Postgres(database) => {
                use diesel::RunQueryDsl as _;
                let deleted =
                    diesel::sql_query("DELETE FROM hosts").execute(&mut database.superuser()).expect("it runs");
                assert_eq!(deleted, 1, "only B's was left");
            }
        }
        let refused = world.store.directory().enter::<Viewer>(&two.a_owner, &OrgRef::Id(two.a));
        assert!(matches!(refused, Err(store::EnterError::Deleted { .. })));
    }
}

/// Names the data folder for the process that is killed.
const VICTIM: &str = "BULKHEAD_TEST_VICTIM";

/// The victim: reports for ever, and prints each time of a report that was acknowledged. Does nothing unless it is asked.
#[test]
fn victim() {
    let Ok(folder) = std::env::var(VICTIM) else { return };
    let (folder, secret) = folder.split_once('|').expect("a folder and a secret");
    let store = Store::open(store::Config::Sqlite { data_dir: folder.into(), max_open_orgs: 8 }).expect("it opens");
    let who = identify(&store, secret).expect("it works");
    let writer = IngestWriter::start(store.clone());
    let start = now();
    for n in 0..1_000_000 {
        let at = start + n;
        let (valid, _) = ValidBatch::new(batch(vec![report(at, 5.0)]), now()).expect("acceptable");
        let scope = store.directory().enter_ingest(&who).expect("an agent");
        let (sender, receiver) = std::sync::mpsc::channel();
        writer.submit(scope, valid, move |answer| sender.send(answer).expect("it waits"));
        receiver.recv().expect("an answer").expect("it is kept");
        // Straight to the descriptor: the test harness keeps what `println!` says.
        use std::io::Write as _;
        writeln!(std::io::stderr().lock(), "kept {at}").expect("somebody reads");
    }
}

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    let this = std::env::current_exe().expect("this test's program");
    let mut victim = Command::new(this)
        .args(["crash::victim", "--exact", "--nocapture"])
        .env(VICTIM, format!("{}|{}", world.place.folder().display(), two.agent_a))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = BufReader::new(victim.stderr.take().expect("a pipe")).lines();
    let mut acknowledged: Vec<i64> = Vec::new();
    let mut killed = false;
    for line in lines.map_while(Result::ok) {
        acknowledged.extend(line.strip_prefix("kept ").and_then(|at| at.parse::<i64>().ok()));
        if acknowledged.len() >= 50 && !killed {
            victim.kill().expect("it dies"); // SIGKILL
            killed = true;
        }
    }
    victim.wait().expect("it is gone");
    assert!(killed, "it acknowledged enough");
    let store = world.second_handle();
    let of_a = scope::<Viewer>(&store, &two.a_owner, two.a);
    for part in acknowledged.chunks(500) {
        let (from, to) = (part[0], part[part.len() - 1]);
        let series = store.org(&of_a).host_series(host_id(), from, to, 1_440).expect("a series");
        assert_eq!(series.at, part, "every report that was acknowledged, and in order");
    }
    assert!(later(now(), 1) > acknowledged[0]);
}
