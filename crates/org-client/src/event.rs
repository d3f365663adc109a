//! What happens in the app that more than one part of it wants to know.

use crate::Epoch;
use shared::{ErrorCode, OrgId};

/// Events of the app's bus.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppEvent {
    /// Another organization is active. Emitted after it is, and before its live channel opens.
    OrgSwitched(OrgSwitched),
    /// The organization that is on screen cannot be used any more: deleted, suspended, left, or its membership ended.
    OrgLost {
        /// Which.
        org: OrgId,
        /// In which epoch it was noticed.
        epoch: Epoch,
        /// Reason for a program.
        code: ErrorCode,
        /// Reason for a person; may be empty.
        detail: String,
    },
    /// The organization, its members or the caller's role changed elsewhere: load anew what shows them.
    OrgChanged {
        /// Which.
        org: OrgId,
    },
    /// The live channel of the organization on screen was broken or too slow, and goes on: what was loaded before may be
    /// old.
    Reconnected {
        /// Which.
        org: OrgId,
        /// In which epoch.
        epoch: Epoch,
    },
    /// The server says that nobody is signed in any more. Whoever holds what a person typed puts it into
    /// [`OrgStorage`](crate::OrgStorage) now; [`AppEvent::SignedOut`] follows.
    SessionEnded,
    /// Nobody is signed in any more: the organization on screen is left.
    SignedOut,
}

/// Payload of [`AppEvent::OrgSwitched`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrgSwitched {
    /// The organization that was active before; none for the first one of a tab.
    pub from: Option<OrgId>,
    /// The organization that is active now.
    pub to: OrgId,
    /// The epoch that began.
    pub epoch: Epoch,
}
