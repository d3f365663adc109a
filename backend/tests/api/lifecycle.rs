//! Rights that end: everything that hung on them ends with them.

use crate::{
    harness::{batch, each, ingest, now, path},
    http::Credential,
};
use shared::{ErrorCode, Role, org::OrgSummary, token::CreatedToken};

#[test]
fn a_removed_member_loses_session_access_and_the_tokens_they_made() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let admin = app.member(&org, "Adam", Role::Admin);
        let made: CreatedToken =
            admin.client.post(&path(org.id, "/tokens"), r#"{"name":"t","kind":"api","role":"admin"}"#).ok();
        let agent: CreatedToken = admin.client.post(&path(org.id, "/tokens"), r#"{"name":"a","kind":"agent"}"#).ok();
        let token = app.client(Credential::Token(made.secret));
        let agent = app.client(Credential::Token(agent.secret));
        assert_eq!(token.get(&path(org.id, "/hosts")).status, 200);
        ingest(&agent, &batch(1, "web-01", now()));
        ada.client.delete(&path(org.id, &format!("/members/{}", admin.id))).done();
        admin.client.get(&path(org.id, "/hosts")).refused(ErrorCode::NotFound);
        assert!(admin.client.get("/api/v1/orgs").ok::<Vec<OrgSummary>>().is_empty());
        token.get(&path(org.id, "/hosts")).refused(ErrorCode::Unauthenticated);
        agent.post("/api/v1/ingest/reports", "{}").refused(ErrorCode::Unauthenticated);
    });
}

#[test]
fn a_lower_role_counts_at_once_for_the_session_and_for_the_tokens() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let admin = app.member(&org, "Adam", Role::Admin);
        let made: CreatedToken =
            admin.client.post(&path(org.id, "/tokens"), r#"{"name":"t","kind":"api","role":"admin"}"#).ok();
        let token = app.client(Credential::Token(made.secret));
        ada.client
            .patch(&path(org.id, &format!("/members/{}", admin.id)), r#"{"role":"viewer"}"#)
            .ok::<shared::org::Member>();
        for client in [&admin.client, &token] {
            client.get(&path(org.id, "/tokens")).refused(ErrorCode::RoleRequired);
            assert_eq!(client.get(&path(org.id, "/hosts")).status, 200);
        }
    });
}

#[test]
fn a_suspended_organization_is_closed_for_its_members_and_does_not_exist_for_others() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let agent = app.agent(&org);
        let stranger = app.person("Stranger").client;
        app.store().operator("test").suspend("acme").expect("it can be suspended");
        for rest in ["", "/bootstrap", "/hosts", "/members", "/tokens", "/billing", "/shares", "/live"] {
            let problem = ada.client.get(&path(org.id, rest)).refused(ErrorCode::OrgSuspended);
            assert!(problem.detail.contains("suspended"), "{rest}");
            stranger.get(&path(org.id, rest)).refused(ErrorCode::NotFound);
        }
        agent.post("/api/v1/ingest/reports", "{}").refused(ErrorCode::OrgSuspended);
        app.store().operator("test").resume("acme").expect("it can be resumed");
        assert_eq!(ada.client.get(&path(org.id, "/hosts")).status, 200);
        ingest(&agent, &batch(1, "web-01", now()));
    });
}

#[test]
fn the_tokens_of_a_deleted_organization_are_dead() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let agent = app.agent(&org);
        ingest(&agent, &batch(1, "web-01", now()));
        ada.client.delete(&path(org.id, "?confirm=acme")).done();
        let answer = agent.post("/api/v1/ingest/reports", "{}");
        assert!(matches!(answer.status, 401 | 404 | 410), "{}", answer.text());
    });
}
