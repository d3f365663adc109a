//! The assistant: from a person's question to a stream of events.
//!
//! A run acts on behalf of one person in one organization, which it was begun in. What the provider asks to be looked up
//! names no organization: each look proves the person's right anew and goes through the scope that comes of it, so it finds
//! what the person would find and nothing else. What leaves for the provider is what was said, what the tools found,
//! and the instructions.
//!
//! Texts of machines and people, such as names and notes, leave as JSON values and never as instructions.

mod behalf;
mod instructions;
mod problems;
mod provider;
mod run;
mod stream;
mod text;
mod tools;

pub use provider::WorkersProvider;

pub(crate) use behalf::Behalf;
pub(crate) use instructions::instruct;
pub(crate) use run::{Question, answer};
