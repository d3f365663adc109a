//! Refusals: RFC 9457 `application/problem+json` with one closed set of codes.

use crate::{OrgId, Role, feature::Feature};
use serde::{Deserialize, Serialize};

/// Media type of a [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was refused. Programs switch on this, never on a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: the body or a parameter cannot be read.
    Malformed,
    /// 401: nobody is signed in, or the session or token ended.
    Unauthenticated,
    /// 401: address and password do not go together.
    WrongCredentials,
    /// 402: the plan or licence does not include it.
    PlanRequired,
    /// 402: the plan includes fewer.
    PlanLimitReached,
    /// 403: a member, but with too low a role.
    RoleRequired,
    /// 403: the set-up code is not the server's.
    WrongSetupCode,
    /// 403: a write from a page of another origin.
    ForeignOrigin,
    /// 403: a token of that kind cannot do this.
    TokenKind,
    /// 404: not there, or not the caller's: the same.
    NotFound,
    /// 404: there is no account with that address that could be added.
    AccountNotFound,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 409: two places of one request name different organizations.
    OrgMismatch,
    /// 409: it exists already, or the state of things does not allow it.
    Conflict,
    /// 410: deleted. Only its members are told so.
    OrgDeleted,
    /// 412: it was changed since it was read.
    PreconditionFailed,
    /// 413: the body is larger than what is read.
    TooLarge,
    /// 415: the body is not JSON.
    UnsupportedMediaType,
    /// 422: read, but values are not acceptable; see [`Problem::errors`].
    Invalid,
    /// 423: suspended. Only its members are told so.
    OrgSuspended,
    /// 428: `If-Match` is missing.
    PreconditionRequired,
    /// 429: too many; try again after [`Problem::retry_after_s`].
    RateLimited,
    /// 500: the server's fault. The log has more under the request id.
    Internal,
    /// 501: the operator has not set it up.
    FeatureNotEnabled,
    /// 503: not now: starting, stopping, or the database is away.
    Unavailable,
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated | Self::WrongCredentials => 401,
            Self::PlanRequired | Self::PlanLimitReached => 402,
            Self::RoleRequired | Self::WrongSetupCode | Self::ForeignOrigin | Self::TokenKind => 403,
            Self::NotFound | Self::AccountNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::OrgMismatch | Self::Conflict => 409,
            Self::OrgDeleted => 410,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::OrgSuspended => 423,
            Self::PreconditionRequired => 428,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::FeatureNotEnabled => 501,
            Self::Unavailable => 503,
        }
    }
}

/// A refusal that says what, why, who can change it, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Stable URI of the kind: `urn:bulkhead:problem:{code}`.
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// For programs.
    pub code: ErrorCode,
    /// One line for people.
    pub title: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Under which the server's log has more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// Whose request it was; absent where the caller is not a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// 402, 501: the feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<Feature>,
    /// 402: the plan in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_plan: Option<String>,
    /// 402: the smallest plan that would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_plan: Option<String>,
    /// 402: how many there may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// 402: how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
    /// 402, 403: names of those in the organization who can change it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who_can_change: Vec<String>,
    /// 402: where to upgrade, if the operator set such a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrade_url: Option<String>,
    /// 501: the operator's setting that enables it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// 403: the role it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_role: Option<Role>,
    /// 429, 503: seconds to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// 422: what is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field that is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer into the body, such as `/slug`.
    pub pointer: String,
    /// What is wrong, as a sentence for the person who typed it.
    pub message: String,
}

impl Problem {
    /// A refusal with its title; the rest is filled in as far as it is known.
    #[must_use]
    pub fn new(code: ErrorCode, title: impl Into<String>) -> Self {
        let word = serde_word(code);
        Self {
            kind: format!("urn:bulkhead:problem:{word}"),
            status: code.status(),
            code,
            title: title.into(),
            detail: String::new(),
            request_id: String::new(),
            org: None,
            feature: None,
            current_plan: None,
            required_plan: None,
            limit: None,
            used: None,
            who_can_change: Vec::new(),
            upgrade_url: None,
            setting: None,
            required_role: None,
            retry_after_s: None,
            errors: Vec::new(),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds a field that is not acceptable.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), message: message.into() });
        self
    }
}

/// The code as it stands on the wire: its name in snake case.
fn serde_word(code: ErrorCode) -> String {
    let mut word = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_uri_ends_with_the_code_of_the_wire() {
        for code in [ErrorCode::PlanLimitReached, ErrorCode::NotFound, ErrorCode::FeatureNotEnabled] {
            let on_the_wire = serde_json::to_value(code).expect("a code is a string");
            let problem = Problem::new(code, "t");
            assert_eq!(Some(problem.kind.rsplit(':').next().expect("has colons")), on_the_wire.as_str());
        }
    }

    #[test]
    fn what_is_not_known_is_not_on_the_wire() {
        let json = serde_json::to_value(Problem::new(ErrorCode::NotFound, "Not found")).expect("serializes");
        let fields: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(fields, ["code", "status", "title", "type"]);
    }
}
