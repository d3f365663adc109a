//! What people note about the things that an organization watches.

use crate::{ContainerId, GuestId, HostId, Micros};
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

/// What is noted about a host, container or guest, and who noted it. `GET /api/v1/orgs/{org}/hosts/{host}/metadata`, and
/// likewise below `containers/{container}` and `guests/{guest}`, with the version as `ETag`. Where nothing was noted yet everything is empty and the version is 0.
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

impl Metadata {
    /// The edit that changes nothing of it.
    #[must_use]
    pub fn to_edit(&self) -> MetadataEdit {
        let Self { url, description, tags, notes, .. } = self.clone();
        MetadataEdit { url, description, tags, notes }
    }
}

/// What is to be noted instead. `PUT` where [`Metadata`] is read, with `If-Match`.
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

/// What something is noted about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// A host.
    Host(HostId),
    /// A container.
    Container(ContainerId),
    /// A guest.
    Guest(GuestId),
}

impl Subject {
    /// The word of its kind, on the wire and in the database.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Host(_) => "host",
            Self::Container(_) => "container",
            Self::Guest(_) => "guest",
        }
    }

    /// Its id, as text.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Host(id) => id.to_string(),
            Self::Container(id) => id.to_string(),
            Self::Guest(id) => id.to_string(),
        }
    }
}

/// What is noted about one thing. `GET /api/v1/orgs/{org}/metadata` has all things about which something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Noted {
    /// What it is about.
    pub subject: Subject,
    /// What is noted.
    pub metadata: Metadata,
}
