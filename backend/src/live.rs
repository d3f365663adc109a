//! The live channel: one WebSocket for each open page, one channel for each organization that somebody looks at.

mod hub;
mod revocation;
mod runs;
mod socket;
mod stay;

pub use hub::{Ending, Frames, Hub, MAX_SOCKETS_PER_ORG, Registration, Seat};
pub use revocation::{CHECK_EVERY, watch};
pub use runs::{Busy, MAX_RUNS, MAX_RUNS_PER_ORG, Place, Runs};
pub use socket::{PING_EVERY, serve};
