//! The server: URL map, guards, handlers, live hub, tasks, commands.
//!
//! Start with [`routes`], the URL map; then [`guard`], which says what a handler may do by its parameters. A request
//! walks through [`edge`], a guard, a handler in [`handlers`], the store, and back through the edge.

pub mod assistant;
pub mod cli;
pub mod commands;
pub mod credential;
pub mod demo;
pub mod edge;
pub mod files;
pub mod guard;
pub mod handlers;
pub mod input;
pub mod live;
pub mod local_agent;
pub mod metrics;
pub mod openapi;
pub mod origin;
pub mod passwords;
pub mod plans;
pub mod problem;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod setup_code;
pub mod state;
pub mod store_errors;
pub mod tenancy;
pub mod throttle;
pub mod versions;
pub mod web_app;
