//! What can go wrong between a question and the end of its answer.

use crate::{address::Refused, sse::SseError};
use std::error::Error as _;

/// Why there is no answer, or no whole one. `Display` is a sentence for the person who asked; `Debug` is for the log and
/// says more. Neither holds the key, nor what the provider wrote, except for short words such as `model_not_found`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection, or it ended before an answer began.
    #[error("The assistant's provider cannot be reached. Try again in a while.")]
    Unreachable {
        /// For the log.
        cause: String,
    },
    /// The name of the provider leads to an address that must not be connected to. [`Refused`] says what to do.
    #[error(
        "The assistant's provider is at an address that is not allowed. The operator of this installation finds the reason in the log."
    )]
    AddressRefused(Refused),
    /// 401 or 403.
    #[error(
        "The assistant's provider does not accept the key of this installation. Its operator has to check BULKHEAD_ASSISTANT_KEY_FILE."
    )]
    KeyRefused {
        /// HTTP status.
        status: u16,
    },
    /// 429.
    #[error("{}", rate_limited(*retry_after_s))]
    RateLimited {
        /// When to try again, in seconds, where the provider says so.
        retry_after_s: Option<u64>,
        /// The provider's word for it.
        code: Option<String>,
    },
    /// Any other status that is no answer.
    #[error("{}", status_sentence(*status, code.as_deref()))]
    Status {
        /// HTTP status.
        status: u16,
        /// The provider's word for it.
        code: Option<String>,
    },
    /// A redirect, which is never followed.
    #[error(
        "The assistant's provider sends requests elsewhere, which is not followed. The operator of this installation has to correct BULKHEAD_ASSISTANT_URL."
    )]
    Redirected {
        /// HTTP status.
        status: u16,
    },
    /// An answer that is no event stream, such as a page.
    #[error(
        "What answers is not a provider for the assistant. The operator of this installation has to check BULKHEAD_ASSISTANT_URL."
    )]
    NotAStream {
        /// The kind of what came, in short.
        content_type: String,
    },
    /// The stream cannot be understood.
    #[error("The assistant's provider answered with something that cannot be understood. Try again.")]
    Nonsense {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The provider reported an error within its answer.
    #[error("The assistant's provider broke off with an error. Try again.")]
    Reported {
        /// The provider's word for it.
        code: Option<String>,
    },
    /// The provider sent more than is taken.
    #[error("The assistant's provider sent more than is taken. Ask for less at once.")]
    TooLarge {
        /// Of what it was too much.
        what: &'static str,
    },
    /// No byte for too long.
    #[error("The assistant's provider stopped answering. Try again.")]
    Stalled,
    /// The whole took too long.
    #[error("The answer took too long and was ended. Ask for less at once.")]
    TooLong,
    /// The connection ended before the answer did.
    #[error("The connection to the assistant's provider broke off in the middle of the answer. Try again.")]
    CutOff,
    /// The provider asks for more data where it should answer.
    #[error("The assistant looked things up again and again without answering. Ask more precisely.")]
    Endless,
    /// The provider ended without a word.
    #[error("The assistant's provider had nothing to say. Try again.")]
    Empty,
}

impl Error {
    /// Whether it is the operator who can do something about it.
    #[must_use]
    pub const fn is_for_operator(&self) -> bool {
        match self {
            Self::AddressRefused(_) | Self::KeyRefused { .. } | Self::Redirected { .. } | Self::NotAStream { .. } => {
                true
            }
            Self::Status { status, .. } => matches!(status, 402 | 404),
            _ => false,
        }
    }

    /// A request that came to no response.
    pub(crate) fn of_request(error: &reqwest::Error) -> Self {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            if let Some(refused) = cause.downcast_ref::<Refused>() {
                return Self::AddressRefused(*refused);
            }
            causes.push(cause.to_string());
            next = cause.source();
        }
        // The chain repeats itself: the last one says what happened.
        let cause = causes.pop().unwrap_or_default();
        Self::Unreachable { cause: cause.chars().take(200).collect() }
    }
}

impl From<SseError> for Error {
    fn from(error: SseError) -> Self {
        match error {
            SseError::TooLong => Self::TooLarge { what: "a line of the stream" },
            SseError::NotUtf8 => Self::Nonsense { what: "an event is not UTF-8" },
        }
    }
}

fn rate_limited(retry_after_s: Option<u64>) -> String {
    match retry_after_s {
        Some(seconds) => {
            format!("The assistant's provider takes no more questions at the moment. Try again in {seconds} s.")
        }
        None => "The assistant's provider takes no more questions at the moment. Try again in a while.".to_owned(),
    }
}

fn status_sentence(status: u16, code: Option<&str>) -> String {
    let is_too_long = status == 413 || code == Some("context_length_exceeded");
    let advice = match status {
        _ if is_too_long => "finds the conversation too long. Begin a new one",
        402 => "wants to be paid first. The operator of this installation has to see to it",
        404 => {
            "does not know the model or the address. The operator of this installation has to check \
             BULKHEAD_ASSISTANT_MODEL and BULKHEAD_ASSISTANT_URL"
        }
        500.. => "has a problem of its own. Try again in a while",
        _ => "did not accept the question. Try again, or begin a new conversation",
    };
    format!("The assistant's provider {advice} ({status}).")
}
