//! Keeping what agents found on their hosts, in the transaction of their reports.

use super::rates::container_rates;
use crate::{
    StoreError, ValidBatch,
    connection::{AnyConnection, each_backend},
    error::Db as _,
    hosts::parse_host_id,
    inventory::{Clock, KeptContainer, KeptGuest, KeptInventory, KeptPart, parse_items},
    isolation::{OfOrg, keep_own},
    schema::inventories,
};
use diesel::{prelude::*, upsert::excluded};
use serde::Serialize;
use shared::{
    HostId, Micros, OrgId,
    inventory::{ContainerReport, ContainerState, FoundContainers, FoundGuests, GuestState, Inventory},
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows in one statement. A list may have half a megabyte.
const ROWS_PER_STATEMENT: usize = 20;
/// Hosts that are looked up with one statement.
const IDS_PER_STATEMENT: usize = 250;

/// What is kept of a host. It has no organization: the store writes that beside it.
#[derive(Debug, Default, Queryable, Selectable, Insertable)]
#[diesel(table_name = inventories, treat_none_as_default_value = false)]
struct InventoryRow {
    host_id: String,
    taken_at: Micros,
    containers: Option<String>,
    containers_taken_at: Option<Micros>,
    containers_at: Option<Micros>,
    containers_engine: Option<String>,
    containers_total: i64,
    containers_running: i64,
    containers_left_out: i64,
    guests: Option<String>,
    guests_at: Option<Micros>,
    guests_engine: Option<String>,
    guests_total: i64,
    guests_running: i64,
    guests_left_out: i64,
}

impl OfOrg for (String, InventoryRow) {
    fn org_id(&self) -> &str {
        &self.0
    }
}

/// An inventory of a batch whose host is kept.
struct Found<'a> {
    /// Place of the batch.
    index: usize,
    host: HostId,
    host_name: &'a str,
    inventory: &'a Inventory,
    clock: Clock,
}

/// Keeps the inventories of batches, in their order, and answers for each batch what of it is kept. `host_name` says what
/// a host is called, or none where it is not kept. Batches without an inventory cost nothing.
pub(super) fn keep<'a>(
    connection: &mut AnyConnection,
    org: OrgId,
    batches: &'a [ValidBatch],
    host_name: impl Fn(&HostId) -> Option<&'a str>,
) -> Result<Vec<Option<KeptInventory>>, StoreError> {
    let mut kept: Vec<Option<KeptInventory>> = batches.iter().map(|_| None).collect();
    let found: Vec<Found<'a>> = batches
        .iter()
        .enumerate()
        .filter_map(|(index, batch)| {
            let inventory = batch.inventory.as_ref()?;
            let clock = Clock { taken_at: inventory.taken_at, at: inventory.taken_at.saturating_sub(batch.skew) };
            Some(Found { index, host: batch.host.id, host_name: host_name(&batch.host.id)?, inventory, clock })
        })
        .collect();
    if found.is_empty() {
        return Ok(kept);
    }
    let mut rows = load(connection, org, &found)?;
    let mut changed = BTreeSet::new();
    for Found { index, host, host_name, inventory, clock } in found {
        let row = rows.entry(host).or_insert_with(|| InventoryRow::new(host));
        // One that comes late or again changes nothing.
        if inventory.taken_at <= row.taken_at {
            continue;
        }
        row.taken_at = inventory.taken_at;
        let containers = inventory.containers.as_ref().map(|found| row.take_containers(host, found, clock));
        let guests = inventory.guests.as_ref().map(|found| row.take_guests(host, found, clock));
        kept[index] = Some(KeptInventory {
            host,
            host_name: host_name.to_owned(),
            containers: containers.transpose()?,
            guests: guests.transpose()?,
        });
        changed.insert(host);
    }
    rows.retain(|host, _| changed.contains(host));
    write(connection, org, rows.into_values().collect())?;
    Ok(kept)
}

impl InventoryRow {
    /// Of a host of which nothing is known.
    fn new(host: HostId) -> Self {
        Self { host_id: host.to_string(), taken_at: Micros::MIN, ..Self::default() }
    }

    fn take_containers(
        &mut self,
        host: HostId,
        found: &FoundContainers,
        clock: Clock,
    ) -> Result<KeptPart<KeptContainer>, StoreError> {
        let before: Vec<KeptContainer> = match &self.containers {
            None => Vec::new(),
            // It is about to be replaced: no reason to refuse what comes now.
            Some(text) => parse_items(text).unwrap_or_else(|error| {
                tracing::error!(%host, %error, "the containers that were known are lost");
                Vec::new()
            }),
        };
        let gap = self.containers_taken_at.map_or(0, |before| clock.taken_at.saturating_sub(before));
        let items: Vec<KeptContainer> = {
            let by_engine: BTreeMap<&str, &KeptContainer> =
                before.iter().map(|container| (container.engine_id.as_str(), container)).collect();
            let kept = |container: &ContainerReport| {
                let rates = container_rates(by_engine.get(container.engine_id.as_str()).copied(), container, gap);
                KeptContainer::new(host, container, rates)
            };
            found.items.iter().map(kept).collect()
        };
        self.containers = Some(to_json(&items)?);
        self.containers_taken_at = Some(clock.taken_at);
        self.containers_at = Some(clock.at);
        self.containers_engine = Some(found.engine.clone());
        self.containers_total = as_count(found.items.len()).saturating_add(found.left_out);
        self.containers_running =
            as_count(found.items.iter().filter(|item| item.state == ContainerState::Running).count());
        self.containers_left_out = found.left_out;
        Ok(KeptPart { clock, items })
    }

    fn take_guests(
        &mut self,
        host: HostId,
        found: &FoundGuests,
        clock: Clock,
    ) -> Result<KeptPart<KeptGuest>, StoreError> {
        let items: Vec<KeptGuest> = found.items.iter().map(|guest| KeptGuest::new(host, guest)).collect();
        self.guests = Some(to_json(&items)?);
        self.guests_at = Some(clock.at);
        self.guests_engine = Some(found.engine.clone());
        self.guests_total = as_count(found.items.len()).saturating_add(found.left_out);
        let running = found.items.iter().filter(|item| item.state == GuestState::Running);
        self.guests_running = as_count(running.count());
        self.guests_left_out = found.left_out;
        Ok(KeptPart { clock, items })
    }
}

fn as_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn to_json<T: Serialize>(items: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(items).map_err(|error| StoreError::Internal(error.into()))
}

/// What is known of the hosts. Ordered by id, so that two servers that write the same hosts take their locks in the same
/// order.
fn load(
    connection: &mut AnyConnection,
    org: OrgId,
    found: &[Found<'_>],
) -> Result<BTreeMap<HostId, InventoryRow>, StoreError> {
    let ids: BTreeSet<HostId> = found.iter().map(|found| found.host).collect();
    let ids: Vec<HostId> = ids.into_iter().collect();
    let mut known = BTreeMap::new();
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let own = inventories::table.filter(inventories::org_id.eq(org.to_string()));
        let columns = (inventories::org_id, InventoryRow::as_select());
        let rows: Vec<(String, InventoryRow)> = match ids {
            // The usual case has one text, and so one prepared statement.
            [id] => own.filter(inventories::host_id.eq(id.to_string())).select(columns).load(connection).db()?,
            ids => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                own.filter(inventories::host_id.eq_any(ids)).select(columns).load(connection).db()?
            }
        };
        for (_, row) in keep_own(org, rows, "inventories") {
            known.insert(parse_host_id(&row.host_id)?, row);
        }
    }
    Ok(known)
}

fn write(connection: &mut AnyConnection, org: OrgId, rows: Vec<InventoryRow>) -> Result<(), StoreError> {
    let mut rows: Vec<_> = rows.into_iter().map(|row| (inventories::org_id.eq(org.to_string()), row)).collect();
    while !rows.is_empty() {
        let rows: Vec<_> = rows.drain(..rows.len().min(ROWS_PER_STATEMENT)).collect();
        each_backend!(connection, |concrete| {
            diesel::insert_into(inventories::table)
                .values(rows)
                .on_conflict((inventories::org_id, inventories::host_id))
                .do_update()
                .set((
                    inventories::taken_at.eq(excluded(inventories::taken_at)),
                    inventories::containers.eq(excluded(inventories::containers)),
                    inventories::containers_taken_at.eq(excluded(inventories::containers_taken_at)),
                    inventories::containers_at.eq(excluded(inventories::containers_at)),
                    inventories::containers_engine.eq(excluded(inventories::containers_engine)),
                    inventories::containers_total.eq(excluded(inventories::containers_total)),
                    inventories::containers_running.eq(excluded(inventories::containers_running)),
                    inventories::containers_left_out.eq(excluded(inventories::containers_left_out)),
                    inventories::guests.eq(excluded(inventories::guests)),
                    inventories::guests_at.eq(excluded(inventories::guests_at)),
                    inventories::guests_engine.eq(excluded(inventories::guests_engine)),
                    inventories::guests_total.eq(excluded(inventories::guests_total)),
                    inventories::guests_running.eq(excluded(inventories::guests_running)),
                    inventories::guests_left_out.eq(excluded(inventories::guests_left_out)),
                ))
                .execute(concrete)
                .db()?
        });
    }
    Ok(())
}
