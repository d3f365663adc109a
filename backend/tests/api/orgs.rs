//! Organizations, members and tokens.

use crate::harness::{each, path};
use serde_json::json;
use shared::{
    ErrorCode, Role,
    org::{Bootstrap, Member, Org, OrgSummary},
    token::{CreatedToken, Token, TokenKind},
};

#[test]
fn a_person_creates_an_organization_and_owns_it() {
    each(|app| {
        let ada = app.person("Ada");
        let answer = ada.client.post("/api/v1/orgs", r#"{"name":"Globex Research"}"#);
        let org: Org = answer.ok();
        assert_eq!((answer.status, org.slug.as_str()), (201, "globex-research"));
        assert_eq!(answer.header("x-org-id"), Some(org.id.to_string().as_str()));
        let orgs: Vec<OrgSummary> = ada.client.get("/api/v1/orgs").ok();
        assert_eq!((orgs.len(), orgs[0].role), (1, Role::Owner));
        let taken =
            ada.client.post("/api/v1/orgs", r#"{"name":"X","slug":"globex-research"}"#).refused(ErrorCode::Conflict);
        assert_eq!(taken.errors[0].pointer, "/slug");
        for body in [
            r#"{"name":" "}"#,
            r#"{"name":"X","slug":"-x"}"#,
            r#"{"name":"X","slug":"api"}"#,
            r#"{"name":"X","colour":"beige"}"#,
        ] {
            let problem = ada.client.post("/api/v1/orgs", body).refused(ErrorCode::Invalid);
            assert!(!problem.errors.is_empty(), "{body}");
        }
    });
}

#[test]
fn a_bootstrap_is_found_by_id_slug_and_former_slug() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let renamed = ada.client.with("if-match", "*").patch(&path(org.id, ""), r#"{"slug":"acme-hosting"}"#);
        assert_eq!(renamed.ok::<Org>().slug, "acme-hosting");
        for name in [org.id.to_string(), "acme-hosting".to_owned(), "acme".to_owned()] {
            let answer = ada.client.get(&format!("/api/v1/orgs/{name}/bootstrap"));
            let bootstrap: Bootstrap = answer.ok();
            assert_eq!((bootstrap.org.id, bootstrap.org.slug.as_str()), (org.id, "acme-hosting"));
            assert_eq!((bootstrap.role, bootstrap.plan.key.as_str()), (Role::Owner, "community"));
            assert_eq!(bootstrap.summary.hosts.hosts, 0);
            assert_eq!(answer.header("x-org-id"), Some(org.id.to_string().as_str()));
        }
    });
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let read = ada.client.get(&path(org.id, ""));
        let tag = read.header("etag").expect("a tag").to_owned();
        let change = |tag: &str, body: &str| ada.client.with("if-match", tag).patch(&path(org.id, ""), body);
        ada.client.patch(&path(org.id, ""), r#"{"name":"B"}"#).refused(ErrorCode::PreconditionRequired);
        let changed = change(&tag, r#"{"name":"B"}"#);
        assert_eq!(changed.ok::<Org>().name, "B");
        assert_ne!(changed.header("etag"), Some(tag.as_str()));
        change(&tag, r#"{"name":"C"}"#).refused(ErrorCode::PreconditionFailed);
        change("\"nonsense\"", r#"{"name":"C"}"#).refused(ErrorCode::PreconditionFailed);
        let version = changed.ok::<Org>().version;
        assert_eq!(change(&format!("\"{version}\""), r#"{"name":"C"}"#).ok::<Org>().name, "C");
        let other = app.org("globex", &ada);
        let foreign = ada.client.get(&path(other.id, "")).header("etag").expect("a tag").to_owned();
        change(&foreign, r#"{"name":"D"}"#).refused(ErrorCode::PreconditionFailed);
    });
}

#[test]
fn deleting_takes_the_slug_and_then_only_former_members_are_told() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let stranger = app.person("Stranger").client;
        ada.client.delete(&path(org.id, "")).refused(ErrorCode::Invalid);
        ada.client.delete(&path(org.id, "?confirm=globex")).refused(ErrorCode::Invalid);
        assert_eq!(ada.client.get(&path(org.id, "")).status, 200);
        ada.client.delete(&path(org.id, "?confirm=acme")).done();
        ada.client.get(&path(org.id, "/hosts")).refused(ErrorCode::OrgDeleted);
        let foreign = stranger.get(&path(org.id, "/hosts"));
        foreign.refused(ErrorCode::NotFound);
        assert!(ada.client.get("/api/v1/orgs").ok::<Vec<OrgSummary>>().is_empty());
    });
}

#[test]
fn members_are_managed_by_those_who_stand_no_lower() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let admin = app.member(&org, "Adam", Role::Admin);
        let viewer = app.member(&org, "Vera", Role::Viewer);
        let new = app.person("New");
        let members = path(org.id, "/members");
        let add =
            |email: &str, role: &str| admin.client.post(&members, &json!({ "email": email, "role": role }).to_string());
        add("nobody@example.org", "viewer").refused(ErrorCode::AccountNotFound);
        add(&new.email, "owner").refused(ErrorCode::RoleRequired);
        let added: Member = add(&new.email.to_uppercase(), "editor").ok();
        assert_eq!((added.user_id, added.role, added.you), (new.id, Role::Editor, false));
        add(&new.email, "editor").refused(ErrorCode::Conflict);
        let one = |id| path(org.id, &format!("/members/{id}"));
        admin.client.patch(&one(ada.id), r#"{"role":"viewer"}"#).refused(ErrorCode::RoleRequired);
        admin.client.delete(&one(ada.id)).refused(ErrorCode::RoleRequired);
        ada.client.patch(&one(ada.id), r#"{"role":"admin"}"#).refused(ErrorCode::Conflict);
        ada.client.delete(&one(ada.id)).refused(ErrorCode::Conflict);
        viewer.client.delete(&one(new.id)).refused(ErrorCode::RoleRequired);
        viewer.client.delete(&one(viewer.id)).done();
        viewer.client.get(&members).refused(ErrorCode::NotFound);
        admin.client.delete(&one(new.id)).done();
        admin.client.delete(&one(new.id)).refused(ErrorCode::NotFound);
        let list: Vec<Member> = admin.client.get(&members).ok();
        assert_eq!(
            list.iter().filter(|member| member.you).map(|member| member.user_id).collect::<Vec<_>>(),
            [admin.id]
        );
        assert_eq!(list.len(), 2);
    });
}

#[test]
fn a_token_is_shown_once_acts_in_one_organization_and_ends_when_revoked() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        let tokens = path(org.id, "/tokens");
        let answer = ada.client.post(&tokens, r#"{"name":"CI","kind":"api","role":"editor"}"#);
        let created: CreatedToken = answer.ok();
        assert!(created.secret.starts_with("bh_org_"));
        let listed = ada.client.get(&tokens);
        assert!(!listed.text().contains(&created.secret), "the list does not show secrets");
        assert_eq!(listed.ok::<Vec<Token>>().len(), 1);
        let client = app.client(crate::http::Credential::Token(created.secret));
        assert_eq!(client.get(&path(org.id, "/hosts")).status, 200);
        client.get(&path(other.id, "/hosts")).refused(ErrorCode::NotFound);
        client.get(&tokens).refused(ErrorCode::RoleRequired);
        let one = |org, id| path(org, &format!("/tokens/{id}"));
        ada.client.delete(&one(other.id, created.token.id)).refused(ErrorCode::NotFound);
        ada.client.delete(&one(org.id, created.token.id)).done();
        client.get(&path(org.id, "/hosts")).refused(ErrorCode::Unauthenticated);
    });
}

#[test]
fn nobody_makes_a_token_above_their_own_role() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let admin = app.member(&org, "Adam", Role::Admin);
        let tokens = path(org.id, "/tokens");
        admin.client.post(&tokens, r#"{"name":"x","kind":"api","role":"owner"}"#).refused(ErrorCode::RoleRequired);
        let by_token = app.token(&org, TokenKind::Api, Role::Owner);
        by_token.post(&tokens, r#"{"name":"x","kind":"api"}"#).refused(ErrorCode::TokenKind);
    });
}
