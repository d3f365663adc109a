//! What people noted about one thing.

use super::{Data, Found, cut, cut_to, name_of, record};
use serde::Deserialize;
use serde_json::json;
use shared::{assistant::Lookup, metadata::Subject};
use std::str::FromStr;
use store::GetError;

/// Most characters of the notes and the link.
const MAX_NOTES: usize = 4_000;
const MAX_URL: usize = 500;

/// Arguments of `read_metadata`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfThing {
    kind: Kind,
    id: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Host,
    Container,
    Guest,
}

impl OfThing {
    /// A text that is no id names nothing.
    fn subject(&self) -> Result<Subject, GetError> {
        fn id<T: FromStr>(text: &str) -> Result<T, GetError> {
            text.trim().parse().map_err(|_| GetError::NotFound)
        }
        Ok(match self.kind {
            Kind::Host => Subject::Host(id(&self.id)?),
            Kind::Container => Subject::Container(id(&self.id)?),
            Kind::Guest => Subject::Guest(id(&self.id)?),
        })
    }
}

pub(super) fn read(data: &Data<'_>, arguments: OfThing) -> Result<Found, GetError> {
    let subject = arguments.subject()?;
    let noted = data.get_metadata(subject)?;
    // Notes about a container or guest outlive it.
    let name = name_of(data, subject)?.map(|name| cut(&name));
    let result = json!({
        "kind": subject.kind(),
        "id": subject.id(),
        "name": name,
        "url": noted.url.map(|url| cut_to(&url, MAX_URL)),
        "description": noted.description,
        "tags": noted.tags,
        "notes": cut_to(&noted.notes, MAX_NOTES),
    });
    let name = name.unwrap_or_else(|| format!("a {} that is gone", subject.kind()));
    let lookup =
        Lookup { title: format!("Read notes about {name}"), records: 1, subjects: vec![record::named(subject, &name)] };
    Ok(Found { result: result.to_string(), lookup: Some(lookup) })
}
