//! Wire types of Bulkhead's API and live channel.
//!
//! Both sides of the wire use these types, so a field that one side renames does not compile on the other.
//! This crate knows serde and nothing else: no clock, no network, no database, no browser.
//!
//! Times are microseconds since the Unix epoch in UTC ([`Micros`]); measures carry their unit in the field's name.

pub mod account;
pub mod assistant;
pub mod endpoints;
pub mod feature;
pub mod host;
pub mod id;
pub mod inventory;
pub mod live;
pub mod metadata;
pub mod org;
pub mod problem;
pub mod report;
pub mod role;
pub mod summary;
pub mod text;
pub mod token;

pub use id::{ChatId, ContainerId, GuestId, HostId, OrgId, SessionId, TokenId, UserId};
pub use problem::{ErrorCode, Problem};
pub use role::Role;

/// Microseconds since the Unix epoch, UTC.
pub type Micros = i64;

/// One second in [`Micros`].
pub const SECOND: Micros = 1_000_000;
