//! Setting up the assistant.

use crate::{
    http::{Client, Credential},
    program::{Installation, wait_until},
};
use ::assistant::scripted::ScriptedProvider;
use serde_json::json;
use shared::{account::Me, assistant::Chat};
use std::fs;

const KEY: &str = "sk-hush-0123456789";

/// An installation with a key in a file.
fn with_key() -> (Installation, String) {
    let here = Installation::new();
    let file = here.folder.path().join("key");
    fs::write(&file, format!("{KEY}\n")).expect("written");
    (here, file.to_string_lossy().into_owned())
}

#[test]
fn settings_that_cannot_be_used_end_the_start_with_a_sentence_and_2() {
    let (here, key) = with_key();
    let empty = here.folder.path().join("empty");
    fs::write(&empty, "").expect("written");
    let empty = empty.to_string_lossy().into_owned();
    let (good, file) = ("--assistant-url=https://api.example.org/v1", "--assistant-key-file");
    let cases: [(&[&str], &str); 8] = [
        (&["--assistant-url", "api.example.org", file, &key], "BULKHEAD_ASSISTANT_URL"),
        (&["--assistant-url=http://127.0.0.1:1/v1", "--assistant-model", "m", file, &key], "_ALLOW_PRIVATE"),
        (&["--assistant-url=https://10.0.0.1/v1", "--assistant-model", "m", file, &key], "_ALLOW_PRIVATE"),
        (&[good, file, &key], "BULKHEAD_ASSISTANT_MODEL"),
        (&["--assistant-model", "m", file, &key], "BULKHEAD_ASSISTANT_URL"),
        (&[good, "--assistant-model", "m", file, "/nonexistent"], "/nonexistent"),
        (&[good, "--assistant-model", "m", file, &empty], "BULKHEAD_ASSISTANT_KEY_FILE"),
        (&[good, "--assistant-model", "m", file, &key, "--assistant-allow-private=perhaps"], "neither true nor false"),
    ];
    for (flags, expected) in cases {
        for (command, code) in [("serve", 2), ("doctor", 1)] {
            let done = here.run(&[&[command, "--listen", "127.0.0.1:0"][..], flags].concat(), "");
            let said = format!("{}{}", done.out, done.err);
            assert_eq!(done.code, code, "{command} {flags:?}: {said}");
            assert!(said.contains(expected) && !said.contains("hush"), "{command} {flags:?}: {said}");
        }
    }
}

#[test]
fn the_doctor_names_the_provider_and_never_the_key() {
    let (here, key) = with_key();
    let doctor = |flags: &[&str]| here.run(&[&["doctor", "--listen", "127.0.0.1:0"][..], flags].concat(), "").out;
    assert!(doctor(&[]).contains("ok       assistant    not set up; BULKHEAD_ASSISTANT_URL"));
    let provider = ["--assistant-url", "https://api.example.org/v1", "--assistant-model", "large-one"];
    let said = doctor(&[&provider[..], &["--assistant-key-file", &key]].concat());
    assert!(said.contains("ok       assistant    asks large-one at api.example.org"), "{said}");
    assert!(!said.contains("hush"), "{said}");
    // What is set to nothing is not set, as in a file of variables that is filled in later.
    let nothing = ["--assistant-url=", "--assistant-model=", "--assistant-key-file=", "--assistant-allow-private="];
    assert!(doctor(&nothing).contains("not set up"));
}

#[test]
fn a_log_of_everything_has_neither_the_key_nor_what_was_said() {
    let (here, key) = with_key();
    let provider = ScriptedProvider::start();
    let create = ["user", "create", "--email", "ada@example.org", "--name", "Ada", "--password-file", "-"];
    here.ok(&create, "a long password\n");
    here.ok(&["org", "create", "--name", "Acme", "--owner", "ada@example.org"], "");
    let log = here.folder.path().join("log");
    let url = provider.url();
    let server = here.serve_with_log(
        &[
            "--assistant-url",
            &url,
            "--assistant-model",
            "scripted",
            "--assistant-key-file",
            &key,
            "--assistant-allow-private",
        ],
        &log,
    );
    let body = r#"{"email":"ada@example.org","password":"a long password"}"#;
    let signed_in = server.client().post("/api/v1/sessions", body);
    let me: Me = signed_in.ok();
    let cookie = signed_in.header("set-cookie").and_then(|cookie| cookie.split([';', '=']).nth(1)).expect("a cookie");
    let client = Client { credential: Credential::Session(cookie.to_owned()), ..server.client() };
    let place = format!("/api/v1/orgs/{}/assistant", me.orgs[0].id);
    for question in ["CANARY [say:CANARY too]", "CANARY [status:401]", "CANARY [echo-key]", "CANARY [cut]"] {
        let chat: Chat = client.get(&place).ok();
        let body = json!({ "chat": chat.id, "text": question }).to_string();
        let told = client.post(&format!("{place}/messages"), &body).text();
        assert!(told.contains("\"type\":\"done\"") || told.contains("\"type\":\"failed\""), "{told}");
        assert!(!told.contains("hush"), "{told}");
    }
    assert_eq!(provider.asked().len(), 4);
    let read = || fs::read_to_string(&log).expect("a log");
    wait_until("each run has its line", || read().matches("the assistant's run ended").count() == 4);
    let said = read();
    let lines: Vec<_> = said.lines().filter(|line| line.contains("the assistant's run ended")).collect();
    let org = me.orgs[0].id.to_string();
    assert!(lines.iter().all(|line| line.contains(&org) && line.contains("millis=")), "{lines:#?}");
    assert!(lines[0].contains("outcome=\"complete\" rounds=1"), "{}", lines[0]);
    assert!(lines[1].contains("outcome=\"failed\"") && lines[1].contains("KeyRefused"), "{}", lines[1]);
    assert!(!said.contains("hush") && !said.contains("CANARY"), "{said}");
    assert_eq!(server.terminate().code(), Some(0));
}
