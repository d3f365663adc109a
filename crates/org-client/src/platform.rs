//! What the client needs of the machine that it runs on: a browser in production, a script in tests.

use futures_util::{future::LocalBoxFuture, stream::LocalBoxStream};
use shared::Micros;

/// HTTP methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Create or act.
    Post,
    /// Put something in the place of what is there.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// Reads may be abandoned; writes are sent to their end, since the person has already decided.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Get)
    }

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request to this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Absolute path with query, such as `/api/v1/me`.
    pub path: String,
    /// `If-Match`, with its quotes.
    pub if_match: Option<String>,
    /// JSON body.
    pub body: Option<String>,
}

impl Request {
    /// A GET.
    #[must_use]
    pub fn get(path: String) -> Self {
        Self { method: Method::Get, path, if_match: None, body: None }
    }
}

/// What came back, with any status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The header that names the organization that the answer is of.
    pub org: Option<String>,
    /// Body as text.
    pub body: String,
}

/// A part of an answer that comes line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Streamed {
    /// Status and organization; of a refusal the body as well.
    Head(Response),
    /// One line, without its end.
    Line(String),
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server did not answer: {0}")]
pub struct FetchError(pub String);

/// A live channel broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the live channel broke: {0}")]
pub struct Disconnected(pub String);

/// What of the machine below only the assistant needs, which is loaded later.
pub trait Streaming {
    /// Sends a request and yields its answer as it comes: first the head, then its lines. A refusal has its whole body in the
    /// head, and no lines. Dropping the stream aborts it.
    fn stream(&self, request: Request) -> LocalBoxStream<'static, Result<Streamed, FetchError>>;
}

/// The machine below. Futures and streams are dropped to cancel what they stand for.
pub trait Platform: Send + Sync + 'static {
    /// Sends a request. Dropping the future aborts it.
    fn fetch(&self, request: Request) -> LocalBoxFuture<'static, Result<Response, FetchError>>;

    /// Opens a WebSocket at an absolute path of this server and yields its text messages. Ends when the server closes;
    /// dropping the stream closes it.
    fn connect(&self, path: String) -> LocalBoxStream<'static, Result<String, Disconnected>>;

    /// Waits.
    fn sleep(&self, milliseconds: u32) -> LocalBoxFuture<'static, ()>;

    /// The clock of this machine.
    fn now(&self) -> Micros;

    /// Keeps a text under a key for as long as the tab lives. A platform without such a storage keeps nothing.
    fn keep(&self, _key: &str, _text: &str) {}

    /// The text that is kept under a key.
    fn kept(&self, _key: &str) -> Option<String> {
        None
    }

    /// Drops what is kept under a key.
    fn forget(&self, _key: &str) {}

    /// All keys.
    fn kept_keys(&self) -> Vec<String> {
        Vec::new()
    }
}
