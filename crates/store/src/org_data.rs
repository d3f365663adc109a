//! The data of one organization, for a caller who proved a role in it.

use crate::{
    GetError, InventoryCursor, InventoryList, MetadataError, OrgScope, Store, StoreError, clock, hosts, inventory,
    metadata, secret, series, summary,
};
use authz::{AtLeast, Editor, Level, Viewer};
use serde::{Deserialize, Serialize};
use shared::{
    ContainerId, GuestId, HostId, Micros, OrgId,
    host::{Host, HostSeries, HostSummary},
    inventory::{Container, Guest},
    metadata::{Metadata, MetadataEdit, Noted, Subject},
    summary::Summary,
};

/// The data of one organization: the only way to tenant tables, but for ingest and background work, which have scopes
/// of their own.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostCursor {
    pub(crate) org: OrgId,
    pub(crate) name: String,
    pub(crate) id: HostId,
}

/// A text is no place in this organization's list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("That is no cursor of this list. Start again without one.")]
pub struct BadCursor;

impl HostCursor {
    /// As text for a URL.
    #[must_use]
    pub fn to_text(&self) -> String {
        secret::hex(&serde_json::to_vec(self).expect("ids and texts can be written as JSON"))
    }

    /// Reads what [`HostCursor::to_text`] wrote for the same organization.
    ///
    /// # Errors
    /// It is no cursor, or one of another organization: the same answer.
    pub fn parse(text: &str, org: OrgId) -> Result<Self, BadCursor> {
        let bytes = secret::unhex(text).ok_or(BadCursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| BadCursor)?;
        if cursor.org == org { Ok(cursor) } else { Err(BadCursor) }
    }
}

impl<R: AtLeast<Viewer>> OrgData<'_, R> {
    /// Up to `limit` hosts by name, then by id, after a place in that order. A cursor of another organization starts
    /// at the beginning.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_hosts(&self, limit: usize, after: Option<&HostCursor>) -> Result<HostList, StoreError> {
        let org = self.scope.org();
        let after = after.filter(|cursor| cursor.org == org);
        self.store.read_org(org, |connection| hosts::list(connection, org, limit, after, clock::now()))
    }

    /// One host.
    ///
    /// # Errors
    /// [`GetError::NotFound`] where this organization has no such host, whoever else has.
    pub fn get_host(&self, host: HostId) -> Result<Host, GetError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| hosts::get(connection, org, host, clock::now()))
    }

    /// Sums, and the hosts that are doing worst, with their health at a time.
    ///
    /// # Errors
    /// The database failed.
    pub fn summary(&self, now: Micros) -> Result<Summary, StoreError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| summary::make(connection, org, now))
    }

    /// How many hosts there are.
    ///
    /// # Errors
    /// The database failed.
    pub fn host_count(&self) -> Result<i64, StoreError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| hosts::count(connection, org))
    }

    /// Measures of one host from one time to another, both included, in at most `max_points` points (and never more
    /// than [`shared::host::MAX_SERIES_POINTS`]). Points of a thinned series are means.
    ///
    /// # Errors
    /// [`GetError::NotFound`] where this organization has no such host.
    pub fn host_series(
        &self,
        host: HostId,
        from: Micros,
        to: Micros,
        max_points: usize,
    ) -> Result<HostSeries, GetError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| series::load(connection, org, host, (from, to), max_points))
    }

    /// Containers, host by host, after a place in that order: those of hosts until there are `limit` or more. A cursor of
    /// another organization or of the guests starts at the beginning.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_containers(
        &self,
        limit: usize,
        after: Option<&InventoryCursor>,
    ) -> Result<InventoryList<Container>, StoreError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| inventory::list_containers(connection, org, limit, after))
    }

    /// Guests, as [`OrgData::list_containers`].
    ///
    /// # Errors
    /// The database failed.
    pub fn list_guests(
        &self,
        limit: usize,
        after: Option<&InventoryCursor>,
    ) -> Result<InventoryList<Guest>, StoreError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| inventory::list_guests(connection, org, limit, after))
    }

    /// One container.
    ///
    /// # Errors
    /// [`GetError::NotFound`] where none of this organization's hosts has it now, whoever else's has.
    pub fn get_container(&self, container: ContainerId) -> Result<Container, GetError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| inventory::get_container(connection, org, container))
    }

    /// One guest.
    ///
    /// # Errors
    /// [`GetError::NotFound`] where none of this organization's hosts has it now, whoever else's has.
    pub fn get_guest(&self, guest: GuestId) -> Result<Guest, GetError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| inventory::get_guest(connection, org, guest))
    }

    /// What is noted about a thing. Notes about a container or guest stay when it is gone for a while.
    ///
    /// # Errors
    /// [`GetError::NotFound`] where this organization has no such thing and nothing noted about one.
    pub fn get_metadata(&self, subject: Subject) -> Result<Metadata, GetError> {
        let org = self.scope.org();
        let found = self.store.read_org(org, |connection| metadata::get(connection, org, subject))?;
        found.ok_or(GetError::NotFound)
    }

    /// What is noted about all things about which something is.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_metadata(&self) -> Result<Vec<Noted>, StoreError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| metadata::list(connection, org))
    }

    /// Notes something else about a thing, where the version is the one that was read; none for whatever it is. `by` is
    /// the name of who does.
    ///
    /// # Errors
    /// See [`MetadataError`]. Nothing was changed then.
    pub fn put_metadata(
        &self,
        subject: Subject,
        expected: Option<i64>,
        edit: MetadataEdit,
        by: &str,
    ) -> Result<Metadata, MetadataError>
    where
        R: AtLeast<Editor>,
    {
        let edit = metadata::check(edit)?;
        let org = self.scope.org();
        self.store.write_org(org, |connection| metadata::put(connection, org, subject, expected, edit, by))
    }

    /// Removes a host with its history, what runs on it and what is noted about both. It comes back when its agent reports again.
    ///
    /// # Errors
    /// [`GetError::NotFound`] where this organization has no such host.
    pub fn delete_host(&self, host: HostId) -> Result<(), GetError>
    where
        R: AtLeast<Editor>,
    {
        let org = self.scope.org();
        let deleted = self.store.write_org(org, |connection| hosts::delete(connection, org, host))?;
        if deleted { Ok(()) } else { Err(GetError::NotFound) }
    }
}
