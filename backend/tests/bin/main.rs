//! The program as its operator runs it: commands, exit codes, starting and ending.

mod assistant;
mod commands;
mod program;
mod serving;

#[path = "../api/http.rs"]
#[expect(dead_code, reason = "the client is shared with the tests of the API, which use all of it")]
mod http;
