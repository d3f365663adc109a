//! One container or guest, in a drawer beside the list.

use super::{
    item::Item,
    table::{Rows, page_of},
};
use crate::{
    pages::notes::NotesCard,
    route::{Page, href},
    shell::frame::Here,
    ui::{Drawer, Fact, IconButton, IconName, MarkSize, OrgMark, ProblemNotice, format},
};
use leptos::prelude::*;
use org_client::{Assistant, OrgCaches, OrgSession};
use shared::{ErrorCode, Problem, metadata::Subject};
use std::sync::Arc;

#[component]
pub(super) fn Detail(
    session: OrgSession,
    caches: OrgCaches,
    subject: Subject,
    rows: Rows,
    assistant: Assistant,
    on_close: Callback<()>,
) -> impl IntoView {
    let ask = crate::assistant::ask_about(&session, assistant, subject);
    let here = expect_context::<Here>();
    let item = Memo::new(move |_| rows.items.with(|items| items.as_ref()?.get(&subject).cloned()));
    let is_known = Memo::new(move |_| rows.items.with(Option::is_some));
    let is_here = Memo::new(move |_| item.with(Option::is_some));
    let title =
        Signal::derive(move || item.with(|item| item.as_ref().map(|item| item.name.clone()).unwrap_or_default()));
    let note = Signal::derive(move || {
        item.with(|item| item.as_ref().map(|item| format!("on {}", item.host_name)).unwrap_or_default())
    });
    let mark = here
        .org
        .get_untracked()
        .map(|org| view! { <OrgMark colour=org.colour monogram=org.monogram size=MarkSize::Small /> }.into_any());
    let titled = session.clone();
    Effect::new(move |_| {
        let name = title.get();
        if !name.is_empty() {
            document().set_title(&format!("{name} · {} · Bulkhead", titled.name()));
        }
    });
    let what = match page_of(subject) {
        Page::Container(_) => "container",
        _ => "guest",
    };
    let facts = move || {
        let item = item.get()?;
        let host = here.org.get().map(|org| href(&org.slug, Page::Host(item.host))).unwrap_or_default();
        let Item { facts, host_name, .. } = Arc::unwrap_or_clone(item);
        let rows = facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty() && value != format::DASH)
            .map(|(name, value)| view! { <Fact name><span class="lines">{value}</span></Fact> })
            .collect_view();
        Some(view! {
            <section class="drawer-part">
                <h3>"About"</h3>
                <dl class="facts">
                    <Fact name="Host"><a href=host>{host_name}</a></Fact>
                    {rows}
                </dl>
            </section>
        })
    };
    let missing = {
        let session = session.clone();
        move || {
            (is_known.get() && !is_here.get()).then(|| {
                let title = format!("No such {what} in {}", untrack(|| session.name()));
                let problem = Problem::new(ErrorCode::NotFound, title).detail(
                    "It was removed, or never was here. If the link came from somewhere else, it may mean another organization: open it from there.",
                );
                view! { <ProblemNotice problem /> }
            })
        }
    };
    let of_item = move |get: fn(&Item) -> bool| item.with(|item| item.as_ref().is_some_and(|item| get(item)));
    view! {
        <Drawer
            title=Signal::derive(move || if is_known.get() && !is_here.get() { "Not here".to_owned() } else { title.get() })
            note
            mark=mark.unwrap_or_else(|| ().into_any())
            actions=view! { <IconButton icon=IconName::Assistant label=format!("Ask about this {what}") on_press=ask /> }.into_any()
            on_close
        >
            <div class="drawer-body" class:is-stale=move || of_item(|item| item.status() == crate::ui::Status::NotReporting)>
                {missing}
                {move || is_here.get().then(|| view! { <NotesCard session=session.clone() caches subject /> })}
                {facts}
            </div>
        </Drawer>
    }
}
