//! The frame around every page of an organization. It belongs to the app and holds no data of an organization but its
//! name, mark and colour, which every list of the person's organizations has.

pub mod account_menu;
pub mod arrival;
pub mod frame;
pub mod gate;
pub mod live_mark;
pub mod org_body;
pub mod permission;
pub mod refused;
pub mod switcher_menu;
pub mod toasts;
