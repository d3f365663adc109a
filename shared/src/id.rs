//! Identifiers. Each kind is its own type, so that a user's id cannot stand where an organization's is asked for.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// A text that should have been an id is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id: expected a UUID such as 0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f")]
pub struct ParseIdError {
    kind: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID. That it names something that exists, or that anyone may see, is not claimed by it.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            /// Accepts the hyphenated form alone, so that an id has one spelling in logs, URLs and cache keys.
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let uuid = Uuid::try_parse(text).map_err(|_| ParseIdError { kind: $kind })?;
                if text.len() != 36 || text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(ParseIdError { kind: $kind });
                }
                Ok(Self(uuid))
            }
        }
    };
}

id!(
    /// An organization. Immutable, and never given out again after a deletion.
    OrgId,
    "organization"
);
id!(
    /// A person's account.
    UserId,
    "user"
);
id!(
    /// One sign-in of one account in one browser. Not the secret: that is known to the browser alone.
    SessionId,
    "session"
);
id!(
    /// An organization-bound token. Not the secret: that is shown once.
    TokenId,
    "token"
);
id!(
    /// A monitored machine **within one organization**. Two organizations that watch the same machine hold equal
    /// host ids, so it means nothing without its organization.
    HostId,
    "host"
);
id!(
    /// A container **within one organization**: of its host and its name. Like [`HostId`], it means nothing without its
    /// organization.
    ContainerId,
    "container"
);
id!(
    /// A guest **within one organization**: of its host and its hypervisor's id. Like [`HostId`], it means nothing
    /// without its organization.
    GuestId,
    "guest"
);
id!(
    /// One conversation of a person with the assistant in one organization.
    ChatId,
    "chat"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let text = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f";
        assert_eq!(text.parse::<OrgId>().map(|id| id.to_string()), Ok(text.to_owned()));
        for other in [
            "0196F1C2-A7D4-7CC3-98C4-DC0C0C07398F",
            "0196f1c2a7d47cc398c4dc0c0c07398f",
            "{0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f}",
            "urn:uuid:0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f",
            "acme",
            "",
        ] {
            assert!(other.parse::<OrgId>().is_err(), "{other:?} was accepted");
        }
    }
}
