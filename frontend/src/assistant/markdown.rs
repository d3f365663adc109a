//! What the assistant says, as Markdown. It becomes elements of ours and nothing else: no HTML of the text is taken over,
//! pictures are words, and a link that can be pressed leads to a thing of this organization. Whatever else the text says is a
//! link is shown as text with its address, since who wrote the text is not known.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use shared::metadata::Subject;

/// A part of the text that stands on lines of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    Heading(Vec<Inline>),
    Quote(Vec<Block>),
    List { ordered: bool, items: Vec<Vec<Block>> },
    Code(String),
    Table(Vec<Vec<Vec<Inline>>>),
    Rule,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Inline {
    Text(String),
    Code(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    /// Can be pressed: a thing of this organization.
    Thing(Subject, Vec<Inline>),
    /// Cannot be pressed: the words and the address.
    Address(Vec<Inline>, String),
    Break,
}

/// Most parts within each other; what is deeper is left out, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 24;

/// Reads a text, also one that is not finished yet.
pub(super) fn parse(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut events = Parser::new_ext(text, options);
    blocks(&mut events, 0)
}

fn blocks<'a>(events: &mut impl Iterator<Item = Event<'a>>, depth: usize) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    // Words that stand in no paragraph: the items of a tight list.
    let mut loose: Vec<Inline> = Vec::new();
    while let Some(event) = events.next() {
        let block = match event {
            Event::End(_) => break,
            Event::Start(tag) if depth >= MAX_DEPTH => {
                skip(events, &tag);
                continue;
            }
            Event::Start(Tag::Paragraph | Tag::HtmlBlock) => Block::Paragraph(inlines(events, depth + 1)),
            Event::Start(Tag::Heading { .. }) => Block::Heading(inlines(events, depth + 1)),
            Event::Start(Tag::BlockQuote(_)) => Block::Quote(blocks(events, depth + 1)),
            Event::Start(Tag::CodeBlock(_)) => Block::Code(words(&inlines(events, depth + 1))),
            Event::Start(Tag::List(first)) => {
                let mut items = Vec::new();
                while let Some(Event::Start(Tag::Item)) = events.next() {
                    items.push(blocks(events, depth + 2));
                }
                Block::List { ordered: first.is_some(), items }
            }
            Event::Start(Tag::Table(_)) => Block::Table(rows(events, depth + 1)),
            Event::Rule => Block::Rule,
            other => {
                loose.extend(inline(other, events, depth));
                continue;
            }
        };
        if !loose.is_empty() {
            out.push(Block::Paragraph(std::mem::take(&mut loose)));
        }
        out.push(block);
    }
    if !loose.is_empty() {
        out.push(Block::Paragraph(loose));
    }
    out
}

fn rows<'a>(events: &mut impl Iterator<Item = Event<'a>>, depth: usize) -> Vec<Vec<Vec<Inline>>> {
    let mut rows = Vec::new();
    while let Some(Event::Start(Tag::TableHead | Tag::TableRow)) = events.next() {
        let mut cells = Vec::new();
        while let Some(Event::Start(Tag::TableCell)) = events.next() {
            cells.push(inlines(events, depth + 2));
        }
        rows.push(cells);
    }
    rows
}

/// Everything up to the end of what was begun.
fn inlines<'a>(events: &mut impl Iterator<Item = Event<'a>>, depth: usize) -> Vec<Inline> {
    let mut out = Vec::new();
    while let Some(event) = events.next() {
        if matches!(event, Event::End(_)) {
            break;
        }
        out.extend(inline(event, events, depth));
    }
    out
}

fn inline<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>, depth: usize) -> Option<Inline> {
    Some(match event {
        // HTML is text as any other.
        Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => Inline::Text(text.into_string()),
        Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => Inline::Code(text.into_string()),
        Event::SoftBreak => Inline::Text(" ".to_owned()),
        Event::HardBreak => Inline::Break,
        Event::Start(tag) if depth >= MAX_DEPTH => {
            skip(events, &tag);
            return None;
        }
        Event::Start(Tag::Strong) => Inline::Strong(inlines(events, depth + 1)),
        Event::Start(Tag::Link { dest_url, .. }) => {
            let inside = inlines(events, depth + 1);
            match thing(&dest_url) {
                Some(subject) => Inline::Thing(subject, inside),
                None => Inline::Address(inside, dest_url.into_string()),
            }
        }
        // A picture would be fetched from wherever the text says: its words are enough.
        Event::Start(Tag::Image { dest_url, .. }) => {
            Inline::Address(inlines(events, depth + 1), dest_url.into_string())
        }
        Event::Start(_) => Inline::Emphasis(inlines(events, depth + 1)),
        _ => return None,
    })
}

/// Goes past everything up to the end of what was begun.
fn skip<'a>(events: &mut impl Iterator<Item = Event<'a>>, begun: &Tag<'a>) {
    let end: TagEnd = begun.to_end();
    let mut open = 1;
    for event in events {
        match event {
            Event::Start(tag) if tag.to_end() == end => open += 1,
            Event::End(tag) if tag == end => open -= 1,
            _ => {}
        }
        if open == 0 {
            return;
        }
    }
}

/// The words alone.
fn words(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) => text.clone(),
            Inline::Strong(inside)
            | Inline::Emphasis(inside)
            | Inline::Thing(_, inside)
            | Inline::Address(inside, _) => words(inside),
            Inline::Break => "\n".to_owned(),
        })
        .collect()
}

/// What the assistant was told to write for a thing: `host:`, `container:` or `guest:` and its id.
fn thing(address: &str) -> Option<Subject> {
    let (kind, id) = address.split_once(':')?;
    match kind {
        "host" => id.parse().ok().map(Subject::Host),
        "container" => id.parse().ok().map(Subject::Container),
        "guest" => id.parse().ok().map(Subject::Guest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    #[test]
    fn what_an_answer_is_made_of_is_read() {
        let id = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f";
        let read =
            parse(&format!("**Short** of memory: [db-02](host:{id})\n\n- one\n- `two`\n\n```sh\nfree -h\n```\n"));
        let subject = Subject::Host(id.parse().expect("an id"));
        assert_eq!(
            read,
            [
                Block::Paragraph(vec![
                    Inline::Strong(vec![text("Short")]),
                    text(" of memory: "),
                    Inline::Thing(subject, vec![text("db-02")]),
                ]),
                Block::List {
                    ordered: false,
                    items: vec![
                        vec![Block::Paragraph(vec![text("one")])],
                        vec![Block::Paragraph(vec![Inline::Code("two".to_owned())])],
                    ],
                },
                Block::Code("free -h\n".to_owned()),
            ]
        );
    }

    #[test]
    fn no_text_becomes_a_link_that_leads_elsewhere_or_a_picture_or_markup() {
        for address in [
            "https://example.org/?q=secret",
            "javascript:alert(1)",
            "data:text/html,x",
            "/o/other-org/hosts",
            "//example.org",
            "host:../../../orgs",
            "host:not-an-id",
        ] {
            let read = parse(&format!("[words]({address})"));
            let expected = Block::Paragraph(vec![Inline::Address(vec![text("words")], address.to_owned())]);
            assert_eq!(read, [expected], "{address}");
        }
        let picture = parse("![words](https://example.org/a.png)");
        assert!(matches!(&picture[0], Block::Paragraph(inside) if matches!(&inside[0], Inline::Address(..))));
        assert_eq!(
            parse("a <img src=x onerror=alert(1)> b"),
            [Block::Paragraph(vec![text("a "), text("<img src=x onerror=alert(1)>"), text(" b")])]
        );
        assert_eq!(parse("<script>alert(1)</script>"), [Block::Paragraph(vec![text("<script>alert(1)</script>")])]);
        assert_eq!(
            parse("<https://example.org>"),
            [Block::Paragraph(vec![Inline::Address(
                vec![text("https://example.org")],
                "https://example.org".to_owned()
            )])]
        );
    }

    #[test]
    fn a_table_is_read_with_its_head() {
        let read = parse("| a | b |\n|---|---|\n| 1 | 2 |\n");
        let cell = |word: &str| vec![text(word)];
        assert_eq!(read, [Block::Table(vec![vec![cell("a"), cell("b")], vec![cell("1"), cell("2")]])]);
    }

    #[test]
    fn whatever_comes_is_read_without_harm_also_half_of_it() {
        let deep = ">".repeat(5_000) + " x";
        let nested = "- ".repeat(500) + "x";
        let stars = "*".repeat(5_000);
        for nonsense in [deep.as_str(), &nested, &stars, "[", "[a](", "```", "| a |\n|--", "\u{202e}x\0", "<div"] {
            let _ = parse(nonsense);
        }
        let whole = "# A\n\n> b **c** [d](host:x) `e`\n\n1. f\n   - g\n\n| h |\n|---|\n| i |\n";
        for end in (0..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
            let _ = parse(&whole[..end]);
        }
    }
}
