//! Every route of the URL map, asked by every kind of caller.

use crate::{
    harness::{App, each, path},
    http::{Answer, Client},
};
use authz::required_role;
use backend::routes::{Access, ROUTES, Route};
use shared::{ErrorCode, OrgId, Role, org::Org, token::TokenKind};
use uuid::Uuid;

/// A path and a body with which a route can be asked in an organization. A route that is missing here fails the tests.
fn example(route: &Route, org: &str) -> (String, Option<&'static str>) {
    let some_id = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f";
    let mut path = route.path.replace("{org}", org);
    for parameter in ["{host}", "{container}", "{guest}", "{user}", "{token}", "{session}"] {
        path = path.replace(parameter, some_id);
    }
    assert!(!path.contains('{'), "{} has a parameter that the table does not know", route.path);
    let body = match (route.method, route.path) {
        ("POST", "/api/v1/setup") => {
            Some(r#"{"code":"x","email":"a@b.c","name":"A","password":"0123456789","org_name":"A"}"#)
        }
        ("POST", "/api/v1/sessions") => Some(r#"{"email":"nobody@example.org","password":"0123456789"}"#),
        ("POST", "/api/v1/orgs") => Some(r#"{"name":"Another"}"#),
        ("PATCH", "/api/v1/orgs/{org}") => Some(r#"{"description":"changed"}"#),
        (
            "PUT",
            "/api/v1/orgs/{org}/hosts/{host}/metadata"
            | "/api/v1/orgs/{org}/containers/{container}/metadata"
            | "/api/v1/orgs/{org}/guests/{guest}/metadata",
        ) => Some(r#"{"description":"changed"}"#),
        ("POST", "/api/v1/orgs/{org}/members") => Some(r#"{"email":"nobody@example.org","role":"viewer"}"#),
        ("PATCH", "/api/v1/orgs/{org}/members/{user}") => Some(r#"{"role":"viewer"}"#),
        ("POST", "/api/v1/orgs/{org}/tokens") => Some(r#"{"name":"t","kind":"agent"}"#),
        ("POST", "/api/v1/orgs/{org}/billing/checkout") => Some("{}"),
        ("PATCH", "/api/v1/orgs/{org}/assistant") => Some(r#"{"draft":"is db-02"}"#),
        ("POST", "/api/v1/orgs/{org}/assistant/messages") => {
            Some(r#"{"chat":"0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f","text":"How are you?"}"#)
        }
        ("POST", "/api/v1/ingest/reports") => Some(r#"{"sent_at":1,"host":{"id":"x","name":"x"},"reports":[]}"#),
        ("GET" | "DELETE", _) => None,
        (method, path) => panic!("{method} {path} has no example in the table: add one, and think of who may use it"),
    };
    (path, body)
}

fn ask(client: &Client, route: &Route, org: &str) -> Answer {
    let (path, body) = example(route, org);
    client.send(route.method, &path, body.map(str::as_bytes))
}

/// Whether the guard let the request through to the organization: only then the answer names it.
fn is_inside(answer: &Answer, org: &Org) -> bool {
    answer.header("x-org-id") == Some(org.id.to_string().as_str())
}

struct Worlds {
    own: Org,
    members: Vec<(Role, Client)>,
    stranger: Client,
    foreign_token: Client,
    own_agent: Client,
}

fn worlds(app: &App) -> Worlds {
    let owner = app.person("Olga");
    let own = app.org("own", &owner);
    let stranger = app.person("Stranger");
    let other = app.org("other", &stranger);
    let mut members = vec![(Role::Owner, owner.client.clone())];
    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        members.push((role, app.member(&own, role.title(), role).client));
    }
    for role in Role::ALL {
        members.push((role, app.token(&own, TokenKind::Api, role)));
    }
    Worlds {
        members,
        stranger: stranger.client,
        foreign_token: app.token(&other, TokenKind::Api, Role::Owner),
        own_agent: app.agent(&own),
        own,
    }
}

fn org_routes() -> impl Iterator<Item = (&'static Route, Role)> {
    ROUTES.iter().filter_map(|route| match route.access {
        Access::InOrg(action, thing) => Some((route, required_role(action, thing).expect("somebody may"))),
        _ => None,
    })
}

#[test]
fn a_route_lets_in_whom_the_policy_lets_in_and_nobody_else() {
    each(|app| {
        let Worlds { own, members, .. } = worlds(app);
        // What deletes comes last, so that the others still find something.
        let mut routes: Vec<_> = org_routes().collect();
        routes.sort_by_key(|(route, _)| (route.method == "DELETE", route.path.len() < 25));
        let mut asked = 0;
        for (route, required) in routes {
            for (role, client) in &members {
                let answer = ask(client, route, &own.id.to_string());
                let what = format!("{} {} as {role}: {} {}", route.method, route.path, answer.status, answer.text());
                assert!(is_inside(&answer, &own), "{what}");
                let is_refused = answer.status == 403 && answer.problem().code == ErrorCode::RoleRequired;
                // Removing another member takes more than leaving: that the handler asks for it is tested with members.
                let is_raised = route.path.ends_with("{user}") && route.method == "DELETE" && *role < Role::Admin;
                assert_eq!(is_refused, *role < required || is_raised, "{what}");
                if is_refused {
                    assert!(answer.problem().required_role.is_some_and(|needed| needed >= required), "{what}");
                }
                assert!(!matches!(answer.status, 401 | 500 | 503), "{what}");
                asked += 1;
            }
        }
        assert!(asked > 100, "the table is nearly empty");
    });
}

#[test]
fn for_outsiders_a_foreign_organization_is_a_missing_one() {
    each(|app| {
        let Worlds { own, stranger, foreign_token, .. } = worlds(app);
        let missing = Uuid::now_v7().to_string();
        for (route, _) in org_routes() {
            for outsider in [&stranger, &foreign_token] {
                let expected = ask(outsider, route, &missing);
                expected.refused(ErrorCode::NotFound);
                for name in [
                    own.id.to_string(),
                    own.slug.clone(),
                    "no-such-slug".to_owned(),
                    "%2e%2e".to_owned(),
                    "A".repeat(300),
                ] {
                    let answer = ask(outsider, route, &name);
                    assert_eq!(
                        answer.comparable(),
                        expected.comparable(),
                        "{} {} with {name}",
                        route.method,
                        route.path
                    );
                }
            }
        }
    });
}

#[test]
fn without_a_valid_credential_every_guarded_route_answers_the_same() {
    each(|app| {
        let Worlds { own, .. } = worlds(app);
        let person = app.person("Late");
        let bad = |secret: &str| app.client(crate::http::Credential::Token(secret.to_owned()));
        let expired = app.sign_in(person.id, -1);
        let callers = [
            app.anonymous(),
            expired,
            bad("bh_org_0"),
            bad(""),
            app.client(crate::http::Credential::Session("0".repeat(64))),
        ];
        for route in ROUTES.iter().filter(|route| route.access != Access::Anyone) {
            let mut answers = callers.iter().map(|caller| {
                let answer = ask(caller, route, &own.id.to_string());
                answer.refused(ErrorCode::Unauthenticated);
                assert!(answer.header("www-authenticate").is_some());
                answer.comparable()
            });
            let first = answers.next().expect("there are callers");
            answers.for_each(|answer| assert_eq!(answer, first, "{} {}", route.method, route.path));
        }
    });
}

#[test]
fn an_agents_token_reports_and_can_do_nothing_else() {
    each(|app| {
        let Worlds { own_agent, own, .. } = worlds(app);
        for route in ROUTES {
            let answer = ask(&own_agent, route, &own.id.to_string());
            match route.access {
                Access::Anyone => {
                    assert!(!answer.text().contains("problem:unauthenticated"), "{} {}", route.method, route.path);
                }
                Access::Agent => drop(answer.refused(ErrorCode::Malformed)),
                _ => drop(answer.refused(ErrorCode::TokenKind)),
            }
        }
        let elsewhere = own_agent.get(&path(OrgId::from_uuid(Uuid::now_v7()), "/hosts"));
        elsewhere.refused(ErrorCode::NotFound);
    });
}

#[test]
fn an_api_token_does_not_report_and_is_no_person() {
    each(|app| {
        let Worlds { members, own, .. } = worlds(app);
        let token = &members.last().expect("tokens come last").1;
        for route in ROUTES {
            if matches!(route.access, Access::Agent | Access::SignedIn) {
                ask(token, route, &own.id.to_string()).refused(ErrorCode::TokenKind);
            }
        }
        let orgs: Vec<shared::org::OrgSummary> = token.get("/api/v1/orgs").ok();
        assert_eq!(
            orgs.iter().map(|org| org.id).collect::<Vec<_>>(),
            [own.id],
            "a token sees its own organization alone"
        );
    });
}

#[test]
fn the_guard_comes_before_the_body_and_the_query() {
    each(|app| {
        let Worlds { own, stranger, members, .. } = worlds(app);
        let viewer = &members.iter().find(|(role, _)| *role == Role::Viewer).expect("there is one").1;
        let huge = vec![b'x'; 200_000];
        for (route, required) in org_routes() {
            let (path, body) = example(route, &own.id.to_string());
            let (missing, _) = example(route, &Uuid::now_v7().to_string());
            for body in [body.map_or(&b"{"[..], |_| b"{\"nonsense\":"), b"[[[[", &huge] {
                let foreign = stranger.send(route.method, &format!("{path}?limit=x&limit=y"), Some(body));
                let expected = stranger.send(route.method, &format!("{missing}?limit=x&limit=y"), Some(body));
                foreign.refused(ErrorCode::NotFound);
                assert_eq!(foreign.comparable(), expected.comparable(), "{} {}", route.method, route.path);
                if required > Role::Viewer {
                    viewer.send(route.method, &path, Some(body)).refused(ErrorCode::RoleRequired);
                }
            }
        }
    });
}
