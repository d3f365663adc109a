//! Why a request brought nothing.

use shared::{ErrorCode, Problem};

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The organization was left before the answer came. There is nothing to show: the page that asked is gone.
    #[error("the organization was left before the answer came")]
    Left,
    /// No answer: the network or the server is away.
    #[error("the server cannot be reached")]
    Offline,
    /// The server refused and says why.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// An answer that this version of the app does not understand.
    #[error("the server's answer cannot be read (status {status}): it may have been updated, reload the page")]
    Unreadable {
        /// HTTP status of the answer.
        status: u16,
    },
}

impl ClientError {
    /// The code of a refusal.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// The refusal, or one made up from what went wrong, so that one component can show every error.
    #[must_use]
    pub fn to_problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => (**problem).clone(),
            Self::Offline => Problem::new(ErrorCode::Unavailable, "The server cannot be reached")
                .detail("Check the connection. Nothing was changed; try again when it is back."),
            Self::Left | Self::Unreadable { .. } => {
                Problem::new(ErrorCode::Internal, "The server's answer cannot be read")
                    .detail("It may have been updated meanwhile. Reload the page.")
            }
        }
    }
}

/// Reads an answer: a value where the status is a success, a refusal where the body is a problem.
pub(crate) fn read<T: serde::de::DeserializeOwned>(response: &crate::Response) -> Result<T, ClientError> {
    if (200..300).contains(&response.status) {
        // 204 has no body; `null` reads as `()`.
        let body = if response.body.is_empty() { "null" } else { &response.body };
        return serde_json::from_str(body).map_err(|_| ClientError::Unreadable { status: response.status });
    }
    match serde_json::from_str::<Problem>(&response.body) {
        Ok(problem) => Err(ClientError::Refused(Box::new(problem))),
        Err(_) => Err(ClientError::Unreadable { status: response.status }),
    }
}
