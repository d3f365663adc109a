//! The first run, signing in and out.

use crate::{
    harness::each,
    http::{Answer, Credential},
};
use backend::{passwords, setup_code, throttle::TRIES_PER_ADDRESS};
use serde_json::json;
use shared::{
    ErrorCode,
    account::{Me, SessionInfo, SetupState},
};
use store::NewUser;

fn session_of(answer: &Answer) -> Credential {
    let cookie = answer.header("set-cookie").expect("a cookie is set");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Secure"), "the test server has no TLS: {cookie}");
    let value = cookie.strip_prefix("bulkhead=").and_then(|rest| rest.split(';').next()).expect("the session's cookie");
    Credential::Session(value.to_owned())
}

#[test]
fn the_first_run_makes_one_account_once_and_signs_it_in() {
    each(|app| {
        let nobody = app.anonymous();
        let code = setup_code::ensure(app.store(), app.data.path()).expect("a code").expect("there is no account");
        assert!(nobody.get("/api/v1/setup").ok::<SetupState>().needed);
        let file = app.data.path().join(setup_code::FILE);
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).expect("it is there").permissions());
        assert_eq!(mode & 0o777, 0o600);
        let body = |code: &str, password: &str| {
            json!({ "code": code, "email": "Ada@Example.org", "name": "Ada", "password": password, "org_name": "Acme Hosting" }).to_string()
        };
        nobody
            .post("/api/v1/setup", &body("0000-0000-0000-0000", "a long password"))
            .refused(ErrorCode::WrongSetupCode);
        let short = nobody.post("/api/v1/setup", &body(&code, "short")).refused(ErrorCode::Invalid);
        assert_eq!(short.errors[0].pointer, "/password");
        assert!(nobody.get("/api/v1/setup").ok::<SetupState>().needed, "nothing was made");
        let done = nobody.post("/api/v1/setup", &body(&code.to_lowercase().replace('-', " "), "a long password"));
        assert_eq!(done.status, 201, "{}", done.text());
        let me: Me = app.client(session_of(&done)).get("/api/v1/me").ok();
        assert_eq!((me.account.email.as_str(), me.orgs.len(), me.demo), ("ada@example.org", 1, false));
        assert_eq!((me.orgs[0].slug.as_str(), me.orgs[0].plan.as_str()), ("acme-hosting", "Community"));
        assert!(!file.exists(), "a used code is removed");
        assert!(!nobody.get("/api/v1/setup").ok::<SetupState>().needed);
        let again = nobody.post("/api/v1/setup", &body(&code, "a long password"));
        assert!(matches!(again.problem().code, ErrorCode::Conflict | ErrorCode::WrongSetupCode));
        assert_eq!(setup_code::ensure(app.store(), app.data.path()).expect("readable"), None);
    });
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_one_answer() {
    each(|app| {
        let password_hash = passwords::hash("a long password");
        let user =
            NewUser { email: "ada@example.org".to_owned(), name: "Ada".to_owned(), password_hash, is_operator: false };
        app.store().operator("test").create_user(user).expect("new");
        let sign_in = |email: &str, password: &str| {
            app.anonymous().post("/api/v1/sessions", &json!({ "email": email, "password": password }).to_string())
        };
        let wrong = sign_in("ada@example.org", "another password");
        wrong.refused(ErrorCode::WrongCredentials);
        assert_eq!(sign_in("nobody@example.org", "another password").comparable(), wrong.comparable());
        let right = sign_in(" ADA@example.org ", "a long password");
        let right = if right.status == 200 { right } else { sign_in("ADA@example.org", "a long password") };
        assert_eq!(right.ok::<Me>().account.name, "Ada");
        assert_eq!(app.client(session_of(&right)).get("/api/v1/me").status, 200);
    });
}

#[test]
fn guessing_is_slowed_down() {
    each(|app| {
        let guess = |email: &str| {
            app.anonymous()
                .post("/api/v1/sessions", &json!({ "email": email, "password": "x".repeat(2_000) }).to_string())
        };
        for _ in 0..TRIES_PER_ADDRESS {
            guess("ada@example.org").refused(ErrorCode::WrongCredentials);
        }
        let refused = guess("ada@example.org");
        let problem = refused.refused(ErrorCode::RateLimited);
        assert_eq!(refused.header("retry-after").map(str::to_owned), problem.retry_after_s.map(|s| s.to_string()));
        guess("bob@example.org").refused(ErrorCode::WrongCredentials);
    });
}

#[test]
fn a_session_ends_when_it_is_revoked_and_others_go_on() {
    each(|app| {
        let ada = app.person("Ada");
        let second = app.sign_in(ada.id, 3_600);
        let bob = app.person("Bob");
        let sessions: Vec<SessionInfo> = ada.client.get("/api/v1/sessions").ok();
        assert_eq!((sessions.len(), sessions.iter().filter(|session| session.current).count()), (2, 1));
        let own = sessions.iter().find(|session| session.current).expect("the one that asks");
        let other = sessions.iter().find(|session| !session.current).expect("the second one");
        let foreign = bob.client.delete(&format!("/api/v1/sessions/{}", own.id));
        let missing = bob.client.delete("/api/v1/sessions/0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f");
        foreign.refused(ErrorCode::NotFound);
        assert_eq!(foreign.comparable(), missing.comparable());
        ada.client.delete(&format!("/api/v1/sessions/{}", other.id)).done();
        second.get("/api/v1/me").refused(ErrorCode::Unauthenticated);
        assert_eq!(ada.client.get("/api/v1/me").status, 200);
        let out = ada.client.delete("/api/v1/sessions/current");
        out.done();
        assert!(out.header("set-cookie").is_some_and(|cookie| cookie.starts_with("bulkhead=; Max-Age=0")));
        ada.client.get("/api/v1/me").refused(ErrorCode::Unauthenticated);
    });
}
