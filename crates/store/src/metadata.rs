//! What people note about hosts, containers and guests: checking it, reading and writing it. As in [`crate::hosts`], the
//! organization comes first in each function, is in each predicate, and is compared with each row that comes back.

use crate::{
    GetError, Invalid, MetadataError, StoreError, clock,
    connection::AnyConnection,
    error::Db as _,
    inventory,
    isolation::{OfOrg, keep_own},
    schema::{hosts, metadata},
    text,
};
use diesel::prelude::*;
use shared::{
    Micros, OrgId,
    metadata::{MAX_TAG, MAX_TAGS, MAX_URL, Metadata, MetadataEdit, Noted, Subject},
};
use url::Url;

#[derive(Queryable, Selectable)]
#[diesel(table_name = metadata)]
struct Row {
    org_id: String,
    kind: String,
    subject_id: String,
    host_id: String,
    url: Option<String>,
    description: String,
    tags: String,
    notes: String,
    version: i64,
    updated_at: Micros,
    updated_by: String,
}

impl OfOrg for Row {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

impl Row {
    fn into_noted(self) -> Result<Noted, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt { what: what.to_owned(), source: None };
        let subject = match self.kind.as_str() {
            "host" => self.subject_id.parse().ok().map(Subject::Host),
            "container" => self.subject_id.parse().ok().map(Subject::Container),
            "guest" => self.subject_id.parse().ok().map(Subject::Guest),
            _ => None,
        };
        let subject = subject.ok_or_else(|| corrupt("A note in the database is about nothing that is known."))?;
        let tags = serde_json::from_str(&self.tags).map_err(|_| corrupt("The tags of a note cannot be read."))?;
        let metadata = Metadata {
            url: self.url,
            description: self.description,
            tags,
            notes: self.notes,
            version: self.version,
            updated_at: Some(self.updated_at),
            updated_by: Some(self.updated_by),
        };
        Ok(Noted { subject, metadata })
    }
}

/// An edit whose values are acceptable, in the form in which it is kept.
pub(crate) fn check(edit: MetadataEdit) -> Result<MetadataEdit, Invalid> {
    let url = edit.url.as_deref().map(str::trim).filter(|url| !url.is_empty()).map(link).transpose()?;
    let description = text::line(&edit.description, "/description", shared::metadata::MAX_DESCRIPTION)?;
    let notes = text::lines(&edit.notes, "/notes", shared::metadata::MAX_NOTES)?;
    if edit.tags.len() > MAX_TAGS {
        let message = format!("At most {MAX_TAGS} tags; these are {}.", edit.tags.len());
        return Err(Invalid { pointer: "/tags", message });
    }
    let mut tags = Vec::new();
    for tag in &edit.tags {
        let tag = text::line(tag, "/tags", MAX_TAG)?;
        if tag.chars().any(|letter| letter.is_whitespace() || letter == ',') {
            let message = "A tag has no blanks and no commas: write `rack:b2`.".to_owned();
            return Err(Invalid { pointer: "/tags", message });
        }
        if !tag.is_empty() {
            tags.push(tag);
        }
    }
    tags.sort();
    tags.dedup();
    Ok(MetadataEdit { url, description, tags, notes })
}

/// A link that a browser opens as a page and as nothing else.
fn link(url: &str) -> Result<String, Invalid> {
    let refused = |message: &str| Err(Invalid { pointer: "/url", message: message.to_owned() });
    if url.chars().count() > MAX_URL {
        return refused("A link has at most 2,048 characters.");
    }
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let Some(rest) = scheme.filter(|scheme| scheme == "http" || scheme == "https").and(url.split_once("://")) else {
        return refused("A link begins with http:// or https://.");
    };
    let host = rest.1.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains('@') {
        return refused("A link names a host, and neither name nor password.");
    }
    // What begins like a link and is none, such as `http://[::1`.
    if Url::parse(url).is_err() {
        return refused("A link names a host that exists as a name or an address, such as https://example.org/.");
    }
    if url.chars().any(|letter| letter.is_whitespace() || matches!(letter, '"' | '<' | '>' | '\\' | '`'))
        || text::is_deceiving(url)
    {
        return refused("A link has no blanks, quotes or control characters; write them as %20 and the like.");
    }
    Ok(url.to_owned())
}

/// What is noted about a thing. None where nothing is and no such thing is known; empty where it is known.
pub(crate) fn get(
    connection: &mut AnyConnection,
    org: OrgId,
    subject: Subject,
) -> Result<Option<Metadata>, StoreError> {
    match find(connection, org, subject)? {
        Some(row) => Ok(Some(row.into_noted()?.metadata)),
        None => Ok(find_host(connection, org, subject)?.map(|_| Metadata::default())),
    }
}

/// What is noted about all things about which something is.
pub(crate) fn list(connection: &mut AnyConnection, org: OrgId) -> Result<Vec<Noted>, StoreError> {
    let rows: Vec<Row> = metadata::table
        .filter(metadata::org_id.eq(org.to_string()))
        .order((metadata::kind, metadata::subject_id))
        .select(Row::as_select())
        .load(connection)
        .db()?;
    keep_own(org, rows, "metadata").into_iter().map(Row::into_noted).collect()
}

/// Notes something else, where the version is the expected one.
pub(crate) fn put(
    connection: &mut AnyConnection,
    org: OrgId,
    subject: Subject,
    expected: Option<i64>,
    edit: MetadataEdit,
    by: &str,
) -> Result<Metadata, MetadataError> {
    let (host, before) = match find(connection, org, subject)? {
        Some(row) => (row.host_id.clone(), row.into_noted()?.metadata),
        None => {
            let host = find_host(connection, org, subject)?.ok_or(MetadataError::NotFound)?;
            (host, Metadata::default())
        }
    };
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(MetadataError::VersionMismatch);
    }
    let now = clock::now();
    let after = Metadata {
        url: edit.url,
        description: edit.description,
        tags: edit.tags,
        notes: edit.notes,
        version: before.version + 1,
        updated_at: Some(now),
        updated_by: Some(by.to_owned()),
    };
    let tags = serde_json::to_string(&after.tags).expect("texts are JSON");
    let row = (
        metadata::url.eq(&after.url),
        metadata::description.eq(&after.description),
        metadata::tags.eq(tags),
        metadata::notes.eq(&after.notes),
        metadata::version.eq(after.version),
        metadata::updated_at.eq(now),
        metadata::updated_by.eq(by),
    );
    // Of two that read the same version at once, one writes: the other finds another version, or a row where none was.
    let written = if before.version == 0 {
        let key = (
            metadata::org_id.eq(org.to_string()),
            metadata::kind.eq(subject.kind()),
            metadata::subject_id.eq(subject.id()),
            metadata::host_id.eq(host),
        );
        match diesel::insert_into(metadata::table).values((key, row)).execute(connection).db() {
            Err(StoreError::Conflict(_)) => 0,
            inserted => inserted?,
        }
    } else {
        let same = metadata::table.find(key_of(org, subject)).filter(metadata::version.eq(before.version));
        diesel::update(same).set(row).execute(connection).db()?
    };
    if written == 0 {
        return Err(MetadataError::VersionMismatch);
    }
    Ok(after)
}

fn key_of(org: OrgId, subject: Subject) -> (String, &'static str, String) {
    (org.to_string(), subject.kind(), subject.id())
}

fn find(connection: &mut AnyConnection, org: OrgId, subject: Subject) -> Result<Option<Row>, StoreError> {
    let found = metadata::table.find(key_of(org, subject)).select(Row::as_select());
    let rows: Vec<Row> = found.load(connection).db()?;
    Ok(keep_own(org, rows, "metadata").pop())
}

/// The host that a thing is, or runs on; none where no such thing is known.
pub(crate) fn find_host(
    connection: &mut AnyConnection,
    org: OrgId,
    subject: Subject,
) -> Result<Option<String>, StoreError> {
    let found = match subject {
        Subject::Host(host) => {
            let known: i64 =
                hosts::table.find((org.to_string(), host.to_string())).count().get_result(connection).db()?;
            return Ok((known > 0).then(|| host.to_string()));
        }
        Subject::Container(id) => inventory::get_container(connection, org, id).map(|container| container.host),
        Subject::Guest(id) => inventory::get_guest(connection, org, id).map(|guest| guest.host),
    };
    match found {
        Ok(host) => Ok(Some(host.to_string())),
        Err(GetError::NotFound) => Ok(None),
        Err(GetError::Store(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(change: impl FnOnce(&mut MetadataEdit)) -> Result<MetadataEdit, Invalid> {
        let mut edit = MetadataEdit::default();
        change(&mut edit);
        check(edit)
    }

    #[test]
    fn only_links_that_open_a_page_are_kept() {
        for good in ["https://pve.example.org:8006/", "http://10.0.0.5", "HTTPS://a.b/c?d=%20#e"] {
            let kept = edit(|edit| edit.url = Some(format!(" {good} "))).map(|edit| edit.url);
            assert_eq!(kept, Ok(Some(good.to_owned())));
        }
        assert_eq!(edit(|edit| edit.url = Some("  ".to_owned())).map(|edit| edit.url), Ok(None));
        for bad in [
            "javascript:alert(1)",
            "JavaScript://example.org/%0aalert(1)",
            "data:text/html,x",
            "//example.org",
            "ftp://example.org",
            "https://",
            "https:///path",
            "http://[::1",
            "http://a:99999/",
            "https://user:secret@example.org",
            "https://example.org/a b",
            "https://example.org/\u{202e}gro",
            "https://example.org/\"onmouseover=",
            &format!("https://example.org/{}", "x".repeat(2_048)),
        ] {
            let refused = edit(|edit| edit.url = Some(bad.to_owned()));
            assert_eq!(refused.map_err(|error| error.pointer), Err("/url"), "{bad}");
        }
    }

    #[test]
    fn tags_are_words_sorted_and_each_once() {
        let tags = |tags: &[&str]| edit(|edit| edit.tags = tags.iter().map(|tag| (*tag).to_owned()).collect());
        assert_eq!(
            tags(&[" web ", "", "rack:b2", "web"]).map(|edit| edit.tags),
            Ok(vec!["rack:b2".into(), "web".into()])
        );
        let many: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
        assert!(edit(|edit| edit.tags = many).is_err());
        for bad in ["two words", "a,b", "\u{202e}", &"x".repeat(65), "a\u{0}b"] {
            assert!(tags(&[bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn texts_are_bounded_and_say_what_they_seem_to_say() {
        let kept = edit(|edit| edit.notes = "line\r\nline\n\ttab  ".to_owned()).map(|edit| edit.notes);
        assert_eq!(kept, Ok("line\nline\n\ttab".to_owned()));
        assert!(edit(|edit| edit.notes = "x".repeat(1 << 20)).is_err());
        assert!(edit(|edit| edit.notes = "a\u{7}b".to_owned()).is_err());
        assert!(edit(|edit| edit.description = "two\nlines".to_owned()).is_err());
        assert!(edit(|edit| edit.description = "<b>as text</b>".to_owned()).is_ok());
    }
}
