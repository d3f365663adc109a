//! The second wall as it stands in a live database, read from its own catalogue: whatever table there is, nobody has to
//! remember to name it here.

use crate::support::{TwoWorlds, postgres_world, sqlite, sqlite_world};
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_types::Text};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Tables with nothing of an organization's own data in them: the directory, and what migrations note.
const NOT_TENANT: &str = "'users', 'sessions', 'orgs', 'org_slugs', 'memberships', 'tokens', 'setup_codes', \
                          'directory_version', '__diesel_schema_migrations'";

/// What every other table is. One that is missing here is new: think of its walls, then add it.
const TENANT: [&str; 7] =
    ["assistant_usage", "chat_messages", "chats", "host_samples", "hosts", "inventories", "metadata"];

macro_rules! names {
    ($connection:expr, $sql:expr) => {{
        let rows: Vec<Name> = diesel::sql_query($sql).load($connection).expect("the catalogue answers");
        rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    }};
}

#[test]
fn every_tenant_table_of_a_live_postgres_has_the_organization_first_and_the_wall_around_it() {
    let Some(world) = postgres_world() else { return };
    let connection: &mut PgConnection = &mut world.place.pg().superuser();
    let tables = format!(
        "SELECT c.* FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') \
         AND c.relname NOT IN ({NOT_TENANT})"
    );
    assert_eq!(names!(connection, format!("SELECT t.relname::text AS name FROM ({tables}) t ORDER BY 1")), TENANT);
    let first_of_key = "(SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = \
                        i.indkey[0] WHERE i.indrelid = t.oid AND i.indisprimary)";
    let own = "'(org_id = current_setting(''bulkhead.org''::text, true))'";
    let policies = format!(
        "(SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND p.polcmd = '*' \
         AND pg_get_expr(p.polqual, p.polrelid) = {own} AND pg_get_expr(p.polwithcheck, p.polrelid) = {own})"
    );
    for (what, holds) in [
        ("its key begins with the organization", format!("{first_of_key} = 'org_id'")),
        ("row-level security is enabled", "t.relrowsecurity".to_owned()),
        ("row-level security is forced", "t.relforcerowsecurity".to_owned()),
        ("what is read and what is written is its organization's", format!("{policies} = 1")),
        ("no other policy widens it", "(SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid) = 1".to_owned()),
    ] {
        let wrong =
            names!(connection, format!("SELECT t.relname::text AS name FROM ({tables}) t WHERE ({holds}) IS NOT TRUE"));
        assert!(wrong.is_empty(), "{what}, but not of {wrong:?}");
    }
}

#[test]
fn every_table_of_a_live_file_has_the_organization_first_and_both_triggers() {
    let world = sqlite_world();
    let two = TwoWorlds::build(&world.store);
    let connection: &mut SqliteConnection = &mut sqlite(&world.place.org_file(two.a));
    let tables = names!(
        connection,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('owner', '__diesel_schema_migrations') \
         AND name NOT LIKE 'sqlite_%' ORDER BY 1"
    );
    assert_eq!(tables, TENANT);
    for table in tables {
        let key = names!(connection, format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"));
        assert_eq!(key.first().map(String::as_str), Some("org_id"), "the key of {table}");
        for event in ["INSERT", "UPDATE OF org_id"] {
            let triggers = names!(
                connection,
                format!(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}' AND sql LIKE \
                     '%BEFORE {event} ON {table} WHEN NEW.org_id IS NOT (SELECT org_id FROM owner)%RAISE(ABORT%'"
                )
            );
            assert_eq!(triggers.len(), 1, "{table}: {event}");
        }
    }
}
