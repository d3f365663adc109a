//! Looking things up.

use crate::support::{ask, provider};
use assistant::{
    Error, Limits, ToolCall,
    limits::{MAX_CALLS, MAX_CALLS_AT_ONCE, MAX_RESULT, MAX_ROUNDS},
    scripted::ScriptedProvider,
};
use serde_json::{Value, json};

const HOSTS: &str = r#"{"hosts":[{"name":"web-01"},{"name":"db-02"}]}"#;

fn hosts(_: &ToolCall) -> Option<String> {
    Some(HOSTS.to_owned())
}

/// The results that the last request sent.
fn results(server: &ScriptedProvider) -> Vec<Value> {
    let body = server.asked().pop().expect("a request").body;
    let messages = body["messages"].as_array().expect("messages");
    messages.iter().filter(|message| message["role"] == "tool").map(|message| message["content"].clone()).collect()
}

#[tokio::test]
async fn what_is_looked_up_goes_back_and_the_answer_is_made_of_it() {
    let server = ScriptedProvider::start();
    let provider = provider(&server, Limits::default());
    let told = ask(&provider, "[lookup:list_hosts] [lookup:get_host {\"host\":\"a\\\"b [c]\"}]", hosts).await;
    assert_eq!((told.text.as_str(), told.ended), ("I found: web-01, db-02, web-01, db-02.", Ok(())));
    let called: Vec<_> =
        told.calls.iter().map(|call| (call.name.as_str(), Value::from(call.arguments.clone()))).collect();
    assert_eq!(called, [("list_hosts", json!({})), ("get_host", json!({"host": "a\"b [c]"}))]);

    let [first, second] = server.asked().try_into().expect("two requests");
    let names: Vec<_> =
        first.body["tools"].as_array().expect("tools").iter().map(|tool| &tool["function"]["name"]).collect();
    assert_eq!(names, ["list_hosts", "get_host"]);
    assert_eq!(first.body["tools"][1]["type"], "function");
    assert_eq!(first.body["tools"][1]["function"]["parameters"]["required"], json!(["host"]));
    let expected = json!([
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call-0", "type": "function", "function": {"name": "list_hosts", "arguments": "{}"}},
            {"id": "call-1", "type": "function", "function": {"name": "get_host", "arguments": "{\"host\":\"a\\\"b [c]\"}"}},
        ]},
        {"role": "tool", "tool_call_id": "call-0", "content": HOSTS},
        {"role": "tool", "tool_call_id": "call-1", "content": HOSTS},
    ]);
    assert_eq!(second.body["messages"].as_array().expect("messages")[2..], *expected.as_array().expect("a list"));
    assert_eq!(second.connection, 1, "the connection serves the second request as well");
}

#[tokio::test]
async fn only_tools_that_were_offered_are_called_and_only_with_an_object() {
    let server = ScriptedProvider::start();
    let provider = provider(&server, Limits::default());
    let told =
        ask(&provider, "[lookup:delete_all] [lookup:list_hosts [1]] [bad-arguments] [lookup:list_hosts]", hosts).await;
    assert_eq!(told.calls.len(), 1, "{:?}", told.calls);
    assert_eq!(told.ended, Ok(()));
    let no_object = "The arguments are no JSON object.";
    assert_eq!(results(&server), ["There is no such tool.", no_object, HOSTS, no_object]);
}

#[tokio::test]
async fn a_call_that_nobody_answers_has_no_result_and_a_long_result_is_cut() {
    let server = ScriptedProvider::start();
    let provider = provider(&server, Limits::default());
    let mut number = 0;
    let told = ask(&provider, "[many:2]", |_| {
        number += 1;
        (number == 2).then(|| "\u{e9}".repeat(MAX_RESULT))
    })
    .await;
    assert_eq!(told.ended, Ok(()));
    let [none, long] = results(&server).try_into().expect("two results");
    assert_eq!(none, "There is no result.");
    let long = long.as_str().expect("a text");
    assert!(long.len() <= MAX_RESULT && long.len() > MAX_RESULT - 4, "{}", long.len());
    assert!(long.ends_with("longer than what can be sent]"));
}

#[tokio::test]
async fn after_the_last_round_the_provider_has_to_answer() {
    let server = ScriptedProvider::start();
    let told = ask(&provider(&server, Limits::default()), "[again]", hosts).await;
    assert_eq!((told.ended, told.calls.len()), (Ok(()), MAX_ROUNDS - 1));
    let asked = server.asked();
    let choices: Vec<_> = asked.iter().map(|asked| asked.body.get("tool_choice").cloned()).collect();
    assert_eq!(choices, [None, None, None, None, None, Some("none".into())]);
}

#[tokio::test]
async fn a_provider_that_never_answers_is_not_asked_for_ever() {
    let server = ScriptedProvider::start();
    let told = ask(&provider(&server, Limits::default()), "[stubborn]", hosts).await;
    assert_eq!(told.ended, Err(Error::Endless));
    assert_eq!((server.asked().len(), told.calls.len()), (MAX_ROUNDS, MAX_ROUNDS - 1));
}

#[tokio::test]
async fn beyond_the_last_call_nothing_is_looked_up_and_the_provider_told_to_answer() {
    let server = ScriptedProvider::start();
    let limits = Limits { calls: 3, ..Limits::default() };
    let told = ask(&provider(&server, limits), "[many:5]", hosts).await;
    assert_eq!((told.ended, told.calls.len()), (Ok(()), 3));
    let refused = "No more can be looked up for this question: answer with what there is.";
    assert_eq!(results(&server), [HOSTS, HOSTS, HOSTS, refused, refused]);
    assert_eq!(server.asked()[1].body["tool_choice"], "none");
    assert_eq!(Limits::default().calls, MAX_CALLS);
}

#[tokio::test]
async fn more_calls_at_once_than_the_limit_end_the_answer_before_any_is_carried_out() {
    let server = ScriptedProvider::start();
    let provider = provider(&server, Limits::default());
    let told = ask(&provider, &format!("[many:{MAX_CALLS_AT_ONCE}]"), hosts).await;
    assert_eq!((told.ended, told.calls.len()), (Ok(()), MAX_CALLS_AT_ONCE));
    let told = ask(&provider, &format!("[many:{}]", MAX_CALLS_AT_ONCE + 1), hosts).await;
    assert_eq!(told.calls, []);
    assert_eq!(told.failure(), Error::TooLarge { what: "calls at once" });
}
