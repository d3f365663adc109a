//! Appending reports durably.

use crate::{IngestScope, Store, StoreError, ValidBatch};
use shared::{OrgId, host::HostSummary};

/// What became of a batch, after the commit.
#[derive(Debug, Clone, PartialEq)]
pub struct IngestOutcome {
    /// Whose it is.
    pub org: OrgId,
    /// Reports that are now kept.
    pub accepted: i64,
    /// Reports that were already kept.
    pub duplicates: i64,
    /// The host's present state.
    pub host: HostSummary,
}

/// A batch was not kept.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The organization's plan includes no more hosts: 402.
    #[error("The plan includes {limit} hosts, and {used} report already.")]
    HostLimit {
        /// How many there may be.
        limit: i64,
        /// How many there are.
        used: i64,
    },
    /// Too many batches wait already: 503 with `Retry-After`.
    #[error("Too many reports wait to be written. Send this one again a little later.")]
    Busy,
    /// The database failed; nothing of the batch is kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes batches of all organizations with group commit.
pub struct IngestWriter {}

#[expect(missing_docs, clippy::todo, unused_variables, clippy::needless_pass_by_value, reason = "skeleton")]
impl IngestWriter {
    pub fn start(store: Store) -> Self { todo!() }
    /// `done` is called after the commit, on the writer's thread: it must not block.
    pub fn submit(&self, scope: IngestScope, batch: ValidBatch, done: impl FnOnce(Result<IngestOutcome, IngestError>) + Send + 'static) { todo!() }
    /// Writes what waits, then ends.
    pub fn stop(self) { todo!() }
}
