//! The four panels of an organization: a frame in the app, a body in the organization.

pub mod access;
pub mod billing;
pub mod frame;
pub mod overview;
pub mod sharing;
