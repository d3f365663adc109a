//! Versions of things that people change, as HTTP has them: `ETag` and `If-Match`.

use crate::problem::{Answer, Refusal};
use actix_web::{HttpRequest, http::header::IF_MATCH};
use shared::{ErrorCode, OrgId};

/// The version and the organization: the tag of one organization means nothing in another.
#[must_use]
pub fn etag(org: OrgId, version: i64) -> String {
    format!("\"{org}.{version}\"")
}

/// The version that `If-Match` says; none for `*`. A version without an organization, as bodies have it, is one of the
/// organization in the path.
///
/// # Errors
/// 428 where it is missing.
pub fn expected_version(request: &HttpRequest, org: OrgId) -> Answer<Option<i64>> {
    let Some(header) = request.headers().get(IF_MATCH) else {
        return Err(Refusal::new(ErrorCode::PreconditionRequired)
            .detail("Send If-Match with the ETag that you read, so that nobody's change is overwritten unseen.")
            .org(org));
    };
    let text = header.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let tag = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let version = tag.and_then(|tag| match tag.split_once('.') {
        Some((named, version)) => (named == org.to_string()).then_some(version)?.parse().ok(),
        None => tag.parse().ok(),
    });
    // A tag that was never given out matches no version, which is what the client is told.
    Ok(Some(version.unwrap_or(-1)))
}
