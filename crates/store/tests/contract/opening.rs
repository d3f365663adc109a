//! Opening the store: what is made, and what is said where it cannot be.

use crate::support::{PgDatabase, Place, TwoWorlds, scope, sqlite_world};
use authz::Viewer;
use std::{fs, os::unix::fs::PermissionsExt as _};
use store::{Config, OpenError, Store, StoreError};

fn sqlite_config(path: &std::path::Path) -> Config {
    Config::Sqlite { data_dir: path.to_owned(), max_open_orgs: 8 }
}

#[test]
fn only_the_servers_user_can_read_what_is_made() {
    let outside = tempfile::TempDir::new().expect("a folder");
    let data = outside.path().join("a?b#c %41").join("data");
    let store = Store::open(sqlite_config(&data)).expect("it opens, whatever the folder is called");
    let two = TwoWorlds::build(&store);
    let mode = |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("orgs"))), (0o700, 0o700));
    let mut files = 0;
    for folder in [data.clone(), data.join("orgs")] {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files >= 4, "the directory and two organizations at least");
    assert!(data.join("orgs").join(format!("{}.db", two.a)).is_file());
    store.ping().expect("it lives");
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::TempDir::new().expect("a folder");
    fs::write(
        folder.path().join("directory.db"),
        "this is no database, but it is long enough to be read as one".repeat(100),
    )
    .expect("it is written");
    match Store::open(sqlite_config(folder.path())) {
        Err(OpenError::Database { source: StoreError::Corrupt { what, .. }, .. }) => {
            assert!(what.contains("directory.db"), "{what}");
        }
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn a_data_folder_that_is_a_file_is_refused() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("data");
    fs::write(&file, "").expect("it is written");
    assert!(matches!(Store::open(sqlite_config(&file)), Err(OpenError::DataDir { .. })));
}

#[test]
fn an_unreadable_file_of_one_organization_fails_that_one_alone() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    world.store.close_idle_orgs(std::time::Duration::ZERO);
    fs::write(world.place.org_file(two.a), "garbage ".repeat(2_000)).expect("it is overwritten");
    let of_a = scope::<Viewer>(&world.store, &two.a_owner, two.a);
    match world.store.org(&of_a).host_count() {
        Err(StoreError::Corrupt { what, .. }) => assert!(what.contains(&two.a.to_string()), "{what}"),
        other => panic!("{other:?}"),
    }
    let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
    assert_eq!(world.store.org(&of_b).host_count().expect("B goes on"), 1);
}

#[test]
fn a_database_of_a_postgres_server_that_is_away_is_refused_without_its_password() {
    let config = Config::Postgres {
        app_url: "postgres://app:s3cret@127.0.0.1:1/none".to_owned(),
        owner_url: None,
        pool_size: 1,
    };
    let error = Store::open(config).err().expect("nobody listens there");
    assert!(!format!("{error:?} {error}").contains("s3cret"), "{error:?}");
    assert!(matches!(error, OpenError::Database { source: StoreError::Unavailable(_), .. }));
}

#[test]
fn without_an_owner_pending_migrations_are_told_and_done_ones_suffice() {
    let Some(database) = PgDatabase::create() else { return };
    let place = Place::Postgres(database);
    let without_owner = || Config::Postgres { app_url: place.pg().app_url.clone(), owner_url: None, pool_size: 2 };
    match Store::open(without_owner()) {
        Err(OpenError::MigrationsPending { pending }) => assert!(pending > 0),
        other => panic!("{:?}", other.err()),
    }
    Store::open(place.config()).expect("the owner migrates");
    Store::open(without_owner()).expect("nothing is pending");
}

#[test]
fn several_processes_that_open_a_new_database_at_once_all_succeed() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let database = PgDatabase::create().map(Place::Postgres);
    let mut configs = vec![sqlite_config(folder.path())];
    configs.extend(database.as_ref().map(Place::config));
    for config in configs {
        std::thread::scope(|threads| {
            let opening: Vec<_> = (0..4).map(|_| threads.spawn(|| Store::open(config.clone()).map(drop))).collect();
            for thread in opening {
                thread.join().expect("no panic").expect("it opens");
            }
        });
    }
}
