//! What the tests share.

use assistant::{
    Conversation, Error, Limits, Provider, ProviderConfig, Run, Secret, Step, Tool, ToolCall, Turn,
    scripted::ScriptedProvider,
};
use serde_json::json;
use shared::assistant::Speaker;
use std::time::Duration;
use tokio::time::timeout;

pub(crate) const KEY: &str = "sk-hush-0123456789";
/// Longest wait for something that must come. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it comes in time")
}

pub(crate) fn config(url: &str) -> ProviderConfig {
    let key = Secret::parse(KEY).expect("a key");
    ProviderConfig::new(url, "scripted-model", Some(key), true).expect("a config")
}

pub(crate) fn provider(server: &ScriptedProvider, limits: Limits) -> Provider {
    Provider::with_limits(config(&server.url()), limits).expect("a provider")
}

pub(crate) fn conversation(question: &str) -> Conversation {
    let turns = vec![Turn { speaker: Speaker::Person, text: question.to_owned() }];
    Conversation { instructions: "Answer.".to_owned(), turns }
}

pub(crate) fn tools() -> Vec<Tool> {
    let tool = |name: &str, parameters| Tool { name: name.to_owned(), description: format!("does {name}"), parameters };
    let host = json!({"type": "object", "properties": {"host": {"type": "string"}}, "required": ["host"]});
    vec![tool("list_hosts", json!({"type": "object", "properties": {}})), tool("get_host", host)]
}

/// All that a run did.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) text: String,
    /// In how many pieces the text came.
    pub(crate) pieces: usize,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) ended: Result<(), Error>,
}

impl Told {
    pub(crate) fn failure(self) -> Error {
        self.ended.expect_err("it fails")
    }
}

/// Asks and waits for the end. Whatever goes wrong, the key is not in it.
pub(crate) async fn ask(
    provider: &Provider,
    question: &str,
    mut reply: impl FnMut(&ToolCall) -> Option<String>,
) -> Told {
    let mut told = Told { text: String::new(), pieces: 0, calls: Vec::new(), ended: Ok(()) };
    let mut run = provider.ask(conversation(question), tools());
    loop {
        match within(run.next()).await {
            Ok(Step::Text(text)) => {
                told.text.push_str(&text);
                told.pieces += 1;
            }
            Ok(Step::Call(call)) => {
                if let Some(result) = reply(&call) {
                    run.reply(result);
                }
                told.calls.push(call);
            }
            Ok(Step::Done) => break,
            Err(error) => {
                let printed = format!("{error} {error:?}");
                assert!(!printed.contains("hush"), "the key is in {printed}");
                assert_eq!(within(run.next()).await, Err(error.clone()), "it stays failed");
                told.ended = Err(error);
                break;
            }
        }
    }
    told
}

/// Asks where nothing is looked up.
pub(crate) async fn ask_only(server: &ScriptedProvider, question: &str, limits: Limits) -> Told {
    ask(&provider(server, limits), question, |call| panic!("{} is called", call.name)).await
}

/// Goes on until the first text.
pub(crate) async fn first_text(run: &mut Run) -> String {
    match within(run.next()).await.expect("a step") {
        Step::Text(text) => text,
        other => panic!("not a text: {other:?}"),
    }
}
