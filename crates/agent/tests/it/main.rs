//! The agent against a real socket: its sender, and the program as a whole.

mod inventory;
mod program;
mod sender;
mod server;
