//! The headline property: the same script as organization A, once with organization B busy and once with B silent. All
//! that A observes is equal.

use crate::{
    harness::{App, Person, batch_with, each, host_id, ids_of, ingest, now, path},
    http::{Answer, Client},
};
use serde_json::{Value, json};
use shared::{Role, live::LiveEvent, org::Org};
use std::{cell::RefCell, collections::BTreeMap};

#[test]
fn what_one_organization_observes_does_not_depend_on_another() {
    let runs = RefCell::new(Vec::new());
    each(|app| runs.borrow_mut().push(observe(app, false)));
    let silent = runs.take();
    each(|app| runs.borrow_mut().push(observe(app, true)));
    let busy = runs.take();
    assert_eq!(silent.len(), busy.len());
    for (silent, busy) in silent.iter().zip(&busy) {
        assert!(silent.len() > 20, "the script observes something");
        for (a, b) in silent.iter().zip(busy) {
            assert_eq!(a, b);
        }
        assert_eq!(silent.len(), busy.len());
    }
}

fn observe(app: &App, is_busy: bool) -> Vec<String> {
    let ada = app.person("Ada");
    let bob = app.person("Bob");
    let (a, b) = (app.org("aaa", &ada), app.org("bbb", &bob));
    let (agent, other_agent) = (app.agent(&a), app.agent(&b));
    let busy = |step: u128| {
        if is_busy {
            disturb(app, &bob, &b, &other_agent, step);
        }
    };
    let mut names = Names::default();
    let mut seen = Vec::new();
    let mut note = |what: &str, answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.retain(|(name, _)| name != "date" && name != "x-request-id" && name != "content-length");
        headers.sort();
        seen.push(names.normalize(&format!("{what} {} {headers:?} {}", answer.status, answer.text())));
    };
    let mut socket = ada.client.open_from_page(&path(a.id, "/live")).expect("it opens");
    for step in 0..4_u128 {
        busy(step);
        let found = batch_with(step, &format!("web-{step}"), now(), "same", "of A");
        let body = serde_json::to_string(&found).expect("JSON");
        note("report", &agent.post("/api/v1/ingest/reports", &body));
        busy(step + 10);
        for rest in [
            "",
            "/bootstrap",
            "/hosts",
            "/members",
            "/tokens",
            "/shares",
            "/billing",
            "/containers",
            "/guests",
            "/metadata",
        ] {
            note(rest, &ada.client.get(&path(a.id, rest)));
        }
        note("host", &ada.client.get(&path(a.id, &format!("/hosts/{}", host_id(step)))));
        let (container, guest) = ids_of(&ada.client, &a, "same");
        note("container", &ada.client.get(&path(a.id, &format!("/containers/{container}"))));
        note("guest", &ada.client.get(&path(a.id, &format!("/guests/{guest}"))));
        let place = path(a.id, &format!("/containers/{container}/metadata"));
        let body = json!({ "description": format!("of A, {step}") }).to_string();
        note("metadata", &ada.client.with("if-match", "*").send("PUT", &place, Some(body.as_bytes())));
        note("token", &ada.client.post(&path(a.id, "/tokens"), &json!({ "name": "t", "kind": "agent" }).to_string()));
    }
    busy(20);
    note("me", &ada.client.get("/api/v1/me"));
    note("delete", &ada.client.delete(&path(a.id, &format!("/hosts/{}", host_id(0)))));
    note("foreign", &ada.client.get(&path(b.id, "/hosts")));
    note("foreign slug", &ada.client.get("/api/v1/orgs/bbb/bootstrap"));
    socket.wait_for("the removal", |event| *event == LiveEvent::HostRemoved { host: host_id(0) });
    seen
}

fn disturb(app: &App, bob: &Person, b: &Org, agent: &Client, step: u128) {
    for number in 0..5 {
        ingest(agent, &batch_with(number, "web-1", now(), "same", "of B"));
    }
    let (container, _) = ids_of(&bob.client, b, "same");
    let place = path(b.id, &format!("/containers/{container}/metadata"));
    drop(bob.client.with("if-match", "*").send("PUT", &place, Some(br#"{"description":"of B"}"#)));
    drop(bob.client.post(&path(b.id, "/tokens"), r#"{"name":"noise","kind":"api"}"#));
    drop(app.member(b, &format!("Noise{step}"), Role::Admin));
    drop(bob.client.delete(&path(b.id, &format!("/hosts/{}", host_id(step)))));
}

/// Ids and times are new in each run: an id becomes the order in which it was first seen, a time becomes a word.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn normalize(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut word = String::new();
        for letter in text.chars().chain(['\n']) {
            if letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' || letter == '…' {
                word.push(letter);
                continue;
            }
            out.push_str(&self.word(&word));
            word.clear();
            out.push(letter);
        }
        out
    }

    fn word(&mut self, word: &str) -> String {
        let is_id = word.len() == 36 && word.matches('-').count() == 4;
        let is_secret = word.starts_with("bh_");
        let is_time = word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_digit());
        match word {
            _ if is_id => {
                let next = self.0.len();
                format!("id{}", self.0.entry(word.to_owned()).or_insert(next))
            }
            _ if is_secret => "secret".to_owned(),
            _ if is_time => "time".to_owned(),
            word => word.to_owned(),
        }
    }
}

/// A normalization that made everything equal would prove nothing.
#[test]
fn the_comparison_sees_a_difference() {
    let mut names = Names::default();
    assert_ne!(names.normalize("hosts: 4"), names.normalize("hosts: 5"));
    let value: Value = json!({ "name": "web-1" });
    assert_ne!(names.normalize(&value.to_string()), names.normalize("{\"name\":\"web-2\"}"));
}
