//! Migrations run with the owner's role; the server's role gets the rights to rows and no more.

use super::{connect, without_password};
use crate::{
    OpenError, StoreError,
    error::{Db as _, Source},
    schema::{DIRECTORY_TABLES, TENANT_TABLES},
};
use diesel::{
    PgConnection,
    connection::SimpleConnection as _,
    migration::{Migration, MigrationSource},
    pg::Pg,
    prelude::*,
    sql_types::{Bool, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Key of the advisory lock under which one process migrates while others wait: `bulkhead` in ASCII.
const LOCK: i64 = 0x6275_6c6b_6865_6164;

/// Brings the tables up to date with the owner's role, or finds that they are.
pub(super) fn run(app: &mut PgConnection, owner_url: Option<&str>) -> Result<(), OpenError> {
    let failed = |source| OpenError::Database { name: "the PostgreSQL database".to_owned(), source };
    let Some(owner_url) = owner_url else {
        let pending = count_pending(app).map_err(failed)?;
        return if pending == 0 { Ok(()) } else { Err(OpenError::MigrationsPending { pending }) };
    };
    let name = without_password(owner_url);
    let role = current_role(app).map_err(failed)?;
    let mut owner = connect(owner_url).map_err(|source| OpenError::Database { name: name.clone(), source })?;
    migrate(&mut owner, &role).map_err(|source| OpenError::Migration { name, source })
}

fn migrate(owner: &mut PgConnection, app_role: &str) -> Result<(), Source> {
    // Held by the session, and so released when the connection closes at the end.
    owner.batch_execute(&format!("SET client_min_messages = warning; SELECT pg_advisory_lock({LOCK})"))?;
    owner.run_pending_migrations(MIGRATIONS)?;
    let role = quoted(app_role);
    for table in DIRECTORY_TABLES.iter().chain(&TENANT_TABLES) {
        owner.batch_execute(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}"))?;
    }
    owner.batch_execute(&format!("GRANT SELECT ON __diesel_schema_migrations TO {role}"))?;
    Ok(())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct There {
    #[diesel(sql_type = Bool)]
    there: bool,
}

#[expect(clippy::disallowed_methods, reason = "the query builder does not know this")]
fn current_role(connection: &mut PgConnection) -> Result<String, StoreError> {
    diesel::sql_query("SELECT current_user::text AS name").get_result(connection).map(|found: Name| found.name).db()
}

/// Asked without the migration harness, which would want to make its table and so needs the owner's rights.
#[expect(clippy::disallowed_methods, reason = "the catalogue and the migrations have no tenant data")]
fn count_pending(app: &mut PgConnection) -> Result<usize, StoreError> {
    let known = MigrationSource::migrations(&MIGRATIONS).map_err(StoreError::Internal)?;
    let found: There = diesel::sql_query("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS there")
        .get_result(app)
        .db()?;
    if !found.there {
        return Ok(known.len());
    }
    let done: Vec<Name> =
        diesel::sql_query("SELECT version::text AS name FROM __diesel_schema_migrations").load(app).db()?;
    let is_done = |migration: &dyn Migration<Pg>| {
        let version = migration.name().version().to_string();
        done.iter().any(|row| row.name == version)
    };
    Ok(known.iter().filter(|migration| !is_done(migration.as_ref())).count())
}

/// An identifier in quotes, whatever is in it.
fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
