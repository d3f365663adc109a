//! Measures: meters and sparklines that are grey until they matter.

use super::format::{DASH, whole_percent};
use leptos::prelude::*;
use shared::host::{CRIT_PERCENT, WARN_PERCENT};

/// How much a share of something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// There is no value.
    Unknown,
    /// Nothing to see.
    Normal,
    /// From [`WARN_PERCENT`].
    Warning,
    /// From [`CRIT_PERCENT`].
    Critical,
}

impl Level {
    /// The level of a share from 0 to 100.
    #[must_use]
    pub fn of(percent: Option<f64>) -> Self {
        match percent {
            Some(percent) if percent >= CRIT_PERCENT => Self::Critical,
            Some(percent) if percent >= WARN_PERCENT => Self::Warning,
            Some(percent) if percent.is_finite() => Self::Normal,
            _ => Self::Unknown,
        }
    }

    /// The word in the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Normal => "normal",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A bar that shows a share from 0 to 100; empty where it is not known.
#[component]
pub fn Meter(
    /// The share, 0 to 100.
    #[prop(into)]
    percent: Signal<Option<f64>>,
    /// What it is a share of: `CPU`.
    #[prop(into)]
    label: Signal<String>,
    /// 8 px high instead of 5.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let known =
        Signal::derive(move || percent.get().filter(|value| value.is_finite()).map(|value| value.clamp(0.0, 100.0)));
    view! {
        <span
            class="meter"
            data-size=large.then_some("large")
            data-level=move || Level::of(percent.get()).as_str()
            role="meter"
            aria-label=move || label.get()
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || known.get().map(|value| whole_percent(value).to_string())
            aria-valuetext=move || known.get().is_none().then_some("not known")
        >
            <i style:width=move || format!("{:.1}%", known.get().unwrap_or(0.0))></i>
        </span>
    }
}

/// A number and its meter, as table cells show a share. In a folded row it also shows its label and unit.
#[component]
pub fn Gauge(
    /// The share, 0 to 100.
    #[prop(into)]
    percent: Signal<Option<f64>>,
    /// What it is a share of: `CPU`.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let value = move || match percent.get().filter(|value| value.is_finite()) {
        Some(value) => view! { {whole_percent(value)} <span class="gauge-unit">" %"</span> }.into_any(),
        None => view! { {DASH} }.into_any(),
    };
    view! {
        <span class="gauge" data-level=move || Level::of(percent.get()).as_str()>
            <span class="gauge-label" aria-hidden="true">
                {move || label.get()}
            </span>
            <span class="gauge-value">{value}</span>
            <Meter percent label />
        </span>
    }
}

/// The last values as a thin line without axes; filled once the newest one matters. Gaps stay gaps.
#[component]
pub fn Sparkline(
    /// Oldest first; none where it is not known.
    #[prop(into)]
    values: Signal<Vec<Option<f64>>>,
    /// Value at the upper edge; where absent, the largest one.
    #[prop(optional, into)]
    max: Option<f64>,
    /// Which colour it takes.
    #[prop(optional, into)]
    level: Option<Signal<Level>>,
) -> impl IntoView {
    let level = move || level.map_or(Level::Normal, |level| level.get());
    let paths = Memo::new(move |_| values.with(|values| sparkline_paths(values, max)));
    view! {
        <svg
            class="sparkline"
            viewBox="0 0 64 18"
            preserveAspectRatio="none"
            data-level=move || level().as_str()
            aria-hidden="true"
        >
            {move || {
                matches!(level(), Level::Warning | Level::Critical)
                    .then(|| view! { <path class="area" d=move || paths.with(|paths| paths.1.clone()) /> })
            }}
            <path d=move || paths.with(|paths| paths.0.clone()) />
        </svg>
    }
}

/// Line and area of a sparkline in a box of 64 by 18.
fn sparkline_paths(values: &[Option<f64>], max: Option<f64>) -> (String, String) {
    let known = |value: &Option<f64>| value.filter(|value| value.is_finite());
    let top = max.or_else(|| values.iter().filter_map(known).reduce(f64::max)).filter(|top| *top > 0.0).unwrap_or(1.0);
    let step = 64.0 / (values.len().max(2) - 1) as f64;
    let (mut line, mut area) = (String::new(), String::new());
    let mut run_from: Option<f64> = None;
    for (at, value) in values.iter().enumerate() {
        let x = at as f64 * step;
        match known(value) {
            Some(value) => {
                let y = 17.0 - (value / top).clamp(0.0, 1.0) * 16.0;
                line.push_str(&format!("{}{x:.1} {y:.1}", if run_from.is_some() { 'L' } else { 'M' }));
                if run_from.is_none() {
                    area.push_str(&format!("M{x:.1} 18"));
                    run_from = Some(x);
                }
                area.push_str(&format!("L{x:.1} {y:.1}"));
            }
            None => {
                if run_from.take().is_some() {
                    area.push_str(&format!("L{:.1} 18Z", x - step));
                }
            }
        }
    }
    if run_from.is_some() {
        area.push_str(&format!("L{:.1} 18Z", (values.len() - 1) as f64 * step));
    }
    (line, area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_grey_until_it_matters() {
        for (percent, level) in [
            (None, Level::Unknown),
            (Some(f64::NAN), Level::Unknown),
            (Some(0.0), Level::Normal),
            (Some(84.9), Level::Normal),
            (Some(85.0), Level::Warning),
            (Some(94.0), Level::Critical),
        ] {
            assert_eq!(Level::of(percent), level, "{percent:?}");
        }
    }

    #[test]
    fn a_gap_in_the_values_is_a_gap_in_the_line() {
        let (line, area) = sparkline_paths(&[Some(1.0), Some(2.0), None, Some(2.0), Some(1.0)], None);
        assert_eq!(line, "M0.0 9.0L16.0 1.0M48.0 1.0L64.0 9.0");
        assert_eq!(area.matches('Z').count(), 2);
        assert_eq!(sparkline_paths(&[], None), (String::new(), String::new()));
    }
}
