//! The format of OpenAI's chat completions, as far as it is used.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Body of a request.
#[derive(Debug, Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) model: &'a str,
    pub(crate) messages: &'a [Message],
    pub(crate) stream: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) tools: &'a [ToolDefinition],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_choice: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub(crate) enum Message {
    System {
        content: String,
    },
    User {
        content: String,
    },
    Assistant {
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", content = "function", rename_all = "snake_case")]
pub(crate) enum ToolDefinition {
    Function { name: String, description: String, parameters: Value },
}

/// A call, as it is sent back with its result.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) function: CallKind,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", content = "function", rename_all = "snake_case")]
pub(crate) enum CallKind {
    Function { name: String, arguments: String },
}

/// One event of the stream. Providers differ in what they leave out, so nothing is required.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chunk {
    pub(crate) choices: Option<Vec<Choice>>,
    pub(crate) error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    pub(crate) delta: Option<Delta>,
    pub(crate) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Delta {
    pub(crate) content: Option<String>,
    pub(crate) refusal: Option<String>,
    pub(crate) tool_calls: Option<Vec<CallPart>>,
}

/// A piece of a call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CallPart {
    pub(crate) index: Option<u64>,
    pub(crate) id: Option<String>,
    pub(crate) function: Option<FunctionPart>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FunctionPart {
    pub(crate) name: Option<String>,
    pub(crate) arguments: Option<String>,
}

/// The provider's word for an error. Sentences are not taken: they may quote what was sent, the key included.
pub(crate) fn error_code(error: &Value) -> Option<String> {
    let is_word = |text: &&str| {
        (1..=48).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    ["code", "type"].iter().find_map(|field| error.get(field)?.as_str().filter(is_word)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn of_an_error_only_a_plain_word_is_taken() {
        assert_eq!(error_code(&json!({"code": "model_not_found"})).as_deref(), Some("model_not_found"));
        assert_eq!(error_code(&json!({"code": null, "type": "not_found_error"})).as_deref(), Some("not_found_error"));
        for text in ["sk-hush", "Sk", "key sk", "a1", &"a".repeat(49), ""] {
            assert_eq!(error_code(&json!({"code": text, "message": "model_not_found"})), None, "{text}");
        }
        assert_eq!(error_code(&json!("model_not_found")), None);
    }
}
