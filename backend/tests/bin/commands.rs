//! The commands and their exit codes.

use crate::program::Installation;
use std::net::TcpListener;

#[test]
fn everything_to_get_going_can_be_typed() {
    let here = Installation::new();
    here.ok(
        &["user", "create", "--email", "ada@example.org", "--name", "Ada", "--password-file", "-"],
        "a long password\n",
    );
    let made_up = here.ok(&["user", "create", "--email", "bob@example.org", "--name", "Bob"], "");
    assert_eq!(made_up.trim().len(), 23, "a password is made up and printed alone: {made_up}");
    assert_eq!(
        here.ok(&["org", "create", "--name", "Acme Hosting", "--owner", "ada@example.org"], "").trim(),
        "acme-hosting"
    );
    here.ok(&["member", "add", "--org", "acme-hosting", "--email", "bob@example.org", "--role", "editor"], "");
    here.ok(&["org", "set-plan", "acme-hosting", "team"], "");
    let secret = here
        .ok(&["token", "create", "--org", "acme-hosting", "--name", "ci", "--kind", "agent", "--expires-in", "1h"], "");
    assert!(secret.starts_with("bh_agt_") && secret.lines().count() == 1, "the secret stands alone: {secret}");
    let list = here.ok(&["org", "list"], "");
    assert!(list.contains("acme-hosting") && list.contains("team") && list.contains("2 members"), "{list}");
    here.ok(&["org", "suspend", "acme-hosting"], "");
    assert!(here.ok(&["org", "list"], "").contains("suspended"));
    here.ok(&["org", "resume", "acme-hosting"], "");
    here.ok(&["user", "set-password", "--email", "bob@example.org", "--password-file", "-"], "another long one");
}

#[test]
fn what_cannot_be_done_ends_with_1_and_says_why() {
    let here = Installation::new();
    here.ok(&["user", "create", "--email", "ada@example.org", "--name", "Ada"], "");
    let cases: [(&[&str], &str, &str); 6] = [
        (&["user", "create", "--email", "ada@example.org", "--name", "Ada"], "", "exists already"),
        (
            &["user", "create", "--email", "b@example.org", "--name", "B", "--password-file", "-"],
            "short",
            "10 characters",
        ),
        (&["user", "set-password", "--email", "nobody@example.org"], "", "no account"),
        (&["org", "create", "--name", "Acme", "--slug", "Acme!", "--owner", "ada@example.org"], "", "slug"),
        (&["org", "suspend", "nothing"], "", "bulkhead org list"),
        (
            &["user", "create", "--email", "c@example.org", "--name", "C", "--password-file", "/nonexistent"],
            "",
            "/nonexistent",
        ),
    ];
    for (arguments, input, expected) in cases {
        let done = here.run(arguments, input);
        assert_eq!((done.code, done.out.as_str()), (1, ""), "{arguments:?}: {}", done.err);
        assert!(done.err.to_lowercase().contains(expected), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn what_makes_no_sense_ends_with_2() {
    let here = Installation::new();
    let cases: [&[&str]; 6] = [
        &["org", "set-plan", "acme", "gold"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--web-root", "/nonexistent"],
        &["serve", "--database-url", "mysql://x"],
        &["serve", "--listen", "127.0.0.1:7799", "--metrics-listen", "127.0.0.1:7799"],
        &["serve", "--database-owner-url", "postgres://x"],
    ];
    for arguments in cases {
        let done = here.run(arguments, "");
        assert_eq!(done.code, 2, "{arguments:?}: {}", done.err);
        assert!(done.err.len() > 10);
    }
}

#[test]
fn a_port_in_use_ends_with_1_and_names_another() {
    let here = Installation::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = taken.local_addr().expect("it has an address").to_string();
    let done = here.run(&["serve", "--listen", &address], "");
    assert_eq!(done.code, 1);
    assert!(
        done.err.contains("another program uses that port") && done.err.contains("--listen 127.0.0.1:"),
        "{}",
        done.err
    );
    assert!(!here.data().exists(), "the data was not touched");
}

#[test]
fn a_database_that_is_none_ends_with_1_and_is_left_alone() {
    let here = Installation::new();
    std::fs::create_dir_all(here.data()).expect("a folder");
    let file = here.data().join("directory.db");
    std::fs::write(&file, "this is no database, but somebody may need it").expect("written");
    let done = here.run(&["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(done.err.contains("directory.db"), "{}", done.err);
    assert!(std::fs::read_to_string(&file).expect("still there").starts_with("this is no database"));
}

#[test]
fn the_doctor_says_what_to_do() {
    let here = Installation::new();
    let done = here.run(&["doctor", "--listen", "127.0.0.1:0"], "");
    assert!(done.out.contains("ok       database") && done.out.contains("ok       walls"), "{}", done.out);
    assert_eq!(done.code, i32::from(done.out.contains("problem")), "{}", done.out);
    let file = here.folder.path().join("a-file");
    std::fs::write(&file, "x").expect("written");
    let broken = here.run(&["doctor", "--listen", "127.0.0.1:0", "--data", &file.to_string_lossy()], "");
    assert_eq!(broken.code, 1);
    assert!(broken.out.contains("problem  data folder"), "{}", broken.out);
}
