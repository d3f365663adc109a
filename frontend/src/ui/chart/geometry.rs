//! Where things lie in a chart: scales, ticks, paths. Pure, so that it is tested without a browser.

use super::{ChartData, Unit};
use shared::{Micros, SECOND};
use std::fmt::Write;

/// Width of the column of words left of the plot, in CSS pixels. The style sheet says the same: `--chart-gutter`.
const GUTTER_LEFT: f64 = 52.0;
/// Free space right of the plot.
const GUTTER_RIGHT: f64 = 16.0;

/// A chart's inner area within its whole width, in CSS pixels.
pub struct PlotArea {
    /// Where it begins.
    pub left: f64,
    /// How wide it is.
    pub width: f64,
}

impl PlotArea {
    /// The area of a chart that is so wide.
    pub fn of(whole: f64) -> Self {
        Self { left: GUTTER_LEFT, width: (whole - GUTTER_LEFT - GUTTER_RIGHT).max(1.0) }
    }
}

/// One rounded value on the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// How far up it lies, 0 to 1.
    pub share: f64,
    /// What stands beside it.
    pub label: String,
}

/// What a chart has in sight.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    from: Micros,
    to: Micros,
    top: f64,
    /// Lowest first.
    pub ticks: Vec<Tick>,
}

/// A line and the area below it, as SVG path data in a box of 1000 by 1000.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paths {
    /// The line itself, in as many pieces as there are runs of values.
    pub line: String,
    /// The area below each piece.
    pub area: String,
}

impl Frame {
    /// The frame that shows all of the data, from 0 up.
    pub fn of(data: &ChartData, unit: Unit, max: Option<f64>) -> Self {
        let largest = || {
            data.lines
                .iter()
                .flat_map(|line| &line.values)
                .flatten()
                .copied()
                .filter(|v| v.is_finite())
                .reduce(f64::max)
        };
        let Some(wanted) = max.or_else(largest).filter(|top| *top > 0.0) else {
            // Without a value above 0 there is nothing that a tick could say but where 0 is.
            let zero = Tick { share: 0.0, label: tick_label(0.0, unit) };
            return Self { from: data.from, to: data.to.max(data.from + SECOND), top: 1.0, ticks: vec![zero] };
        };
        let (step, count) = step_for(wanted * unit.factor(), unit.base());
        let step = step / unit.factor();
        // A given maximum is the upper edge itself: a chart of percent ends at 100.
        let top = max.filter(|top| *top > 0.0).unwrap_or(step * f64::from(count));
        let ticks = (0..=count)
            .map(|at| f64::from(at) * step)
            .filter(|value| *value <= top * 1.001)
            .map(|value| Tick { share: value / top, label: tick_label(value, unit) })
            .collect();
        Self { from: data.from, to: data.to.max(data.from + SECOND), top, ticks }
    }

    /// How far right a time lies, 0 to 1 within the window.
    pub fn share_of(&self, at: Micros) -> f64 {
        (at - self.from) as f64 / (self.to - self.from).max(1) as f64
    }

    /// The time at a share of the window.
    pub fn time_at(&self, share: f64) -> Micros {
        self.from + ((self.to - self.from) as f64 * share) as Micros
    }

    /// How far up a value lies, 0 to 1.
    pub fn height_of(&self, value: f64) -> f64 {
        (value / self.top).clamp(0.0, 1.0)
    }

    /// Line and area of one measure; where a value is missing the line ends and begins anew.
    pub fn paths(&self, at: &[Micros], values: &[Option<f64>]) -> Paths {
        let mut paths =
            Paths { line: String::with_capacity(values.len() * 12), area: String::with_capacity(values.len() * 12) };
        let mut last_x = None;
        for (at, value) in at.iter().zip(values) {
            let share = self.share_of(*at);
            match value.filter(|value| value.is_finite() && (0.0..=1.0).contains(&share)) {
                Some(value) => {
                    let (x, y) = (share * 1000.0, (1.0 - self.height_of(value)) * 1000.0);
                    let letter = if last_x.is_some() { 'L' } else { 'M' };
                    // Writing to a String does not fail.
                    let _ = write!(paths.line, "{letter}{x:.1} {y:.0}");
                    let _ = match last_x {
                        Some(_) => write!(paths.area, "L{x:.1} {y:.0}"),
                        None => write!(paths.area, "M{x:.1} 1000L{x:.1} {y:.0}"),
                    };
                    last_x = Some(x);
                }
                None => {
                    if let Some(x) = last_x.take() {
                        let _ = write!(paths.area, "L{x:.1} 1000Z");
                    }
                }
            }
        }
        if let Some(x) = last_x {
            let _ = write!(paths.area, "L{x:.1} 1000Z");
        }
        paths
    }

    /// About six round times along the lower edge, as shares of the window.
    pub fn times(&self, utc_offset_s: i32) -> Vec<(f64, Micros)> {
        const STEPS_S: [i64; 14] = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
        let span_s = (self.to - self.from) / SECOND;
        let step = STEPS_S.into_iter().find(|step| span_s / step <= 7).unwrap_or(86_400 * (span_s / 86_400 / 6).max(1))
            * SECOND;
        let offset = i64::from(utc_offset_s) * SECOND;
        // Round on the clock of the reader: with a half-hour zone that is not round in UTC.
        let first = (self.from + offset).div_euclid(step) * step + step - offset;
        (0..)
            .map(|at| first + at * step)
            .take_while(|at| *at <= self.to)
            .map(|at| (self.share_of(at), at))
            .filter(|(share, _)| (0.02..=0.985).contains(share))
            .collect()
    }
}

/// A round step and how many of them reach `top`: 3 to 5 for most.
fn step_for(top: f64, base: f64) -> (f64, u32) {
    // Within its own unit (kilo, mega, …), so that a tick of memory is a whole GiB.
    let unit = base.powf((top.ln() / base.ln()).floor().max(0.0));
    let within = top / unit;
    let magnitude = 10_f64.powf(within.log10().floor());
    let candidates: &[f64] =
        if base == 1024.0 { &[0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0] } else { &[] };
    let step = candidates.iter().copied().find(|step| within / step <= 4.001).unwrap_or_else(|| {
        [0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5]
            .into_iter()
            .map(|factor| factor * magnitude)
            .find(|step| within / step <= 4.001)
            .unwrap_or(2.5 * magnitude)
    });
    (step * unit, (within / step - 0.001).ceil().max(1.0) as u32)
}

fn tick_label(value: f64, unit: Unit) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    match unit {
        Unit::Percent => super::format::decimal(value),
        _ => unit.format(value).replace("/s", ""),
    }
}

/// The index of the time nearest to `wanted`.
pub fn nearest(at: &[Micros], wanted: Micros) -> Option<usize> {
    let after = at.partition_point(|at| *at < wanted);
    let before = after.checked_sub(1);
    match (before, at.get(after)) {
        (Some(before), Some(next)) if wanted - at[before] <= next - wanted => Some(before),
        (_, Some(_)) => Some(after),
        (before, None) => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::ChartLine;

    fn data(values: &[Option<f64>]) -> ChartData {
        let at: Vec<Micros> = (0..values.len() as i64).map(|at| at * 5 * SECOND).collect();
        let to = at.last().copied().unwrap_or(0);
        ChartData { from: 0, to, at, lines: vec![ChartLine { label: "x".into(), colour: 1, values: values.to_vec() }] }
    }

    fn labels(data: &ChartData, unit: Unit, max: Option<f64>) -> Vec<String> {
        Frame::of(data, unit, max).ticks.into_iter().map(|tick| tick.label.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn ticks_are_round_and_reach_the_largest_value() {
        assert_eq!(labels(&data(&[Some(3.0)]), Unit::Percent, Some(100.0)), ["0", "25", "50", "75", "100"]);
        assert_eq!(
            labels(&data(&[Some(730e6)]), Unit::BytesPerSecond, None),
            ["0", "200 MB", "400 MB", "600 MB", "800 MB"]
        );
        let memory = 64.0 * 1024.0_f64.powi(3);
        assert_eq!(
            labels(&data(&[Some(5e9)]), Unit::Memory, Some(memory)),
            ["0", "16 GiB", "32 GiB", "48 GiB", "64 GiB"]
        );
        // 52 MB/s are 416 Mb/s: round in bits, though stored in bytes.
        assert_eq!(labels(&data(&[Some(52e6)]), Unit::BitsPerSecond, None).last().expect("ticks"), "600 Mb");
    }

    #[test]
    fn a_chart_of_nothing_still_has_an_axis() {
        assert_eq!(labels(&data(&[None, None]), Unit::Number, None), ["0"]);
        assert_eq!(labels(&data(&[Some(0.0)]), Unit::Bytes, None), ["0"]);
        assert_eq!(labels(&ChartData::default(), Unit::Percent, Some(100.0)).len(), 5);
    }

    #[test]
    fn a_gap_in_the_values_is_a_gap_in_the_line() {
        let data = data(&[Some(100.0), Some(50.0), None, Some(0.0)]);
        let paths = Frame::of(&data, Unit::Percent, Some(100.0)).paths(&data.at, &data.lines[0].values);
        assert_eq!(paths.line, "M0.0 0L333.3 500M1000.0 1000");
        assert_eq!(paths.area.matches('Z').count(), 2);
    }

    #[test]
    fn times_are_round_on_the_readers_clock() {
        let frame = Frame { from: 0, to: 3600 * SECOND, top: 1.0, ticks: Vec::new() };
        let half_hour_zone = 5 * 3600 + 1800;
        let times = frame.times(half_hour_zone);
        assert!((4..=8).contains(&times.len()), "{times:?}");
        for (_, at) in times {
            assert_eq!((at / SECOND + i64::from(half_hour_zone)) % 600, 0);
        }
    }

    #[test]
    fn the_nearest_point_is_found_at_the_ends_too() {
        let at = [10, 20, 40];
        assert_eq!(nearest(&at, -5), Some(0));
        assert_eq!(nearest(&at, 14), Some(0));
        assert_eq!(nearest(&at, 31), Some(2));
        assert_eq!(nearest(&at, 99), Some(2));
        assert_eq!(nearest(&[], 1), None);
    }
}
