//! What every request has in common: headers, problems, limits.

use crate::harness::{each, path};
use serde_json::json;
use shared::{ErrorCode, Role};

#[test]
fn every_answer_of_the_api_stays_out_of_caches_and_names_its_request() {
    each(|app| {
        let owner = app.person("Olga");
        let org = app.org("acme", &owner);
        let answers = [
            owner.client.get("/api/v1/me"),
            owner.client.get(&path(org.id, "/hosts")),
            owner.client.get("/api/v1/me/x.css"),
            owner.client.get("/api/v1/orgs/none/hosts"),
            app.anonymous().get("/api/v1/me"),
            app.anonymous().get("/api/nothing"),
            app.anonymous().get("/api"),
            owner.client.send("PUT", "/api/v1/me", None),
        ];
        for answer in answers {
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", answer.text());
            assert_eq!(answer.header("vary"), Some("cookie, authorization"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert!(
                answer
                    .header("content-security-policy")
                    .is_some_and(|policy| policy.contains("frame-ancestors 'none'"))
            );
            assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 20));
            assert!(answer.header("access-control-allow-origin").is_none());
        }
    });
}

#[test]
fn paths_methods_and_bodies_that_do_not_fit_are_problems() {
    each(|app| {
        let owner = app.person("Olga");
        let org = app.org("acme", &owner);
        let client = &owner.client;
        client.get("/api/v1/nothing").refused(ErrorCode::NotFound);
        client.get("/nothing").refused(ErrorCode::NotFound);
        client.send("PUT", "/api/v1/me", None).refused(ErrorCode::MethodNotAllowed);
        assert_eq!(client.send("PUT", "/api/v1/orgs", None).header("allow"), Some("GET, POST"));
        let tokens = path(org.id, "/tokens");
        client.post(&tokens, "{\"name\":").refused(ErrorCode::Malformed);
        client.post(&tokens, "").refused(ErrorCode::Malformed);
        client.post(&tokens, &"[".repeat(10_000)).refused(ErrorCode::Malformed);
        client.post(&tokens, r#"{"name":"a","name":"b","kind":"api"}"#).refused(ErrorCode::Malformed);
        client.post(&tokens, &format!("{{\"name\":\"{}\"}}", "x".repeat(70_000))).refused(ErrorCode::TooLarge);
        client.with("content-type", "text/plain").post(&tokens, "{}").refused(ErrorCode::UnsupportedMediaType);
        client.with("content-encoding", "gzip").post(&tokens, "{}").refused(ErrorCode::UnsupportedMediaType);
        for query in ["limit=0", "limit=501", "limit=-1", "limit=x", "cursor=nonsense", "offset=3", "limit=1&limit=2"] {
            client.get(&path(org.id, &format!("/hosts?{query}"))).refused(ErrorCode::Malformed);
        }
    });
}

#[test]
fn fields_that_decide_about_tenancy_are_not_taken_from_a_body() {
    each(|app| {
        let (owner, other) = (app.person("Olga"), app.person("Bob"));
        let (org, foreign) = (app.org("acme", &owner), app.org("globex", &other));
        let fields = [
            "org_id",
            "orgId",
            "organization_id",
            "tenant_id",
            "owner_id",
            "created_by",
            "plan",
            "id",
            "status",
            "version",
        ];
        let bodies = [
            ("POST", path(org.id, "/tokens"), json!({ "name": "t", "kind": "api" })),
            ("POST", path(org.id, "/members"), json!({ "email": "bob@example.org", "role": "viewer" })),
            ("PATCH", path(org.id, ""), json!({ "description": "x" })),
            ("POST", "/api/v1/orgs".to_owned(), json!({ "name": "New" })),
        ];
        for (method, path, body) in bodies {
            for field in fields {
                let mut body = body.clone();
                body[field] = json!(foreign.id);
                let client = owner.client.with("if-match", "*");
                client.send(method, &path, Some(body.to_string().as_bytes())).refused(ErrorCode::Malformed);
            }
        }
        assert_eq!(app.store().operator("test").list_orgs().expect("readable").len(), 2, "nothing was made");
    });
}

#[test]
fn a_header_that_names_another_organization_is_a_conflict_for_members_only() {
    each(|app| {
        let owner = app.person("Olga");
        let (org, second) = (app.org("acme", &owner), app.org("acme-two", &owner));
        let stranger = app.person("Stranger").client;
        let viewer = app.member(&org, "Vera", Role::Viewer).client;
        for header in ["x-org-id", "x-scope-orgid"] {
            for value in
                [second.id.to_string(), "nonsense".to_owned(), format!("{}|{}", org.id, second.id), String::new()]
            {
                let problem =
                    owner.client.with(header, &value).get(&path(org.id, "/hosts")).refused(ErrorCode::OrgMismatch);
                assert_eq!(problem.org, Some(org.id));
                viewer.with(header, &value).get(&path(org.id, "/tokens")).refused(ErrorCode::OrgMismatch);
                stranger.with(header, &value).get(&path(org.id, "/hosts")).refused(ErrorCode::NotFound);
            }
            let agreeing = owner.client.with(header, &org.id.to_string());
            assert_eq!(agreeing.get(&path(org.id, "/hosts")).status, 200);
            agreeing.with(header, &second.id.to_string()).get(&path(org.id, "/hosts")).refused(ErrorCode::OrgMismatch);
        }
        let agent = app.agent(&org).with("x-org-id", &second.id.to_string());
        agent.post("/api/v1/ingest/reports", "{}").refused(ErrorCode::OrgMismatch);
    });
}

#[test]
fn a_write_from_a_page_of_another_site_does_nothing() {
    each(|app| {
        let owner = app.person("Olga");
        let org = app.org("acme", &owner);
        let own = format!("http://{}", app.address);
        let evil = owner.client.with("origin", "https://evil.example");
        evil.with("if-match", "*").patch(&path(org.id, ""), r#"{"name":"Taken"}"#).refused(ErrorCode::ForeignOrigin);
        evil.delete(&format!("{}?confirm=acme", path(org.id, ""))).refused(ErrorCode::ForeignOrigin);
        evil.post("/api/v1/orgs", r#"{"name":"Planted"}"#).refused(ErrorCode::ForeignOrigin);
        evil.delete("/api/v1/sessions/current").refused(ErrorCode::ForeignOrigin);
        owner.client.with("sec-fetch-site", "cross-site").post("/api/v1/orgs", "{}").refused(ErrorCode::ForeignOrigin);
        let sign_in = app.anonymous().with("origin", "https://evil.example");
        sign_in.post("/api/v1/sessions", r#"{"email":"a","password":"b"}"#).refused(ErrorCode::ForeignOrigin);
        assert_eq!(owner.client.get(&path(org.id, "")).ok::<shared::org::Org>().name, org.name);
        let same = owner.client.with("origin", &own).with("if-match", "*");
        assert_eq!(same.patch(&path(org.id, ""), r#"{"name":"Renamed"}"#).status, 200);
        let token = app.token(&org, shared::token::TokenKind::Api, Role::Admin).with("origin", "https://evil.example");
        assert_eq!(token.with("if-match", "*").patch(&path(org.id, ""), r#"{"name":"By a token"}"#).status, 200);
    });
}

#[test]
fn signs_of_life_and_the_document_are_there_for_anybody() {
    each(|app| {
        assert_eq!(app.anonymous().get("/healthz").text(), "ok\n");
        assert_eq!(app.anonymous().get("/readyz").text(), "ready\n");
        let document: serde_json::Value = app.anonymous().get("/api/openapi.json").ok();
        assert!(document["paths"]["/api/v1/orgs/{org}/hosts"]["get"].is_object());
        assert_eq!(app.anonymous().get("/metrics").status, 404, "metrics have an address of their own");
    });
}
