//! The client side of isolation: an organization is an owner, and a switch is atomic.
//!
//! All that a tab knows of an organization hangs below one reactive owner, made when the organization is entered and
//! cleaned up when it is left. Two independent walls keep what was asked of one organization out of the next:
//!
//! - **Ownership.** [`Switcher`] cleans up the old owner before it makes the new one: tasks are dropped, reads are
//!   aborted, the live channel closes, signals and caches are gone. There is nothing left that could be shown.
//! - **Identity.** Each [`OrgSession`] has an organization and an [`Epoch`]. A response, live frame or cached value whose
//!   pair is not the current one is dropped where it arrives.
//!
//! Each wall is tested with the other taken away ([`Walls`], feature `test-walls`).
//!
//! What cannot be written: a request in an organization without a session ([`OrgClient`] comes only from
//! [`OrgSession::client`], which comes only from a confirmed switch), and a request whose organization changes on the
//! way, since a client never learns of another one.
//!
//! The crate knows no browser. What it needs of one is the trait [`Platform`], so that the whole order of a switch is
//! tested natively.

mod account;
mod assistant;
mod cache;
mod client;
mod error;
mod event;
mod fill;
mod hosts;
mod identity;
mod inventory;
mod live;
mod platform;
mod remote;
mod session;
mod storage;
mod switcher;

pub use account::{Account, AccountClient};
pub use assistant::{Answering, Assistant};
pub use cache::{Cache, DiskReadings, NoteDraft, Notes, OrgCaches};
pub use client::OrgClient;
pub use error::ClientError;
pub use event::{AppEvent, OrgSwitched};
pub use fill::{fill_containers, fill_guests, fill_notes, keep_summary_fresh};
pub use hosts::HostList;
pub use identity::{Epoch, Walls};
pub use inventory::{Found, FoundList};
pub use live::LiveState;
pub use platform::{Disconnected, FetchError, Method, Platform, Request, Response, Streamed, Streaming};
pub use remote::{Remote, RemoteData, act, remote};
pub use session::{OrgProfile, OrgSession};
pub use storage::OrgStorage;
pub use switcher::{ActiveOrg, Cause, SwitchFailure, SwitchState, Switcher};
