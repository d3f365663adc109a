//! The table of containers or guests. Rows keep their elements while their numbers change.

use super::{
    item::{Cell, Column, Item, Kind, Shape, SortBy},
    listing::Listing,
};
use crate::{
    route::{Page, href},
    shell::frame::Here,
    ui::{
        ColumnHead, DataTable, Density, Gauge, Icon, IconName, IconSize, SkeletonRows, SortDirection, StatusMark, Tag,
        Tone,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use org_client::Notes;
use shared::metadata::Subject;
use std::{collections::HashMap, sync::Arc};

/// Most tags that a row names.
const MAX_TAGS: usize = 2;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Line {
    /// The head of a group: its title and what it says of its rows.
    Group { title: String, is_project: bool, note: String, attention: String },
    /// A row.
    Item(Subject),
}

/// Rows by what they are of.
pub(super) type Items = Arc<HashMap<Subject, Arc<Item>>>;

/// What the table looks at.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) kind: Kind,
    /// None before they are known.
    pub(super) items: Memo<Option<Items>>,
    pub(super) notes: Memo<Notes>,
    /// What is shown, in order.
    pub(super) lines: Memo<Vec<Line>>,
    pub(super) listing: Memo<Listing>,
    /// The row whose drawer is open.
    pub(super) selected: Memo<Option<Subject>>,
}

/// The page of one thing.
pub(crate) const fn page_of(subject: Subject) -> Page {
    match subject {
        Subject::Host(id) => Page::Host(id),
        Subject::Container(id) => Page::Container(id),
        Subject::Guest(id) => Page::Guest(id),
    }
}

#[component]
pub(super) fn Table(rows: Rows, on_sort: Callback<SortBy>) -> impl IntoView {
    let columns = rows.kind.columns();
    let head = move |by: SortBy, label: &'static str, numeric: bool, wide_only: bool| {
        let sorted = Signal::derive(move || {
            let listing = rows.listing.get();
            (listing.sort == by).then(|| SortDirection::of(by.starts_descending(), listing.reversed))
        });
        view! { <ColumnHead label numeric wide_only sorted on_sort=move |()| on_sort.run(by) /> }.into_any()
    };
    let heads = columns
        .iter()
        .map(|column| {
            let numeric = column.shape == Shape::Number;
            match column.sort {
                Some(by) => head(by, column.label, numeric, column.wide_only),
                None => view! { <ColumnHead label=column.label numeric wide_only=column.wide_only /> }.into_any(),
            }
        })
        .collect_view();
    let known = Memo::new(move |_| rows.items.with(Option::is_some));
    let width = columns.len() + 2;
    // A column that nobody has filled is none.
    let tagged = Memo::new(move |_| {
        rows.items.with(|items| {
            let Some(items) = items else { return false };
            rows.notes.with(|notes| {
                notes.iter().any(|noted| !noted.metadata.tags.is_empty() && items.contains_key(&noted.subject))
            })
        })
    });
    let first = match rows.kind {
        Kind::Containers => "Container",
        Kind::Guests => "Guest",
    };
    view! {
        <DataTable label=rows.kind.title() density=Density::Tight fold=true>
            <thead>
                <tr role="row">
                    {head(SortBy::Name, first, false, false)} {heads}
                    {move || tagged.get().then(|| view! { <ColumnHead label="Tags" wide_only=true /> })}
                </tr>
            </thead>
            <tbody>
                <For each=move || rows.lines.get() key=Clone::clone let:line>
                    {match line {
                        Line::Item(subject) => view! { <Row subject rows tagged /> }.into_any(),
                        Line::Group { title, is_project, note, attention } => {
                            let kind = if is_project { " · project on " } else { " · " };
                            view! {
                                <tr role="row" class="group">
                                    <td role="cell" colspan=width.to_string()>
                                        <b>{title}</b> {kind} {note}
                                        {(!attention.is_empty()).then(|| view! { " · " <b class="tone-warn">{attention}</b> })}
                                    </td>
                                </tr>
                            }
                                .into_any()
                        }
                    }}
                </For>
                {move || (!known.get()).then(|| view! { <SkeletonRows rows=8 columns=width /> })}
                {move || {
                    (known.get() && rows.lines.with(Vec::is_empty))
                        .then(|| {
                            view! {
                                <tr role="row">
                                    <td role="cell" colspan=width.to_string() class="quiet">
                                        "Nothing matches. Clear the filter to see all."
                                    </td>
                                </tr>
                            }
                        })
                }}
            </tbody>
        </DataTable>
    }
}

#[component]
fn Row(subject: Subject, rows: Rows, tagged: Memo<bool>) -> impl IntoView {
    let here = expect_context::<Here>();
    let location = use_location();
    let item = Memo::new(move |_| rows.items.with(|items| items.as_ref()?.get(&subject).cloned()));
    let text = move |get: fn(&Item) -> String| {
        move || item.with(|item| item.as_ref().map(|item| get(item)).unwrap_or_default())
    };
    let noted = Memo::new(move |_| rows.notes.with(|notes| notes.about(subject).cloned()));
    let link = move || {
        let search = location.search.get();
        let search = if search.is_empty() { search } else { format!("?{}", search.trim_start_matches('?')) };
        here.org.get().map(|org| href(&org.slug, page_of(subject)) + &search).unwrap_or_default()
    };
    let own_page = move || {
        let url = noted.with(|noted| noted.as_ref().and_then(|noted| noted.url.clone()))?;
        crate::pages::notes::is_page(&url).then(|| {
            let label = item.with(|item| item.as_ref().map(|item| format!("Open {} at {url}", item.name)));
            view! {
                <a class="row-link" href=url target="_blank" rel="noopener noreferrer" aria-label=label.clone() title=label>
                    <Icon name=IconName::Sharing size=IconSize::Small />
                </a>
            }
        })
    };
    let note = move || {
        let words = noted.with(|noted| {
            let noted = noted.as_ref()?;
            let lines = [noted.description.as_str(), noted.notes.as_str()];
            let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        })?;
        Some(view! {
            <span class="row-note" title=words>
                <Icon name=IconName::Edit size=IconSize::Small />
                <span class="sr-only">"Has a note"</span>
            </span>
        })
    };
    let tags = move || {
        let all = noted.with(|noted| noted.as_ref().map(|noted| noted.tags.clone()).unwrap_or_default());
        let more = all.len().saturating_sub(MAX_TAGS);
        let title = all.join(" ");
        let words = all.into_iter().take(MAX_TAGS).map(|text| view! { <Tag text /> }).collect_view();
        view! { <span class="tags" title=title>{words} {(more > 0).then(|| format!("+{more}"))}</span> }
    };
    let cells = rows
        .kind
        .columns()
        .iter()
        .enumerate()
        .map(|(at, column)| view! { <OneCell item at column=*column /> })
        .collect_view();
    let status = Signal::derive(move || {
        item.with(|item| item.as_ref().map_or(crate::ui::Status::Waiting, |item| item.status()))
    });
    view! {
        <tr
            role="row"
            data-subject=subject.id()
            aria-selected=move || (rows.selected.get() == Some(subject)).then_some("true")
        >
            <td role="cell" data-fold="title">
                <span class="cell-name">
                    <StatusMark status />
                    <a class="cell-title truncate" href=link title=text(|item| item.name.clone())>
                        {text(|item| item.name.clone())}
                    </a>
                    <small>{text(|item| item.small.clone())}</small>
                    {own_page}
                    {note}
                </span>
            </td>
            {cells}
            {move || {
                tagged.get().then(|| view! { <td role="cell" class="tag-cell" data-fold="hide" data-wide-only="">{tags}</td> })
            }}
        </tr>
    }
}

#[component]
fn OneCell(item: Memo<Option<Arc<Item>>>, at: usize, column: Column) -> impl IntoView {
    let fold = match (column.wide_only, at) {
        (true, _) => Some("hide"),
        _ => None,
    };
    let wide = column.wide_only.then_some("");
    let cell = Memo::new(move |_| item.with(|item| item.as_ref().and_then(|item| item.cells.get(at).cloned())));
    let words = move || match cell.get() {
        Some(Cell::Words(text, _)) => text,
        _ => String::new(),
    };
    let tone = move || match cell.get() {
        Some(Cell::Words(_, tone)) => tone,
        _ => Tone::Neutral,
    };
    if column.shape == Shape::Share {
        let percent = Signal::derive(move || match cell.get() {
            Some(Cell::Share(percent)) => percent,
            _ => None,
        });
        let label = column.label.trim_end_matches(" %");
        return view! { <td role="cell" data-fold=fold data-wide-only=wide><Gauge label percent /></td> }.into_any();
    }
    let label = (column.shape == Shape::Number).then_some(column.label);
    view! {
        <td
            role="cell"
            class:num=column.shape == Shape::Number
            class:tone-warn=move || tone() == Tone::Warn
            class:tone-crit=move || tone() == Tone::Crit
            class:quiet=move || tone() == Tone::Neutral
            data-fold=fold
            data-wide-only=wide
            data-label=label
        >
            <span class="cell-words truncate" title=words>{words}</span>
        </td>
    }
    .into_any()
}
