//! How a run ends before its answer does.

use super::{each, gated::Gated};
use crate::{
    harness::{App, Person, batch, each_with, ingest, now, path, wait_until},
    http::Client,
};
use ::assistant::{Limits, ProviderConfig, scripted::ScriptedProvider};
use backend::{
    live::{CHECK_EVERY, Ending},
    settings::Settings,
};
use shared::{
    ErrorCode, OrgId, Role,
    assistant::{ChatEvent, ChatMessage, Outcome},
    org::Org,
};
use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

/// What the design promises for one server.
const REVOKED_WITHIN: Duration = Duration::from_secs(2);
/// Words for half a minute.
const SLOWLY: &str = "[slow:100][say:one two three four five six seven eight nine ten eleven twelve thirteen fourteen \
                      fifteen sixteen seventeen eighteen nineteen twenty and so on and so on and so on and so on and so \
                      on and so on and so on and so on and so on and so on and so on and so on and so on and so on]";

fn last(client: &Client, org: OrgId) -> Option<ChatMessage> {
    client.chat(org).messages.pop()
}

fn has_left(provider: &ScriptedProvider) -> bool {
    let connections = provider.connections();
    connections.opened > 0 && connections.open == 0
}

#[test]
fn who_stops_an_answer_keeps_what_was_said_and_the_provider_is_left_at_once() {
    for question in [SLOWLY, "[stall]", "[babble]"] {
        each(|app, provider| {
            let ada = app.person("Ada");
            let org = app.org("acme", &ada);
            let mut events = ada.client.begin(org.id, question);
            let mut said = events.first_text();
            // All that it says: who leaves then sends nothing but the end of the connection.
            while question == "[stall]" && !said.ends_with("before") {
                said.push_str(&events.first_text());
            }
            drop(events);
            wait_until("the provider is left", || has_left(provider));
            // As stopped: a provider that is left later would count as stalled.
            wait_until("it is kept", || last(&ada.client, org.id).is_some_and(|last| last.outcome == Outcome::Stopped));
            let kept = last(&ada.client, org.id).expect("it is kept");
            assert!(kept.text.starts_with(said.as_str()), "{}", kept.text);
            wait_until("its place is free", || app.state.hub().runs().count() == 0);
            assert_eq!(ada.client.ask(org.id, "[say:on]").done().text, "on");
        });
    }
}

#[test]
fn who_stops_before_a_word_was_said_can_ask_again_at_once() {
    each(|app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        for _ in 0..5 {
            let mut events = ada.client.begin(org.id, "[stall-first]");
            assert!(matches!(events.next(), Some(ChatEvent::Asked { .. })));
            drop(events);
            assert_eq!(ada.client.ask(org.id, "[say:here]").done().text, "here");
        }
        let chat = ada.client.chat(org.id);
        assert_eq!((chat.messages.len(), chat.used), (15, 10), "nothing was said, so nothing is kept but the question");
        assert!(provider.connections().open <= 1);
    });
}

/// Begins an answer, lets a right end, and checks that the answer ends in time, says why, and is heard no more.
fn ends(what: &str, end: impl Fn(&App, &Person, &Org), code: ErrorCode, is_kept: bool) {
    each(|app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let viewer = app.member(&org, "Vera", Role::Viewer);
        let mut events = viewer.client.begin(org.id, SLOWLY);
        let until = Instant::now() + CHECK_EVERY * 3 / 2;
        // Beyond the first proof, which every new run gets: what ends it now is that the directory changed.
        while Instant::now() < until {
            events.first_text();
        }
        end(app, &viewer, &org);
        let started = Instant::now();
        let told = events.rest();
        assert!(started.elapsed() < REVOKED_WITHIN, "{what}: {:?}", started.elapsed());
        let (problem, message) = told.failed();
        assert_eq!((problem.code, problem.org), (code, Some(org.id)), "{what}");
        assert!(problem.detail.len() > 10, "{what}: a person can read why: {}", problem.detail);
        assert_eq!(message.is_some(), is_kept, "{what}");
        wait_until("the provider is left", || has_left(provider));
        if is_kept {
            let kept = app.sign_in(viewer.id, 60).chat(org.id).messages.pop().expect("it is kept");
            assert_eq!((kept.outcome, Some(&kept)), (Outcome::Failed, message));
        }
        assert_eq!(app.state.hub().runs().count(), 0);
    });
}

#[test]
fn a_removed_member_is_told_no_more_within_two_seconds() {
    let remove = |app: &App, viewer: &Person, org: &Org| {
        let admin = app.member(org, "Adam", Role::Admin).client;
        admin.delete(&path(org.id, &format!("/members/{}", viewer.id))).done();
    };
    ends("removal", remove, ErrorCode::NotFound, false);
}

#[test]
fn a_revoked_session_is_told_no_more_within_two_seconds() {
    let sign_out = |_: &App, viewer: &Person, _: &Org| viewer.client.delete("/api/v1/sessions/current").done();
    ends("sign-out", sign_out, ErrorCode::Unauthenticated, true);
}

#[test]
fn a_suspension_ends_an_answer_within_two_seconds() {
    let suspend = |app: &App, _: &Person, org: &Org| app.store().operator("test").suspend(&org.slug).expect("done");
    ends("suspension", suspend, ErrorCode::OrgSuspended, false);
}

#[test]
fn a_deletion_ends_an_answer_within_two_seconds() {
    let delete = |app: &App, _: &Person, org: &Org| {
        let owner = app.member(org, "Olga", Role::Owner).client;
        owner.delete(&path(org.id, &format!("?confirm={}", org.slug))).done();
    };
    ends("deletion", delete, ErrorCode::OrgDeleted, false);
}

#[test]
fn a_server_that_stops_says_so_and_keeps_what_was_said() {
    let stop = |app: &App, _: &Person, _: &Org| {
        app.state.hub().close(&Ending { code: ErrorCode::Unavailable, detail: "The server restarts.".to_owned() });
    };
    ends("stop", stop, ErrorCode::Unavailable, true);
    each(|app, _| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let id = ada.client.chat(org.id).id;
        app.state.hub().close(&Ending { code: ErrorCode::Unavailable, detail: "The server restarts.".to_owned() });
        let refused = ada.client.ask_in(org.id, id, "hello").err().expect("it is refused");
        refused.refused(ErrorCode::Unavailable);
        assert_eq!(ada.client.chat(org.id).used, 0);
    });
}

#[test]
fn a_role_that_changes_ends_nothing() {
    each(|app, _| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let editor = app.member(&org, "Edda", Role::Editor);
        let mut events = editor.client.begin(org.id, "[slow:100][say:a b c d e f g h i j k l]");
        events.first_text();
        let changed = ada.client.patch(&path(org.id, &format!("/members/{}", editor.id)), r#"{"role":"viewer"}"#);
        assert_eq!(changed.status, 200);
        assert_eq!(events.rest().done().text, "a b c d e f g h i j k l");
    });
}

/// Lets a provider ask for data once before and once after a right ended, and checks that it gets no more.
fn looks_no_more(end: impl Fn(&App, &Person, &Org), code: ErrorCode) {
    let provider = RefCell::new(None);
    let start = |settings: Settings| {
        let started = Gated::start();
        let config = ProviderConfig::new(&started.url, "gated", None, true).expect("a provider");
        *provider.borrow_mut() = Some(started);
        settings.with_assistant(config, Limits::default())
    };
    each_with(start, |app| {
        let provider = provider.borrow();
        let provider = provider.as_ref().expect("it was started with the settings");
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let viewer = app.member(&org, "Vera", Role::Viewer);
        ingest(&app.agent(&org), &batch(1, "web-01", now()));
        let events = viewer.client.begin(org.id, "how are you?");
        assert!(!provider.asked().expect("the question").contains("web-01"));
        provider.answer();
        assert!(provider.asked().expect("the question with what was found").contains("web-01"));
        end(app, &viewer, &org);
        // At once: nobody has looked yet whether the right still holds.
        provider.answer();
        let told = events.rest();
        assert_eq!(told.failed().0.code, code);
        assert_eq!(told.events.iter().filter(|event| matches!(event, ChatEvent::Looked { .. })).count(), 1);
        assert_eq!(provider.asked(), None, "nothing more is sent");
    });
}

#[test]
fn each_look_takes_a_session_that_still_lasts() {
    let sign_out = |_: &App, viewer: &Person, _: &Org| viewer.client.delete("/api/v1/sessions/current").done();
    looks_no_more(sign_out, ErrorCode::Unauthenticated);
}

#[test]
fn each_look_takes_an_organization_that_may_still_be_entered() {
    let suspend = |app: &App, _: &Person, org: &Org| app.store().operator("test").suspend(&org.slug).expect("done");
    looks_no_more(suspend, ErrorCode::OrgSuspended);
}
