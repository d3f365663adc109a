//! From a question to the streamed answer of an OpenAI-compatible provider.
//!
//! Knows no organization: whoever asks hands in what was said and the tools, and carries out each call of a tool with the
//! rights of the person who asked. A [`Run`] is pulled, never pushed: dropping it ends the connection to the provider.
//!
//! ```no_run
//! # use assistant::*;
//! # async fn example(provider: Provider, conversation: Conversation, tools: Vec<Tool>) -> Result<(), Error> {
//! let mut run = provider.ask(conversation, tools);
//! loop {
//!     match run.next().await? {
//!         Step::Text(text) => print!("{text}"),
//!         Step::Call(call) => run.reply(format!("nothing is known about {}", call.name)),
//!         Step::Done => break,
//!     }
//! }
//! # Ok(()) }
//! ```

pub mod address;
mod calls;
mod config;
mod error;
pub mod limits;
mod provider;
mod run;
#[cfg(feature = "test-provider")]
pub mod scripted;
pub mod sse;
mod wire;

pub use config::{ConfigError, ProviderConfig, RawSettings, Secret};
pub use error::Error;
pub use limits::Limits;
pub use provider::Provider;
pub use run::{Conversation, Run, Step, Tool, ToolCall, Turn};
