//! The embedded backend: `directory.db`, and one file for each organization.
//!
//! ```text
//! data/                  0700
//!   .lock                held while the store opens: one process migrates and sweeps at a time
//!   directory.db         0600, WAL
//!   orgs/{id}.db         0600, WAL, with the organization's id inside
//!   orgs/{id}.db.new     a creation that was cut short; removed by the sweep
//! ```

pub(crate) mod files;
mod org_file;
mod sweep;

use crate::{
    OpenError, StoreError,
    connection::{AnyConnection, Pool, write_transaction},
    error::Db as _,
    schema::directory_version,
};
use diesel::{prelude::*, sql_types::BigInt};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use files::{Access, connect};
use lru::LruCache;
use org_file::OrgFile;
use shared::OrgId;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

const DIRECTORY_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite_directory");

/// Readers of the directory at once. SQLite's readers wait for nobody; more than cores would only wait for a core.
const DIRECTORY_READERS: usize = 4;

/// The files of one data folder.
pub(crate) struct SqliteStore {
    data_dir: PathBuf,
    directory_path: PathBuf,
    directory_readers: Pool,
    directory_writer: Pool,
    /// A connection that writes nothing, to notice what others wrote, with what it saw last.
    watch: Mutex<Watch>,
    /// Open organizations, most recently used first. Whoever works with one holds its `Arc`.
    orgs: Mutex<LruCache<OrgId, Arc<OrgFile>>>,
    max_open_orgs: usize,
}

struct Watch {
    connection: AnyConnection,
    /// `PRAGMA data_version`: changes when another connection, of this or another process, commits.
    data_version: i64,
    version: i64,
}

#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}

impl SqliteStore {
    pub(crate) fn open(data_dir: &Path, max_open_orgs: usize) -> Result<Self, OpenError> {
        files::make_folder(data_dir)?;
        files::make_folder(&data_dir.join("orgs"))?;
        let lock = files::lock_folder(data_dir)?;

        let directory_path = data_dir.join("directory.db");
        let name = directory_path.display().to_string();
        let failed = |source| OpenError::Database { name: name.clone(), source };
        if !files::exists(&directory_path).map_err(failed)? {
            files::make_file(&directory_path).map_err(failed)?;
        }
        let mut writer = connect(&directory_path, Access::Write).map_err(failed)?;
        migrate(&mut writer, DIRECTORY_MIGRATIONS)
            .map_err(|source| OpenError::Migration { name: name.clone(), source })?;

        let watch =
            Watch { connection: connect(&directory_path, Access::Read).map_err(failed)?, data_version: -1, version: 0 };
        let store = Self {
            data_dir: data_dir.to_owned(),
            directory_path,
            directory_readers: Pool::new(DIRECTORY_READERS),
            directory_writer: Pool::new(1),
            watch: Mutex::new(watch),
            orgs: Mutex::new(LruCache::unbounded()),
            max_open_orgs: max_open_orgs.max(1),
        };
        drop(writer);
        sweep::mend(&store).map_err(failed)?;
        drop(lock);
        Ok(store)
    }

    pub(crate) fn read_directory<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        work(&mut *self.directory_readers.get(|| connect(&self.directory_path, Access::Read))?)
    }

    pub(crate) fn write_directory<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = self.directory_writer.get(|| connect(&self.directory_path, Access::Write))?;
        write_transaction(&mut writer, work)
    }

    #[expect(clippy::disallowed_methods, reason = "the query builder does not know pragmas")]
    pub(crate) fn directory_version(&self) -> Result<i64, StoreError> {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let seen: DataVersion = diesel::sql_query("PRAGMA data_version").get_result(&mut watch.connection).db()?;
        if seen.data_version != watch.data_version {
            // Read after the pragma: what is committed in between is read now and once more at the next call.
            watch.version =
                directory_version::table.select(directory_version::version).first(&mut watch.connection).db()?;
            watch.data_version = seen.data_version;
        }
        Ok(watch.version)
    }

    pub(crate) fn read_org<T, E: From<StoreError>>(
        &self,
        org: OrgId,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let file = self.org_file(org, Access::Read)?;
        work(&mut *file.reader()?)
    }

    pub(crate) fn write_org<T, E: From<StoreError>>(
        &self,
        org: OrgId,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let file = self.org_file(org, Access::Write)?;
        let mut writer = file.writer()?;
        write_transaction(&mut writer, work)
    }

    /// Makes an organization's file, complete and durable. Called inside the directory's write transaction, before
    /// the organization's row is committed: a row without a file can never be seen.
    pub(crate) fn create_org(&self, org: OrgId) -> Result<(), StoreError> {
        org_file::create(&self.org_path(org), org)
    }

    /// Removes an organization's file. Called after the deletion is committed in the directory.
    pub(crate) fn erase_org(&self, org: OrgId) -> Result<(), StoreError> {
        let open = self.open_files().pop(&org);
        drop(open);
        files::remove(&self.org_path(org))
    }

    pub(crate) fn open_orgs(&self) -> usize {
        self.open_files().len()
    }

    pub(crate) fn close_idle_orgs(&self, unused_for: Duration) -> usize {
        let mut closed = Vec::new();
        let mut open = self.open_files();
        while let Some((org, _)) = open.iter().rev().find(|(_, file)| idle(file) && file.unused_for() >= unused_for) {
            let org = *org;
            closed.extend(open.pop(&org));
        }
        drop(open);
        closed.len()
    }

    /// The open file of an organization, ready for such an access. Opens it where needed, and closes the least recently
    /// used ones above the limit, except those that somebody works with.
    fn org_file(&self, org: OrgId, access: Access) -> Result<Arc<OrgFile>, StoreError> {
        let mut closed = Vec::new();
        let mut open = self.open_files();
        let file = if let Some(file) = open.get(&org) {
            Arc::clone(file)
        } else {
            let file = Arc::new(OrgFile::new(self.org_path(org), org));
            open.push(org, Arc::clone(&file));
            while open.len() > self.max_open_orgs
                && let Some(org) = open.iter().rev().find(|(_, file)| idle(file)).map(|(org, _)| *org)
            {
                closed.extend(open.pop(&org));
            }
            file
        };
        drop(open);
        // Closing writes the log back into the file: not under the lock that every request takes.
        drop(closed);
        if let Err(error) = file.prepare(access) {
            self.open_files().pop(&org);
            return Err(error);
        }
        Ok(file)
    }

    fn org_path(&self, org: OrgId) -> PathBuf {
        self.data_dir.join("orgs").join(format!("{org}.db"))
    }

    fn open_files(&self) -> MutexGuard<'_, LruCache<OrgId, Arc<OrgFile>>> {
        self.orgs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody but the list of open files holds it.
fn idle(file: &Arc<OrgFile>) -> bool {
    Arc::strong_count(file) == 1
}

/// Runs what is pending.
fn migrate(connection: &mut AnyConnection, migrations: EmbeddedMigrations) -> Result<(), crate::error::Source> {
    match connection {
        AnyConnection::Sqlite(sqlite) => sqlite.run_pending_migrations(migrations).map(drop),
        AnyConnection::Postgres(_) => unreachable!("a file is never a PostgreSQL connection"),
    }
}
