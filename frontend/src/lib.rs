//! The console: an app in the browser that speaks to the server through `org-client`.
//!
//! - [`app`]: the app's owner, its address map, what it does about events.
//! - [`shell`]: the frame around the pages of an organization; [`shell::gate`] keeps it and the address together.
//! - [`pages`] and [`panels`]: what stands in the frame. A page owns its data; it asks through the session that it is
//!   given and through nothing else.
//! - `later`: which of them are not loaded with the app, but after its first page was painted.
//! - [`ui`]: components that know neither an organization nor the server: props in, callbacks out.

pub mod app;
mod assistant;
mod browser;
mod context;
mod later;
pub mod pages;
pub mod panels;
mod preferences;
mod route;
pub mod shell;
pub mod ui;

pub use app::start;
