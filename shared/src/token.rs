//! Organization-bound tokens of agents and of programs that use the API.

use crate::{Micros, Role, TokenId};
use serde::{Deserialize, Serialize};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Reports machines, and can do nothing else. Starts with `bh_agt_`.
    Agent,
    /// Uses the API with a role. Starts with `bh_org_`.
    Api,
}

impl TokenKind {
    /// The word on the wire, in commands and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Api => "api",
        }
    }

    /// What its secrets start with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Agent => "bh_agt_",
            Self::Api => "bh_org_",
        }
    }
}

/// A token as the Access panel lists it. Items of `GET /api/v1/orgs/{org}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// What it is for.
    pub kind: TokenKind,
    /// Its role; viewer for an agent's, which may only report.
    pub role: Role,
    /// Enough of the secret to recognise it: the prefix and the last two characters around an ellipsis.
    pub hint: String,
    /// Name of the account that made it; absent where the operator did.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Micros,
    /// When it ends by itself.
    pub expires_at: Option<Micros>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Micros>,
}

/// Body of `POST /api/v1/orgs/{org}/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// What it is for.
    pub kind: TokenKind,
    /// Its role, at most the maker's; ignored for an agent's.
    #[serde(default = "viewer")]
    pub role: Role,
    /// Seconds until it ends; absent for one that does not end by itself.
    #[serde(default)]
    pub expires_in_s: Option<i64>,
}

const fn viewer() -> Role {
    Role::Viewer
}

/// A token that was just made: the only time that its secret is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// The secret: prefix, 32 random bytes, checksum.
    pub secret: String,
}
