//! Conversations: whose they are, and what is kept of them.

use super::{each, sent};
use crate::{
    events::assistant,
    harness::{batch, host_id, ingest, now, path},
};
use serde_json::json;
use shared::{
    ErrorCode, Role,
    assistant::{Chat, ChatEvent, Outcome, Speaker},
    feature::{Feature, FeatureState},
    metadata::Subject,
    org::Bootstrap,
    token::TokenKind,
};

#[test]
fn a_question_is_kept_counted_looked_into_and_answered_in_a_stream() {
    each(|app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let viewer = app.member(&org, "Vera", Role::Viewer).client;
        ingest(&app.agent(&org), &batch(1, "web-01", now()));
        let begun = viewer.chat(org.id);
        assert_eq!((begun.messages.len(), begun.used, begun.limit), (0, 0, None));
        let mut events = viewer.begin(org.id, " how are you? [lookup:list_hosts] ");
        let header = |name: &str| {
            let found = events.headers.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        assert_eq!(header("content-type"), "application/x-ndjson");
        assert_eq!(header("x-org-id"), org.id.to_string());
        assert_eq!((header("cache-control").as_str(), header("x-accel-buffering").as_str()), ("no-store", "no"));
        assert_eq!(header("content-encoding"), "");
        let Some(ChatEvent::Asked { message: asked }) = events.next() else { panic!("the question comes first") };
        assert_eq!(
            (asked.seq, asked.speaker, asked.text.as_str()),
            (1, Speaker::Person, "how are you? [lookup:list_hosts]")
        );
        let Some(ChatEvent::Looked { lookup }) = events.next() else { panic!("then what was looked at") };
        assert_eq!((lookup.title.as_str(), lookup.records), ("Listed hosts", 1));
        assert_eq!(lookup.subjects[0].subject, Subject::Host(host_id(1)));
        let told = events.rest();
        let texts = told.events.iter().filter_map(|event| match event {
            ChatEvent::Text { text } => Some(text.as_str()),
            _ => None,
        });
        assert_eq!(texts.collect::<String>(), "I found: web-01.");
        let answer = told.done();
        assert_eq!((answer.text.as_str(), answer.outcome, answer.seq), ("I found: web-01.", Outcome::Complete, 2));
        let chat = viewer.chat(org.id);
        assert_eq!((chat.messages, chat.id, chat.used), (vec![asked, answer.clone()], begun.id, 1));
        // The next question goes with what was said before it.
        viewer.ask(org.id, "[say:again]").done();
        assert!(sent(provider).contains("I found: web-01."));
        let body = provider.asked().last().expect("asked").body.clone();
        let instructions = body["messages"][0]["content"].as_str().expect("instructions come first").to_owned();
        assert!(instructions.contains("The acme organization") && instructions.contains("(host:ID)"), "{instructions}");
        assert_eq!((&body["model"], body["tools"].as_array().map(Vec::len)), (&json!("scripted-model"), Some(6)));
        let features = viewer.get(&path(org.id, "/bootstrap")).ok::<Bootstrap>().features;
        let state = features.iter().find(|info| info.feature == Feature::Assistant).map(|info| info.state);
        assert_eq!(state, Some(FeatureState::Available));
    });
}

#[test]
fn nobody_else_sees_a_conversation_and_a_token_has_none() {
    each(|app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let viewer = app.member(&org, "Vera", Role::Viewer).client;
        viewer.ask(org.id, "[say:CANARY of Vera]").done();
        let id = viewer.chat(org.id).id;
        for (other, used) in [(&ada.client, 1), (&app.member(&org, "Adam", Role::Admin).client, 2)] {
            let chat = other.chat(org.id);
            assert_eq!((chat.messages, chat.used), (vec![], used), "the organization's questions are counted together");
            let refused = other.ask_in(org.id, id, "what did I say?").err().expect("it is refused");
            refused.refused(ErrorCode::Conflict);
            other.ask(org.id, "what was said before?").done();
            other.delete(&assistant(org.id)).done();
        }
        let last = provider.asked().last().expect("asked").body.to_string();
        assert!(!last.contains("CANARY"), "{last}");
        assert_eq!(viewer.chat(org.id).messages.len(), 2);
        let before = provider.asked().len();
        for role in Role::ALL {
            let token = app.token(&org, TokenKind::Api, role);
            let place = assistant(org.id);
            let question = json!({ "chat": id, "text": "hello" }).to_string();
            for answer in [
                token.get(&place),
                token.patch(&place, "{}"),
                token.delete(&place),
                token.post(&format!("{place}/messages"), &question),
            ] {
                answer.refused(ErrorCode::TokenKind);
            }
        }
        let stranger = app.person("Stranger").client;
        let question = json!({ "chat": id, "text": "hello" }).to_string();
        let asked = |org: &str| stranger.post(&format!("/api/v1/orgs/{org}/assistant/messages"), &question);
        let (foreign, missing) = (asked(&org.id.to_string()), asked("0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f"));
        foreign.refused(ErrorCode::NotFound);
        assert_eq!(foreign.comparable(), missing.comparable());
        assert_eq!(provider.asked().len(), before, "nothing of it reached the provider");
    });
}

#[test]
fn a_conversation_that_is_over_takes_no_more() {
    each(|app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let before = ada.client.chat(org.id).id;
        let mut events = ada.client.begin(org.id, "[slow:20][say:one two three four five six seven eight nine ten]");
        events.first_text();
        ada.client.delete(&assistant(org.id)).done();
        let told = events.rest();
        let (problem, message) = told.failed();
        assert_eq!((problem.code, message), (ErrorCode::Conflict, None), "what was asked before is answered to nobody");
        let anew = ada.client.chat(org.id);
        assert!(anew.id != before && anew.messages.is_empty());
        let refused = ada.client.ask_in(org.id, before, "hello").err().expect("it is refused");
        assert!(refused.refused(ErrorCode::Conflict).detail.contains("new one"));
        assert_eq!((anew.used, provider.asked().len()), (1, 1));
    });
}

#[test]
fn what_was_typed_and_attached_is_there_again_and_goes_with_the_question() {
    each(|app, provider| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        ingest(&app.agent(&org), &batch(1, "web-01", now()));
        ingest(&app.agent(&other), &batch(2, "web-02", now()));
        let place = assistant(org.id);
        let about = |number: u128| json!({ "kind": "host", "id": host_id(number) });
        let both = json!({ "draft": "is it\nfine ", "context": [about(1)] }).to_string();
        let kept: Chat = ada.client.patch(&place, &both).ok();
        assert_eq!((kept.draft.as_str(), kept.context.as_slice()), ("is it\nfine ", &[Subject::Host(host_id(1))][..]));
        let foreign = ada.client.patch(&place, &json!({ "context": [about(2)] }).to_string());
        let missing = ada.client.patch(&place, &json!({ "context": [about(3)] }).to_string());
        assert_eq!(foreign.refused(ErrorCode::Invalid).errors[0].pointer, "/context");
        assert_eq!(foreign.comparable(), missing.comparable());
        ada.client.patch(&place, r#"{"colour":"red"}"#).refused(ErrorCode::Malformed);
        assert_eq!(app.sign_in(ada.id, 60).chat(org.id), kept, "on another device too");
        assert_eq!(ada.client.chat(other.id).context, []);
        ada.client.ask(org.id, "is it fine?").done();
        let sent = sent(provider);
        assert!(sent.contains("web-01") && sent.contains(&host_id(1).to_string()) && !sent.contains("web-02"));
        let chat = ada.client.chat(org.id);
        assert_eq!(
            (chat.draft.as_str(), chat.context),
            ("", kept.context),
            "the draft is sent, what it is about stays"
        );
    });
}

#[test]
fn a_question_that_makes_no_sense_is_refused_by_field_and_not_counted() {
    each(|app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let id = ada.client.chat(org.id).id;
        for bad in ["", "  \n ", &"é".repeat(8_001), "ring\u{7}", "evil \u{202e}live"] {
            let refused = ada.client.ask_in(org.id, id, bad).err().expect("it is refused");
            assert_eq!(refused.refused(ErrorCode::Invalid).errors[0].pointer, "/text");
        }
        let post = |body: &str| ada.client.post(&format!("{}/messages", assistant(org.id)), body);
        post("{").refused(ErrorCode::Malformed);
        post(&json!({ "chat": id, "text": "x", "org": org.id }).to_string()).refused(ErrorCode::Malformed);
        post(&json!({ "chat": id, "text": "x".repeat(70_000) }).to_string()).refused(ErrorCode::TooLarge);
        let draft = json!({ "draft": "x".repeat(8_001) }).to_string();
        ada.client.patch(&assistant(org.id), &draft).refused(ErrorCode::Invalid);
        assert_eq!((ada.client.chat(org.id).used, provider.connections().opened), (0, 0));
        ada.client.ask(org.id, &"é".repeat(8_000)).done();
    });
}
