//! Contract tests of the store. Each runs on SQLite, and on PostgreSQL too where `BULKHEAD_TEST_PG` names a server (a
//! URL of a superuser, such as `postgres://postgres@127.0.0.1:5432/postgres`).

#![expect(clippy::disallowed_methods, reason = "tests look past the store, in plain SQL")]

mod chats;
mod crash;
mod entering;
mod ingesting;
mod inventories;
mod members;
mod metadata;
mod opening;
mod orgs;
mod sessions;
mod summary;
mod support;
mod tokens;
mod walls;
mod walls_postgres;
mod walls_schema;
mod walls_sqlite;
