//! The OpenAPI 3.1 document. Schemas are those of `shared`, paths are those of the URL map, so neither can say
//! something else than the server does; only the one-line summaries stand here.

use crate::routes::{Access, ROUTES, Route};
use actix_web::HttpResponse;
use authz::{Thing, required_role};
use serde_json::{Map, Value, json};
use shared::{assistant::EVENT_STREAM, problem::PROBLEM_JSON};
use std::sync::OnceLock;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bulkhead",
        description = "A console in which many organizations watch their infrastructure. The organization stands in the path and nowhere else; refusals are `application/problem+json`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(
        shared::account::Me,
        shared::account::SignIn,
        shared::account::SetupState,
        shared::account::Setup,
        shared::account::SessionInfo,
        shared::assistant::Chat,
        shared::assistant::ChatPatch,
        shared::assistant::NewQuestion,
        shared::assistant::ChatEvent,
        shared::feature::LicenseFeatures,
        shared::host::HostPage,
        shared::host::Host,
        shared::host::HostSeries,
        shared::inventory::ContainerPage,
        shared::inventory::Container,
        shared::inventory::GuestPage,
        shared::inventory::Guest,
        shared::metadata::Metadata,
        shared::metadata::MetadataEdit,
        shared::metadata::Noted,
        shared::org::OrgSummary,
        shared::org::Org,
        shared::org::NewOrg,
        shared::org::OrgPatch,
        shared::org::Bootstrap,
        shared::summary::Summary,
        shared::org::Member,
        shared::org::NewMember,
        shared::org::MemberPatch,
        shared::org::Billing,
        shared::report::ReportBatch,
        shared::report::ReportAck,
        shared::token::Token,
        shared::token::NewToken,
        shared::token::CreatedToken,
        shared::Problem
    ))
)]
struct Schemas;

/// `GET /api/openapi.json`
pub async fn document() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| build().to_string());
    HttpResponse::Ok().content_type("application/json").body(text.as_str())
}

/// What the document says of a route: summary, schema of the body, status and schema of the answer.
struct Words(&'static str, Option<&'static str>, u16, Option<&'static str>);

fn words(route: &Route) -> Option<Words> {
    Some(match (route.method, route.path.trim_start_matches("/api/v1")) {
        ("GET", "/setup") => Words("Whether the server waits for its first account", None, 200, Some("SetupState")),
        ("POST", "/setup") => {
            Words("Make the first account and organization, and sign in", Some("Setup"), 201, Some("Me"))
        }
        ("GET", "/sessions") => Words("Own sign-ins", None, 200, Some("[SessionInfo]")),
        ("POST", "/sessions") => Words("Sign in", Some("SignIn"), 200, Some("Me")),
        ("DELETE", "/sessions/current") => Words("Sign out", None, 204, None),
        ("DELETE", "/sessions/{session}") => Words("End another sign-in", None, 204, None),
        ("GET", "/me") => Words("Who is signed in, and their organizations", None, 200, Some("Me")),
        ("GET", "/orgs") => Words("Own organizations", None, 200, Some("[OrgSummary]")),
        ("POST", "/orgs") => Words("Create an organization", Some("NewOrg"), 201, Some("Org")),
        ("GET", "/orgs/{org}") => Words("The organization", None, 200, Some("Org")),
        ("PATCH", "/orgs/{org}") => Words("Change it; needs If-Match", Some("OrgPatch"), 200, Some("Org")),
        ("DELETE", "/orgs/{org}") => Words("Delete it for good; repeat the slug as ?confirm=", None, 204, None),
        ("GET", "/orgs/{org}/bootstrap") => {
            Words("All that a first page needs; takes a slug too", None, 200, Some("Bootstrap"))
        }
        ("GET", "/orgs/{org}/summary") => Words("Sums, and the hosts that are doing worst", None, 200, Some("Summary")),
        ("GET", "/orgs/{org}/live") => Words("Live channel: a WebSocket of JSON frames", None, 101, None),
        ("GET", "/orgs/{org}/hosts") => Words("Hosts by name; ?limit=&cursor=", None, 200, Some("HostPage")),
        ("GET", "/orgs/{org}/hosts/{host}") => Words("One host", None, 200, Some("Host")),
        ("DELETE", "/orgs/{org}/hosts/{host}") => Words("Remove a host with its history", None, 204, None),
        ("GET", "/orgs/{org}/hosts/{host}/metrics") => {
            Words("Measures over time; ?from=&to= in microseconds", None, 200, Some("HostSeries"))
        }
        ("GET", "/orgs/{org}/hosts/{host}/metadata") => {
            Words("What is noted about a host; its version is the ETag", None, 200, Some("Metadata"))
        }
        ("PUT", "/orgs/{org}/hosts/{host}/metadata") => {
            Words("Note something else; needs If-Match", Some("MetadataEdit"), 200, Some("Metadata"))
        }
        ("GET", "/orgs/{org}/containers") => {
            Words("Containers, host by host; ?limit=&cursor=", None, 200, Some("ContainerPage"))
        }
        ("GET", "/orgs/{org}/containers/{container}") => Words("One container", None, 200, Some("Container")),
        ("GET", "/orgs/{org}/containers/{container}/metadata") => {
            Words("What is noted about a container; its version is the ETag", None, 200, Some("Metadata"))
        }
        ("PUT", "/orgs/{org}/containers/{container}/metadata") => {
            Words("Note something else; needs If-Match", Some("MetadataEdit"), 200, Some("Metadata"))
        }
        ("GET", "/orgs/{org}/guests") => {
            Words("Virtual machines and system containers, host by host; ?limit=&cursor=", None, 200, Some("GuestPage"))
        }
        ("GET", "/orgs/{org}/guests/{guest}") => {
            Words("One virtual machine or system container", None, 200, Some("Guest"))
        }
        ("GET", "/orgs/{org}/guests/{guest}/metadata") => {
            Words("What is noted about a guest; its version is the ETag", None, 200, Some("Metadata"))
        }
        ("PUT", "/orgs/{org}/guests/{guest}/metadata") => {
            Words("Note something else; needs If-Match", Some("MetadataEdit"), 200, Some("Metadata"))
        }
        ("GET", "/orgs/{org}/metadata") => {
            Words("What is noted about hosts, containers and guests", None, 200, Some("[Noted]"))
        }
        ("GET", "/orgs/{org}/members") => Words("Members", None, 200, Some("[Member]")),
        ("POST", "/orgs/{org}/members") => Words("Add an account that exists", Some("NewMember"), 201, Some("Member")),
        ("PATCH", "/orgs/{org}/members/{user}") => Words("Change a role", Some("MemberPatch"), 200, Some("Member")),
        ("DELETE", "/orgs/{org}/members/{user}") => Words("Remove a member, or leave", None, 204, None),
        ("GET", "/orgs/{org}/tokens") => Words("Tokens", None, 200, Some("[Token]")),
        ("POST", "/orgs/{org}/tokens") => {
            Words("Make a token; its secret is shown once", Some("NewToken"), 201, Some("CreatedToken"))
        }
        ("DELETE", "/orgs/{org}/tokens/{token}") => Words("Revoke a token", None, 204, None),
        ("GET", "/orgs/{org}/shares") => Words("Shares with other organizations", None, 200, None),
        ("GET", "/orgs/{org}/billing") => Words("Plan, limits and usage", None, 200, Some("Billing")),
        ("POST", "/orgs/{org}/billing/checkout") => Words("Start a payment", None, 201, None),
        ("GET", "/orgs/{org}/assistant") => {
            Words("Own conversation with the assistant; begins with the first reading", None, 200, Some("Chat"))
        }
        ("PATCH", "/orgs/{org}/assistant") => {
            Words("Keep what was typed, and what it is about", Some("ChatPatch"), 200, Some("Chat"))
        }
        ("DELETE", "/orgs/{org}/assistant") => Words("Begin a new conversation", None, 204, None),
        ("POST", "/orgs/{org}/assistant/messages") => Words(
            "Ask; answered with an event a line, until one is the last",
            Some("NewQuestion"),
            200,
            Some("ChatEvent"),
        ),
        ("POST", "/ingest/reports") => {
            Words("Report a machine; the organization is the token's", Some("ReportBatch"), 200, Some("ReportAck"))
        }
        ("GET", "/license/features") => Words("Every feature with its state", None, 200, Some("LicenseFeatures")),
        ("GET", "/api/openapi.json") => Words("This document", None, 200, None),
        ("GET", "/healthz") => Words("The process answers", None, 200, None),
        ("GET", "/readyz") => Words("The database answers", None, 200, None),
        _ => return None,
    })
}

fn build() -> Value {
    let mut document = serde_json::to_value(Schemas::openapi()).expect("schemas are JSON");
    let mut paths = Map::new();
    for route in ROUTES {
        let Some(words) = words(route) else { continue };
        let item = paths.entry(route.path).or_insert_with(|| json!({ "parameters": parameters(route.path) }));
        item[route.method.to_lowercase()] = operation(route, &words);
    }
    document["paths"] = Value::Object(paths);
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["components"]["securitySchemes"] = json!({
        "session": { "type": "apiKey", "in": "cookie", "name": "bulkhead", "description": "`__Host-bulkhead` over TLS" },
        "token": { "type": "http", "scheme": "bearer" }
    });
    document
}

fn operation(route: &Route, Words(summary, body, status, answer): &Words) -> Value {
    let mut responses = Map::new();
    let mut success = json!({ "description": "Done" });
    if let Some(answer) = answer {
        let kind = if *answer == "ChatEvent" { EVENT_STREAM } else { "application/json" };
        success["content"] = json!({ kind: { "schema": schema(answer) } });
    }
    responses.insert(status.to_string(), success);
    responses.insert(
        "default".to_owned(),
        json!({ "description": "A refusal", "content": { PROBLEM_JSON: { "schema": schema("Problem") } } }),
    );
    let security = match route.access {
        Access::Anyone => json!([]),
        Access::SignedIn | Access::InOrg(_, Thing::Assistant) => json!([{ "session": [] }]),
        Access::Agent => json!([{ "token": [] }]),
        Access::Caller | Access::InOrg(..) => json!([{ "session": [] }, { "token": [] }]),
    };
    let mut operation = json!({
        "operationId": format!("{}{}", route.method.to_lowercase(), route.path.replace(['/', '.'], "_").replace(['{', '}'], "")),
        "summary": summary,
        "responses": responses,
        "security": security,
    });
    if let Access::InOrg(action, thing) = route.access
        && let Some(role) = required_role(action, thing)
    {
        operation["description"] = json!(format!("Takes the role {role} or a higher one."));
    }
    if let Some(body) = body {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema(body) } } });
    }
    operation
}

/// A reference to a schema; in brackets, a list of it.
fn schema(name: &str) -> Value {
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(item) => json!({ "type": "array", "items": schema(item) }),
        None => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}

fn parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_has_every_route_of_the_map() {
        let document = build();
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.to_lowercase()];
            assert!(operation["summary"].is_string(), "{} {} is not in the document", route.method, route.path);
        }
    }

    #[test]
    fn no_reference_of_the_document_points_nowhere() {
        let document = build();
        let mut names = BTreeSet::new();
        references(&document, &mut names);
        assert!(names.len() > 20, "{names:?}");
        for name in &names {
            assert!(document.pointer(&name[1..]).is_some(), "{name} is missing");
        }
    }

    fn references(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| match value.as_str() {
                Some(name) if key == "$ref" => drop(names.insert(name.to_owned())),
                _ => references(value, names),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, names)),
            _ => {}
        }
    }
}
