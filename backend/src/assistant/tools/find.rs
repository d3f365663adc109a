//! Everything by its name, and by what people noted about it.

use super::{Data, Found, MAX_SEARCHED, Record, Words, cut, list, record};
use serde::Deserialize;
use serde_json::json;
use shared::metadata::{Metadata, Subject};
use std::collections::HashMap;
use store::GetError;

/// Arguments of `find`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByWords {
    query: String,
}

pub(super) fn find(data: &Data<'_>, arguments: ByWords) -> Result<Found, GetError> {
    let words = Words::of(Some(&arguments.query));
    let noted: HashMap<Subject, Metadata> =
        data.list_metadata()?.into_iter().map(|noted| (noted.subject, noted.metadata)).collect();
    let mut records = Vec::new();
    let mut look = |subject: Subject, name: &str, host: Option<&str>, more: &[&str]| {
        let about = noted.get(&subject);
        let (description, tags) = about.map_or(("", &[][..]), |about| (about.description.as_str(), &about.tags[..]));
        let fields = [name, description].into_iter().chain(more.iter().copied());
        if words.are_in(fields.chain(tags.iter().map(String::as_str))) {
            let value = json!({
                "kind": subject.kind(),
                "id": subject.id(),
                "name": cut(name),
                "host": host.map(cut),
                "description": cut(description),
                "tags": tags.iter().take(8).map(|tag| cut(tag)).collect::<Vec<_>>(),
            });
            records.push(Record { subject: record::named(subject, name), value });
        }
    };
    for host in data.list_hosts(MAX_SEARCHED, None)?.items {
        look(Subject::Host(host.id), &host.name, None, &[&host.os]);
    }
    for container in data.list_containers(MAX_SEARCHED, None)?.items {
        let more = [container.image.as_str(), container.project.as_deref().unwrap_or_default()];
        look(Subject::Container(container.id), &container.name, Some(&container.host_name), &more);
    }
    for guest in data.list_guests(MAX_SEARCHED, None)?.items {
        look(Subject::Guest(guest.id), &guest.name, Some(&guest.host_name), &[]);
    }
    Ok(list("found", format!("Searched everything{}", words.note()), records))
}
