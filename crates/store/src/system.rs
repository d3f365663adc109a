//! Background work in one organization.

use crate::{Store, StoreError, SystemScope};
use shared::{Micros, host::HostSummary, host::HostTotals};

/// The data of one organization, for background work.
pub struct SystemData<'a> {
    pub(crate) store: &'a Store,
    pub(crate) scope: &'a SystemScope,
}

#[expect(missing_docs, clippy::missing_errors_doc, clippy::todo, unused_variables, dead_code, reason = "skeleton")]
impl SystemData<'_> {
    /// Removes samples that were taken before. Answers how many.
    pub fn prune(&self, before: Micros) -> Result<usize, StoreError> { todo!() }
    pub fn host_totals(&self, now: Micros) -> Result<HostTotals, StoreError> { todo!() }
    /// All hosts, by name.
    pub fn list_hosts(&self) -> Result<Vec<HostSummary>, StoreError> { todo!() }
}
