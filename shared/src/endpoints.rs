//! Paths of the API, written once. The server's URL map is `backend/src/routes.rs`; clients build paths here.

use crate::{ContainerId, GuestId, HostId, OrgId, SessionId, TokenId, UserId, metadata::Subject};
use std::fmt::Display;

/// Who is signed in.
pub const ME: &str = "/api/v1/me";
/// Sign in (POST), list own sessions (GET).
pub const SESSIONS: &str = "/api/v1/sessions";
/// The session that asks: sign out (DELETE).
pub const CURRENT_SESSION: &str = "/api/v1/sessions/current";
/// First-run setup.
pub const SETUP: &str = "/api/v1/setup";
/// Create an organization (POST), list own (GET).
pub const ORGS: &str = "/api/v1/orgs";
/// Every feature with its state.
pub const LICENSE_FEATURES: &str = "/api/v1/license/features";
/// Where agents report.
pub const INGEST_REPORTS: &str = "/api/v1/ingest/reports";
/// The OpenAPI document.
pub const OPENAPI: &str = "/api/openapi.json";

/// Response header that names the organization that the answer is of.
pub const ORG_HEADER: &str = "x-org-id";

/// One session of the caller.
#[must_use]
pub fn session(id: SessionId) -> String {
    format!("{SESSIONS}/{id}")
}

/// What a client needs to enter an organization. Takes what stands in a URL: a slug, a former slug or an id.
///
/// The text is percent-encoded, so that whatever a person put into the address bar stays one path segment.
#[must_use]
pub fn bootstrap(org: &str) -> String {
    format!("{ORGS}/{}/bootstrap", segment(org))
}

/// The organization itself: GET, PATCH, DELETE.
#[must_use]
pub fn org(org: OrgId) -> String {
    format!("{ORGS}/{org}")
}

fn below(org: OrgId, rest: impl Display) -> String {
    format!("{ORGS}/{org}/{rest}")
}

/// Live channel of an organization.
#[must_use]
pub fn live(org: OrgId) -> String {
    below(org, "live")
}

/// An organization at a glance: GET.
#[must_use]
pub fn summary(org: OrgId) -> String {
    below(org, "summary")
}

/// Hosts of an organization.
#[must_use]
pub fn hosts(org: OrgId) -> String {
    below(org, "hosts")
}

/// One host: GET, DELETE.
#[must_use]
pub fn host(org: OrgId, host: HostId) -> String {
    below(org, format_args!("hosts/{host}"))
}

/// Measures of one host over time.
#[must_use]
pub fn host_metrics(org: OrgId, host: HostId) -> String {
    below(org, format_args!("hosts/{host}/metrics"))
}

/// Containers of an organization.
#[must_use]
pub fn containers(org: OrgId) -> String {
    below(org, "containers")
}

/// One container: GET.
#[must_use]
pub fn container(org: OrgId, container: ContainerId) -> String {
    below(org, format_args!("containers/{container}"))
}

/// Guests of an organization.
#[must_use]
pub fn guests(org: OrgId) -> String {
    below(org, "guests")
}

/// One guest: GET.
#[must_use]
pub fn guest(org: OrgId, guest: GuestId) -> String {
    below(org, format_args!("guests/{guest}"))
}

/// What is noted about one thing: GET, PUT.
#[must_use]
pub fn metadata_of(org: OrgId, subject: Subject) -> String {
    below(org, format_args!("{}s/{}/metadata", subject.kind(), subject.id()))
}

/// What is noted about all things: GET.
#[must_use]
pub fn metadata(org: OrgId) -> String {
    below(org, "metadata")
}

/// The caller's conversation with the assistant: GET, PATCH, DELETE.
#[must_use]
pub fn assistant(org: OrgId) -> String {
    below(org, "assistant")
}

/// Ask the assistant: POST, answered with a stream.
#[must_use]
pub fn assistant_messages(org: OrgId) -> String {
    below(org, "assistant/messages")
}

/// Members: GET, POST.
#[must_use]
pub fn members(org: OrgId) -> String {
    below(org, "members")
}

/// One member: PATCH, DELETE.
#[must_use]
pub fn member(org: OrgId, user: UserId) -> String {
    below(org, format_args!("members/{user}"))
}

/// Tokens: GET, POST.
#[must_use]
pub fn tokens(org: OrgId) -> String {
    below(org, "tokens")
}

/// One token: DELETE revokes it.
#[must_use]
pub fn token(org: OrgId, token: TokenId) -> String {
    below(org, format_args!("tokens/{token}"))
}

/// Shares: GET.
#[must_use]
pub fn shares(org: OrgId) -> String {
    below(org, "shares")
}

/// Plan, limits and usage: GET.
#[must_use]
pub fn billing(org: OrgId) -> String {
    below(org, "billing")
}

/// Start a payment: POST.
#[must_use]
pub fn checkout(org: OrgId) -> String {
    below(org, "billing/checkout")
}

/// Percent-encodes all but unreserved characters.
fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_the_address_bar_stays_one_segment() {
        assert_eq!(bootstrap("../me?x#y"), "/api/v1/orgs/%2E%2E%2Fme%3Fx%23y/bootstrap");
    }
}
