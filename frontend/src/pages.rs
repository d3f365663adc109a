//! Pages.

pub mod add_host;
pub mod gate_page;
pub mod host;
pub mod infrastructure;
pub mod inventory;
pub mod not_found;
pub mod notes;
pub mod orgs;
pub mod set_up;
pub mod sign_in;
/// For those who work on the console: not part of what is deployed, where it would be a third of the first load.
#[cfg(debug_assertions)]
pub mod ui_kit;
pub mod waiting;
