//! A chart of a few measures over time.
//!
//! The lines are SVG paths in a box that the browser stretches: a new size or theme costs nothing here, and new data is
//! one attribute a line. Words, crosshair and tooltip are elements over it, placed in percent.

pub mod geometry;
pub mod tooltip;

use super::{ColumnHead, ControlSize, DataTable, Density, IconButton, IconName, format, unique_id};
use geometry::{Frame, nearest};
use leptos::{html, prelude::*};
use shared::Micros;
use tooltip::Tooltip;

/// What is measured, and so how its values read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share, 0 to 100.
    Percent,
    /// Bytes of memory, by powers of two.
    Memory,
    /// Bytes, by powers of ten.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Bytes a second, shown as bits a second.
    BitsPerSecond,
    /// A plain number: a load, degrees.
    Number,
}

impl Unit {
    /// A value with its unit.
    #[must_use]
    pub fn format(self, value: f64) -> String {
        match self {
            Self::Percent => format::percent(value),
            Self::Memory => format::memory(value),
            Self::Bytes => format::bytes(value),
            Self::BytesPerSecond => format::bytes_per_second(value),
            Self::BitsPerSecond => format::bits_per_second(value),
            Self::Number => format::decimal(value),
        }
    }

    /// By how much ticks are rounded: 1024 for memory, so that they fall on whole GiB.
    const fn base(self) -> f64 {
        match self {
            Self::Memory => 1024.0,
            _ => 1000.0,
        }
    }

    /// Bits are shown, bytes are stored: ticks are round in what is shown.
    const fn factor(self) -> f64 {
        match self {
            Self::BitsPerSecond => 8.0,
            _ => 1.0,
        }
    }
}

/// One measure.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartLine {
    /// Its name: `Used`.
    pub label: String,
    /// Which of the six series colours, 1 to 6.
    pub colour: u8,
    /// One for each time; none where it is not known.
    pub values: Vec<Option<f64>>,
}

/// The measures of a chart. The first is filled below, the second dashed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChartData {
    /// Start of the window.
    pub from: Micros,
    /// End of the window.
    pub to: Micros,
    /// When the values were taken, oldest first.
    pub at: Vec<Micros>,
    /// Up to four measures.
    pub lines: Vec<ChartLine>,
}

/// A chart with its crosshair, its tooltip, and the same values as a table.
///
/// Pointer, touch and arrow keys move the crosshair; Home and End go to the ends, Esc takes it away. Charts that share
/// a `cursor` show the same moment; only the one that is pointed at shows the tooltip, the others say their values in
/// the head.
#[component]
pub fn TimeSeriesChart(
    /// What is measured: `CPU`.
    #[prop(into)]
    title: String,
    /// A few words beside it: `16 cores`.
    #[prop(optional, into)]
    note: Signal<String>,
    /// The measures.
    #[prop(into)]
    data: Signal<ChartData>,
    /// How values read.
    unit: Unit,
    /// Value at the upper edge; where absent, above the largest.
    #[prop(optional, into)]
    max: Signal<Option<f64>>,
    /// By how many seconds clocks are ahead of UTC.
    #[prop(optional)]
    utc_offset_s: i32,
    /// The moment that is pointed at, shared by the charts of a page.
    #[prop(optional, into)]
    cursor: Option<RwSignal<Option<Micros>>>,
) -> impl IntoView {
    let cursor = cursor.unwrap_or_else(|| RwSignal::new(None));
    let pointed_at = RwSignal::new(false);
    let as_table = RwSignal::new(false);
    let plot = NodeRef::<html::Div>::new();
    let frame = Memo::new(move |_| data.with(|data| Frame::of(data, unit, max.get())));
    let is_empty =
        Memo::new(move |_| data.with(|data| data.lines.iter().all(|line| line.values.iter().all(Option::is_none))));
    // The point under the crosshair, or the newest one.
    let under_cursor = Memo::new(move |_| data.with(|data| cursor.get().and_then(|at| nearest(&data.at, at))));
    let point = Memo::new(move |_| under_cursor.get().or_else(|| data.with(|data| data.at.len().checked_sub(1))));
    let value_at = move |line: usize, point: Option<usize>| {
        data.with(|data| data.lines.get(line).and_then(|line| line.values.get(point?).copied().flatten()))
    };

    let point_to = move |client_x: i32| {
        let Some(plot) = plot.get_untracked() else { return };
        let bounds = plot.get_bounding_client_rect();
        let area = geometry::PlotArea::of(bounds.width());
        let share = ((f64::from(client_x) - bounds.left() - area.left) / area.width).clamp(0.0, 1.0);
        cursor.set(Some(frame.with_untracked(|frame| frame.time_at(share))));
        pointed_at.set(true);
    };
    let leave = move || {
        pointed_at.set(false);
        cursor.set(None);
    };
    let on_keydown = move |event: web_sys::KeyboardEvent| {
        let last = data.with_untracked(|data| data.at.len().saturating_sub(1));
        let here = point.get_untracked().unwrap_or(last);
        // Ten at once with Shift: an hour is 720 points.
        let step = if event.shift_key() { 10 } else { 1 };
        let next = match event.key().as_str() {
            "ArrowLeft" => here.saturating_sub(step),
            "ArrowRight" => (here + step).min(last),
            "Home" => 0,
            "End" => last,
            "Escape" => return leave(),
            _ => return,
        };
        event.prevent_default();
        cursor.set(data.with_untracked(|data| data.at.get(next).copied()));
        pointed_at.set(true);
    };

    let labels = Memo::new(move |_| {
        data.with(|data| data.lines.iter().map(|line| (line.label.clone(), line.colour)).collect::<Vec<_>>())
    });
    let keys = move || {
        labels
            .get()
            .into_iter()
            .enumerate()
            .map(|(at, (label, colour))| {
                view! {
                    <span>
                        <span
                            class="chart-key"
                            data-dashed=(at == 1).then_some("")
                            style:--series=format!("var(--series-{colour})")
                        ></span>
                        {label}
                        " "
                        <b>{move || format::known(value_at(at, point.get()), |value| unit.format(value))}</b>
                    </span>
                }
            })
            .collect_view()
    };
    let spoken = move || {
        let at = point.get();
        let time = data.with(|data| at.and_then(|at| data.at.get(at).copied()));
        let time = time.map(|time| format::clock_seconds(time, utc_offset_s)).unwrap_or_default();
        let values = labels.get().into_iter().enumerate().map(|(line, (label, _))| {
            let value = value_at(line, at).map_or_else(|| "not known".to_owned(), |value| unit.format(value));
            format!("{label} {value}")
        });
        format!("{time}: {}", values.collect::<Vec<_>>().join(", "))
    };
    let heading_id = unique_id("chart");
    let (labelled_by, slider_labelled_by) = (heading_id.clone(), heading_id.clone());
    let table_label = title.clone();

    view! {
        <section class="chart" aria-labelledby=labelled_by>
            <header class="chart-head">
                <h3 id=heading_id>{title}</h3>
                <small>{move || note.get()}</small>
                <span class="chart-keys">{keys}</span>
                <IconButton
                    icon=IconName::Table
                    label="Values as a table"
                    size=ControlSize::Small
                    pressed=Signal::from(as_table)
                    on_press=Callback::new(move |()| as_table.update(|shown| *shown = !*shown))
                />
            </header>
            <div
                class="chart-plot"
                node_ref=plot
                tabindex="0"
                role="slider"
                aria-labelledby=slider_labelled_by
                aria-valuemin="0"
                aria-valuemax=move || data.with(|data| data.at.len().saturating_sub(1)).to_string()
                aria-valuenow=move || point.get().unwrap_or(0).to_string()
                aria-valuetext=spoken
                on:pointermove=move |event| point_to(event.client_x())
                on:pointerdown=move |event| point_to(event.client_x())
                on:pointerleave=move |_| leave()
                on:blur=move |_| leave()
                on:keydown=on_keydown
            >
                <PlotView data frame utc_offset_s />
                {move || {
                    is_empty.get().then(|| view! { <p class="chart-none">"No values in this window"</p> })
                }}
                <Tooltip data frame unit utc_offset_s plot point=under_cursor shown=pointed_at />
            </div>
            {move || {
                as_table
                    .get()
                    .then(|| view! { <ValueTable label=table_label.clone() data unit utc_offset_s /> })
            }}
        </section>
    }
}

/// Grid, lines, and the words along the axes.
#[component]
fn PlotView(
    /// The measures.
    data: Signal<ChartData>,
    /// What is in sight.
    frame: Memo<Frame>,
    /// By how many seconds clocks are ahead of UTC.
    utc_offset_s: i32,
) -> impl IntoView {
    let lines = move || {
        let count = data.with(|data| data.lines.len());
        (0..count)
            .map(|at| {
                let colour = move || data.with(|data| data.lines.get(at).map_or(1, |line| line.colour));
                let paths = Memo::new(move |_| {
                    let frame = frame.get();
                    data.with(|data| data.lines.get(at).map(|line| frame.paths(&data.at, &line.values)))
                        .unwrap_or_default()
                });
                view! {
                    <g style:--series=move || format!("var(--series-{})", colour())>
                        {(at == 0)
                            .then(|| {
                                view! { <path class="chart-fill" d=move || paths.with(|paths| paths.area.clone()) /> }
                            })}
                        <path
                            class="chart-line"
                            data-dashed=(at == 1).then_some("")
                            d=move || paths.with(|paths| paths.line.clone())
                        />
                    </g>
                }
            })
            .collect_view()
    };
    view! {
        <div class="chart-y" aria-hidden="true">
            {move || {
                frame
                    .get()
                    .ticks
                    .into_iter()
                    .map(|tick| view! { <span style:bottom=format!("{:.2}%", tick.share * 100.0)>{tick.label}</span> })
                    .collect_view()
            }}
        </div>
        <div class="chart-area">
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
                {move || {
                    frame
                        .get()
                        .ticks
                        .into_iter()
                        .map(|tick| {
                            let y = format!("{:.1}", (1.0 - tick.share) * 1000.0);
                            view! { <line class="chart-rule" x1="0" x2="1000" y1=y.clone() y2=y /> }
                        })
                        .collect_view()
                }}
                {lines}
            </svg>
        </div>
        <div class="chart-x" aria-hidden="true">
            {move || {
                frame
                    .get()
                    .times(utc_offset_s)
                    .into_iter()
                    .map(|(share, at)| {
                        view! {
                            <span style:left=format!("{:.2}%", share * 100.0)>{format::clock(at, utc_offset_s)}</span>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// Rows of the table at most: a window has up to 1440 points, and nobody reads so many.
const TABLE_ROWS: usize = 120;

/// The values as a table, newest first, thinned out where there are many.
#[component]
fn ValueTable(
    /// What is measured.
    label: String,
    /// The measures.
    data: Signal<ChartData>,
    /// How values read.
    unit: Unit,
    /// By how many seconds clocks are ahead of UTC.
    utc_offset_s: i32,
) -> impl IntoView {
    let rows = move || {
        data.with(|data| {
            let step = data.at.len().div_ceil(TABLE_ROWS).max(1);
            (0..data.at.len())
                .rev()
                .step_by(step)
                .map(|at| {
                    let cells = data.lines.iter().map(|line| {
                        let value = line.values.get(at).copied().flatten();
                        view! { <td class="num">{format::known(value, |value| unit.format(value))}</td> }
                    });
                    view! {
                        <tr>
                            <td>{format::clock_seconds(data.at[at], utc_offset_s)}</td>
                            {cells.collect_view()}
                        </tr>
                    }
                })
                .collect_view()
        })
    };
    let heads = move || {
        data.with(|data| {
            data.lines.iter().map(|line| view! { <ColumnHead label=line.label.clone() numeric=true /> }).collect_view()
        })
    };
    view! {
        <div class="chart-table" tabindex="0">
            <DataTable label density=Density::Tight>
                <thead>
                    <tr>
                        <ColumnHead label="Time" />
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </DataTable>
        </div>
    }
}
