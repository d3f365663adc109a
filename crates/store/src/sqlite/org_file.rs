//! One organization's file: making it, opening it, and checking whose it is.

use super::files::{self, Access, connect};
use crate::{
    StoreError,
    connection::{AnyConnection, Pool, Pooled, write_transaction},
    error::Db as _,
    isolation,
    schema::owner,
};
use diesel::{prelude::*, sql_types::BigInt};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use shared::OrgId;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const ORG_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite_org");
/// Number of migrations above, kept in the file as `user_version`, so that opening a current file asks one number.
pub(super) const SCHEMA_VERSION: i64 = 4;

/// Readers of one organization at once.
const READERS: usize = 2;

/// An organization's file that is open, or about to be. One writer, and readers that do not wait for it.
pub(crate) struct OrgFile {
    path: PathBuf,
    org: OrgId,
    readers: Pool,
    writer: Pool,
    state: Mutex<State>,
}

struct State {
    /// The file was found to be this organization's and of this schema.
    checked: bool,
    used_at: Instant,
}

impl OrgFile {
    pub(super) fn new(path: PathBuf, org: OrgId) -> Self {
        let state = Mutex::new(State { checked: false, used_at: Instant::now() });
        Self { path, org, readers: Pool::new(READERS), writer: Pool::new(1), state }
    }

    /// Checks, once, whose file it is, and migrates it where it is of an older schema. Asks on a connection of the kind
    /// that is needed next, so that a file that is only written to costs one connection and not two.
    pub(super) fn prepare(&self, access: Access) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.used_at = Instant::now();
        if !state.checked {
            if !files::exists(&self.path)? {
                return Err(StoreError::OrgGone);
            }
            let mut connection = match access {
                Access::Read => self.reader()?,
                Access::Write => self.writer()?,
            };
            check_owner(&mut connection, self.org, &self.path)?;
            let current = schema_version(&mut connection)? == SCHEMA_VERSION;
            drop(connection);
            if !current {
                migrate_org(&mut *self.writer()?, &self.path)?;
            }
            state.checked = true;
        }
        Ok(())
    }

    pub(super) fn reader(&self) -> Result<Pooled<'_>, StoreError> {
        self.readers.get(|| connect(&self.path, Access::Read))
    }

    pub(super) fn writer(&self) -> Result<Pooled<'_>, StoreError> {
        self.writer.get(|| connect(&self.path, Access::Write))
    }

    pub(super) fn unused_for(&self) -> Duration {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).used_at.elapsed()
    }
}

/// Makes an organization's file under another name, complete and on the disk, and only then gives it its name.
pub(super) fn create(path: &Path, org: OrgId) -> Result<(), StoreError> {
    let draft = files::with_suffix(path, ".new");
    files::remove(&draft)?;
    files::make_file(&draft)?;
    let mut connection = connect(&draft, Access::Write)?;
    migrate_org(&mut connection, &draft)?;
    write_transaction(&mut connection, |connection| {
        let row = (owner::one.eq(1), owner::org_id.eq(org.to_string()));
        diesel::insert_into(owner::table).values(row).execute(connection).db().map(drop)
    })?;
    // Closing the last connection writes the log back, so the file alone is the whole.
    drop(connection);
    files::sync(&draft)?;
    std::fs::rename(&draft, path).map_err(|error| StoreError::from_io(&error, path))?;
    files::sync(path)
}

/// Whether the file says that it is this organization's. A copied or renamed file says another.
fn check_owner(connection: &mut AnyConnection, org: OrgId, path: &Path) -> Result<(), StoreError> {
    let found: Option<String> = owner::table
        .select(owner::org_id)
        .first(connection)
        .optional()
        .db()
        .map_err(|error| no_org_file(error, path))?;
    match found {
        Some(found) if found == org.to_string() => Ok(()),
        Some(found) => {
            isolation::report_violation(&org.to_string(), &found, "file");
            let what = format!("The file {} belongs to another organization.", path.display());
            Err(StoreError::Corrupt { what, source: None })
        }
        None => {
            let what = format!("The file {} does not say which organization it belongs to.", path.display());
            Err(StoreError::Corrupt { what, source: None })
        }
    }
}

/// A file without the table that says whose it is, is no organization's file.
fn no_org_file(error: StoreError, path: &Path) -> StoreError {
    match error {
        StoreError::Internal(source) => {
            let what = format!("The file {} is not the file of an organization.", path.display());
            StoreError::Corrupt { what, source: Some(source) }
        }
        other => files::name_file(other, path),
    }
}

/// The organization that a file says it belongs to, and whether it holds anything. For the sweep.
pub(super) fn is_empty(path: &Path) -> Result<bool, StoreError> {
    use crate::schema::{chats, hosts};
    let mut connection = connect(path, Access::Read)?;
    let host: Option<String> = hosts::table.select(hosts::id).first(&mut connection).optional().db()?;
    let chat: Option<String> = chats::table.select(chats::id).first(&mut connection).optional().db()?;
    Ok(host.is_none() && chat.is_none())
}

#[derive(QueryableByName)]
struct UserVersion {
    #[diesel(sql_type = BigInt)]
    user_version: i64,
}

#[expect(clippy::disallowed_methods, reason = "the query builder does not know pragmas")]
fn schema_version(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let found: UserVersion = diesel::sql_query("PRAGMA user_version").get_result(connection).db()?;
    Ok(found.user_version)
}

#[expect(clippy::disallowed_methods, reason = "the query builder does not know pragmas")]
fn migrate_org(connection: &mut AnyConnection, path: &Path) -> Result<(), StoreError> {
    let found = schema_version(connection)?;
    if found > SCHEMA_VERSION {
        let what = format!("The file {} was written by a newer version of this server.", path.display());
        return Err(StoreError::Corrupt { what, source: None });
    }
    super::migrate(connection, ORG_MIGRATIONS)
        .map_err(|source| files::name_file(StoreError::from_text(&source.to_string(), source), path))?;
    diesel::sql_query(format!("PRAGMA user_version = {SCHEMA_VERSION}")).execute(connection).db().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_version_is_the_number_of_migrations() {
        let migrations = diesel::migration::MigrationSource::<diesel::sqlite::Sqlite>::migrations(&ORG_MIGRATIONS);
        assert_eq!(migrations.expect("they are embedded").len() as i64, SCHEMA_VERSION);
    }
}
