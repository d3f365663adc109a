//! An organization at a glance. It has no table of its own: it is made of what the tables hold when it is asked for.

use crate::{GetError, StoreError, connection::AnyConnection, hosts, inventory, series};
use shared::{
    Micros, OrgId,
    host::HostSummary,
    summary::{MAX_WORST, SPARK_POINTS, SPARK_WINDOW, ShortOf, Summary, WorstHost},
};
use std::cmp::Ordering;

/// The organization at a time.
pub(crate) fn make(connection: &mut AnyConnection, org: OrgId, now: Micros) -> Result<Summary, StoreError> {
    let mut all = hosts::all(connection, org, now)?;
    let totals = hosts::totals_of(&all);
    let worst = worst_first(&mut all);
    let worst = worst.iter().map(|host| with_last_hour(connection, org, host, now)).collect::<Result<_, _>>()?;
    Ok(Summary { at: now, hosts: totals, inventory: inventory::totals(connection, org)?, worst })
}

/// The hosts that are doing worst: by health, then by what is fullest, then by name.
fn worst_first(all: &mut Vec<HostSummary>) -> Vec<HostSummary> {
    let order = |a: &HostSummary, b: &HostSummary| {
        let full = |host: &HostSummary| host.worst_percent().unwrap_or(f64::NEG_INFINITY);
        let by_health = b.health.cmp(&a.health);
        let by_share = full(b).partial_cmp(&full(a)).unwrap_or(Ordering::Equal);
        by_health.then(by_share).then_with(|| a.name.cmp(&b.name)).then(a.id.cmp(&b.id))
    };
    if all.len() > MAX_WORST {
        all.select_nth_unstable_by(MAX_WORST, order);
        all.truncate(MAX_WORST);
    }
    all.sort_by(order);
    std::mem::take(all)
}

fn with_last_hour(
    connection: &mut AnyConnection,
    org: OrgId,
    host: &HostSummary,
    now: Micros,
) -> Result<WorstHost, StoreError> {
    let window = (now - SPARK_WINDOW, now);
    let series = match series::load(connection, org, host.id, window, SPARK_POINTS) {
        Ok(series) => series,
        // Removed between the two looks.
        Err(GetError::NotFound) => Default::default(),
        Err(GetError::Store(error)) => return Err(error),
    };
    let short_of = if host.mem_percent() > host.cpu_percent { ShortOf::Memory } else { ShortOf::Cpu };
    let used: Vec<Option<f64>> = match (short_of, host.mem_total_bytes.filter(|total| *total > 0)) {
        (ShortOf::Cpu, _) => series.cpu_percent,
        (ShortOf::Memory, Some(total)) => {
            series.mem_used_bytes.into_iter().map(|used| used.map(|used| used * 100.0 / total as f64)).collect()
        }
        (ShortOf::Memory, None) => Vec::new(),
    };
    let last_hour = over_the_window(now, series.at.into_iter().zip(used));
    Ok(WorstHost { host: host.id, short_of, last_hour })
}

/// Values at their places in the window that ends now, to a tenth; nothing where there is no line to draw.
fn over_the_window(now: Micros, values: impl Iterator<Item = (Micros, Option<f64>)>) -> Vec<Option<f64>> {
    let mut places = vec![None; SPARK_POINTS];
    let width = SPARK_WINDOW / SPARK_POINTS as Micros;
    for (at, value) in values {
        let place = usize::try_from((at - (now - SPARK_WINDOW)) / width).unwrap_or_default().min(SPARK_POINTS - 1);
        places[place] = value.map(|value| (value * 10.0).round() / 10.0).or(places[place]);
    }
    if places.iter().flatten().count() < 2 { Vec::new() } else { places }
}
