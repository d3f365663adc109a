//! The program as its operator runs it: commands, exit codes, starting and ending.

mod commands;
mod program;
mod serving;

#[path = "../api/http.rs"]
mod http;
