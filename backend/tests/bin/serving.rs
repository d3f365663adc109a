//! A server from its start to its end.

use crate::{
    http::{Client, Credential},
    program::{Installation, free_address, mode, wait_until},
};
use serde_json::json;
use shared::account::{Me, SetupState};
use std::{fs, os::unix::fs::PermissionsExt as _};

#[test]
fn a_first_start_prints_the_link_and_a_signal_ends_it_well() {
    let here = Installation::new();
    let server = here.serve(&[]);
    let code = fs::read_to_string(here.data().join("setup-code")).expect("the code is in the folder");
    assert_eq!(mode(&here.data().join("setup-code")), 0o600);
    let link = format!("http://{}/setup?code={}", server.address, code.trim());
    assert!(server.first_line.contains(&link), "{}", server.first_line);
    assert!(server.client().get("/api/v1/setup").json::<SetupState>().needed);
    assert_eq!(server.terminate().code(), Some(0));
    let again = here.serve(&[]);
    assert!(again.first_line.contains(code.trim()), "the code stays the same until it is used");
}

/// Stands in for the agent: notes how it was called, then stays.
const AGENT: &str = "#!/bin/sh\necho \"$$ $*\" >> \"$(dirname \"$0\")/calls\"\nexec sleep 600\n";

#[test]
fn the_local_agent_starts_with_the_first_organization_and_ends_with_the_server() {
    let here = Installation::new();
    let program = here.folder.path().join("agent");
    fs::write(&program, AGENT).expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let server = here.serve(&["--local-agent", &program.to_string_lossy()]);
    let calls = || fs::read_to_string(here.folder.path().join("calls")).unwrap_or_default();
    assert_eq!(calls(), "", "there is no organization yet");
    here.ok(&["user", "create", "--email", "ada@example.org", "--name", "Ada"], "");
    here.ok(&["org", "create", "--name", "Acme", "--owner", "ada@example.org"], "");
    wait_until("the agent is started", || calls().contains("run --server"));
    let token = here.data().join("local-agent/token");
    assert_eq!(mode(&token), 0o600);
    let call = calls();
    assert!(
        call.contains(&format!("--server http://127.0.0.1:{} --token-file {}", server.address.port(), token.display())),
        "{call}"
    );
    let pid: u32 = call.split(' ').next().and_then(|pid| pid.parse().ok()).expect("it noted its id");
    assert!(fs::exists(format!("/proc/{pid}")).expect("readable"));
    assert_eq!(server.terminate().code(), Some(0));
    assert!(!fs::exists(format!("/proc/{pid}")).expect("readable"), "the agent ended with the server");
}

#[test]
fn a_demo_has_three_organizations_that_report_and_says_that_it_is_one() {
    let here = Installation::new();
    let server = here.serve(&["--demo"]);
    let password = server.first_line.trim().rsplit(' ').next().expect("the password comes last").to_owned();
    let body = json!({ "email": "demo@bulkhead.example", "password": password }).to_string();
    let signed_in = server.client().post("/api/v1/sessions", &body);
    let me: Me = signed_in.ok();
    assert!(me.demo);
    assert_eq!(me.orgs.iter().map(|org| org.slug.as_str()).collect::<Vec<_>>(), ["acme", "globex", "northwind"]);
    let cookie = signed_in.header("set-cookie").and_then(|cookie| cookie.split([';', '=']).nth(1)).expect("a cookie");
    let client = Client { credential: Credential::Session(cookie.to_owned()), ..server.client() };
    for (org, hosts) in me.orgs.iter().zip([48, 19, 8]) {
        wait_until("all simulated machines report", || {
            let bootstrap: shared::org::Bootstrap = client.get(&format!("/api/v1/orgs/{}/bootstrap", org.id)).ok();
            let totals = bootstrap.summary.hosts;
            totals.hosts == hosts && (totals.critical, totals.warning, totals.not_reporting) == (1, 1, 1)
        });
    }
    assert_eq!(server.terminate().code(), Some(0));
    let again = here.serve(&["--demo"]);
    assert!(again.first_line.contains(&password), "the same demo goes on");
}

#[test]
fn real_data_never_becomes_a_demo() {
    let here = Installation::new();
    here.ok(&["user", "create", "--email", "ada@example.org", "--name", "Ada"], "");
    let done = here.run(&["serve", "--demo", "--listen", "127.0.0.1:0"], "");
    assert_eq!(done.code, 1);
    assert!(done.err.contains("--data ./data-demo"), "{}", done.err);
}

#[test]
fn the_console_is_served_compressed_cached_by_hash_and_under_a_policy() {
    let here = Installation::new();
    let web = here.folder.path().join("web");
    fs::create_dir(&web).expect("a folder");
    fs::write(web.join("index.html"), "<script type=\"module\">go()</script>").expect("written");
    fs::write(web.join("app-0123456789abcdef.js"), "plain").expect("written");
    fs::write(web.join("app-0123456789abcdef.js.br"), "small").expect("written");
    fs::write(here.folder.path().join("secret"), "secret").expect("written");
    let server = here.serve(&["--web-root", &web.to_string_lossy()]);
    let client = server.client();
    for path in ["/", "/login", "/setup", "/orgs", "/ui", "/o/acme/hosts"] {
        let page = client.get(path);
        assert_eq!((page.status, page.header("cache-control")), (200, Some("no-cache")), "{path}");
        let policy = page.header("content-security-policy").expect("there is one");
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-")
                && policy.contains("frame-ancestors 'none'")
        );
        let tag = page.header("etag").expect("there is one");
        assert_eq!(client.with("if-none-match", tag).get(path).status, 304);
    }
    let file = client.with("accept-encoding", "gzip, br").get("/app-0123456789abcdef.js");
    assert_eq!((file.text().as_str(), file.header("content-encoding")), ("small", Some("br")));
    assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(client.get("/app-0123456789abcdef.js").text(), "plain");
    for path in
        ["/../secret", "/%2e%2e/secret", "/nothing", "/index.html", "/app-0123456789abcdef.js.br", "/o", "/api/o/x"]
    {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
    assert_eq!(client.post("/", "{}").status, 404);
}

const ADA: &str = r#"{"email":"ada@example.org","password":"a long password"}"#;

/// An installation with one account.
fn with_ada() -> Installation {
    let here = Installation::new();
    let create = ["user", "create", "--email", "ada@example.org", "--name", "Ada", "--password-file", "-"];
    here.ok(&create, "a long password\n");
    here
}

#[test]
fn over_tls_the_cookie_is_bound_to_the_host_and_never_leaves_tls() {
    let here = with_ada();
    let server = here.serve(&["--public-url", "https://watch.example.org"]);
    let page = server.client().with("origin", "https://watch.example.org").with("host", "watch.example.org");
    let signed_in = page.post("/api/v1/sessions", ADA);
    let cookie = signed_in.header("set-cookie").expect("a cookie").to_owned();
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert!(pair.starts_with("__Host-bulkhead="), "{cookie}");
    for wanted in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.split("; ").any(|attribute| attribute == wanted), "{wanted} is missing: {cookie}");
    }
    assert!(!attributes.to_lowercase().contains("domain"), "{cookie}");
    assert_eq!(page.with("cookie", pair).get("/api/v1/me").ok::<Me>().account.email, "ada@example.org");
    // The same secret under the name that a page without TLS could set.
    let without_prefix = pair.trim_start_matches("__Host-");
    assert_eq!(page.with("cookie", without_prefix).get("/api/v1/me").status, 401);
    let foreign = page.with("cookie", pair);
    let foreign =
        Client { headers: foreign.headers.into_iter().filter(|(name, _)| name != "origin").collect(), ..foreign };
    assert_eq!(foreign.with("origin", "https://evil.example").delete("/api/v1/sessions/current").status, 403);
}

#[test]
fn the_brake_counts_the_client_that_the_proxy_names_and_believes_nobody_else() {
    let here = with_ada();
    let wrong = ADA.replace("long", "wrong");
    let statuses = |server: &crate::program::Server, forwarded: &[&str]| -> Vec<u16> {
        let client =
            |from: &&str| server.client().with("x-forwarded-for", from).post("/api/v1/sessions", &wrong).status;
        forwarded.iter().map(client).collect()
    };
    let proxied = here.serve(&["--behind-proxy"]);
    // What stands before the last address was written by the client itself.
    let tries = ["203.0.113.1"; 4].into_iter().chain(["198.51.100.7, 203.0.113.1", "198.51.100.8, 203.0.113.1"]);
    assert_eq!(statuses(&proxied, &tries.collect::<Vec<_>>()), [401, 401, 401, 401, 401, 429]);
    assert_eq!(statuses(&proxied, &["203.0.113.2"]), [401], "another client is not slowed down");
    drop(proxied);

    let direct = here.serve(&[]);
    let tries: Vec<String> = (1..=6).map(|number| format!("203.0.113.{number}")).collect();
    let tries: Vec<&str> = tries.iter().map(String::as_str).collect();
    assert_eq!(statuses(&direct, &tries), [401, 401, 401, 401, 401, 429], "without a proxy the header is the client's");
}

#[test]
fn metrics_are_served_at_their_own_address_alone_and_name_nobody() {
    let here = with_ada();
    here.ok(&["org", "create", "--name", "Acme Canary", "--owner", "ada@example.org"], "");
    let address = free_address();
    let server = here.serve(&["--metrics-listen", &address.to_string()]);
    let metrics = Client { address, ..server.client() }.get("/metrics");
    let text = metrics.text();
    assert_eq!(metrics.status, 200);
    assert!(
        text.contains("\nisolation_violation_total 0\n")
            && text.contains("http_answers_total{class=\"2xx\"}")
            && text.contains("assistant_runs_total{end=\"failed\"} 0"),
        "{text}"
    );
    assert!(!text.to_lowercase().contains("canary") && !text.contains("example.org"), "{text}");
    assert_eq!(server.client().get("/metrics").status, 404);
    assert_eq!(Client { address, ..server.client() }.get("/api/v1/me").status, 404);

    let taken = here.run(&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", &address.to_string()], "");
    assert_eq!(taken.code, 1);
    assert!(
        taken.err.contains("--metrics-listen") && taken.err.contains("another program uses that port"),
        "{}",
        taken.err
    );
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_commands_are_not() {
    let here = with_ada();
    let server = here.serve(&[]);
    let second = here.run(&["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(second.code, 1);
    assert!(second.err.contains("another server serves the data folder"), "{}", second.err);
    here.ok(&["org", "create", "--name", "Acme", "--owner", "ada@example.org"], "");
    assert_eq!(server.terminate().code(), Some(0));
    assert_eq!(here.serve(&[]).terminate().code(), Some(0), "the folder is free again");
}
