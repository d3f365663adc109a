//! What people note about the things that an organization watches.

use crate::{HostId, Micros};
use serde::{Deserialize, Serialize};

/// Most characters of a link.
pub const MAX_URL: usize = 2_048;
/// Most characters of a description.
pub const MAX_DESCRIPTION: usize = 200;
/// Most tags.
pub const MAX_TAGS: usize = 32;
/// Most characters of a tag.
pub const MAX_TAG: usize = 64;
/// Most characters of the notes.
pub const MAX_NOTES: usize = 10_000;

/// What is noted about a host, and who noted it. `GET /api/v1/orgs/{org}/hosts/{host}/metadata`, with the version as
/// `ETag`. Where nothing was noted yet everything is empty and the version is 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metadata {
    /// Where to go for it, such as its own console: `http` or `https`.
    pub url: Option<String>,
    /// What it is for, in one line.
    pub description: String,
    /// Words to find it by, such as `rack:b2`, sorted.
    pub tags: Vec<String>,
    /// Anything else, in lines.
    pub notes: String,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: Option<Micros>,
    /// The name of who changed it last.
    pub updated_by: Option<String>,
}

/// What is to be noted instead. `PUT /api/v1/orgs/{org}/hosts/{host}/metadata`, with `If-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MetadataEdit {
    /// The link; none, or empty, for no link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The description.
    #[serde(default)]
    pub description: String,
    /// The tags; repeated ones count once.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The notes.
    #[serde(default)]
    pub notes: String,
}

/// What is noted about one of an organization's hosts. `GET /api/v1/orgs/{org}/metadata` has all for which something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostMetadata {
    /// Which host.
    pub host: HostId,
    /// What is noted.
    pub metadata: Metadata,
}
