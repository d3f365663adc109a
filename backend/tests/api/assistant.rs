//! The assistant over the API, with a provider that answers by a script.

mod ending;
mod failing;
mod gated;
mod limits;
mod looking;
mod talking;

use crate::harness::{App, each_with};
use ::assistant::{Limits, ProviderConfig, Secret, scripted::ScriptedProvider};
use std::{cell::RefCell, time::Duration};

/// The operator's key. It must be in nothing that leaves, but for the one header.
const KEY: &str = "sk-hush-0123456789";

/// Runs a test against a fresh server with a fresh provider on each database that there is.
fn each(test: impl Fn(&App, &ScriptedProvider)) {
    // Longer than a machine that is busy keeps a provider from speaking, and than a test waits for anything.
    each_with_stall(Duration::from_secs(15), test);
}

/// The same with a provider that counts as stalled after so long.
fn each_with_stall(stall: Duration, test: impl Fn(&App, &ScriptedProvider)) {
    let provider = RefCell::new(None);
    each_with(
        |settings| {
            let started = ScriptedProvider::start();
            let key = Secret::parse(KEY).expect("a key");
            let config = ProviderConfig::new(&started.url(), "scripted-model", Some(key), true).expect("a provider");
            // Short enough for a test of what does not end.
            let limits = Limits { stall, stream: 200_000, ..Limits::default() };
            *provider.borrow_mut() = Some(started);
            settings.with_assistant(config, limits)
        },
        |app| test(app, provider.borrow().as_ref().expect("it was started with the settings")),
    );
}

/// All that went to the provider so far.
fn sent(provider: &ScriptedProvider) -> String {
    provider.asked().iter().map(|asked| asked.body.to_string()).collect()
}

/// What the tools said to the provider, in the last request.
fn results(provider: &ScriptedProvider) -> Vec<String> {
    let asked = provider.asked();
    let messages = asked.last().expect("it was asked").body["messages"].as_array().cloned().unwrap_or_default();
    let question = messages.iter().rposition(|message| message["role"] == "user").expect("a question");
    let results = messages[question..].iter().filter(|message| message["role"] == "tool");
    results.map(|message| message["content"].as_str().expect("text").to_owned()).collect()
}
