//! The data of one organization, for a caller who proved a role in it.

use crate::{GetError, OrgScope, Store, StoreError};
use authz::{AtLeast, Editor, Level, Viewer};
use shared::{
    HostId, Micros, OrgId,
    host::{Host, HostSeries, HostSummary, HostTotals},
};

/// The data of one organization.
pub struct OrgData<'a, R: Level> {
    pub(crate) store: &'a Store,
    pub(crate) scope: &'a OrgScope<R>,
}

/// Some hosts, by name and then by id.
#[derive(Debug, Clone, PartialEq)]
pub struct HostList {
    /// The hosts.
    pub items: Vec<HostSummary>,
    /// Where the next page starts; none on the last.
    pub next: Option<HostCursor>,
}

/// A place in an organization's list of hosts. Means nothing in another organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostCursor {
    pub(crate) org: OrgId,
    pub(crate) name: String,
    pub(crate) id: HostId,
}

/// A text is no place in this organization's list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("That is no cursor of this list. Start again without one.")]
pub struct BadCursor;

#[expect(missing_docs, clippy::missing_errors_doc, clippy::todo, unused_variables, reason = "skeleton")]
impl HostCursor {
    /// As text for a URL.
    #[must_use]
    pub fn to_text(&self) -> String { todo!() }
    pub fn parse(text: &str, org: OrgId) -> Result<Self, BadCursor> { todo!() }
}

#[expect(missing_docs, clippy::missing_errors_doc, clippy::todo, unused_variables, reason = "skeleton")]
impl<R: AtLeast<Viewer>> OrgData<'_, R> {
    pub fn list_hosts(&self, limit: usize, after: Option<&HostCursor>) -> Result<HostList, StoreError> { todo!() }
    pub fn get_host(&self, host: HostId) -> Result<Host, GetError> { todo!() }
    pub fn host_totals(&self, now: Micros) -> Result<HostTotals, StoreError> { todo!() }
    pub fn host_count(&self) -> Result<i64, StoreError> { todo!() }
    pub fn host_series(&self, host: HostId, from: Micros, to: Micros, max_points: usize) -> Result<HostSeries, GetError> { todo!() }
    pub fn delete_host(&self, host: HostId) -> Result<(), GetError>
    where
        R: AtLeast<Editor>,
    { todo!() }
}
