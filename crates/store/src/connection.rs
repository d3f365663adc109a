//! One connection type for both databases, transactions on it, and a small pool.

use crate::StoreError;
use crate::error::Db as _;
use diesel::{
    PgConnection, SqliteConnection,
    connection::{AnsiTransactionManager, Connection, TransactionManager},
    r2d2::R2D2Connection as _,
};
use std::{
    ops::{Deref, DerefMut},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A connection to either database. Ordinary queries run on it as they are; batch inserts, upserts and `RETURNING`
/// are not in the common part of the two dialects and go through [`each_backend!`].
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Runs one expression on the concrete connection, so that a statement that both databases know but
/// `MultiConnection` does not is still written once.
macro_rules! each_backend {
    ($connection:expr, |$concrete:ident| $run:expr) => {
        match $connection {
            crate::connection::AnyConnection::Sqlite($concrete) => $run,
            crate::connection::AnyConnection::Postgres($concrete) => $run,
        }
    };
}
pub(crate) use each_backend;

/// Runs `work` in a transaction that writes. On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`): a
/// transaction that reads first and then wants to write could not be waited for.
///
/// # Errors
/// The work's own, after a rollback; or the database's.
pub(crate) fn write_transaction<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    match connection {
        AnyConnection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        AnyConnection::Postgres(postgres) => AnsiTransactionManager::begin_transaction(postgres),
    }
    .db()?;
    match work(connection) {
        Ok(value) => {
            if let Err(error) = Manager::commit_transaction(connection) {
                return Err(StoreError::from_diesel(error).into());
            }
            Ok(value)
        }
        Err(error) => {
            if let Err(rollback) = Manager::rollback_transaction(connection) {
                // The pool finds the connection broken and closes it, which ends the transaction too.
                tracing::warn!(error = %rollback, "a transaction could not be rolled back");
            }
            Err(error)
        }
    }
}

/// How long a caller waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that are opened when needed, at most `max`, and kept until they are closed.
pub(crate) struct Pool {
    max: usize,
    state: Mutex<PoolState>,
    freed: Condvar,
}

#[derive(Default)]
struct PoolState {
    idle: Vec<AnyConnection>,
    /// Idle ones and those in use.
    open: usize,
    /// Callers that wait. Waking nobody would cost a system call for each query.
    waiting: usize,
}

impl Pool {
    pub(crate) fn new(max: usize) -> Self {
        Self { max: max.max(1), state: Mutex::default(), freed: Condvar::new() }
    }

    /// A free connection, or a new one. Waits where all are in use.
    pub(crate) fn get(
        &self,
        open: impl FnOnce() -> Result<AnyConnection, StoreError>,
    ) -> Result<Pooled<'_>, StoreError> {
        let until = Instant::now() + PATIENCE;
        let mut state = self.lock();
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(Pooled { pool: self, connection: Some(connection) });
            }
            if state.open < self.max {
                state.open += 1;
                drop(state);
                // If opening fails or panics, dropping the loan gives the place back.
                let mut loan = Pooled { pool: self, connection: None };
                loan.connection = Some(open()?);
                return Ok(loan);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Unavailable("all connections to the database are in use".into()));
            }
            state.waiting += 1;
            state = self.freed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
    }

    /// Closes what is not in use.
    pub(crate) fn close_idle(&self) {
        let mut state = self.lock();
        let closed = std::mem::take(&mut state.idle);
        state.open -= closed.len();
        drop(state);
        drop(closed);
        self.freed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        // The state is consistent between any two statements that can panic, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan. Goes back when dropped, unless it is broken or its user panicked: then it is closed, so
/// that nobody gets it in the middle of somebody else's transaction.
pub(crate) struct Pooled<'a> {
    pool: &'a Pool,
    connection: Option<AnyConnection>,
}

impl Pooled<'_> {
    /// Closes the connection where it does not answer any more. To be called after a failure: a transaction that ended
    /// in an error says by itself that its connection broke, a single query does not.
    pub(crate) fn close_if_dead(mut self) {
        if self.ping().is_err() {
            drop(self.connection.take());
            self.pool.close_idle();
        }
    }
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        let mut connection = self.connection.take();
        if connection.as_mut().is_some_and(|found| std::thread::panicking() || found.is_broken()) {
            connection = None;
            // What broke one, such as a restart of the database, broke the idle ones too.
            self.pool.close_idle();
        }
        let mut state = self.pool.lock();
        match connection {
            Some(connection) => state.idle.push(connection),
            None => state.open -= 1,
        }
        let somebody_waits = state.waiting > 0;
        drop(state);
        if somebody_waits {
            self.pool.freed.notify_one();
        }
    }
}

impl Deref for Pooled<'_> {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        self.connection.as_ref().expect("the connection is there until the loan is dropped")
    }
}

impl DerefMut for Pooled<'_> {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect("the connection is there until the loan is dropped")
    }
}
