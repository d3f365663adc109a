//! Crosshair, dots and tooltip.
//!
//! The tooltip stands 10 px beside the line, goes to the other side before it would leave the plot and comes back only
//! 24 px later, so that it does not flutter, and goes down where it would cover a point.

use super::{ChartData, Frame, Unit, geometry::PlotArea};
use crate::ui::format;
use leptos::{html, prelude::*};

const GAP: f64 = 10.0;
const COME_BACK: f64 = 24.0;

/// What is shown of the moment that is pointed at.
#[component]
pub fn Tooltip(
    /// The measures.
    data: Signal<ChartData>,
    /// What is in sight.
    frame: Memo<Frame>,
    /// How values read.
    unit: Unit,
    /// By how many seconds clocks are ahead of UTC.
    utc_offset_s: i32,
    /// The whole of the plot, with its axes.
    plot: NodeRef<html::Div>,
    /// The point under the crosshair.
    point: Memo<Option<usize>>,
    /// Whether it is this chart that is pointed at.
    shown: RwSignal<bool>,
) -> impl IntoView {
    let at = Memo::new(move |_| data.with(|data| point.get().and_then(|point| data.at.get(point).copied())));
    let share = move || at.get().map_or(0.0, |at| frame.with(|frame| frame.share_of(at)).clamp(0.0, 1.0));
    let width = move || plot.get().map_or(400.0, |plot| PlotArea::of(f64::from(plot.client_width())).width);
    // A guess from the number of letters is near enough, and costs no layout.
    let tip_width = Memo::new(move |_| {
        let letters = data.with(|data| data.lines.iter().map(|line| line.label.chars().count()).max().unwrap_or(0));
        letters as f64 * 7.0 + 110.0
    });
    let is_left = Memo::new(move |was: Option<&bool>| {
        let room = width() - share() * width();
        let needed = tip_width.get() + GAP;
        if was.copied().unwrap_or(false) { room < needed + COME_BACK } else { room < needed }
    });
    let heights = move || {
        let Some(point) = point.get() else { return Vec::new() };
        data.with(|data| {
            data.lines
                .iter()
                .map(|line| {
                    let value = line.values.get(point).copied().flatten();
                    (line.colour, value.map(|value| frame.with(|frame| frame.height_of(value))))
                })
                .collect::<Vec<_>>()
        })
    };
    let is_low = move || {
        let lines = data.with(|data| data.lines.len()) as f64;
        let plot_height = plot.get().map_or(140.0, |plot| f64::from(plot.client_height()) - 36.0);
        let covered = (lines * 18.0 + 32.0) / plot_height.max(1.0);
        heights().into_iter().filter_map(|(_, height)| height).any(|height| 1.0 - height < covered)
    };
    let dots = move || {
        heights()
            .into_iter()
            .filter_map(|(colour, height)| Some((colour, height?)))
            .map(|(colour, height)| {
                view! {
                    <i
                        class="chart-dot"
                        style:--series=format!("var(--series-{colour})")
                        style:bottom=format!("{:.2}%", height * 100.0)
                    ></i>
                }
            })
            .collect_view()
    };
    let rows = move || {
        let Some(point) = point.get() else { return Vec::new() };
        data.with(|data| {
            data.lines
                .iter()
                .enumerate()
                .map(|(at, line)| {
                    let value = line.values.get(point).copied().flatten();
                    view! {
                        <p>
                            <span
                                class="chart-key"
                                data-dashed=(at == 1).then_some("")
                                style:--series=format!("var(--series-{})", line.colour)
                            ></span>
                            {line.label.clone()}
                            <b>{format::known(value, |value| unit.format(value))}</b>
                        </p>
                    }
                })
                .collect()
        })
    };
    view! {
        <div class="chart-over" aria-hidden="true">
            {move || {
                at.get()
                    .map(|moment| {
                        view! {
                            <div class="chart-cross" style:left=move || format!("{:.3}%", share() * 100.0)>
                                {dots}
                                {move || {
                                    shown
                                        .get()
                                        .then(|| {
                                            view! {
                                                <div
                                                    class="popover chart-tip"
                                                    data-left=move || is_left.get().then_some("")
                                                    data-low=move || is_low().then_some("")
                                                >
                                                    <time>{format::clock_seconds(moment, utc_offset_s)}</time>
                                                    {rows}
                                                </div>
                                            }
                                        })
                                }}
                            </div>
                        }
                    })
            }}
        </div>
    }
}
