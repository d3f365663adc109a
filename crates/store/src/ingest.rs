//! Appending reports durably: what is acknowledged is committed, and committed means written to the disk.

mod append;
mod inventories;
mod rates;
mod writer;

pub use writer::IngestWriter;

use crate::{KeptInventory, StoreError};
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
    /// What was found on the host and is now kept; none where the batch had nothing newer than what was known.
    pub inventory: Option<KeptInventory>,
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
