//! Notes about hosts over the API.

use crate::harness::{batch, each, host_id, ingest, now, path};
use serde_json::json;
use shared::{
    ErrorCode, Role,
    metadata::{HostMetadata, Metadata},
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
        let all: Vec<HostMetadata> = viewer.client.get(&path(org.id, "/metadata")).ok();
        assert_eq!((all.len(), all[0].host, all[0].metadata.description.as_str()), (1, host_id(1), "Front end"));
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
