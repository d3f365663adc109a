//! `cargo xtask check-layers`: which crate may know which.
//!
//! The tables below are the architecture. Whoever needs an edge that is not in them changes the tables in the same commit, where a
//! reviewer sees it.

use std::fs;

use toml::Table;

use crate::shell::{Failure, IoContext, Result};
use crate::workspace::{self, Member};

/// One of our crates and what it may know.
struct Layer {
    name: &'static str,
    /// Ours that it may depend on, for whatever purpose.
    knows: &'static [&'static str],
    /// Ours that its tests may use as well.
    tests_know: &'static [&'static str],
}

const LAYERS: &[Layer] = &[
    Layer { name: "shared", knows: &[], tests_know: &[] },
    Layer { name: "authz", knows: &["shared"], tests_know: &[] },
    Layer { name: "store", knows: &["shared", "authz"], tests_know: &[] },
    Layer { name: "event-bus", knows: &[], tests_know: &[] },
    Layer { name: "org-client", knows: &["shared", "authz", "event-bus"], tests_know: &[] },
    Layer { name: "agent", knows: &["shared"], tests_know: &[] },
    Layer { name: "assistant", knows: &["shared"], tests_know: &[] },
    Layer { name: "backend", knows: &["shared", "authz", "store", "assistant"], tests_know: &["agent"] },
    Layer { name: "frontend", knows: &["shared", "authz", "event-bus", "org-client"], tests_know: &[] },
    Layer { name: "xtask", knows: &[], tests_know: &[] },
];

/// Crates of others that exactly one of ours may name, so that there is one place where they are used rightly.
struct Reserved {
    /// The name, or the beginning of the name when it ends with `*`.
    pattern: &'static str,
    owner: &'static str,
    reason: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved { pattern: "diesel*", owner: "store", reason: "a query outside the store is a query without a scope" },
    Reserved { pattern: "libsqlite3-sys", owner: "store", reason: "the database is the store's" },
    Reserved { pattern: "pq-sys", owner: "store", reason: "the database is the store's" },
    Reserved { pattern: "actix*", owner: "backend", reason: "what lies below the server must be testable without one" },
    Reserved {
        pattern: "leptos*",
        owner: "frontend",
        reason: "the client side of isolation must be testable without a browser; reactive_graph is enough below",
    },
    Reserved { pattern: "gloo*", owner: "frontend", reason: "browser APIs have one home" },
    Reserved { pattern: "web-sys", owner: "frontend", reason: "browser APIs have one home" },
    Reserved { pattern: "sysinfo", owner: "agent", reason: "only the agent measures" },
];

/// Crates that do no I/O: everything else than these dependencies is refused, because nobody can list all that does I/O.
struct Pure {
    name: &'static str,
    may_use: &'static [&'static str],
    tests_may_use: &'static [&'static str],
}

const PURE: &[Pure] = &[
    Pure { name: "shared", may_use: &["serde", "thiserror", "uuid", "utoipa"], tests_may_use: &["serde_json"] },
    Pure { name: "authz", may_use: &["serde", "thiserror", "uuid", "utoipa"], tests_may_use: &["serde_json"] },
];

/// Checks the workspace.
///
/// # Errors
/// When a rule is broken; every violation has been printed.
pub(crate) fn run() -> Result<()> {
    let members = workspace::metadata()?.packages;
    let mut violations = check_edges(&members);
    for member in &members {
        let text = fs::read_to_string(&member.manifest_path).or_cannot("read", &member.manifest_path)?;
        violations.extend(check_manifest(&member.name, &text)?);
    }
    if violations.is_empty() {
        println!("  ok   {} crates keep to their layers", members.len());
        return Ok(());
    }
    for violation in &violations {
        println!("  {violation}");
    }
    Err(Failure::new(format!("check-layers: {} to put right", violations.len())))
}

/// Who declares to depend on whom.
fn check_edges(members: &[Member]) -> Vec<String> {
    members.iter().flat_map(|member| check_member(member, members)).collect()
}

fn check_member(member: &Member, members: &[Member]) -> Vec<String> {
    let name = member.name.as_str();
    let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
        return vec![format!(
            "{name} has no layer: say in LAYERS of xtask/src/check_layers.rs which of our crates it may depend on"
        )];
    };
    let mut violations = Vec::new();
    for dependency in &member.dependencies {
        let target = dependency.name.as_str();
        let in_tests = dependency.kind.as_deref() == Some("dev");
        let is_ours = members.iter().any(|other| other.name == target);
        // The tests of a crate may ask for one of its own features.
        let is_itself = target == name && in_tests;

        if is_ours && !is_itself && !(layer.knows.contains(&target) || in_tests && layer.tests_know.contains(&target)) {
            let known = if layer.knows.is_empty() { "none of our crates".to_owned() } else { layer.knows.join(", ") };
            violations.push(format!(
                "{name} depends on {target}, but may know only {known}: move the code to where both may be known, or hand in what \
                 is needed from above as a value or a trait"
            ));
        }
        for reserved in RESERVED.iter().filter(|reserved| reserved.covers(target) && reserved.owner != name) {
            violations.push(format!(
                "{name} depends on {target}, which is reserved for {}: {}. Call {} instead",
                reserved.owner, reserved.reason, reserved.owner
            ));
        }
        if let Some(pure) = PURE.iter().find(|pure| pure.name == name)
            && !is_ours
            && !(pure.may_use.contains(&target) || in_tests && pure.tests_may_use.contains(&target))
        {
            violations.push(format!(
                "{name} depends on {target}, but does no I/O and uses only {}: do it in a crate above and hand in the result",
                pure.may_use.join(", ")
            ));
        }
    }
    violations
}

impl Reserved {
    fn covers(&self, krate: &str) -> bool {
        self.pattern.strip_suffix('*').map_or(krate == self.pattern, |beginning| krate.starts_with(beginning))
    }
}

/// What only the text of a manifest says: versions stand in the root, and so do the lints.
fn check_manifest(name: &str, text: &str) -> Result<Vec<String>> {
    let manifest: Table =
        text.parse().map_err(|error| Failure::new(format!("the Cargo.toml of {name} is not TOML: {error}")))?;
    let mut violations = Vec::new();
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(Table::values);
    for table in targets.filter_map(toml::Value::as_table).chain([&manifest]) {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = table.get(section).and_then(toml::Value::as_table).into_iter().flatten();
            // A crate may name itself to give its tests one of its own features; there is no version in that.
            let foreign = dependencies.filter(|(dependency, _)| *dependency != name);
            for (dependency, _) in foreign.filter(|(_, value)| !is_inherited(Some(value))) {
                violations.push(format!(
                    "{name} gives {dependency} a version of its own in [{section}]: put it into [workspace.dependencies] of the root \
                     Cargo.toml and write `{dependency}.workspace = true`"
                ));
            }
        }
    }
    if !is_inherited(manifest.get("lints")) {
        violations
            .push(format!("{name} does not take part in the lints of the workspace: add `[lints] workspace = true`"));
    }
    Ok(violations)
}

fn is_inherited(value: Option<&toml::Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    /// A member with ordinary dependencies; `dev:` before a name makes it one of the tests.
    fn member(name: &str, dependencies: &[&str]) -> Member {
        let dependencies = dependencies
            .iter()
            .map(|text| match text.strip_prefix("dev:") {
                Some(name) => Dependency { name: name.to_owned(), kind: Some("dev".to_owned()) },
                None => Dependency { name: (*text).to_owned(), kind: None },
            })
            .collect();
        Member { name: name.to_owned(), description: None, manifest_path: "Cargo.toml".into(), dependencies }
    }

    fn violations(name: &str, dependencies: &[&str]) -> Vec<String> {
        let mut members: Vec<Member> =
            LAYERS.iter().filter(|layer| layer.name != name).map(|layer| member(layer.name, &[])).collect();
        members.push(member(name, dependencies));
        check_edges(&members)
    }

    fn assert_only(violations: &[String], words: &[&str]) {
        assert_eq!(violations.len(), 1, "{violations:#?}");
        for word in words {
            assert!(violations[0].contains(word), "{word} is not in: {}", violations[0]);
        }
    }

    #[test]
    fn the_workspace_keeps_to_its_layers() {
        run().expect("every rule holds");
    }

    #[test]
    fn the_allowed_edges_are_allowed() {
        for layer in LAYERS {
            assert_eq!(violations(layer.name, layer.knows), [""; 0]);
        }
    }

    #[test]
    fn a_layer_does_not_know_what_stands_above_it() {
        assert_only(&violations("authz", &["store"]), &["authz depends on store", "only shared"]);
        assert_only(&violations("store", &["backend"]), &["store depends on backend"]);
        assert_only(&violations("shared", &["authz"]), &["shared depends on authz", "none of our crates"]);
    }

    #[test]
    fn client_and_server_do_not_know_each_other() {
        assert_only(&violations("frontend", &["store"]), &["frontend depends on store"]);
        assert_only(&violations("backend", &["org-client"]), &["backend depends on org-client"]);
    }

    #[test]
    fn tests_of_the_server_may_start_an_agent_but_the_server_may_not() {
        assert_eq!(violations("backend", &["dev:agent"]), [""; 0]);
        assert_only(&violations("backend", &["agent"]), &["backend depends on agent"]);
    }

    #[test]
    fn tests_may_switch_on_features_of_their_own_crate() {
        assert_eq!(violations("org-client", &["dev:org-client"]), [""; 0]);
    }

    #[test]
    fn diesel_in_any_form_is_for_the_store_alone() {
        assert_eq!(violations("store", &["diesel", "diesel_migrations"]), [""; 0]);
        assert_only(&violations("backend", &["diesel"]), &["reserved for store"]);
        assert_only(&violations("backend", &["dev:diesel_migrations"]), &["reserved for store"]);
    }

    #[test]
    fn actix_is_for_the_server_alone() {
        assert_eq!(violations("backend", &["actix-web", "actix-ws"]), [""; 0]);
        assert_only(&violations("store", &["actix-web"]), &["reserved for backend"]);
    }

    #[test]
    fn the_browser_is_for_the_frontend_alone() {
        assert_eq!(violations("frontend", &["leptos", "leptos_router", "gloo-net", "web-sys"]), [""; 0]);
        for krate in ["leptos", "gloo-net", "web-sys"] {
            assert_only(&violations("org-client", &[krate]), &["reserved for frontend"]);
        }
        assert_eq!(violations("org-client", &["reactive_graph"]), [""; 0]);
    }

    #[test]
    fn the_pure_crates_use_nothing_that_could_do_io() {
        assert_eq!(violations("shared", &["serde", "uuid", "dev:serde_json"]), [""; 0]);
        assert_only(&violations("shared", &["tokio"]), &["shared depends on tokio", "no I/O"]);
        assert_only(&violations("authz", &["serde_json"]), &["authz depends on serde_json", "no I/O"]);
    }

    #[test]
    fn a_new_crate_must_be_given_a_layer() {
        assert_only(&violations("licensing", &[]), &["licensing has no layer", "LAYERS"]);
    }

    const LINTS: &str = "[lints]\nworkspace = true\n";

    #[test]
    fn a_version_in_a_member_is_refused_wherever_it_hides() {
        for planted in [
            "[dependencies]\nserde = \"1\"\n",
            "[dev-dependencies]\nserde = { version = \"1\" }\n",
            "[build-dependencies.serde]\nversion = \"1\"\n",
            "[target.'cfg(unix)'.dependencies]\nserde = \"1\"\n",
            "[dependencies]\nserde = { workspace = false, version = \"1\" }\n",
        ] {
            let found = check_manifest("store", &format!("{planted}{LINTS}")).expect("TOML");
            assert_only(&found, &["store gives serde a version of its own"]);
        }
    }

    #[test]
    fn an_inherited_dependency_may_ask_for_features() {
        let text = format!(
            "[dependencies]\nserde.workspace = true\nuuid = {{ workspace = true, features = [\"v7\"] }}\n{LINTS}"
        );
        assert_eq!(check_manifest("store", &text).expect("TOML"), [""; 0]);
    }

    #[test]
    fn a_member_without_the_lints_of_the_workspace_is_refused() {
        assert_only(&check_manifest("store", "[package]\n").expect("TOML"), &["store", "lints"]);
    }
}
