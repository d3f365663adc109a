//! Measures of one host over the last hour.

use super::{Data, Found, count, cut, get_host, record};
use crate::state::now;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::{SECOND, assistant::Lookup, host::MAX_SERIES_POINTS, metadata::Subject};
use store::GetError;

const WINDOW_S: i64 = 3_600;
/// Points of a thinned series.
const POINTS: usize = 12;

/// Arguments of `read_metrics`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfHost {
    host: String,
}

pub(super) fn read(data: &Data<'_>, arguments: OfHost) -> Result<Found, GetError> {
    let host = get_host(data, &arguments.host)?;
    let (id, now) = (host.summary.id, now());
    let series = data.host_series(id, now - WINDOW_S * SECOND, now, MAX_SERIES_POINTS)?;
    let mut measures = Map::new();
    for (name, values) in [
        ("cpu_percent", &series.cpu_percent),
        ("load1", &series.load1),
        ("mem_used_bytes", &series.mem_used_bytes),
        ("swap_used_bytes", &series.swap_used_bytes),
        ("disk_read_bytes_per_s", &series.disk_read_bps),
        ("disk_written_bytes_per_s", &series.disk_write_bps),
        ("net_received_bytes_per_s", &series.net_in_bps),
        ("net_sent_bytes_per_s", &series.net_out_bps),
    ] {
        measures.extend(summary(values).map(|summary| (name.to_owned(), summary)));
    }
    let name = cut(&host.summary.name);
    let result = json!({
        "host": record::host(&host.summary, now).value,
        "cpu_cores": host.cpu_cores,
        "mem_total_bytes": host.summary.mem_total_bytes,
        "window_s": WINDOW_S,
        "measures": measures,
    });
    let lookup = Lookup {
        title: format!("Read metrics of {name}"),
        records: count(series.at.len().min(POINTS)),
        subjects: vec![record::named(Subject::Host(id), &name)],
    };
    Ok(Found { result: result.to_string(), lookup: Some(lookup) })
}

/// None where nothing is known.
fn summary(values: &[Option<f64>]) -> Option<Value> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let last = *known.last()?;
    let points = values.chunks(values.len().div_ceil(POINTS)).map(|part| record::rounded(mean(part)));
    Some(json!({
        "min": record::rounded(known.iter().copied().reduce(f64::min)),
        "mean": record::rounded(mean(values)),
        "max": record::rounded(known.iter().copied().reduce(f64::max)),
        "last": record::rounded(Some(last)),
        "points": points.collect::<Vec<_>>(),
    }))
}

fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_summed_up_in_a_few_points() {
        let values: Vec<_> = (0..100).map(|number| (number != 50).then_some(f64::from(number))).collect();
        let summary = summary(&values).expect("most are known");
        assert_eq!((&summary["min"], &summary["max"], &summary["last"]), (&json!(0.0), &json!(99.0), &json!(99.0)));
        let points = summary["points"].as_array().expect("a list");
        assert_eq!((points.len(), &points[0]), (12, &json!(4.0)));
        assert_eq!(super::summary(&[None, None]), None);
        assert_eq!(super::summary(&[]), None);
        assert_eq!(super::summary(&[Some(1.0)]).expect("known")["points"], json!([1.0]));
    }
}
