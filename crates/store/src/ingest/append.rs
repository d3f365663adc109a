//! Appending batches of one organization in one transaction.

use super::{
    IngestError, IngestOutcome, inventories,
    rates::{Previous, Rates, disk_rates},
};
use crate::{
    StoreError, ValidBatch,
    connection::{AnyConnection, each_backend},
    error::Db as _,
    hosts::{Details, HostRow, count, parse_details},
    isolation::keep_own,
    schema::{host_samples, hosts},
};
use diesel::{prelude::*, upsert::excluded};
use serde::Deserialize;
use shared::{
    HostId, Micros, OrgId,
    host::{Health, HostSummary},
    report::{DiskCounters, Filesystem, NetworkCounters, Report},
};
use std::collections::{BTreeMap, HashMap, HashSet, btree_map::Entry};

/// Rows in one statement: well below the number of parameters that either database takes.
const ROWS_PER_STATEMENT: usize = 250;

/// A host to be written. It has no organization: the store writes that beside it.
#[derive(Insertable)]
#[diesel(table_name = hosts, treat_none_as_default_value = false)]
struct NewHost {
    id: String,
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
    last_taken_at: Micros,
    details: String,
}

/// A sample to be written. It has no organization: the store writes that beside it.
#[derive(Insertable)]
#[diesel(table_name = host_samples, treat_none_as_default_value = false)]
struct NewSample {
    host_id: String,
    taken_at: Micros,
    at: Micros,
    cpu_percent: Option<f64>,
    load1: Option<f64>,
    mem_used_bytes: Option<i64>,
    swap_used_bytes: Option<i64>,
    disk_read_bps: Option<f64>,
    disk_write_bps: Option<f64>,
    net_in_bps: Option<f64>,
    net_out_bps: Option<f64>,
}

/// The part of a host's details that matters for what comes next.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Known {
    first_report_at: Micros,
    disks: Vec<DiskCounters>,
    networks: Vec<NetworkCounters>,
}

/// A host while batches are applied to it.
struct HostState {
    summary: HostSummary,
    first_report_at: Micros,
    previous: Previous,
    /// Written at the end; none where no report changed it.
    changed: Option<Details>,
}

/// Appends batches in their order. Each gets its own answer; an error of the whole is one of the database, and then
/// nothing is kept.
pub(super) fn append(
    connection: &mut AnyConnection,
    org: OrgId,
    batches: &[ValidBatch],
    now: Micros,
) -> Result<Vec<Result<IngestOutcome, IngestError>>, StoreError> {
    let mut states = load_states(connection, org, batches, now)?;
    let mut used = None;
    let mut samples: Vec<NewSample> = Vec::new();
    // For each batch its place in `answers`, and the keys of its reports.
    let mut answers: Vec<Result<Vec<Micros>, IngestError>> = Vec::new();
    let mut seen: HashSet<(HostId, Micros)> = HashSet::new();

    for batch in batches {
        let state = match states.entry(batch.host.id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let Some(first) = batch.reports.first() else {
                    // Nothing to keep, of a machine that nobody knows.
                    answers.push(Ok(Vec::new()));
                    continue;
                };
                let used = match &mut used {
                    Some(used) => used,
                    none => none.insert(count(connection, org)?),
                };
                if let Some(limit) = batch.max_hosts.filter(|limit| *used >= *limit) {
                    answers.push(Err(IngestError::HostLimit { limit, used: *used }));
                    continue;
                }
                *used += 1;
                new.insert(HostState::new(batch, first))
            }
        };
        let mut keys = Vec::with_capacity(batch.reports.len());
        for report in &batch.reports {
            // A key that comes twice in one transaction is a duplicate the second time.
            if seen.insert((batch.host.id, report.taken_at)) {
                let rates = state.apply(batch, report);
                samples.push(new_sample(batch, report, rates));
                keys.push(report.taken_at);
            }
        }
        answers.push(Ok(keys));
    }

    write_hosts(connection, org, &states)?;
    let kept = write_samples(connection, org, samples)?;
    // After the hosts: what runs on one cannot be kept without it. One that the limit refused is not among the states.
    let host_name = |host: &HostId| states.get(host).map(|state| state.summary.name.as_str());
    let found = inventories::keep(connection, org, batches, host_name)?;
    Ok(answers
        .into_iter()
        .zip(batches)
        .zip(found)
        .map(|((answer, batch), inventory)| {
            Ok(IngestOutcome { inventory, ..outcome(org, answer?, batch, &states, &kept, now) })
        })
        .collect())
}

fn outcome(
    org: OrgId,
    keys: Vec<Micros>,
    batch: &ValidBatch,
    states: &BTreeMap<HostId, HostState>,
    kept: &HashSet<(HostId, Micros)>,
    now: Micros,
) -> IngestOutcome {
    let accepted = keys.into_iter().filter(|taken_at| kept.contains(&(batch.host.id, *taken_at))).count();
    let as_count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut host = match states.get(&batch.host.id) {
        Some(state) => state.summary.clone(),
        None => empty_summary(batch),
    };
    host.health = host.health_at(now);
    let duplicates = as_count(batch.reports.len() - accepted);
    IngestOutcome { org, accepted: as_count(accepted), duplicates, host, inventory: None }
}

fn empty_summary(batch: &ValidBatch) -> HostSummary {
    HostSummary {
        id: batch.host.id,
        name: batch.host.name.clone(),
        os: batch.host.os.clone(),
        health: Health::NotReporting,
        cpu_percent: None,
        mem_used_bytes: None,
        mem_total_bytes: None,
        disk_percent: None,
        disk_read_bps: None,
        disk_write_bps: None,
        net_in_bps: None,
        net_out_bps: None,
        uptime_s: None,
        last_report_at: None,
    }
}

/// The known hosts among those of the batches, in one query for many. Ordered by id, so that two servers that write the
/// same hosts take their locks in the same order.
fn load_states(
    connection: &mut AnyConnection,
    org: OrgId,
    batches: &[ValidBatch],
    now: Micros,
) -> Result<BTreeMap<HostId, HostState>, StoreError> {
    let ids: HashSet<String> = batches.iter().map(|batch| batch.host.id.to_string()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut states = BTreeMap::new();
    for ids in ids.chunks(ROWS_PER_STATEMENT) {
        let own = hosts::table.filter(hosts::org_id.eq(org.to_string()));
        let rows: Vec<HostRow> = match ids {
            // The usual case has one text, and so one prepared statement.
            [id] => own.filter(hosts::id.eq(id)).select(HostRow::as_select()).load(connection).db()?,
            ids => own.filter(hosts::id.eq_any(ids)).select(HostRow::as_select()).load(connection).db()?,
        };
        for row in keep_own(org, rows, "hosts") {
            let known: Known = parse_details(&row.details)?;
            let taken_at = row.last_taken_at;
            let summary = row.summary.into_summary(now)?;
            let previous = Previous {
                taken_at,
                uptime_s: summary.uptime_s.unwrap_or_default(),
                disks: known.disks,
                networks: known.networks,
            };
            let first_report_at = known.first_report_at;
            states.insert(summary.id, HostState { summary, first_report_at, previous, changed: None });
        }
    }
    Ok(states)
}

impl HostState {
    /// A machine that reports for the first time.
    fn new(batch: &ValidBatch, first: &Report) -> Self {
        let previous = Previous { taken_at: Micros::MIN, uptime_s: 0, disks: Vec::new(), networks: Vec::new() };
        let first_report_at = at(batch, first);
        Self { summary: empty_summary(batch), first_report_at, previous, changed: None }
    }

    /// Makes a report the host's present state, if it is newer than that; a late one changes nothing and has no rates.
    fn apply(&mut self, batch: &ValidBatch, report: &Report) -> Rates {
        if report.taken_at <= self.previous.taken_at {
            return Rates::default();
        }
        let first = self.summary.last_report_at.is_none();
        let previous = (!first).then_some(&self.previous);
        let (rates, disk_rates) = (Rates::between(previous, report), disk_rates(previous, report));
        self.previous = Previous {
            taken_at: report.taken_at,
            uptime_s: report.uptime_s,
            disks: report.disks.clone(),
            networks: report.networks.clone(),
        };
        self.summary = HostSummary {
            id: batch.host.id,
            name: batch.host.name.clone(),
            os: batch.host.os.clone(),
            health: Health::Healthy,
            cpu_percent: report.cpu_percent,
            mem_used_bytes: report.mem_used_bytes,
            mem_total_bytes: report.mem_total_bytes,
            disk_percent: fullest(&report.filesystems),
            disk_read_bps: rates.disk_read_bps,
            disk_write_bps: rates.disk_write_bps,
            net_in_bps: rates.net_in_bps,
            net_out_bps: rates.net_out_bps,
            uptime_s: Some(report.uptime_s),
            last_report_at: Some(at(batch, report)),
        };
        self.changed = Some(Details {
            kernel: batch.host.kernel.clone(),
            cpu_model: batch.host.cpu_model.clone(),
            cpu_cores: batch.host.cpu_cores,
            agent_version: batch.host.agent_version.clone(),
            first_report_at: self.first_report_at,
            clock_skew_s: (batch.skew != 0).then_some(batch.skew / shared::SECOND),
            load: report.load,
            swap_used_bytes: report.swap_used_bytes,
            swap_total_bytes: report.swap_total_bytes,
            filesystems: report.filesystems.clone(),
            temperatures: report.temperatures.clone(),
            disk_rates,
            disks: report.disks.clone(),
            networks: report.networks.clone(),
        });
        rates
    }
}

/// When a report was taken, on the server's clock.
fn at(batch: &ValidBatch, report: &Report) -> Micros {
    report.taken_at.saturating_sub(batch.skew)
}

fn fullest(filesystems: &[Filesystem]) -> Option<f64> {
    filesystems.iter().filter_map(Filesystem::used_percent).reduce(f64::max).map(|percent| percent.min(100.0))
}

fn new_sample(batch: &ValidBatch, report: &Report, rates: Rates) -> NewSample {
    NewSample {
        host_id: batch.host.id.to_string(),
        taken_at: report.taken_at,
        at: at(batch, report),
        cpu_percent: report.cpu_percent,
        load1: report.load.map(|[load1, ..]| load1),
        mem_used_bytes: report.mem_used_bytes,
        swap_used_bytes: report.swap_used_bytes,
        disk_read_bps: rates.disk_read_bps,
        disk_write_bps: rates.disk_write_bps,
        net_in_bps: rates.net_in_bps,
        net_out_bps: rates.net_out_bps,
    }
}

fn write_hosts(
    connection: &mut AnyConnection,
    org: OrgId,
    states: &BTreeMap<HostId, HostState>,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for state in states.values() {
        let (Some(details), summary) = (&state.changed, &state.summary) else { continue };
        let details = serde_json::to_string(details).map_err(|error| StoreError::Internal(error.into()))?;
        let row = NewHost {
            id: summary.id.to_string(),
            name: summary.name.clone(),
            os: summary.os.clone(),
            cpu_percent: summary.cpu_percent,
            mem_used_bytes: summary.mem_used_bytes,
            mem_total_bytes: summary.mem_total_bytes,
            disk_percent: summary.disk_percent,
            disk_read_bps: summary.disk_read_bps,
            disk_write_bps: summary.disk_write_bps,
            net_in_bps: summary.net_in_bps,
            net_out_bps: summary.net_out_bps,
            uptime_s: summary.uptime_s,
            last_report_at: summary.last_report_at.unwrap_or_default(),
            last_taken_at: state.previous.taken_at,
            details,
        };
        rows.push((hosts::org_id.eq(org.to_string()), row));
    }
    while !rows.is_empty() {
        let rows: Vec<_> = rows.drain(..rows.len().min(ROWS_PER_STATEMENT)).collect();
        each_backend!(connection, |concrete| {
            diesel::insert_into(hosts::table)
                .values(rows)
                .on_conflict((hosts::org_id, hosts::id))
                .do_update()
                .set((
                    hosts::name.eq(excluded(hosts::name)),
                    hosts::os.eq(excluded(hosts::os)),
                    hosts::cpu_percent.eq(excluded(hosts::cpu_percent)),
                    hosts::mem_used_bytes.eq(excluded(hosts::mem_used_bytes)),
                    hosts::mem_total_bytes.eq(excluded(hosts::mem_total_bytes)),
                    hosts::disk_percent.eq(excluded(hosts::disk_percent)),
                    hosts::disk_read_bps.eq(excluded(hosts::disk_read_bps)),
                    hosts::disk_write_bps.eq(excluded(hosts::disk_write_bps)),
                    hosts::net_in_bps.eq(excluded(hosts::net_in_bps)),
                    hosts::net_out_bps.eq(excluded(hosts::net_out_bps)),
                    hosts::uptime_s.eq(excluded(hosts::uptime_s)),
                    hosts::last_report_at.eq(excluded(hosts::last_report_at)),
                    hosts::last_taken_at.eq(excluded(hosts::last_taken_at)),
                    hosts::details.eq(excluded(hosts::details)),
                ))
                .execute(concrete)
                .db()?
        });
    }
    Ok(())
}

/// Writes the samples that are not there yet. Answers their keys.
fn write_samples(
    connection: &mut AnyConnection,
    org: OrgId,
    samples: Vec<NewSample>,
) -> Result<HashSet<(HostId, Micros)>, StoreError> {
    let mut kept: Vec<(String, Micros)> = Vec::new();
    let mut rows: Vec<_> =
        samples.into_iter().map(|sample| (host_samples::org_id.eq(org.to_string()), sample)).collect();
    while !rows.is_empty() {
        let rows: Vec<_> = rows.drain(..rows.len().min(ROWS_PER_STATEMENT)).collect();
        let inserted: Vec<(String, Micros)> = each_backend!(connection, |concrete| {
            diesel::insert_into(host_samples::table)
                .values(rows)
                .on_conflict_do_nothing()
                .returning((host_samples::host_id, host_samples::taken_at))
                .get_results(concrete)
                .db()?
        });
        kept.extend(inserted);
    }
    let ids: HashMap<String, HostId> =
        kept.iter().filter_map(|(id, _)| id.parse().ok().map(|host| (id.clone(), host))).collect();
    Ok(kept.iter().filter_map(|(id, taken_at)| ids.get(id).map(|host| (*host, *taken_at))).collect())
}
