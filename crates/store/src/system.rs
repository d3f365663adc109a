//! Background work in one organization.

use crate::{Store, StoreError, SystemScope, clock, hosts};
use shared::{Micros, host::HostSummary, host::HostTotals};

/// The data of one organization, for background work that says why.
pub struct SystemData<'a> {
    pub(crate) store: &'a Store,
    pub(crate) scope: &'a SystemScope,
}

impl SystemData<'_> {
    /// Removes samples that were taken before. Answers how many.
    ///
    /// # Errors
    /// The database failed; nothing was removed.
    pub fn prune(&self, before: Micros) -> Result<usize, StoreError> {
        let org = self.scope.org();
        tracing::debug!(%org, why = self.scope.why(), "pruning samples");
        self.store.write_org(org, |connection| hosts::prune(connection, org, before))
    }

    /// Sums over the hosts, with their health at a time.
    ///
    /// # Errors
    /// The database failed.
    pub fn host_totals(&self, now: Micros) -> Result<HostTotals, StoreError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| Ok(hosts::totals_of(&hosts::all(connection, org, now)?)))
    }

    /// All hosts, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_hosts(&self) -> Result<Vec<HostSummary>, StoreError> {
        let org = self.scope.org();
        let all = usize::try_from(i32::MAX).unwrap_or(usize::MAX);
        Ok(self.store.read_org(org, |connection| hosts::list(connection, org, all, None, clock::now()))?.items)
    }
}
