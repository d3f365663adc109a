//! Whom it connects to, and until when.

use crate::support::{KEY, ask, config, conversation, first_text, provider, within};
use assistant::{
    Error, Limits, Provider, ProviderConfig, Secret,
    address::Refused,
    scripted::{Connections, ScriptedProvider},
};
use std::{env, process::Command, time::Duration};
use tokio::time::timeout;

#[tokio::test]
async fn who_stops_listening_ends_the_connection_at_once() {
    let server = ScriptedProvider::start();
    let provider = provider(&server, Limits::default());
    for word in ["[slow:100000] [say:one two]", "[stall]", "[babble]"] {
        let mut run = provider.ask(conversation(word), vec![]);
        first_text(&mut run).await;
        assert_eq!(server.connections().open, 1, "{word}");
        drop(run);
        within(server.wait_until_all_left()).await;
    }
}

#[tokio::test]
async fn who_stops_listening_before_the_first_word_ends_the_connection_as_well() {
    let server = ScriptedProvider::start();
    let mut run = provider(&server, Limits::default()).ask(conversation("[stall-first]"), vec![]);
    within(async {
        // Nothing comes back, so the request is carried by waiting for it.
        while server.asked().is_empty() {
            let _ = timeout(Duration::from_millis(5), run.next()).await;
        }
    })
    .await;
    drop(run);
    within(server.wait_until_all_left()).await;
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
    let server = ScriptedProvider::start();
    let url = format!("https://localhost:{}/v1", server.address().port());
    let key = || Some(Secret::parse(KEY).expect("a key"));
    let told = |allow_private, limits| {
        let config = ProviderConfig::new(&url, "m", key(), allow_private).expect("a config");
        let provider = Provider::with_limits(config, limits).expect("a provider");
        async move { ask(&provider, "hello", |_| None).await.failure() }
    };
    assert_eq!(told(false, Limits::default()).await, Error::AddressRefused(Refused::Private));
    assert_eq!(server.connections().opened, 0);
    // It speaks no TLS, but it is connected to.
    let limits = Limits { connect: Duration::from_millis(200), ..Limits::default() };
    assert!(matches!(told(true, limits).await, Error::Unreachable { .. }));
    within(server.wait_until_all_left()).await;
}

/// Runs itself again in an environment that names a proxy.
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    const URL: &str = "ASSISTANT_TEST_URL";
    if let Ok(url) = env::var(URL) {
        let provider = Provider::new(config(&url)).expect("a provider");
        assert_eq!(ask(&provider, "hello", |_| None).await.text, "You asked: hello");
        return;
    }
    let (server, proxy) = (ScriptedProvider::start(), ScriptedProvider::start());
    let mut child = Command::new(env::current_exe().expect("this program"));
    child.args(["--exact", "connections::a_proxy_of_the_environment_is_not_used"]).env(URL, server.url());
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, format!("http://{}", proxy.address()));
    }
    let output = child.env_remove("no_proxy").env_remove("NO_PROXY").output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((server.asked().len(), proxy.connections()), (1, Connections::default()));
}
