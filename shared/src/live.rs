//! The live channel of one organization: a WebSocket at `/api/v1/orgs/{org}/live`.
//!
//! The server sends [`LiveFrame`]s as JSON text; a client sends nothing but the protocol's own pings.

use crate::{
    ErrorCode, HostId, Micros, OrgId,
    host::HostSummary,
    inventory::{Container, Guest},
};
use serde::{Deserialize, Serialize};

/// One message. A reader that finds another organization than its own drops it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveFrame<E = LiveEvent> {
    /// Whose it is.
    pub org: OrgId,
    /// The server's clock when it was sent.
    pub server_time: Micros,
    /// What happened.
    pub event: E,
}

/// What happened in the organization. A reader that needs no containers and guests need not know how they are read: it
/// puts `serde::de::IgnoredAny` in their places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveEvent<C = Vec<Container>, G = Vec<Guest>> {
    /// The channel is open. Sent once, first.
    Hello,
    /// Hosts reported.
    Hosts {
        /// Their new state.
        hosts: Vec<HostSummary>,
    },
    /// What an engine found on a host: all its containers.
    Containers {
        /// Which host.
        host: HostId,
        /// They take the place of all that were known of it.
        items: C,
    },
    /// What a hypervisor found on a host: all its guests.
    Guests {
        /// Which host.
        host: HostId,
        /// They take the place of all that were known of it.
        items: G,
    },
    /// A host was removed, with all that ran on it.
    HostRemoved {
        /// Which.
        host: HostId,
    },
    /// The organization itself, its members or its plan changed: load anew what shows them.
    OrgChanged,
    /// Frames were lost because the reader was too slow: load anew.
    Lagged,
    /// The channel ends, and why. Sent once, last.
    Ended {
        /// Reason for a program.
        code: ErrorCode,
        /// Reason for a person.
        detail: String,
    },
}
