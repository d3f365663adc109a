//! What each route does, one file for each concern. A handler's parameters are the list of what it may do.

pub mod account;
pub mod assistant;
pub mod billing;
pub mod containers;
pub mod guests;
pub mod health;
pub mod hosts;
pub mod ingest;
pub mod license;
pub mod live;
pub mod members;
pub mod metadata;
pub mod orgs;
pub mod sessions;
pub mod setup;
pub mod shares;
pub mod tokens;
