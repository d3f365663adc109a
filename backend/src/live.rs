//! The live channel: one WebSocket for each open page, one channel for each organization that somebody looks at.

mod hub;
mod revocation;
mod socket;

pub use hub::{Ending, Hub, MAX_SOCKETS_PER_ORG, Registration, Seat};
pub use revocation::{CHECK_EVERY, watch};
pub use socket::{PING_EVERY, serve};
