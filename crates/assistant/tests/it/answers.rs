//! What leaves and what comes.

use crate::support::{KEY, ask_only, config, conversation, first_text, provider, within};
use assistant::{
    Conversation, Limits, Provider, ProviderConfig, Step, Turn,
    scripted::{Options, ScriptedProvider},
};
use serde_json::{Value, json};
use shared::assistant::Speaker;

#[tokio::test]
async fn an_answer_comes_in_the_pieces_in_which_it_is_said() {
    let server = ScriptedProvider::start();
    let told = ask_only(&server, "[say:one two thr\u{e9}e] [slow:30]", Limits::default()).await;
    assert_eq!((told.text.as_str(), told.ended), ("one two thr\u{e9}e", Ok(())));
    assert_eq!(told.pieces, 3, "no word waits for the next one");
}

#[tokio::test]
async fn the_question_leaves_with_the_key_in_the_header_and_nothing_else_of_this_installation() {
    let server = ScriptedProvider::start();
    let turns = [(Speaker::Person, "hello"), (Speaker::Assistant, "yes?"), (Speaker::Person, "how are you")];
    let turns = turns.map(|(speaker, text)| Turn { speaker, text: text.to_owned() }).into();
    let mut run =
        provider(&server, Limits::default()).ask(Conversation { instructions: "Be kind.".to_owned(), turns }, vec![]);
    assert_eq!(first_text(&mut run).await, "You ");
    let [asked] = server.asked().try_into().expect("one request");
    assert_eq!(asked.line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    let mut names: Vec<&str> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "content-length", "content-type", "host", "user-agent"]);
    let expected = json!({
        "model": "scripted-model",
        "stream": true,
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": "yes?"},
            {"role": "user", "content": "how are you"},
        ],
    });
    assert_eq!(asked.body, expected);
}

#[tokio::test]
async fn without_a_key_there_is_no_authorization() {
    let server = ScriptedProvider::start();
    let config = ProviderConfig::new(&server.url(), "m", None, true).expect("a config");
    let mut run = Provider::new(config).expect("a provider").ask(conversation("hello"), vec![]);
    first_text(&mut run).await;
    assert_eq!(server.asked()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_provider_that_ends_the_answer_early_is_said_to_have_done_so() {
    let server = ScriptedProvider::start();
    for (word, words) in [("[length]", "too long"), ("[filtered]", "held back")] {
        let told = ask_only(&server, word, Limits::default()).await;
        assert!(told.text.starts_with("Some words before\n\n") && told.text.contains(words), "{told:?}");
        assert_eq!(told.ended, Ok(()));
    }
    let told = ask_only(&server, "[no-done]", Limits::default()).await;
    assert_eq!((told.text.as_str(), told.ended), ("Some words before", Ok(())), "a reason to end is an end");
}

#[tokio::test]
async fn a_step_that_nobody_waited_for_is_not_lost() {
    let server = ScriptedProvider::start();
    let mut run = provider(&server, Limits::default()).ask(conversation("[say:a b c d e f] [slow:10]"), vec![]);
    let mut said = String::new();
    let mut given_up = 0;
    within(async {
        loop {
            tokio::select! {
                biased;
                step = run.next() => match step.expect("a step") {
                    Step::Text(text) => said.push_str(&text),
                    Step::Call(_) => panic!("nothing is looked up"),
                    Step::Done => break,
                },
                () = tokio::task::yield_now() => given_up += 1,
            }
        }
    })
    .await;
    assert_eq!(said, "a b c d e f");
    assert!(given_up > 5, "the future was dropped {given_up} times");
    assert_eq!(server.asked().len(), 1, "it was asked once");
}

#[test]
fn the_provider_for_tests_writes_down_what_it_was_asked() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let log = dir.path().join("log");
    let options = Options { log: Some(log.clone()), answer: Some("as you like".to_owned()), ..Options::default() };
    let server = ScriptedProvider::start_with(options).expect("a provider");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for _ in 0..2 {
        let provider = Provider::new(config(&server.url())).expect("a provider");
        let text = runtime.block_on(async { first_text(&mut provider.ask(conversation("hello"), vec![])).await });
        assert_eq!(text, "as ");
    }
    let lines = std::fs::read_to_string(log).expect("a log");
    let bodies: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[1]["messages"][1]["content"], "hello");
}
