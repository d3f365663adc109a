//! The assistant: a person's conversation in an organization.
//!
//! A conversation lives on the server and belongs to one person in one organization; nobody else reads it, whatever
//! their role. An answer comes as a stream of [`ChatEvent`]s, one JSON document a line.

use crate::{ChatId, Micros, Problem, metadata::Subject};
use serde::{Deserialize, Serialize};

/// Most characters of a question, and of a draft.
pub const MAX_QUESTION: usize = 8_000;
/// Most characters of an answer; what comes after is cut off.
pub const MAX_ANSWER: usize = 40_000;
/// Most things that are attached to a conversation.
pub const MAX_CONTEXT: usize = 16;
/// Most messages of a conversation that are kept; the oldest go first.
pub const MAX_MESSAGES: usize = 200;
/// Media type of a stream of [`ChatEvent`]s.
pub const EVENT_STREAM: &str = "application/x-ndjson";

/// The caller's conversation. `GET /api/v1/orgs/{org}/assistant`; begins empty. `DELETE` begins a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chat {
    /// Of this conversation; a new one has another.
    pub id: ChatId,
    /// What was said, oldest first.
    pub messages: Vec<ChatMessage>,
    /// What was typed and not sent.
    pub draft: String,
    /// What the conversation is about, as the person attached it.
    pub context: Vec<Subject>,
    /// Questions that the organization asked this month.
    pub used: i64,
    /// Questions that its plan includes; absent where there is no limit.
    pub limit: Option<i64>,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The person.
    Person,
    /// The assistant.
    Assistant,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is whole.
    Complete,
    /// The person stopped it, or left; what was there by then is kept.
    Stopped,
    /// The provider failed; what was there by then is kept.
    Failed,
}

impl Outcome {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Complete, Self::Stopped, Self::Failed];

    /// The word on the wire, in the database, in metrics and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatMessage {
    /// Its place in the conversation, from 1.
    pub seq: i64,
    /// Who said it.
    pub speaker: Speaker,
    /// What: text of a person, Markdown of the assistant.
    pub text: String,
    /// Which data of the organization went to the provider for it.
    pub lookups: Vec<Lookup>,
    /// How it ended. What a person says is always complete.
    pub outcome: Outcome,
    /// When it was said.
    pub at: Micros,
}

/// One look at the organization's data, on behalf of the person and with no more than their role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lookup {
    /// What was looked at, as a person reads it: `Listed hosts`, `Read metrics of db-02`.
    pub title: String,
    /// How many records were sent to the provider.
    pub records: i64,
    /// The things they are of, at most 20; each can be opened.
    pub subjects: Vec<NamedSubject>,
}

/// A thing and its name when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedSubject {
    /// Which.
    pub subject: Subject,
    /// Its name.
    pub name: String,
}

/// Body of `PATCH /api/v1/orgs/{org}/assistant`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChatPatch {
    /// What was typed and not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// What the conversation is about, at most [`MAX_CONTEXT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Vec<Subject>>,
}

/// Body of `POST /api/v1/orgs/{org}/assistant/messages`. The answer is a stream of [`ChatEvent`]s; ending it stops the
/// assistant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    /// The conversation that it belongs to; another one than the present is refused with 409.
    pub chat: ChatId,
    /// What is asked, 1 to [`MAX_QUESTION`] characters.
    pub text: String,
}

/// What happens while an answer comes. The last one is `Done` or `Failed`; without it the stream was cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatEvent {
    /// The question was kept, and counts.
    Asked {
        /// As it was kept.
        message: ChatMessage,
    },
    /// Data of the organization was looked at.
    Looked {
        /// Which.
        lookup: Lookup,
    },
    /// More of the answer.
    Text {
        /// What comes next, as Markdown.
        text: String,
    },
    /// The answer is whole and kept.
    Done {
        /// As it was kept.
        message: ChatMessage,
        /// Questions that the organization asked this month.
        used: i64,
    },
    /// The answer ended early; what there was is kept where there was anything.
    Failed {
        /// Why, and what to do.
        problem: Box<Problem>,
        /// What was kept.
        message: Option<ChatMessage>,
    },
}
