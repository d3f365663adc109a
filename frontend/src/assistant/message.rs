//! One message of the conversation.

use super::markdown::{Block, Inline, parse};
use crate::{
    pages::inventory::page_of,
    route::href,
    shell::frame::Here,
    ui::{CopyButton, Icon, IconName, IconSize, format},
};
use leptos::prelude::*;
use shared::{
    assistant::{ChatMessage, Lookup, Outcome, Speaker},
    metadata::Subject,
};

/// What was said, by whom, and what was looked at for it.
pub(super) fn message(message: &ChatMessage) -> AnyView {
    if message.speaker == Speaker::Person {
        let text = message.text.clone();
        return view! { <div class="chat-question"><span class="sr-only">"You: "</span><span class="lines">{text}</span></div> }
            .into_any();
    }
    let ended = match message.outcome {
        Outcome::Complete => None,
        Outcome::Stopped => Some("Stopped here."),
        Outcome::Failed => Some("The answer broke off here."),
    };
    let text = message.text.clone();
    let copied = text.clone();
    view! {
        <div class="chat-answer">
            <span class="sr-only">"Assistant: "</span>
            {lookups(&message.lookups)}
            {markdown(&text)}
            {ended.map(|words| view! { <p class="tone-3">{words}</p> })}
            <div class="cluster chat-acts">
                <CopyButton text=Signal::derive(move || copied.clone()) />
            </div>
        </div>
    }
    .into_any()
}

/// Which records went to the provider, and where they can be looked at.
pub(super) fn lookups(all: &[Lookup]) -> AnyView {
    if all.is_empty() {
        return ().into_any();
    }
    let one = |lookup: &Lookup| {
        let records = match lookup.records {
            0 => "nothing found".to_owned(),
            1 => "1 record".to_owned(),
            count => format!("{} records", format::number(count)),
        };
        let things =
            lookup.subjects.iter().map(|named| thing(named.subject, named.name.clone().into_any())).collect_view();
        let title = lookup.title.clone();
        view! {
            <details class="chat-lookup">
                <summary>
                    <Icon name=IconName::Check size=IconSize::Small />
                    <span class="truncate">{title}</span>
                    <small>{records}</small>
                </summary>
                <p class="cluster">
                    {if lookup.subjects.is_empty() { "Nothing of it stands for itself.".into_any() } else { things.into_any() }}
                </p>
            </details>
        }
    };
    view! { <div class="chat-lookups" aria-label="Sent to the provider" role="group">{all.iter().map(one).collect_view()}</div> }
        .into_any()
}

/// A link to a thing of the organization on screen.
fn thing(subject: Subject, words: AnyView) -> AnyView {
    let here = expect_context::<Here>();
    let link = move || here.org.get().map(|org| href(&org.slug, page_of(subject))).unwrap_or_default();
    view! { <a class="chat-thing" href=link>{words}</a> }.into_any()
}

/// A text of the assistant as elements.
pub(super) fn markdown(text: &str) -> AnyView {
    view! { <div class="chat-text">{blocks(parse(text))}</div> }.into_any()
}

fn blocks(all: Vec<Block>) -> AnyView {
    all.into_iter().map(block).collect_view().into_any()
}

fn block(block: Block) -> AnyView {
    match block {
        Block::Paragraph(inside) => view! { <p>{inlines(inside)}</p> }.into_any(),
        Block::Heading(inside) => view! { <p class="chat-heading">{inlines(inside)}</p> }.into_any(),
        Block::Quote(inside) => view! { <blockquote>{blocks(inside)}</blockquote> }.into_any(),
        Block::Code(text) => view! { <pre class="chat-code"><code>{text}</code></pre> }.into_any(),
        Block::Rule => view! { <hr /> }.into_any(),
        Block::List { ordered, items } => {
            let items = items.into_iter().map(|item| view! { <li>{blocks(item)}</li> }).collect_view();
            if ordered { view! { <ol>{items}</ol> }.into_any() } else { view! { <ul>{items}</ul> }.into_any() }
        }
        Block::Table(rows) => {
            let mut rows = rows.into_iter();
            let head = rows.next().unwrap_or_default();
            let head =
                head.into_iter().map(|cell| view! { <th scope="col">{inlines(cell)}</th> }.into_any()).collect_view();
            let row = |cells: Vec<Vec<Inline>>| {
                let cells = cells.into_iter().map(|cell| view! { <td>{inlines(cell)}</td> }.into_any()).collect_view();
                view! { <tr>{cells}</tr> }.into_any()
            };
            view! {
                <div class="table-scroll">
                    <table class="chat-table">
                        <thead>
                            <tr>{head}</tr>
                        </thead>
                        <tbody>{rows.map(row).collect_view()}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
    }
}

fn inlines(all: Vec<Inline>) -> AnyView {
    all.into_iter().map(inline).collect_view().into_any()
}

fn inline(inline: Inline) -> AnyView {
    match inline {
        Inline::Text(text) => text.into_any(),
        Inline::Code(text) => view! { <code>{text}</code> }.into_any(),
        Inline::Strong(inside) => view! { <strong>{inlines(inside)}</strong> }.into_any(),
        Inline::Emphasis(inside) => view! { <em>{inlines(inside)}</em> }.into_any(),
        Inline::Thing(subject, inside) => thing(subject, inlines(inside)),
        Inline::Address(inside, address) => {
            view! { <span>{inlines(inside)} " " <code class="chat-address">{address}</code></span> }.into_any()
        }
        Inline::Break => view! { <br /> }.into_any(),
    }
}
