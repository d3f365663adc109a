//! The store itself: opening it, and the doors into it.

use crate::{
    Directory, OpenError, Operator, OrgData, OrgScope, StoreError, SystemData, SystemScope, connection::AnyConnection,
    error::Db as _, isolation, postgres::PgStore, schema::directory_version, sqlite::SqliteStore,
};
use authz::Level;
use diesel::prelude::*;
use shared::OrgId;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Config {
    /// Files in one folder: the default.
    Sqlite {
        /// The data folder; made where it is missing.
        data_dir: PathBuf,
        /// Most organizations whose files are kept open.
        max_open_orgs: usize,
    },
    /// A PostgreSQL database.
    Postgres {
        /// URL with the restricted role that the server works with.
        app_url: String,
        /// URL with the role that owns the tables and migrates them; may be absent when migrations are up to date.
        owner_url: Option<String>,
        /// Most connections at once.
        pool_size: u32,
    },
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
}

/// The two kinds of stores. All that differs between them is below this line of the code.
enum Backend {
    Sqlite(Box<SqliteStore>),
    Postgres(PgStore),
}

/// Hands a call to the backend in use.
macro_rules! backend {
    ($store:expr, $backend:ident => $call:expr) => {
        match &*$store.backend {
            Backend::Sqlite($backend) => $call,
            Backend::Postgres($backend) => $call,
        }
    };
}

impl Store {
    /// Opens the store: makes what is missing, runs migrations (one process at a time), looks whether the walls
    /// stand, and mends what a crash left.
    ///
    /// # Errors
    /// See [`OpenError`]. In particular [`OpenError::WallOpen`] where the server's role could bypass row-level
    /// security.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let backend = match config {
            Config::Sqlite { data_dir, max_open_orgs } => {
                Backend::Sqlite(Box::new(SqliteStore::open(&data_dir, max_open_orgs)?))
            }
            Config::Postgres { app_url, owner_url, pool_size } => {
                Backend::Postgres(PgStore::open(&app_url, owner_url.as_deref(), pool_size)?)
            }
        };
        Ok(Self { backend: Arc::new(backend) })
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// It gives none.
    pub fn ping(&self) -> Result<(), StoreError> {
        let version = directory_version::table.select(directory_version::version);
        self.read_directory(|connection| version.first::<i64>(connection).db().map(drop))
    }

    /// What is not inside an organization. Never touches tenant tables.
    #[must_use]
    pub fn directory(&self) -> Directory<'_> {
        Directory { store: self }
    }

    /// The data of the scope's organization.
    #[must_use]
    pub fn org<'a, R: Level>(&'a self, scope: &'a OrgScope<R>) -> OrgData<'a, R> {
        OrgData { store: self, scope }
    }

    /// The data of the scope's organization, for background work.
    #[must_use]
    pub fn system<'a>(&'a self, scope: &'a SystemScope) -> SystemData<'a> {
        SystemData { store: self, scope }
    }

    /// The operator's commands. Logs why.
    #[must_use]
    pub fn operator(&self, why: &'static str) -> Operator<'_> {
        tracing::info!(why, "an operator's command");
        Operator { store: self }
    }

    /// A number that changes whenever a session, membership, token or organization changed, by this or any other
    /// process; signs of use (`last_seen_at`) do not count. Cheap: a few microseconds on SQLite, one round trip on
    /// PostgreSQL.
    ///
    /// # Errors
    /// The database failed.
    pub fn directory_version(&self) -> Result<u64, StoreError> {
        let version = backend!(self, backend => backend.directory_version())?;
        Ok(u64::try_from(version).unwrap_or_default())
    }

    /// How often a row or file of another organization was found where none can be, since the process started. Must
    /// stay 0.
    #[must_use]
    pub fn isolation_violations() -> u64 {
        isolation::violations()
    }

    /// Closes files of organizations that were not used for so long (SQLite; nothing elsewhere). Answers how many.
    pub fn close_idle_orgs(&self, unused_for: Duration) -> usize {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.close_idle_orgs(unused_for),
            Backend::Postgres(_) => 0,
        }
    }

    /// Organizations whose files are open now (SQLite; 0 elsewhere).
    #[must_use]
    pub fn open_orgs(&self) -> usize {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.open_orgs(),
            Backend::Postgres(_) => 0,
        }
    }

    /// `sqlite` or `postgres`, for logs and the doctor.
    #[must_use]
    pub fn backend_name(&self) -> &'static str {
        match &*self.backend {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgres",
        }
    }

    /// Reads the directory.
    pub(crate) fn read_directory<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        backend!(self, backend => backend.read_directory(work))
    }

    /// Notes a use in the directory: changes nothing that anybody's rights depend on.
    pub(crate) fn note_use<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        backend!(self, backend => backend.write_directory(work))
    }

    /// Changes the directory in one transaction, and its version with it.
    ///
    /// The version comes first: its one row is a lock, so changes of the directory follow one another on PostgreSQL as
    /// they do on SQLite, and a rule like "never the last owner" cannot be broken by two at once.
    pub(crate) fn change_directory<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let change = |connection: &mut AnyConnection| {
            diesel::update(directory_version::table)
                .set(directory_version::version.eq(directory_version::version + 1))
                .execute(connection)
                .db()?;
            work(connection)
        };
        backend!(self, backend => backend.write_directory(change))
    }

    /// Reads an organization's data. To be called with a scope's organization alone.
    pub(crate) fn read_org<T, E: From<StoreError>>(
        &self,
        org: OrgId,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.read_org(org, work),
            Backend::Postgres(postgres) => postgres.in_org(org, work),
        }
    }

    /// Changes an organization's data in one transaction. To be called with a scope's organization alone.
    pub(crate) fn write_org<T, E: From<StoreError>>(
        &self,
        org: OrgId,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        backend!(self, backend => backend.write_org(org, work))
    }

    /// Makes room for an organization's data. Called inside [`Store::change_directory`], before the organization's
    /// row is committed.
    pub(crate) fn create_org_data(&self, org: OrgId) -> Result<(), StoreError> {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.create_org(org),
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Erases an organization's data. Called after its deletion is committed in the directory.
    pub(crate) fn erase_org_data(&self, org: OrgId) -> Result<(), StoreError> {
        backend!(self, backend => backend.erase_org(org))
    }
}
