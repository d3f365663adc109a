//! What the assistant may look at. No tool takes an organization: each looks at the data of the scope that it is handed, and
//! an id of another organization is answered like one that nobody has.

mod find;
mod lists;
mod metadata;
mod metrics;
mod record;

use super::text::{cut, cut_to, printable};
use crate::problem::Answer;
use ::assistant::{Tool, ToolCall};
use authz::Viewer;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use shared::{
    HostId,
    assistant::{Lookup, NamedSubject},
    host::Host,
    metadata::Subject,
};
use store::{GetError, OrgData, StoreError};

/// Most records in one result.
const MAX_RECORDS: usize = 50;
/// Most things that a lookup names.
const MAX_SUBJECTS: usize = 20;
/// Most bytes of the records of one result, below what goes to the provider uncut.
const MAX_BYTES: usize = 24 * 1024;
/// Most hosts, containers or guests that are searched.
const MAX_SEARCHED: usize = 20_000;

type Data<'a> = OrgData<'a, Viewer>;

/// What a call came to.
pub(super) struct Found {
    /// For the provider: compact JSON.
    pub(super) result: String,
    /// For the person; none where nothing of the organization is in it.
    pub(super) lookup: Option<Lookup>,
}

impl Found {
    /// Not there, or not this organization's. Built here and nowhere else, so that both have the same bytes.
    fn nothing() -> Self {
        Self { result: json!({ "error": "There is no such thing in this organization." }).to_string(), lookup: None }
    }

    fn bad_arguments(error: &serde_json::Error) -> Self {
        let error: String = error.to_string().chars().take(200).collect();
        Self {
            result: json!({ "error": format!("These arguments are not acceptable: {error}.") }).to_string(),
            lookup: None,
        }
    }
}

/// All tools, as the provider is told of them.
pub(super) fn definitions() -> Vec<Tool> {
    let tool = |name: &str, description: &str, required: &[&str], properties: Value| Tool {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters: json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        }),
    };
    let query = json!({ "type": "string", "description": "Words that the name or another field contains" });
    let attention = json!({ "type": "boolean", "description": "Only what needs attention, the worst first" });
    let host = json!({ "type": "string", "description": "Id of a host" });
    vec![
        tool(
            "list_hosts",
            "Hosts with health, use of CPU, memory and disk in percent, uptime and age of the last report.",
            &[],
            json!({ "query": query, "only_attention": attention }),
        ),
        tool(
            "list_containers",
            "Containers with host, image, state, health, restarts, CPU in percent of one core, and memory.",
            &[],
            json!({ "query": query, "host": host, "only_attention": attention }),
        ),
        tool(
            "list_guests",
            "Guests, which are virtual machines and system containers, with host, state, CPU and memory.",
            &[],
            json!({ "query": query, "host": host }),
        ),
        tool(
            "read_metrics",
            "Measures of one host in the last hour: least, mean, most and last value of each, and twelve points.",
            &["host"],
            json!({ "host": host }),
        ),
        tool(
            "read_metadata",
            "What people noted about one thing: link, description, tags and notes.",
            &["kind", "id"],
            json!({
                "kind": { "type": "string", "enum": ["host", "container", "guest"] },
                "id": { "type": "string", "description": "Id of the thing" },
            }),
        ),
        tool(
            "find",
            "Hosts, containers and guests by their names, and by the tags and descriptions that people gave them.",
            &["query"],
            json!({ "query": query }),
        ),
    ]
}

/// Carries out a call. What is wrong with it is told to the provider.
///
/// # Errors
/// 503 when the database cannot be asked.
pub(super) fn carry_out(data: &Data<'_>, call: ToolCall) -> Answer<Found> {
    let ToolCall { name, arguments } = call;
    let found = match name.as_str() {
        "list_hosts" => parsed(arguments, |arguments| lists::hosts(data, arguments)),
        "list_containers" => parsed(arguments, |arguments| lists::containers(data, arguments)),
        "list_guests" => parsed(arguments, |arguments| lists::guests(data, arguments)),
        "read_metrics" => parsed(arguments, |arguments| metrics::read(data, arguments)),
        "read_metadata" => parsed(arguments, |arguments| metadata::read(data, arguments)),
        "find" => parsed(arguments, |arguments| find::find(data, arguments)),
        // The run hands out calls of tools that were offered.
        _ => return Ok(Found::nothing()),
    };
    match found {
        Ok(found) => Ok(found),
        Err(GetError::NotFound) => Ok(Found::nothing()),
        Err(GetError::Store(error)) => Err(error.into()),
    }
}

fn parsed<A: DeserializeOwned>(
    arguments: Map<String, Value>,
    look: impl FnOnce(A) -> Result<Found, GetError>,
) -> Result<Found, GetError> {
    match serde_json::from_value(Value::Object(arguments)) {
        Ok(arguments) => look(arguments),
        Err(error) => Ok(Found::bad_arguments(&error)),
    }
}

/// A host by the text that the provider gave. A text that is no id names nothing.
fn get_host(data: &Data<'_>, id: &str) -> Result<Host, GetError> {
    let id: HostId = id.trim().parse().map_err(|_| GetError::NotFound)?;
    data.get_host(id)
}

/// The name that a thing has now; none where this organization has no such thing.
pub(super) fn name_of(data: &Data<'_>, subject: Subject) -> Result<Option<String>, StoreError> {
    let found = match subject {
        Subject::Host(id) => data.get_host(id).map(|host| host.summary.name),
        Subject::Container(id) => data.get_container(id).map(|container| container.name),
        Subject::Guest(id) => data.get_guest(id).map(|guest| guest.name),
    };
    match found {
        Ok(name) => Ok(Some(name)),
        Err(GetError::NotFound) => Ok(None),
        Err(GetError::Store(error)) => Err(error),
    }
}

/// A record, and the thing that it is of.
struct Record {
    subject: NamedSubject,
    value: Value,
}

/// The first records that there is room for, with how many were left out.
fn list(kind: &str, title: String, records: Vec<Record>) -> Found {
    let all = records.len();
    let (mut values, mut subjects, mut bytes) = (Vec::new(), Vec::new(), 0);
    for Record { subject, value } in records.into_iter().take(MAX_RECORDS) {
        bytes += value.to_string().len() + 1;
        if bytes > MAX_BYTES {
            break;
        }
        if subjects.len() < MAX_SUBJECTS {
            subjects.push(subject);
        }
        values.push(value);
    }
    let shown = values.len();
    let mut result = json!({ kind: values });
    if all > shown {
        result["left_out"] = json!(all - shown);
    }
    Found { result: result.to_string(), lookup: Some(Lookup { title, records: count(shown), subjects }) }
}

fn count(records: usize) -> i64 {
    i64::try_from(records).unwrap_or(i64::MAX)
}

/// What is searched for: all of some words, in small letters.
struct Words(Vec<String>);

impl Words {
    fn of(query: Option<&str>) -> Self {
        Self(query.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect())
    }

    fn are_in<'a>(&self, fields: impl IntoIterator<Item = &'a str>) -> bool {
        let text = fields.into_iter().collect::<Vec<_>>().join("\n").to_lowercase();
        self.0.iter().all(|word| text.contains(word))
    }

    /// Behind a title, as a person reads it.
    fn note(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let words = cut_to(&printable(&self.0.join(" ")), 60);
        format!(" with “{words}”")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_schema_allows_nothing_that_it_does_not_name() {
        for tool in definitions() {
            assert_eq!(tool.parameters["additionalProperties"], json!(false), "{}", tool.name);
            for required in tool.parameters["required"].as_array().expect("a list") {
                assert!(tool.parameters["properties"][required.as_str().expect("a name")].is_object(), "{}", tool.name);
            }
            let names = tool.parameters["properties"].as_object().expect("an object").keys();
            assert!(!names.into_iter().any(|name| name.contains("org")), "{} takes no organization", tool.name);
        }
    }

    #[test]
    fn a_result_has_no_more_than_there_is_room_for_and_says_what_is_missing() {
        let record = |number: u128, text: &str| Record {
            subject: NamedSubject {
                subject: Subject::Host(HostId::from_uuid(Uuid::from_u128(number))),
                name: "h".into(),
            },
            value: json!({ "name": text }),
        };
        let many = list("hosts", "Listed hosts".to_owned(), (0..80).map(|number| record(number, "h")).collect());
        let lookup = many.lookup.expect("there is one");
        assert_eq!((lookup.records, lookup.subjects.len()), (50, 20));
        assert!(many.result.contains("\"left_out\":30"), "{}", many.result);
        let long = "é".repeat(2_000);
        let large = list("hosts", "Listed hosts".to_owned(), (0..40).map(|number| record(number, &long)).collect());
        assert!(large.result.len() < MAX_BYTES + 100);
        let parsed: Value = serde_json::from_str(&large.result).expect("it is whole");
        assert_eq!(parsed["hosts"].as_array().map(Vec::len), Some(6));
        assert_eq!(parsed["left_out"], json!(34));
    }

    #[test]
    fn all_words_are_looked_for_whatever_their_case() {
        let words = Words::of(Some("  DB eu "));
        assert!(words.are_in(["db-01", "EU-west"]) && !words.are_in(["db-01", "us"]));
        assert!(Words::of(None).are_in([""]));
        assert_eq!((words.note().as_str(), Words::of(None).note().as_str()), (" with “db eu”", ""));
    }
}
