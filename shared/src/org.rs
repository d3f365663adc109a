//! Organizations, memberships, and what a client needs to enter one.

use crate::{
    Micros, OrgId, Role, UserId, feature::FeatureInfo, feature::PlanInfo, host::HostSummary, summary::Summary,
};
use serde::{Deserialize, Serialize};

/// Hues that an organization can have. The theme decides lightness and chroma.
pub const COLOURS: [&str; 12] =
    ["rose", "copper", "ochre", "moss", "pine", "teal", "lagoon", "cobalt", "iris", "plum", "fuchsia", "slate"];

/// Whether an organization is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrgStatus {
    /// In use.
    Active,
    /// Closed for the time being; nothing is deleted.
    Suspended,
    /// Deleted. Its id never returns.
    Deleted,
}

impl OrgStatus {
    /// The word on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Deleted].into_iter().find(|status| status.as_str() == text)
    }
}

/// One of the caller's organizations, as lists and the switcher show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrgSummary {
    /// Immutable id.
    pub id: OrgId,
    /// The word in URLs: `/o/{slug}/…`. May be renamed.
    pub slug: String,
    /// The name people read, 1 to 80 characters.
    pub name: String,
    /// One of [`COLOURS`].
    pub colour: String,
    /// One or two letters on the organization's mark.
    pub monogram: String,
    /// Whether it is in use.
    pub status: OrgStatus,
    /// The caller's role in it.
    pub role: Role,
    /// Name of its plan, as people read it.
    pub plan: String,
}

/// An organization as its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Org {
    /// Immutable id.
    pub id: OrgId,
    /// The word in URLs: `/o/{slug}/…`.
    pub slug: String,
    /// The name people read, 1 to 80 characters.
    pub name: String,
    /// What it is for, up to 500 characters, may be empty.
    pub description: String,
    /// One of [`COLOURS`].
    pub colour: String,
    /// One or two letters on the organization's mark.
    pub monogram: String,
    /// Whether it is in use.
    pub status: OrgStatus,
    /// When it was created.
    pub created_at: Micros,
    /// Grows by one at each change; the ETag of this resource.
    pub version: i64,
}

/// Body of `POST /api/v1/orgs`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewOrg {
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// Its slug; made from the name where absent.
    #[serde(default)]
    pub slug: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// One of [`COLOURS`]; chosen from the id where absent.
    #[serde(default)]
    pub colour: Option<String>,
}

/// Body of `PATCH /api/v1/orgs/{org}`. What is absent stays as it is. Needs `If-Match`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrgPatch {
    /// New name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New slug. Links under the old one are redirected as long as no other organization takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// New description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// New colour, one of [`COLOURS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// New monogram, one or two letters or digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monogram: Option<String>,
}

/// All that a client needs to show its first frame of an organization. `GET /api/v1/orgs/{org}/bootstrap`, where
/// `{org}` is an id, a slug, or a former slug: the answer has the present one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bootstrap {
    /// The organization.
    pub org: Org,
    /// The caller's role in it.
    pub role: Role,
    /// Its plan with limits.
    pub plan: PlanInfo,
    /// What it may use and why not.
    pub features: Vec<FeatureInfo>,
    /// The organization at a glance.
    pub summary: Summary,
    /// Its first hosts in the order of the list, at most [`BOOTSTRAP_HOSTS`].
    pub hosts: Vec<HostSummary>,
    /// The server's clock when it answered.
    pub server_time: Micros,
}

/// Most hosts in a [`Bootstrap`].
pub const BOOTSTRAP_HOSTS: usize = 100;

/// A member of an organization. Items of `GET /api/v1/orgs/{org}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The account.
    pub user_id: UserId,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// Its role here.
    pub role: Role,
    /// Member since.
    pub created_at: Micros,
    /// When one of its sessions was last used, if there is any.
    pub last_seen_at: Option<Micros>,
    /// Tokens it made here that still work.
    pub tokens: i64,
    /// Whether it is the caller.
    pub you: bool,
}

/// Body of `POST /api/v1/orgs/{org}/members`: adds an account that exists. An address without an account is answered
/// like one whose owner cannot be added: 404 `account_not_found`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// The account's address.
    pub email: String,
    /// Its role here.
    pub role: Role,
}

/// Body of `PATCH /api/v1/orgs/{org}/members/{user}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberPatch {
    /// The new role.
    pub role: Role,
}

/// What an organization uses and may use. `GET /api/v1/orgs/{org}/billing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Billing {
    /// The plan in force.
    pub plan: PlanInfo,
    /// The operator's catalogue, smallest first.
    pub plans: Vec<PlanInfo>,
    /// Usage beside each limit.
    pub usage: Vec<Usage>,
    /// Names of those who can change the plan: owners.
    pub who_can_change: Vec<String>,
}

/// One measure of [`Billing`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// What is counted: `hosts`, `members`, `tokens`, and of this month (of UTC) `assistant_messages`.
    pub what: String,
    /// How many there are now.
    pub used: i64,
    /// How many there may be; absent where there is no limit.
    pub limit: Option<i64>,
}
