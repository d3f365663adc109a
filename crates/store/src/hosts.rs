//! Hosts as rows, and the queries on them. Every function takes the organization first and has it in its predicate;
//! every row that comes back is compared with it once more.

use crate::{
    GetError, HostCursor, HostList, StoreError,
    connection::AnyConnection,
    error::Db as _,
    isolation::{OfOrg, keep_own},
    schema::{host_samples, hosts, inventories, metadata},
};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use shared::{
    HostId, Micros, OrgId,
    host::{DiskRate, Health, Host, HostSummary, HostTotals},
    report::{DiskCounters, Filesystem, NetworkCounters, Temperature},
};

/// What lists show of a host.
#[derive(Queryable, Selectable)]
#[diesel(table_name = hosts)]
pub(crate) struct SummaryRow {
    org_id: String,
    pub(crate) id: String,
    name: String,
    os: String,
    cpu_percent: Option<f64>,
    mem_used_bytes: Option<i64>,
    mem_total_bytes: Option<i64>,
    disk_percent: Option<f64>,
    disk_read_bps: Option<f64>,
    disk_write_bps: Option<f64>,
    net_in_bps: Option<f64>,
    net_out_bps: Option<f64>,
    uptime_s: Option<i64>,
    last_report_at: Micros,
}

/// A host with all that is known of it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = hosts)]
pub(crate) struct HostRow {
    #[diesel(embed)]
    pub(crate) summary: SummaryRow,
    pub(crate) last_taken_at: Micros,
    pub(crate) details: String,
}

impl OfOrg for SummaryRow {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

impl OfOrg for HostRow {
    fn org_id(&self) -> &str {
        &self.summary.org_id
    }
}

/// What the column `details` holds, as JSON: all that only one host's own page shows, and the counters that the next
/// rates are computed from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    pub(crate) kernel: String,
    pub(crate) cpu_model: String,
    pub(crate) cpu_cores: i64,
    pub(crate) agent_version: String,
    pub(crate) first_report_at: Micros,
    pub(crate) clock_skew_s: Option<i64>,
    pub(crate) load: Option<[f64; 3]>,
    pub(crate) swap_used_bytes: Option<i64>,
    pub(crate) swap_total_bytes: Option<i64>,
    pub(crate) filesystems: Vec<Filesystem>,
    pub(crate) temperatures: Vec<Temperature>,
    pub(crate) disk_rates: Vec<DiskRate>,
    pub(crate) disks: Vec<DiskCounters>,
    pub(crate) networks: Vec<NetworkCounters>,
}

impl SummaryRow {
    pub(crate) fn into_summary(self, now: Micros) -> Result<HostSummary, StoreError> {
        let mut summary = HostSummary {
            id: parse_host_id(&self.id)?,
            name: self.name,
            os: self.os,
            health: Health::NotReporting,
            cpu_percent: self.cpu_percent,
            mem_used_bytes: self.mem_used_bytes,
            mem_total_bytes: self.mem_total_bytes,
            disk_percent: self.disk_percent,
            disk_read_bps: self.disk_read_bps,
            disk_write_bps: self.disk_write_bps,
            net_in_bps: self.net_in_bps,
            net_out_bps: self.net_out_bps,
            uptime_s: self.uptime_s,
            last_report_at: Some(self.last_report_at),
        };
        summary.health = summary.health_at(now);
        Ok(summary)
    }
}

impl HostRow {
    pub(crate) fn into_host(self, now: Micros) -> Result<Host, StoreError> {
        let details: Details = parse_details(&self.details)?;
        Ok(Host {
            summary: self.summary.into_summary(now)?,
            kernel: details.kernel,
            cpu_model: details.cpu_model,
            cpu_cores: details.cpu_cores,
            agent_version: details.agent_version,
            first_report_at: details.first_report_at,
            clock_skew_s: details.clock_skew_s,
            load: details.load,
            swap_used_bytes: details.swap_used_bytes,
            swap_total_bytes: details.swap_total_bytes,
            disks: details.disk_rates,
            filesystems: details.filesystems,
            temperatures: details.temperatures,
        })
    }
}

pub(crate) fn parse_host_id(text: &str) -> Result<HostId, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Corrupt { what: "A host in the database has no valid id.".to_owned(), source: None })
}

pub(crate) fn parse_details<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
        what: "The details of a host in the database cannot be read.".to_owned(),
        source: Some(error.into()),
    })
}

/// A page of an organization's hosts by name, then by id.
pub(crate) fn list(
    connection: &mut AnyConnection,
    org: OrgId,
    limit: usize,
    after: Option<&HostCursor>,
    now: Micros,
) -> Result<HostList, StoreError> {
    let limit = limit.max(1);
    let page = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let own = hosts::table
        .filter(hosts::org_id.eq(org.to_string()))
        .order((hosts::name, hosts::id))
        .limit(page)
        .select(SummaryRow::as_select());
    let rows: Vec<SummaryRow> = match after {
        None => own.load(connection).db()?,
        // The first condition says what the second implies, so that the index can start there.
        Some(after) => own
            .filter(hosts::name.ge(&after.name))
            .filter(hosts::name.gt(&after.name).or(hosts::id.gt(after.id.to_string())))
            .load(connection)
            .db()?,
    };
    let mut rows = keep_own(org, rows, "hosts");
    let more = rows.len() > limit;
    rows.truncate(limit);
    let items = rows.into_iter().map(|row| row.into_summary(now)).collect::<Result<Vec<_>, _>>()?;
    let next = items.last().filter(|_| more).map(|last| HostCursor { org, name: last.name.clone(), id: last.id });
    Ok(HostList { items, next })
}

/// One host.
pub(crate) fn get(connection: &mut AnyConnection, org: OrgId, host: HostId, now: Micros) -> Result<Host, GetError> {
    let rows: Vec<HostRow> =
        hosts::table.find((org.to_string(), host.to_string())).select(HostRow::as_select()).load(connection).db()?;
    let row = keep_own(org, rows, "hosts").pop().ok_or(GetError::NotFound)?;
    Ok(row.into_host(now)?)
}

/// How many hosts there are.
pub(crate) fn count(connection: &mut AnyConnection, org: OrgId) -> Result<i64, StoreError> {
    hosts::table.filter(hosts::org_id.eq(org.to_string())).count().get_result(connection).db()
}

/// All hosts as lists show them, in no order.
pub(crate) fn all(connection: &mut AnyConnection, org: OrgId, now: Micros) -> Result<Vec<HostSummary>, StoreError> {
    let own = hosts::table.filter(hosts::org_id.eq(org.to_string()));
    let rows: Vec<SummaryRow> = own.select(SummaryRow::as_select()).load(connection).db()?;
    keep_own(org, rows, "hosts").into_iter().map(|row| row.into_summary(now)).collect()
}

/// Sums over hosts.
pub(crate) fn totals_of(hosts: &[HostSummary]) -> HostTotals {
    let mut totals = HostTotals::default();
    for host in hosts {
        totals.hosts += 1;
        match host.health {
            Health::Healthy => totals.healthy += 1,
            Health::Warning => totals.warning += 1,
            Health::Critical => totals.critical += 1,
            Health::NotReporting => totals.not_reporting += 1,
        }
    }
    totals
}

/// Removes a host with its samples, what runs on it, and what is noted about both. False where there is none.
pub(crate) fn delete(connection: &mut AnyConnection, org: OrgId, host: HostId) -> Result<bool, StoreError> {
    let (org, host) = (org.to_string(), host.to_string());
    let samples = host_samples::table.filter(host_samples::org_id.eq(&org)).filter(host_samples::host_id.eq(&host));
    diesel::delete(samples).execute(connection).db()?;
    let notes = metadata::table.filter(metadata::org_id.eq(&org)).filter(metadata::host_id.eq(&host));
    diesel::delete(notes).execute(connection).db()?;
    diesel::delete(inventories::table.find((&org, &host))).execute(connection).db()?;
    diesel::delete(hosts::table.find((&org, &host))).execute(connection).db().map(|deleted| deleted > 0)
}

/// Removes samples that were taken before. Host by host, since the index by time is each host's.
pub(crate) fn prune(connection: &mut AnyConnection, org: OrgId, before: Micros) -> Result<usize, StoreError> {
    let org = org.to_string();
    let ids: Vec<String> = hosts::table.filter(hosts::org_id.eq(&org)).select(hosts::id).load(connection).db()?;
    let mut removed = 0;
    for id in ids {
        let old = host_samples::table
            .filter(host_samples::org_id.eq(&org))
            .filter(host_samples::host_id.eq(id))
            .filter(host_samples::at.lt(before));
        removed += diesel::delete(old).execute(connection).db()?;
    }
    Ok(removed)
}
