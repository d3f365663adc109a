//! Measures of one host over time.

use crate::{
    GetError, StoreError,
    connection::AnyConnection,
    error::Db as _,
    isolation::{OfOrg, keep_own},
    schema::{host_samples, hosts},
};
use diesel::prelude::*;
use shared::{
    HostId, Micros, OrgId,
    host::{HostSeries, MAX_SERIES_POINTS},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = host_samples)]
struct SampleRow {
    org_id: String,
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

impl OfOrg for SampleRow {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

/// The samples of a window, thinned to at most so many points: each point is the mean of those in an equal part of the
/// window, at the time of the last of them.
pub(crate) fn load(
    connection: &mut AnyConnection,
    org: OrgId,
    host: HostId,
    window: (Micros, Micros),
    max_points: usize,
) -> Result<HostSeries, GetError> {
    let (from, to) = window;
    let (org_text, host) = (org.to_string(), host.to_string());
    let known: i64 = hosts::table.find((&org_text, &host)).count().get_result(connection).db()?;
    if known == 0 {
        return Err(GetError::NotFound);
    }
    let rows: Vec<SampleRow> = host_samples::table
        .filter(host_samples::org_id.eq(&org_text))
        .filter(host_samples::host_id.eq(&host))
        .filter(host_samples::at.between(from, to))
        .order(host_samples::at)
        .select(SampleRow::as_select())
        .load(connection)
        .db()
        .map_err(|error: StoreError| GetError::Store(error))?;
    Ok(thin(&keep_own(org, rows, "host_samples"), from, to, max_points.clamp(1, MAX_SERIES_POINTS)))
}

fn thin(rows: &[SampleRow], from: Micros, to: Micros, max_points: usize) -> HostSeries {
    let mut series = HostSeries { from, to, ..HostSeries::default() };
    if rows.len() <= max_points {
        rows.iter().for_each(|row| push(&mut series, std::slice::from_ref(row)));
        return series;
    }
    let points = i128::try_from(max_points).unwrap_or(1);
    let width = i128::from(to) - i128::from(from) + 1;
    // Wide numbers, since a client chooses the window.
    let part_of = |row: &SampleRow| (i128::from(row.at) - i128::from(from)) * points / width;
    for part in rows.chunk_by(|one, other| part_of(one) == part_of(other)) {
        push(&mut series, part);
    }
    series
}

/// Adds the mean of some rows as one point.
fn push(series: &mut HostSeries, rows: &[SampleRow]) {
    let Some(last) = rows.last() else { return };
    let mean = |value: &dyn Fn(&SampleRow) -> Option<f64>| {
        let known: Vec<f64> = rows.iter().filter_map(value).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    series.at.push(last.at);
    series.cpu_percent.push(mean(&|row| row.cpu_percent));
    series.load1.push(mean(&|row| row.load1));
    series.mem_used_bytes.push(mean(&|row| row.mem_used_bytes.map(|bytes| bytes as f64)));
    series.swap_used_bytes.push(mean(&|row| row.swap_used_bytes.map(|bytes| bytes as f64)));
    series.disk_read_bps.push(mean(&|row| row.disk_read_bps));
    series.disk_write_bps.push(mean(&|row| row.disk_write_bps));
    series.net_in_bps.push(mean(&|row| row.net_in_bps));
    series.net_out_bps.push(mean(&|row| row.net_out_bps));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: Micros, cpu_percent: Option<f64>) -> SampleRow {
        SampleRow {
            org_id: String::new(),
            at,
            cpu_percent,
            load1: None,
            mem_used_bytes: None,
            swap_used_bytes: None,
            disk_read_bps: None,
            disk_write_bps: None,
            net_in_bps: None,
            net_out_bps: None,
        }
    }

    #[test]
    fn a_thinned_series_has_no_more_points_than_asked_for_and_keeps_the_mean() {
        let rows: Vec<_> = (0..100).map(|at| row(at, (at % 2 == 0).then_some(at as f64))).collect();
        let series = thin(&rows, 0, 99, 10);
        assert_eq!(series.at, [9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
        assert_eq!(series.cpu_percent[0], Some(4.0), "the mean of 0, 2, 4, 6, 8");
        assert!(series.load1.iter().all(Option::is_none));
    }

    #[test]
    fn the_widest_window_does_not_overflow() {
        let rows = [row(Micros::MIN, None), row(0, Some(1.0)), row(Micros::MAX, None)];
        assert_eq!(thin(&rows, Micros::MIN, Micros::MAX, 2).at.len(), 2);
    }
}
