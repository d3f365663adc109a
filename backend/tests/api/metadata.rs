//! Notes about hosts, containers and guests over the API.

use crate::harness::{batch, batch_with, each, host_id, ids_of, ingest, now, path};
use serde_json::json;
use shared::{
    ErrorCode, Role,
    metadata::{Metadata, Noted, Subject},
};

#[test]
fn a_note_needs_the_version_that_was_read_and_an_editor() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let (viewer, editor) = (app.member(&org, "Vera", Role::Viewer), app.member(&org, "Edda", Role::Editor));
        ingest(&app.agent(&org), &batch(1, "web-01", now()));
        let place = path(org.id, &format!("/hosts/{}/metadata", host_id(1)));
        let put =
            |tag: &str, body: &str| editor.client.with("if-match", tag).send("PUT", &place, Some(body.as_bytes()));
        let read = viewer.client.get(&place);
        assert_eq!(read.ok::<Metadata>(), Metadata::default());
        let tag = read.header("etag").expect("a tag").to_owned();
        let body = json!({ "url": "https://example.org", "description": "Front end", "tags": ["web"] }).to_string();
        editor.client.send("PUT", &place, Some(body.as_bytes())).refused(ErrorCode::PreconditionRequired);
        viewer
            .client
            .with("if-match", &tag)
            .send("PUT", &place, Some(body.as_bytes()))
            .refused(ErrorCode::RoleRequired);
        let noted = put(&tag, &body);
        assert_eq!(noted.ok::<Metadata>().updated_by.as_deref(), Some("Edda"));
        assert_ne!(noted.header("etag"), Some(tag.as_str()));
        put(&tag, &body).refused(ErrorCode::PreconditionFailed);
        let all: Vec<Noted> = viewer.client.get(&path(org.id, "/metadata")).ok();
        let about = Subject::Host(host_id(1));
        assert_eq!((all.len(), all[0].subject, all[0].metadata.description.as_str()), (1, about, "Front end"));
        let missing = path(org.id, &format!("/hosts/{}/metadata", host_id(2)));
        viewer.client.get(&missing).refused(ErrorCode::NotFound);
        editor.client.with("if-match", "*").send("PUT", &missing, Some(body.as_bytes())).refused(ErrorCode::NotFound);
    });
}

#[test]
fn what_cannot_be_noted_is_refused_by_field_and_nothing_is_changed() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        ingest(&app.agent(&org), &batch(1, "web-01", now()));
        let place = path(org.id, &format!("/hosts/{}/metadata", host_id(1)));
        let put = |body: &str| ada.client.with("if-match", "*").send("PUT", &place, Some(body.as_bytes()));
        let tags = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
        for (body, pointer) in [
            (json!({ "url": "javascript:alert(document.cookie)" }), "/url"),
            (json!({ "url": "https://me:secret@example.org" }), "/url"),
            (json!({ "description": "evil \u{202e}live" }), "/description"),
            (json!({ "tags": tags(33) }), "/tags"),
            (json!({ "notes": "x".repeat(10_001) }), "/notes"),
        ] {
            let problem = put(&body.to_string()).refused(ErrorCode::Invalid);
            assert_eq!(problem.errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), [pointer]);
        }
        put(&json!({ "tags": tags(10_000) }).to_string()).refused(ErrorCode::TooLarge);
        put(&json!({ "notes": "x".repeat(1 << 20) }).to_string()).refused(ErrorCode::TooLarge);
        put(r#"{"colour":"red"}"#).refused(ErrorCode::Malformed);
        assert_eq!(ada.client.get(&place).ok::<Metadata>(), Metadata::default());
    });
}

#[test]
fn notes_of_one_organization_are_no_other_ones() {
    each(|app| {
        let (ada, bob) = (app.person("Ada"), app.person("Bob"));
        let (own, other) = (app.org("own", &ada), app.org("other", &bob));
        for org in [&own, &other] {
            ingest(&app.agent(org), &batch(1, "web-01", now()));
        }
        let place = |org| path(org, &format!("/hosts/{}/metadata", host_id(1)));
        let body = r#"{"description":"canary of the other"}"#;
        let noted = bob.client.with("if-match", "*").send("PUT", &place(other.id), Some(body.as_bytes()));
        let tag = noted.header("etag").expect("a tag");
        assert_eq!(ada.client.get(&place(own.id)).ok::<Metadata>(), Metadata::default());
        assert!(!ada.client.get(&path(own.id, "/metadata")).text().contains("canary"));
        // A tag of one organization means nothing in another.
        let refused = ada.client.with("if-match", tag).send("PUT", &place(own.id), Some(b"{}"));
        refused.refused(ErrorCode::PreconditionFailed);
        ada.client.get(&place(other.id)).refused(ErrorCode::NotFound);
    });
}

#[test]
fn containers_and_guests_have_notes_as_hosts_do() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let (viewer, editor) = (app.member(&org, "Vera", Role::Viewer), app.member(&org, "Edda", Role::Editor));
        ingest(&app.agent(&org), &batch_with(1, "web-01", now(), "db", "postgres:16.4"));
        let (container, guest) = ids_of(&viewer.client, &org, "db");
        let missing = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f";
        for (kind, id) in [("containers", container.to_string()), ("guests", guest.to_string())] {
            let place = path(org.id, &format!("/{kind}/{id}/metadata"));
            let read = viewer.client.get(&place);
            assert_eq!(read.ok::<Metadata>(), Metadata::default());
            let tag = read.header("etag").expect("a tag").to_owned();
            let body = json!({ "description": "The shop's", "tags": ["shop"] }).to_string();
            let put =
                |tag: &str, body: &str| editor.client.with("if-match", tag).send("PUT", &place, Some(body.as_bytes()));
            editor.client.send("PUT", &place, Some(body.as_bytes())).refused(ErrorCode::PreconditionRequired);
            viewer
                .client
                .with("if-match", &tag)
                .send("PUT", &place, Some(body.as_bytes()))
                .refused(ErrorCode::RoleRequired);
            assert_eq!(put(&tag, &body).ok::<Metadata>().updated_by.as_deref(), Some("Edda"));
            put(&tag, &body).refused(ErrorCode::PreconditionFailed);
            let tags = (0..10_000).map(|number| number.to_string()).collect::<Vec<_>>();
            for (bad, code) in [
                (json!({ "notes": "x".repeat(1 << 20) }), ErrorCode::TooLarge),
                (json!({ "tags": tags }), ErrorCode::TooLarge),
                (json!({ "notes": "x".repeat(10_001) }), ErrorCode::Invalid),
                (json!({ "notes": "ring\u{7}" }), ErrorCode::Invalid),
                (json!({ "description": "evil \u{202e}live" }), ErrorCode::Invalid),
                (json!({ "tags": ["\u{200f}"] }), ErrorCode::Invalid),
            ] {
                let problem = put("*", &bad.to_string()).refused(code);
                assert!(!problem.detail.is_empty());
            }
            let kept: Metadata = viewer.client.get(&place).ok();
            assert_eq!((kept.version, kept.description.as_str()), (1, "The shop's"));
            for unknown in [missing, "nonsense"] {
                let place = path(org.id, &format!("/{kind}/{unknown}/metadata"));
                viewer.client.get(&place).refused(ErrorCode::NotFound);
                editor.client.with("if-match", "*").send("PUT", &place, Some(b"{}")).refused(ErrorCode::NotFound);
            }
        }
        let all: Vec<Noted> = viewer.client.get(&path(org.id, "/metadata")).ok();
        let subjects: Vec<_> = all.iter().map(|noted| noted.subject).collect();
        assert_eq!(subjects, [Subject::Container(container), Subject::Guest(guest)]);
    });
}
