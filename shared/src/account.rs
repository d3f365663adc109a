//! Accounts, signing in and the first-run setup.

use crate::{Micros, UserId, org::OrgSummary};
use serde::{Deserialize, Serialize};

/// A person's account as that person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Immutable id.
    pub id: UserId,
    /// The address they sign in with, in lower case.
    pub email: String,
    /// The name others read, 1 to 80 characters.
    pub name: String,
    /// May use the operator's commands of the API. Says nothing about organizations.
    pub is_operator: bool,
}

/// Who is signed in and which organizations they have. The answer of `GET /api/v1/me`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The account.
    pub account: Account,
    /// Its organizations by name. Only those; nobody else's exists for this person.
    pub orgs: Vec<OrgSummary>,
    /// The installation shows simulated fleets (`--demo`), and says so on every page.
    pub demo: bool,
}

/// Body of `POST /api/v1/sessions`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account's address; case does not matter.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Whether this server still waits for its first account. The answer of `GET /api/v1/setup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupState {
    /// True until the first account exists.
    pub needed: bool,
    /// Where the server keeps the set-up code, as its operator reads it.
    pub code_hint: String,
    /// The server's version.
    pub version: String,
}

/// Body of `POST /api/v1/setup`: the first account and the first organization, in one step that works once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The set-up code from the server's log.
    pub code: String,
    /// Address of the first account.
    pub email: String,
    /// Name of the first account.
    pub name: String,
    /// Its password, at least [`MIN_PASSWORD_CHARS`] characters.
    pub password: String,
    /// Name of the first organization.
    pub org_name: String,
    /// Its slug; made from the name where absent.
    #[serde(default)]
    pub org_slug: Option<String>,
}

/// Fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 10;
/// Most bytes of a password that are read (a longer one is refused, since hashing it would be work for the asking).
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// One sign-in of the caller. Items of `GET /api/v1/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// The session's id.
    pub id: crate::SessionId,
    /// What the browser called itself when it signed in, at most 200 characters.
    pub user_agent: String,
    /// When it signed in.
    pub created_at: Micros,
    /// When it was last used, to about a minute.
    pub last_seen_at: Micros,
    /// When it ends at the latest.
    pub expires_at: Micros,
    /// Whether it is the one that asks.
    pub current: bool,
}
