//! Tables. The page writes its rows; here are the parts that each table needs.
//!
//! A table that folds (`DataTable fold=true`) turns each row into two lines up to 720 px: `data-fold="title"` on the
//! cell that names the row, `"aside"` on the one beside it, `"line"` on one that takes a whole line, `"hide"` on what
//! a narrow screen leaves out; other cells share the second line in thirds. Roles are written out, because a browser
//! drops a table's roles when its display changes.

use super::{Icon, IconName, Skeleton, waiting::uneven};
use leptos::prelude::*;
use std::cmp::Ordering;

/// How high rows are: 30, 36 or 46 px.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Density {
    /// 30 px: machines.
    Tight,
    /// 36 px.
    #[default]
    Normal,
    /// 46 px: people, shares, organizations.
    Roomy,
}

/// A table that scrolls inside its card where it cannot fold.
#[component]
pub fn DataTable(
    /// What it lists, for a screen reader.
    #[prop(into)]
    label: String,
    /// How high rows are.
    #[prop(optional)]
    density: Density,
    /// Rows become two lines on a narrow screen.
    #[prop(optional)]
    fold: bool,
    /// `thead` and `tbody`.
    children: Children,
) -> impl IntoView {
    let density = match density {
        Density::Tight => "tight",
        Density::Normal => "normal",
        Density::Roomy => "roomy",
    };
    view! {
        <div class="table-scroll">
            <table class="table" role="table" aria-label=label data-density=density data-fold=fold.then_some("")>
                {children()}
            </table>
        </div>
    }
}

/// In which direction a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl SortDirection {
    /// The direction of a column that a table is sorted by: the one that it starts with, or the other way round.
    #[must_use]
    pub const fn of(starts_descending: bool, reversed: bool) -> Self {
        if starts_descending == reversed { Self::Ascending } else { Self::Descending }
    }

    /// The other one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// The order of measures, largest first; what is not known comes last.
#[must_use]
pub fn largest_first(a: Option<f64>, b: Option<f64>) -> Ordering {
    b.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.unwrap_or(f64::NEG_INFINITY))
}

/// The head of a column.
#[component]
pub fn ColumnHead(
    /// What the column holds, with its unit.
    #[prop(into)]
    label: String,
    /// It holds numbers: they stand at the end.
    #[prop(optional)]
    numeric: bool,
    /// Left out where there is little room: beside a drawer.
    #[prop(optional)]
    wide_only: bool,
    /// How the table is sorted by it, if it is.
    #[prop(optional, into)]
    sorted: Signal<Option<SortDirection>>,
    /// Sorting by it was asked for. Absent where one cannot.
    #[prop(optional, into)]
    on_sort: Option<Callback<()>>,
) -> impl IntoView {
    let aria_sort = move || {
        on_sort.map(|_| match sorted.get() {
            Some(SortDirection::Ascending) => "ascending",
            Some(SortDirection::Descending) => "descending",
            None => "none",
        })
    };
    let words = match on_sort {
        Some(on_sort) => view! {
            <button type="button" class="sort" on:click=move |_| on_sort.run(())>
                {label}
                <Icon name=IconName::ChevronUp />
            </button>
        }
        .into_any(),
        None => label.into_any(),
    };
    view! {
        <th
            scope="col"
            role="columnheader"
            class:num=numeric
            data-wide-only=wide_only.then_some("")
            aria-sort=aria_sort
        >
            {words}
        </th>
    }
}

/// Rows of grey lines in the shape of what comes. For `tbody`, while nothing is known.
#[component]
pub fn SkeletonRows(
    /// How many rows.
    #[prop(default = 6)]
    rows: usize,
    /// How many columns.
    columns: usize,
) -> impl IntoView {
    (0..rows)
        .map(|row| {
            let cells = (0..columns)
                .map(|column| {
                    let fold = match column {
                        0 => Some("title"),
                        1 => Some("aside"),
                        2..=4 => None,
                        _ => Some("hide"),
                    };
                    view! {
                        <td role="cell" data-fold=fold>
                            <Skeleton width=format!("{}%", uneven(row * 5 + column)) />
                        </td>
                    }
                })
                .collect_view();
            view! { <tr role="row" aria-hidden="true">{cells}</tr> }
        })
        .collect_view()
}

/// A name over a second line, as rows about people and organizations have.
#[component]
pub fn TwoLines(
    /// The name.
    #[prop(into)]
    title: Signal<String>,
    /// The second line.
    #[prop(into)]
    note: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="cell-two">
            <span class="cell-title truncate" title=move || title.get()>
                {move || title.get()}
            </span>
            <small class="truncate" title=move || note.get()>
                {move || note.get()}
            </small>
        </span>
    }
}
