//! What a provider may take and send, whatever it does. How many calls and rounds there are is in `tools`.

use crate::support::{ask_only, config, provider, within};
use assistant::{
    Conversation, Error, Limits, Provider, Turn,
    limits::{CONNECT_TIME, MAX_CONVERSATION, RUN_TIME, STALL_TIME},
    scripted::ScriptedProvider,
};
use shared::assistant::{MAX_ANSWER, Speaker};
use std::{io::Read as _, net::TcpListener, time::Duration};

const SHORT: Duration = Duration::from_millis(150);

#[test]
fn the_usual_times_are_those_that_people_are_told() {
    let seconds = [CONNECT_TIME, STALL_TIME, RUN_TIME].map(|time| time.as_secs());
    assert_eq!(seconds, [10, 30, 180]);
    let Limits { connect, stall, run, answer, .. } = Limits::default();
    assert_eq!((connect, stall, run, answer), (CONNECT_TIME, STALL_TIME, RUN_TIME, MAX_ANSWER));
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_is_given_up() {
    // It accepts, and never answers the beginning of TLS.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("https://{}/v1", silent.local_addr().expect("bound"));
    let limits = Limits { connect: SHORT, ..Limits::default() };
    let provider = Provider::with_limits(config(&url), limits).expect("a provider");
    let told = crate::support::ask(&provider, "hello", |_| None).await;
    assert!(matches!(told.ended, Err(Error::Unreachable { .. })), "{told:?}");
    let (mut stream, _) = silent.accept().expect("it was connected to");
    let mut first = [0];
    stream.read_exact(&mut first).expect("it began");
    assert_eq!(first, [0x16], "with TLS, and not with the question");
}

#[tokio::test]
async fn a_provider_that_stops_sending_is_given_up_and_what_it_said_stands() {
    let server = ScriptedProvider::start();
    let limits = Limits { stall: SHORT, ..Limits::default() };
    for (word, said) in [("[stall]", "Some words before"), ("[stall-first]", "")] {
        let told = ask_only(&server, word, limits).await;
        assert_eq!((told.text.as_str(), told.ended), (said, Err(Error::Stalled)), "{word}");
    }
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn a_sign_of_life_is_no_stall_but_does_not_keep_a_run_alive() {
    let server = ScriptedProvider::start();
    let limits = Limits { stall: Duration::from_secs(10), run: SHORT, ..Limits::default() };
    for word in ["[drip]", "[slow:20] [say: a b c d e f g h i j k l m n o p q r s t u v w x y z]", "[stall]"] {
        assert_eq!(ask_only(&server, word, limits).await.failure(), Error::TooLong, "{word}");
    }
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn a_line_that_is_too_long_is_not_kept() {
    let server = ScriptedProvider::start();
    let told = ask_only(&server, "[long-line]", Limits::default()).await;
    assert_eq!(told.failure(), Error::TooLarge { what: "a line of the stream" });
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn a_stream_without_an_end_is_left() {
    let server = ScriptedProvider::start();
    let limits = Limits { stream: 500_000, ..Limits::default() };
    assert_eq!(ask_only(&server, "[endless]", limits).await.failure(), Error::TooLarge { what: "the stream" });
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_cut_marked_and_the_provider_left() {
    let server = ScriptedProvider::start();
    let told = ask_only(&server, "[babble]", Limits::default()).await;
    assert_eq!(told.ended, Ok(()), "what is there is an answer");
    assert_eq!(told.text.chars().count(), MAX_ANSWER);
    assert!(told.text.ends_with("was cut off here.)*"));
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn of_a_refusal_only_the_beginning_is_read() {
    let server = ScriptedProvider::start();
    let short = ask_only(&server, "[status:500]", Limits::default()).await.failure();
    assert_eq!(short, Error::Status { status: 500, code: Some("scripted_refusal".to_owned()) });
    let long = ask_only(&server, "[huge-status:500]", Limits::default()).await.failure();
    assert_eq!(long, Error::Status { status: 500, code: None });
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_not_read() {
    let server = ScriptedProvider::start();
    let told = ask_only(&server, "[json]", Limits::default()).await;
    assert_eq!(told.failure(), Error::NotAStream { content_type: "application/json".to_owned() });
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn arguments_without_an_end_are_not_kept() {
    let server = ScriptedProvider::start();
    let told = ask_only(&server, "[endless-arguments]", Limits::default()).await;
    assert_eq!(told.failure(), Error::TooLarge { what: "the arguments of a call" });
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn a_long_conversation_goes_without_its_beginning() {
    let server = ScriptedProvider::start();
    let turn = |text: String| Turn { speaker: Speaker::Person, text };
    let turns = vec![turn("old".to_owned()), turn("x".repeat(MAX_CONVERSATION - 3)), turn("[quiet]".to_owned())];
    let conversation = Conversation { instructions: String::new(), turns };
    let mut run = provider(&server, Limits::default()).ask(conversation, vec![]);
    assert_eq!(within(run.next()).await, Err(Error::Empty));
    let sent = server.asked()[0].body["messages"].clone();
    assert_eq!(sent.as_array().map(Vec::len), Some(1), "the second would not fit");
    assert_eq!(sent[0]["content"], "[quiet]");
}
