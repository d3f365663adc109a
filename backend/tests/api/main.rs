//! The server as clients see it: a real server on a real socket, asked by every kind of caller, on SQLite and, where
//! `BULKHEAD_TEST_PG` names a cluster, on PostgreSQL as well.

mod events;
mod harness;
mod http;
mod postgres;
mod socket;

mod assistant;
mod inventories;
mod isolation;
mod lifecycle;
mod live;
mod matrix;
mod metadata;
mod noninterference;
mod orgs;
mod plans;
mod reports;
mod requests;
mod sessions;
