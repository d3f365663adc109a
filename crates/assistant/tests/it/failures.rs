//! Each way in which a provider fails has a sentence for the person. `support::ask` looks for the key in all of them.

use crate::support::{ask, ask_only, config};
use assistant::{Error, Limits, Provider, ProviderConfig, Secret, scripted::ScriptedProvider};
use std::{collections::BTreeSet, net::TcpListener};

fn code(word: &str) -> Option<String> {
    Some(word.to_owned())
}

#[tokio::test]
async fn each_failure_is_told_from_the_others() {
    let server = ScriptedProvider::start();
    let refused = || code("scripted_refusal");
    let nonsense = |what| Error::Nonsense { what };
    let mut sentences = BTreeSet::new();
    for (word, said, expected) in [
        ("[status:401]", "", Error::KeyRefused { status: 401 }),
        ("[status:403]", "", Error::KeyRefused { status: 403 }),
        ("[status:429]", "", Error::RateLimited { retry_after_s: Some(7), code: refused() }),
        ("[huge-status:429]", "", Error::RateLimited { retry_after_s: None, code: None }),
        ("[status:400]", "", Error::Status { status: 400, code: refused() }),
        ("[status:402]", "", Error::Status { status: 402, code: refused() }),
        ("[status:404]", "", Error::Status { status: 404, code: refused() }),
        ("[status:413]", "", Error::Status { status: 413, code: refused() }),
        ("[status:503]", "", Error::Status { status: 503, code: refused() }),
        ("[status:204]", "", Error::Status { status: 204, code: None }),
        ("[html]", "", Error::NotAStream { content_type: "text/html".to_owned() }),
        ("[nonsense]", "Some words before", nonsense("an event is not the JSON of an answer")),
        ("[bad-utf8]", "Some words before", nonsense("an event is not UTF-8")),
        ("[error]", "Some words before", Error::Reported { code: code("overloaded_error") }),
        ("[cut]", "Some words before", Error::CutOff),
        ("[cut-politely]", "Some words before", Error::CutOff),
        ("[quiet]", "", Error::Empty),
    ] {
        let told = ask_only(&server, word, Limits::default()).await;
        assert_eq!((told.text.as_str(), told.ended), (said, Err(expected.clone())), "{word}");
        sentences.insert(expected.to_string());
    }
    assert_eq!(sentences.len(), 14, "{sentences:#?}");
    for sentence in sentences {
        assert!(sentence.ends_with('.') && sentence.starts_with("The ") || sentence.starts_with("What "), "{sentence}");
        assert!(!sentence.contains("scripted_refusal"), "{sentence}");
    }
}

#[tokio::test]
async fn a_key_that_looks_like_a_word_for_an_error_is_not_taken_for_one() {
    let server = ScriptedProvider::start();
    let key = Secret::parse("hush_my_darling").expect("a key");
    let config = ProviderConfig::new(&server.url(), "m", Some(key), true).expect("a config");
    let told = ask(&Provider::new(config).expect("a provider"), "[echo-key]", |_| None).await;
    assert_eq!(told.failure(), Error::Status { status: 500, code: None });
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, elsewhere) = (ScriptedProvider::start(), ScriptedProvider::start());
    for to in
        [elsewhere.url(), format!("{}/chat/completions", server.url()), "http://169.254.169.254/latest".to_owned()]
    {
        let told = ask_only(&server, &format!("[redirect:{to}]"), Limits::default()).await;
        assert_eq!(told.failure(), Error::Redirected { status: 307 });
    }
    assert_eq!(elsewhere.connections().opened, 0);
    assert_eq!(server.asked().len(), 3, "one request for each question");
}

#[tokio::test]
async fn where_nobody_listens_the_provider_is_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let provider = Provider::new(config(&format!("http://{free}/v1"))).expect("a provider");
    match ask(&provider, "hello", |_| None).await.failure() {
        Error::Unreachable { cause } => assert!(cause.contains("refused"), "{cause}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn something_that_is_not_http_is_unreachable() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/v1", server.local_addr().expect("bound"));
    let thread = std::thread::spawn(move || {
        use std::io::Write as _;
        let (mut stream, _) = server.accept().expect("a connection");
        stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").expect("written");
    });
    let provider = Provider::new(config(&url)).expect("a provider");
    let failure = ask(&provider, "hello", |_| None).await.failure();
    assert!(matches!(failure, Error::Unreachable { .. }), "{failure:?}");
    thread.join().expect("it has written");
}
