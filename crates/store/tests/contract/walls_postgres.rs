//! The second wall on PostgreSQL: forced row-level security, and a server that refuses to start without it.

use crate::support::{
    CPU_A, CPU_B, Place, TwoWorlds, World, ask, chat, describe, find_in_both, host_id, note_in_both, postgres_world,
    scope, talk_in_both, texts, user_id,
};
use authz::{Editor, Viewer};
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, sql_types};
use shared::{
    OrgId,
    inventory::{Container, Guest},
    metadata::{Noted, Subject},
};
use store::{Config, OpenError, Store};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    diesel::sql_query(sql).get_result::<Count>(connection).expect(sql).count
}

fn set_org(connection: &mut PgConnection, org: OrgId) {
    connection.batch_execute(&format!("BEGIN; SELECT set_config('bulkhead.org', '{org}', true)")).expect("it is set");
}

#[test]
fn a_query_without_a_predicate_sees_the_organization_of_its_transaction_alone() {
    let Some(world) = postgres_world() else { return };
    let two = TwoWorlds::build(&world.store);
    note_in_both(&world.store, &two);
    find_in_both(&world.store, &two);
    for (who, org) in [(&two.a_owner, two.a), (&two.b_owner, two.b)] {
        ask(&world.store, who, org, "how are you?", None).expect("it is asked");
    }
    let mut app = world.place.pg().app();
    for table in ["hosts", "host_samples", "metadata", "inventories", "chats", "chat_messages", "assistant_usage"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(count(&mut app, &sql), 0, "no organization, no rows");
        for org in [two.a, two.b] {
            set_org(&mut app, org);
            assert_eq!(count(&mut app, &sql), 1);
            assert_eq!(count(&mut app, &format!("{sql} WHERE org_id <> '{org}'")), 0);
            app.batch_execute("COMMIT").expect("it ends");
            assert_eq!(count(&mut app, &sql), 0, "nothing is left on the connection");
        }
        assert_eq!(count(&mut world.place.pg().superuser(), &sql), 2, "both are there");
    }
}

#[test]
fn no_statement_writes_into_another_organization() {
    let Some(world) = postgres_world() else { return };
    let two = TwoWorlds::build(&world.store);
    note_in_both(&world.store, &two);
    find_in_both(&world.store, &two);
    talk_in_both(&world.store, &two);
    let mut app = world.place.pg().app();
    let (a, b) = (two.a, two.b);
    let insert = format!(
        "INSERT INTO hosts (org_id, id, name, os, last_report_at, last_taken_at, details) \
         VALUES ('{b}', 'x', 'n', 'o', 1, 1, '{{}}')"
    );
    for sql in [
        insert.clone(),
        format!("{insert} ON CONFLICT (org_id, id) DO UPDATE SET name = 'taken'"),
        format!("UPDATE hosts SET org_id = '{b}', id = 'y'"),
        format!("INSERT INTO host_samples (org_id, host_id, taken_at, at) VALUES ('{b}', '{}', 1, 1)", host_id()),
        format!(
            "INSERT INTO metadata (org_id, kind, subject_id, host_id, description, tags, notes, version, updated_at, \
             updated_by) VALUES ('{b}', 'host', '{0}', '{0}', '', '[]', '', 1, 1, '')",
            host_id()
        ),
        format!(
            "INSERT INTO inventories (org_id, host_id, taken_at, containers_total, containers_running, \
             containers_left_out, guests_total, guests_running, guests_left_out) VALUES ('{b}', '{}', 1, 0, 0, 0, 0, 0, 0)",
            host_id()
        ),
        format!("UPDATE inventories SET org_id = '{b}'"),
        format!("UPDATE metadata SET org_id = '{b}'"),
        format!(
            "INSERT INTO chats (org_id, user_id, id, draft, context, created_at) VALUES ('{b}', 'x', 'x', '', '[]', 1)"
        ),
        format!(
            "INSERT INTO chat_messages (org_id, user_id, seq, speaker, text, lookups, outcome, at) \
             VALUES ('{b}', '{}', 9, 'person', '', '[]', 'complete', 1)",
            user_id(&two.ab)
        ),
        format!("INSERT INTO assistant_usage (org_id, month, used) VALUES ('{b}', '2000-01', 1)"),
        format!("UPDATE chat_messages SET org_id = '{b}', seq = seq + 9"),
        format!("UPDATE assistant_usage SET org_id = '{b}', month = '2000-01'"),
        "TRUNCATE hosts CASCADE".to_owned(),
        "ALTER TABLE hosts DISABLE ROW LEVEL SECURITY".to_owned(),
        "DROP POLICY one_org ON hosts".to_owned(),
    ] {
        set_org(&mut app, a);
        let refused = app.batch_execute(&sql).expect_err(&sql).to_string();
        assert!(
            ["row-level security", "permission denied", "must be owner"].iter().any(|words| refused.contains(words)),
            "{sql}: {refused}"
        );
        app.batch_execute("ROLLBACK").expect("it ends");
    }
    for sql in
        [format!("UPDATE hosts SET name = 'x' WHERE org_id = '{b}'"), format!("DELETE FROM hosts WHERE org_id = '{b}'")]
    {
        set_org(&mut app, a);
        assert_eq!(diesel::sql_query(&sql).execute(&mut app).expect("it runs"), 0, "{sql}");
        app.batch_execute("COMMIT").expect("it ends");
    }
    let of_b = scope::<Viewer>(&world.store, &two.b_owner, b);
    assert_eq!(world.store.org(&of_b).get_host(host_id()).expect("untouched").summary.name, "web-1");
}

#[test]
fn a_plan_that_was_made_for_one_organization_is_not_used_for_another() {
    let Some(world) = postgres_world() else { return };
    let two = TwoWorlds::build(&world.store);
    let mut app = world.place.pg().app();
    app.batch_execute("PREPARE all_hosts AS SELECT cpu_percent::text AS name FROM hosts").expect("it is prepared");
    for round in 0..12 {
        let (org, cpu) = if round % 2 == 0 { (two.a, CPU_A) } else { (two.b, CPU_B) };
        set_org(&mut app, org);
        let rows: Vec<Name> = diesel::sql_query("EXECUTE all_hosts").load(&mut app).expect("it runs");
        assert_eq!(rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>(), [cpu.to_string()]);
        app.batch_execute("COMMIT").expect("it ends");
    }
}

#[test]
fn the_predicates_alone_keep_organizations_apart_where_row_security_is_off() {
    let Some(world) = postgres_world() else { return };
    let two = TwoWorlds::build(&world.store);
    note_in_both(&world.store, &two);
    find_in_both(&world.store, &two);
    talk_in_both(&world.store, &two);
    let mut superuser = world.place.pg().superuser();
    for table in ["hosts", "host_samples", "metadata", "inventories", "chats", "chat_messages", "assistant_usage"] {
        let sql =
            format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY");
        superuser.batch_execute(&sql).expect("the wall is down");
    }
    assert_eq!(count(&mut world.place.pg().app(), "SELECT count(*) FROM hosts"), 2, "the wall is really down");
    let of_a = scope::<Editor>(&world.store, &two.a_owner, two.a);
    let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
    let violations = Store::isolation_violations();
    let data = world.store.org(&of_a);
    assert_eq!(data.list_hosts(10, None).expect("a list").items.len(), 1);
    assert_eq!(data.get_host(host_id()).expect("A's").summary.cpu_percent, Some(CPU_A));
    assert_eq!(data.host_series(host_id(), 0, i64::MAX, 10).expect("a series").cpu_percent, [Some(CPU_A)]);
    assert_eq!((data.host_count().expect("a count"), data.summary(0).expect("a summary").hosts.hosts), (1, 1));
    let described = |notes: Vec<Noted>| notes.into_iter().map(|noted| noted.metadata.description).collect::<Vec<_>>();
    assert_eq!(described(data.list_metadata().expect("a list")), ["of A"]);
    let about_host = Subject::Host(host_id());
    assert_eq!(data.get_metadata(about_host).expect("noted").description, "of A");
    data.put_metadata(about_host, Some(1), describe("of A again"), "somebody").expect("A's is changed");
    let images = |items: Vec<Container>| items.into_iter().map(|item| item.image).collect::<Vec<_>>();
    let shares = |items: Vec<Guest>| items.into_iter().map(|item| item.cpu_percent).collect::<Vec<_>>();
    let containers = data.list_containers(10, None).expect("a list").items;
    let (web, mail) = (containers[1].id, data.list_guests(10, None).expect("a list").items[0].id);
    assert_eq!(images(containers), ["of A", "of A"]);
    assert_eq!(shares(data.list_guests(10, None).expect("a list").items), [Some(CPU_A)]);
    assert_eq!(data.get_container(web).expect("A's").image, "of A");
    assert_eq!(data.get_guest(mail).expect("A's").cpu_percent, Some(CPU_A));
    let totals = data.summary(0).expect("a summary").inventory;
    assert_eq!((totals.containers, totals.containers_running, totals.guests, totals.guests_running), (2, 2, 1, 1));
    let said = chat(&world.store, &two.ab, two.a);
    assert_eq!((texts(&said), said.used), (vec!["of A", "of A"], 1), "one conversation of each, and one count");
    ask(&world.store, &two.ab, two.a, "more of A", Some(2)).expect("B's questions are not counted");
    // What A finds now changes nothing of B's.
    find_in_both(&world.store, &two);
    data.put_metadata(Subject::Container(web), Some(0), describe("of A too"), "somebody").expect("A's is noted");
    let system = world.store.directory().system_scope(two.a, "test").expect("an answer").expect("active");
    assert_eq!(world.store.system(&system).prune(i64::MAX).expect("pruned"), 1);
    data.delete_host(host_id()).expect("A's is removed");
    let data = world.store.org(&of_b);
    assert_eq!(data.get_host(host_id()).expect("B's is there").summary.cpu_percent, Some(CPU_B));
    assert_eq!(data.host_series(host_id(), 0, i64::MAX, 10).expect("a series").cpu_percent, [Some(CPU_B)]);
    assert_eq!(described(data.list_metadata().expect("a list")), ["of B"]);
    assert_eq!(images(data.list_containers(10, None).expect("a list").items), ["of B", "of B"]);
    world.store.org(&scope::<Viewer>(&world.store, &two.ab, two.a)).delete_chat().expect("A's is removed");
    ask(&world.store, &two.a_owner, two.a, "how are you?", None).expect("it is asked");
    let said = chat(&world.store, &two.ab, two.b);
    assert_eq!((texts(&said), said.used), (vec!["of B", "of B"], 1));
    world.store.directory().delete_org(&scope(&world.store, &two.a_owner, two.a)).expect("it is deleted");
    for table in ["hosts", "metadata", "inventories", "chats", "chat_messages", "assistant_usage"] {
        let left = count(&mut superuser, &format!("SELECT count(*) FROM {table} WHERE org_id = '{}'", two.a));
        assert_eq!(left, 0, "of a deleted organization nothing is left in {table}");
    }
    assert_eq!(chat(&world.store, &two.ab, two.b), said);
    assert_eq!(data.host_count().expect("a count"), 1);
    assert_eq!(described(data.list_metadata().expect("a list")), ["of B"]);
    assert_eq!(images(data.list_containers(10, None).expect("a list").items), ["of B", "of B"]);
    assert_eq!(data.get_guest(mail).expect("B's").cpu_percent, Some(CPU_B));
    assert_eq!(Store::isolation_violations(), violations, "no query brought a row of another organization");
}

#[test]
fn the_server_refuses_to_start_where_its_role_could_bypass_the_wall() {
    let Some(world) = postgres_world() else { return };
    let database = world.place.pg();
    let (app, owner) = (format!("{}_app", database.name), format!("{}_owner", database.name));
    let mut superuser = database.superuser();
    // As in production: the server itself does not have the owner's URL.
    let open = || Store::open(Config::Postgres { app_url: database.app_url.clone(), owner_url: None, pool_size: 1 });
    // What is broken, how it is mended, and a word of the refusal.
    let breaks = [
        (format!("ALTER ROLE {app} SUPERUSER"), format!("ALTER ROLE {app} NOSUPERUSER"), "superuser"),
        (format!("ALTER ROLE {app} BYPASSRLS"), format!("ALTER ROLE {app} NOBYPASSRLS"), "BYPASSRLS"),
        (format!("GRANT {owner} TO {app}"), format!("REVOKE {owner} FROM {app}"), "owns"),
        (format!("ALTER TABLE hosts OWNER TO {app}"), format!("ALTER TABLE hosts OWNER TO {owner}"), "owns"),
        (
            "ALTER TABLE hosts DISABLE ROW LEVEL SECURITY".into(),
            "ALTER TABLE hosts ENABLE ROW LEVEL SECURITY".into(),
            "not enabled",
        ),
        (
            "ALTER TABLE host_samples NO FORCE ROW LEVEL SECURITY".into(),
            "ALTER TABLE host_samples FORCE ROW LEVEL SECURITY".into(),
            "not forced",
        ),
        (
            "ALTER POLICY one_org ON hosts WITH CHECK (true)".into(),
            "ALTER POLICY one_org ON hosts WITH CHECK (org_id = current_setting('bulkhead.org', true))".into(),
            "exactly one policy",
        ),
        (
            "CREATE POLICY wide ON hosts FOR SELECT USING (true)".into(),
            "DROP POLICY wide ON hosts".into(),
            "exactly one policy",
        ),
        (format!("GRANT TRUNCATE ON hosts TO {app}"), format!("REVOKE TRUNCATE ON hosts FROM {app}"), "TRUNCATE"),
        ("CREATE TABLE notes (org_id text)".into(), "DROP TABLE notes".into(), "notes"),
        ("CREATE VIEW all_hosts AS SELECT * FROM hosts".into(), "DROP VIEW all_hosts".into(), "all_hosts"),
        (
            "CREATE FUNCTION peek() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS 'SELECT count(*) FROM hosts'"
                .into(),
            "DROP FUNCTION peek()".into(),
            "peek",
        ),
    ];
    for (broken, mended, word) in breaks {
        superuser.batch_execute(&broken).expect(&broken);
        match open() {
            Err(OpenError::WallOpen(why)) => assert!(why.contains(word), "{broken}: {why}"),
            other => panic!("{broken}: {:?}", other.err()),
        }
        superuser.batch_execute(&mended).expect(&mended);
        open().expect("it starts once that is mended");
    }
}

#[test]
fn the_server_refuses_to_start_as_the_owner_or_the_superuser() {
    let Some(world) = postgres_world() else { return };
    let database = world.place.pg();
    for url in [&database.owner_url, &database.superuser_url()] {
        let config =
            Config::Postgres { app_url: url.clone(), owner_url: Some(database.owner_url.clone()), pool_size: 1 };
        assert!(matches!(Store::open(config), Err(OpenError::WallOpen(_))), "{url}");
    }
}

/// The rule that lets the schema be distributed by organization as it is, and a row never be found by a guessed id.
#[test]
fn every_key_of_a_tenant_table_begins_with_the_organization() {
    let Some(world) = postgres_world() else { return };
    let mut superuser = world.place.pg().superuser();
    let tenant_tables = "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                         WHERE n.nspname = 'public' AND c.relrowsecurity";
    assert_eq!(
        count(&mut superuser, &format!("SELECT count(*) FROM ({tenant_tables}) t")),
        7,
        "hosts, host_samples, metadata, inventories, chats, chat_messages, assistant_usage"
    );
    let first_column = |source: &str, columns: &str, table: &str, name: &str| {
        format!(
            "SELECT {name}::text AS name FROM {source} x WHERE x.{table} IN ({tenant_tables}) AND \
             (SELECT attname FROM pg_attribute a WHERE a.attrelid = x.{table} AND a.attnum = x.{columns}) <> 'org_id'"
        )
    };
    for sql in [
        first_column("(SELECT * FROM pg_index WHERE indisunique)", "indkey[0]", "indrelid", "indexrelid::regclass"),
        first_column(
            "(SELECT * FROM pg_constraint WHERE contype IN ('p', 'u', 'f'))",
            "conkey[1]",
            "conrelid",
            "conname",
        ),
    ] {
        let wrong: Vec<Name> = diesel::sql_query(&sql).load(&mut superuser).expect(&sql);
        assert!(wrong.is_empty(), "{:?}", wrong.iter().map(|row| &row.name).collect::<Vec<_>>());
    }
    let nullable = "SELECT count(*) FROM pg_attribute a WHERE a.attname = 'org_id' AND NOT a.attnotnull AND a.attrelid IN \
                    (SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)";
    assert_eq!(count(&mut superuser, nullable), 0, "no row is without an organization");
}

#[test]
fn a_restarted_database_is_used_again() {
    let Some(world) = postgres_world() else { return };
    let two = TwoWorlds::build(&world.store);
    let terminate = |world: &World| {
        world
            .place
            .pg()
            .superuser()
            .batch_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_database() || '_app'",
            )
            .expect("they are ended");
    };
    terminate(&world);
    // Whatever the first answer is, the pool has noticed by the second.
    let _first = world.store.ping();
    world.store.ping().expect("a new connection");
    let of_a = scope::<Viewer>(&world.store, &two.a_owner, two.a);
    assert_eq!(world.store.org(&of_a).host_count().expect("a count"), 1);
}

#[test]
fn work_that_panics_or_fails_leaves_nothing_on_its_connection() {
    let Some(database) = crate::support::PgDatabase::create() else { return };
    let place = Place::Postgres(database);
    // One connection: whatever the one before left on it, the next would see.
    let config = Config::Postgres {
        app_url: place.pg().app_url.clone(),
        owner_url: Some(place.pg().owner_url.clone()),
        pool_size: 1,
    };
    let store = Store::open(config).expect("it opens");
    let two = TwoWorlds::build(&store);
    for _ in 0..3 {
        let of_a = scope::<Editor>(&store, &two.a_owner, two.a);
        assert!(store.org(&of_a).delete_host(shared::HostId::from_uuid(uuid::Uuid::from_u128(404))).is_err());
        let of_b = scope::<Viewer>(&store, &two.b_owner, two.b);
        assert_eq!(store.org(&of_b).get_host(host_id()).expect("B's").summary.cpu_percent, Some(CPU_B));
        assert_eq!(store.org(&of_a).get_host(host_id()).expect("A's").summary.cpu_percent, Some(CPU_A));
    }
}
