//! Pages.

pub mod gate_page;
pub mod host;
pub mod infrastructure;
pub mod not_found;
pub mod orgs;
pub mod set_up;
pub mod sign_in;
pub mod ui_kit;
pub mod waiting;
