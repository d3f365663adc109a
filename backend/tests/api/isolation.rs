//! Two worlds: whatever the attacker asks for, no byte of the victim's organization comes back.

use crate::{
    harness::{batch_with, each, host_id, ids_of, ingest, now, path},
    http::Client,
};
use backend::routes::ROUTES;
use serde_json::json;
use shared::{
    ContainerId, ErrorCode, GuestId, Role,
    org::{Member, Org},
    token::CreatedToken,
};

const CANARY: &str = "CANARYB7f3e";

#[test]
fn no_canary_of_another_organization_is_in_any_answer() {
    each(|app| {
        let attacker = app.person("Attacker");
        let own = app.org("own", &attacker);
        let victim = app.person(&format!("Victim{CANARY}"));
        let foreign = app.org(&format!("victim-{}", CANARY.to_lowercase()), &victim);
        // The same host in both, and on it a container and a guest with the same ids.
        ingest(&app.agent(&foreign), &batch_with(1, &format!("host-{CANARY}"), now(), "same", CANARY));
        ingest(&app.agent(&own), &batch_with(1, "host-own", now(), "same", "own"));
        let (container, guest) = ids_of(&victim.client, &foreign, "same");
        assert_eq!(ids_of(&attacker.client, &own, "same"), (container, guest), "the fixture is right");
        for thing in things(container, guest) {
            let body = json!({ "description": CANARY }).to_string();
            let place = path(foreign.id, &format!("{thing}/metadata"));
            assert_eq!(victim.client.with("if-match", "*").send("PUT", &place, Some(body.as_bytes())).status, 200);
        }
        let token: CreatedToken = victim
            .client
            .post(&path(foreign.id, "/tokens"), &json!({ "name": CANARY, "kind": "api", "role": "admin" }).to_string())
            .ok();
        let everything = |client: &Client, org: &Org| everything(client, org, &things(container, guest));
        let before = everything(&victim.client, &foreign);
        assert!(before.contains(CANARY), "the fixture is right");
        // Each id of the victim's in each place of each route, on the attacker's path and on the victim's.
        let mut asked = 0;
        for route in ROUTES {
            for org in [own.id.to_string(), foreign.id.to_string(), foreign.slug.clone()] {
                if route.method == "DELETE" && route.path == "/api/v1/orgs/{org}" && org == own.id.to_string() {
                    continue;
                }
                let path = route
                    .path
                    .replace("{org}", &org)
                    .replace("{host}", &host_id(1).to_string())
                    .replace("{container}", &container.to_string())
                    .replace("{guest}", &guest.to_string())
                    .replace("{user}", &victim.id.to_string())
                    .replace("{token}", &token.token.id.to_string())
                    .replace("{session}", "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f");
                if route.method == "DELETE" && path.contains(&format!("{}/hosts", own.id)) {
                    continue;
                }
                for body in [
                    json!({}),
                    json!({ "description": "taken over" }),
                    json!({ "role": "viewer" }),
                    json!({ "name": "x", "kind": "api" }),
                ] {
                    let client = attacker.client.with("if-match", "*");
                    let answer = client.send(route.method, &path, Some(body.to_string().as_bytes()));
                    let seen = format!("{:?} {}", answer.headers, answer.text()).to_lowercase();
                    assert!(!seen.contains(&CANARY.to_lowercase()), "{} {path}: {seen}", route.method);
                    asked += 1;
                }
            }
        }
        assert!(asked > 200);
        assert_eq!(everything(&victim.client, &foreign), before, "nothing of the victim's changed");
    });
}

/// What is below an organization and has notes.
fn things(container: ContainerId, guest: GuestId) -> [String; 3] {
    [format!("/hosts/{}", host_id(1)), format!("/containers/{container}"), format!("/guests/{guest}")]
}

/// All that the victim's organization says of itself, without the clock.
fn everything(client: &Client, org: &Org, things: &[String]) -> String {
    let mut parts = vec![client.get(&path(org.id, "")).text(), client.get(&path(org.id, "/billing")).text()];
    parts.push(client.get(&path(org.id, "/tokens")).text());
    parts.push(client.get(&path(org.id, "/metadata")).text());
    for thing in things {
        parts.push(client.get(&path(org.id, thing)).text());
    }
    let members: Vec<Member> = client.get(&path(org.id, "/members")).ok();
    parts.push(format!("{:?}", members.iter().map(|member| (&member.email, member.role)).collect::<Vec<_>>()));
    parts.join("\n")
}

#[test]
fn a_member_of_both_acts_in_the_organization_of_the_path_with_its_role() {
    each(|app| {
        let owner = app.person("Olga");
        let (admin_here, viewer_there) = (app.org("here", &owner), app.org("there", &owner));
        let both = app.member(&admin_here, "Both", Role::Admin);
        app.store().operator("test").add_member("there", &both.email, Role::Viewer).expect("added");
        let made: CreatedToken = both.client.post(&path(admin_here.id, "/tokens"), r#"{"name":"t","kind":"api"}"#).ok();
        both.client
            .post(&path(viewer_there.id, "/tokens"), r#"{"name":"t","kind":"api"}"#)
            .refused(ErrorCode::RoleRequired);
        let through = path(viewer_there.id, &format!("/tokens/{}", made.token.id));
        both.client.delete(&through).refused(ErrorCode::RoleRequired);
        owner.client.delete(&through).refused(ErrorCode::NotFound);
        let members: Vec<Member> = both.client.get(&path(viewer_there.id, "/members")).ok();
        let own = members.iter().find(|member| member.you).expect("a member");
        assert_eq!((own.role, own.tokens), (Role::Viewer, 0), "what is made here does not count there");
    });
}
