//! What runs on hosts, as it was found last. As in [`crate::hosts`], the organization comes first in each function, is in
//! each predicate, and is compared with each row that comes back. It is written with the reports: see `ingest`.

mod kept;

pub use kept::KeptInventory;
pub(crate) use kept::{Clock, KeptContainer, KeptGuest, KeptPart};

use crate::{
    BadCursor, GetError, StoreError,
    connection::AnyConnection,
    error::Db as _,
    hosts::parse_host_id,
    isolation::{OfOrg, keep_own},
    schema::{hosts, inventories},
    secret,
};
use diesel::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::{
    ContainerId, GuestId, HostId, Micros, OrgId,
    inventory::{Container, Guest, InventoryTotals},
};

/// Containers or guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Containers.
    Containers,
    /// Guests.
    Guests,
}

/// Some of what runs on an organization's hosts, those of one host together.
#[derive(Debug, Clone, PartialEq)]
pub struct InventoryList<T> {
    /// The containers or guests.
    pub items: Vec<T>,
    /// Where the next page starts; none on the last.
    pub next: Option<InventoryCursor>,
}

/// A place between two hosts in one of an organization's two lists. Means nothing in another organization, and nothing in
/// the other list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryCursor {
    org: OrgId,
    part: Part,
    host: HostId,
}

impl InventoryCursor {
    /// As text for a URL.
    #[must_use]
    pub fn to_text(&self) -> String {
        secret::hex(&serde_json::to_vec(self).expect("ids and words can be written as JSON"))
    }

    /// Reads what [`InventoryCursor::to_text`] wrote for the same organization and list.
    ///
    /// # Errors
    /// It is no cursor, or one of another organization or list: the same answer.
    pub fn parse(text: &str, org: OrgId, part: Part) -> Result<Self, BadCursor> {
        let bytes = secret::unhex(text).ok_or(BadCursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| BadCursor)?;
        if cursor.is_of(org, part) { Ok(cursor) } else { Err(BadCursor) }
    }

    fn is_of(&self, org: OrgId, part: Part) -> bool {
        self.org == org && self.part == part
    }
}

/// How much a host has of one part.
#[derive(Queryable)]
struct CountRow {
    org_id: String,
    host_id: String,
    total: i64,
    left_out: i64,
}

impl OfOrg for CountRow {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

/// One part of a host's row.
#[derive(Queryable)]
struct PartRow {
    org_id: String,
    host_id: String,
    host_name: String,
    items: Option<String>,
    taken_at: Option<Micros>,
    at: Option<Micros>,
}

impl OfOrg for PartRow {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

/// One part of a host's row that was read.
struct OnHost<T> {
    host: HostId,
    host_name: String,
    clock: Clock,
    items: Vec<T>,
}

impl PartRow {
    fn read<T: DeserializeOwned>(self) -> Result<OnHost<T>, StoreError> {
        let at = self.at.unwrap_or_default();
        Ok(OnHost {
            host: parse_host_id(&self.host_id)?,
            host_name: self.host_name,
            clock: Clock { taken_at: self.taken_at.unwrap_or(at), at },
            items: self.items.map_or(Ok(Vec::new()), |items| parse_items(&items))?,
        })
    }
}

/// Reads the list in a column.
pub(crate) fn parse_items<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
        what: "What runs on a host cannot be read from the database.".to_owned(),
        source: Some(error.into()),
    })
}

/// Which rows.
enum Which<'a> {
    /// Those of hosts from one to another.
    Hosts(&'a str, &'a str),
    /// Those in whose list this id may be.
    With(String),
}

/// A page of containers, host by host.
pub(crate) fn list_containers(
    connection: &mut AnyConnection,
    org: OrgId,
    limit: usize,
    after: Option<&InventoryCursor>,
) -> Result<InventoryList<Container>, StoreError> {
    let (rows, next) = page(connection, org, Part::Containers, limit, after)?;
    let mut items = Vec::new();
    for row in rows {
        let OnHost { host, host_name, clock, items: found } = row.read::<KeptContainer>()?;
        items.extend(found.into_iter().map(|item| item.into_container(host, &host_name, clock)));
    }
    Ok(InventoryList { items, next })
}

/// A page of guests, host by host.
pub(crate) fn list_guests(
    connection: &mut AnyConnection,
    org: OrgId,
    limit: usize,
    after: Option<&InventoryCursor>,
) -> Result<InventoryList<Guest>, StoreError> {
    let (rows, next) = page(connection, org, Part::Guests, limit, after)?;
    let mut items = Vec::new();
    for row in rows {
        let OnHost { host, host_name, clock, items: found } = row.read::<KeptGuest>()?;
        items.extend(found.into_iter().map(|item| item.into_guest(host, &host_name, clock.at)));
    }
    Ok(InventoryList { items, next })
}

/// One container.
pub(crate) fn get_container(
    connection: &mut AnyConnection,
    org: OrgId,
    id: ContainerId,
) -> Result<Container, GetError> {
    for row in rows(connection, org, Part::Containers, &Which::With(id.to_string()))? {
        let OnHost { host, host_name, clock, items } = row.read::<KeptContainer>()?;
        if let Some(item) = items.into_iter().find(|item| item.id == id) {
            return Ok(item.into_container(host, &host_name, clock));
        }
    }
    Err(GetError::NotFound)
}

/// One guest.
pub(crate) fn get_guest(connection: &mut AnyConnection, org: OrgId, id: GuestId) -> Result<Guest, GetError> {
    for row in rows(connection, org, Part::Guests, &Which::With(id.to_string()))? {
        let OnHost { host, host_name, clock, items } = row.read::<KeptGuest>()?;
        if let Some(item) = items.into_iter().find(|item| item.id == id) {
            return Ok(item.into_guest(host, &host_name, clock.at));
        }
    }
    Err(GetError::NotFound)
}

/// Sums over all hosts.
pub(crate) fn totals(connection: &mut AnyConnection, org: OrgId) -> Result<InventoryTotals, StoreError> {
    #[derive(Queryable)]
    struct Row {
        org_id: String,
        counts: (i64, i64, i64, i64),
    }
    impl OfOrg for Row {
        fn org_id(&self) -> &str {
            &self.org_id
        }
    }
    let counts = (
        inventories::containers_total,
        inventories::containers_running,
        inventories::guests_total,
        inventories::guests_running,
    );
    let own = inventories::table.filter(inventories::org_id.eq(org.to_string()));
    let rows: Vec<Row> = own.select((inventories::org_id, counts)).load(connection).db()?;
    let mut totals = InventoryTotals::default();
    for Row { counts: (containers, containers_running, guests, guests_running), .. } in
        keep_own(org, rows, "inventories")
    {
        totals.containers += containers;
        totals.containers_running += containers_running;
        totals.guests += guests;
        totals.guests_running += guests_running;
    }
    Ok(totals)
}

/// The rows of the next page, and where the one after it starts. First the counts tell which hosts are on it, so that no
/// list is read that is not shown.
fn page(
    connection: &mut AnyConnection,
    org: OrgId,
    part: Part,
    limit: usize,
    after: Option<&InventoryCursor>,
) -> Result<(Vec<PartRow>, Option<InventoryCursor>), StoreError> {
    let after = after.filter(|cursor| cursor.is_of(org, part)).map(|cursor| cursor.host.to_string());
    let counts = counts(connection, org, part, limit, after.unwrap_or_default())?;
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut listed = 0;
    let end = counts.iter().position(|row| {
        listed += row.total - row.left_out;
        listed >= wanted
    });
    let end = end.unwrap_or(counts.len().saturating_sub(1));
    let (Some(first), Some(last)) = (counts.first(), counts.get(end)) else { return Ok((Vec::new(), None)) };
    let next = match counts.get(end + 1) {
        Some(_) => Some(InventoryCursor { org, part, host: parse_host_id(&last.host_id)? }),
        None => None,
    };
    Ok((rows(connection, org, part, &Which::Hosts(&first.host_id, &last.host_id))?, next))
}

/// How much there is on the hosts after one, in their order; on one host more than there can be on a page of `limit`.
fn counts(
    connection: &mut AnyConnection,
    org: OrgId,
    part: Part,
    limit: usize,
    after: String,
) -> Result<Vec<CountRow>, StoreError> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let own = inventories::table
        .filter(inventories::org_id.eq(org.to_string()))
        .filter(inventories::host_id.gt(after))
        .order(inventories::host_id)
        .limit(most);
    let key = (inventories::org_id, inventories::host_id);
    let rows: Vec<CountRow> = match part {
        Part::Containers => own
            .filter(inventories::containers_total.gt(inventories::containers_left_out))
            .select((key.0, key.1, inventories::containers_total, inventories::containers_left_out))
            .load(connection)
            .db()?,
        Part::Guests => own
            .filter(inventories::guests_total.gt(inventories::guests_left_out))
            .select((key.0, key.1, inventories::guests_total, inventories::guests_left_out))
            .load(connection)
            .db()?,
    };
    Ok(keep_own(org, rows, "inventories"))
}

/// One part of some rows, in the order of hosts, with the names that the hosts have now.
fn rows(connection: &mut AnyConnection, org: OrgId, part: Part, which: &Which<'_>) -> Result<Vec<PartRow>, StoreError> {
    let own = inventories::table
        .inner_join(hosts::table.on(hosts::org_id.eq(inventories::org_id).and(hosts::id.eq(inventories::host_id))))
        .filter(inventories::org_id.eq(org.to_string()))
        .order(inventories::host_id);
    let key = (inventories::org_id, inventories::host_id, hosts::name);
    // The clock of guests is the server's alone: they have no other times.
    let containers = (inventories::containers, inventories::containers_taken_at, inventories::containers_at);
    let guests = (inventories::guests, inventories::guests_at, inventories::guests_at);
    let containers = (key.0, key.1, key.2, containers.0, containers.1, containers.2);
    let guests = (key.0, key.1, key.2, guests.0, guests.1, guests.2);
    let rows: Vec<PartRow> = match (part, which) {
        (Part::Containers, Which::Hosts(first, last)) => {
            own.filter(inventories::host_id.between(first, last)).select(containers).load(connection).db()?
        }
        (Part::Guests, Which::Hosts(first, last)) => {
            own.filter(inventories::host_id.between(first, last)).select(guests).load(connection).db()?
        }
        // An id has no letters that mean something in a pattern.
        (Part::Containers, Which::With(id)) => own
            .filter(inventories::containers.like(format!("%\"id\":\"{id}\"%")))
            .select(containers)
            .load(connection)
            .db()?,
        (Part::Guests, Which::With(id)) => {
            own.filter(inventories::guests.like(format!("%\"id\":\"{id}\"%"))).select(guests).load(connection).db()?
        }
    };
    Ok(keep_own(org, rows, "inventories"))
}
