//! How much a provider may take and send. Every one of these holds whatever it does.

use shared::assistant::MAX_ANSWER;
use std::time::Duration;

/// Longest until a connection is there, TLS included.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Longest without a byte of the provider; the wait for the first one includes the connection.
pub const STALL_TIME: Duration = Duration::from_secs(30);
/// Longest from the question to the end of the answer, looking things up included.
pub const RUN_TIME: Duration = Duration::from_secs(180);
/// Most bytes of a line of the stream, and of an event. A call of a tool may come whole in one.
pub const MAX_LINE: usize = 256 * 1024;
/// Most bytes of the stream that answers one request. They are not kept; a model that thinks aloud sends many.
pub const MAX_STREAM: usize = 16 * 1024 * 1024;
/// Most bytes of a refusal's body that are read.
pub const MAX_ERROR_BODY: usize = 16 * 1024;
/// Most bytes of the arguments of one call.
pub const MAX_ARGUMENTS: usize = 16 * 1024;
/// Most calls in one message of the provider.
pub const MAX_CALLS_AT_ONCE: usize = 8;
/// Most calls that are carried out for one question. What is asked for beyond is refused, and the provider told to answer.
pub const MAX_CALLS: usize = 12;
/// Most requests for one question. The last one offers no tools, so that there is an answer.
pub const MAX_ROUNDS: usize = 6;
/// Most bytes of a result that go to the provider; what comes after is cut off, and it is told so.
pub const MAX_RESULT: usize = 32 * 1024;
/// Most characters of what was said before; the oldest is left out.
pub const MAX_CONVERSATION: usize = 200_000;

/// The limits of a run. [`Limits::default`] is what the constants of this module say; tests take shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// [`CONNECT_TIME`].
    pub connect: Duration,
    /// [`STALL_TIME`].
    pub stall: Duration,
    /// [`RUN_TIME`].
    pub run: Duration,
    /// [`MAX_LINE`].
    pub line: usize,
    /// [`MAX_STREAM`].
    pub stream: usize,
    /// [`MAX_ERROR_BODY`].
    pub error_body: usize,
    /// [`MAX_ARGUMENTS`].
    pub arguments: usize,
    /// [`MAX_CALLS_AT_ONCE`].
    pub calls_at_once: usize,
    /// [`MAX_CALLS`].
    pub calls: usize,
    /// [`MAX_ROUNDS`].
    pub rounds: usize,
    /// [`MAX_RESULT`].
    pub result: usize,
    /// [`MAX_CONVERSATION`].
    pub conversation: usize,
    /// [`MAX_ANSWER`] of the wire types.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: CONNECT_TIME,
            stall: STALL_TIME,
            run: RUN_TIME,
            line: MAX_LINE,
            stream: MAX_STREAM,
            error_body: MAX_ERROR_BODY,
            arguments: MAX_ARGUMENTS,
            calls_at_once: MAX_CALLS_AT_ONCE,
            calls: MAX_CALLS,
            rounds: MAX_ROUNDS,
            result: MAX_RESULT,
            conversation: MAX_CONVERSATION,
            answer: MAX_ANSWER,
        }
    }
}
