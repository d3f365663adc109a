//! Accounts, sessions, the first run.

use crate::support::{TwoWorlds, new_org, new_user, person, user_id, worlds};
use sha2::{Digest as _, Sha256};
use shared::Role;
use store::{NewOrgRecord, OrgRef, Secret, SetupError};

#[test]
fn a_session_is_known_until_it_is_ended() {
    for world in worlds() {
        let directory = world.store.directory();
        let ann = person(&world.store, "ann@example.org");
        let (id, secret) = directory.insert_session(user_id(&ann), "Browser\n1.0", 60).expect("a session");
        let who = directory.identify_session(&secret).expect("an answer").expect("it is known");
        assert_eq!((who.session(), who.account()), (Some(id), ann.account()));
        let listed = directory.list_sessions(&who).expect("a list");
        assert_eq!(listed.len(), 2);
        let current = listed.iter().find(|session| session.current).expect("the current one");
        assert_eq!((current.id, current.user_agent.as_str()), (id, "Browser1.0"));

        let bob = person(&world.store, "bob@example.org");
        assert!(!directory.delete_session(&bob, id).expect("an answer"), "nobody ends somebody else's session");
        assert!(directory.reidentify(&who).expect("an answer").is_some());
        directory.delete_current_session(&who).expect("it ends");
        assert!(directory.identify_session(&secret).expect("an answer").is_none());
        assert!(directory.reidentify(&who).expect("an answer").is_none());
        assert!(directory.reidentify(&ann).expect("an answer").is_some(), "the other session goes on");
    }
}

#[test]
fn an_expired_session_and_an_unknown_secret_are_nobody() {
    for world in worlds() {
        let directory = world.store.directory();
        let ann = person(&world.store, "ann@example.org");
        let (_, secret) = directory.insert_session(user_id(&ann), "", 0).expect("a session");
        assert!(directory.identify_session(&secret).expect("an answer").is_none());
        let unknown = Secret::parse(&"0".repeat(64)).expect("well formed");
        assert!(directory.identify_session(&unknown).expect("an answer").is_none());
        assert_eq!(directory.prune_expired().expect("an answer"), 1);
    }
}

#[test]
fn a_new_password_ends_all_sessions() {
    for world in worlds() {
        let ann = person(&world.store, "ann@example.org");
        world.store.operator("test").set_password("Ann@Example.org", "new hash").expect("it is set");
        assert!(world.store.directory().reidentify(&ann).expect("an answer").is_none());
        let found =
            world.store.directory().find_credentials(" ANN@example.org ").expect("an answer").expect("an account");
        assert_eq!((found.user, found.password_hash.as_str()), (user_id(&ann), "new hash"));
        assert!(world.store.directory().find_credentials("bob@example.org").expect("an answer").is_none());
    }
}

#[test]
fn the_set_up_works_once_and_only_with_the_code() {
    for world in worlds() {
        let directory = world.store.directory();
        assert!(directory.setup_needed().expect("an answer"));
        let refused = directory.complete_setup("code", new_user("ann@example.org"), new_org("Acme"));
        assert!(matches!(refused, Err(SetupError::WrongCode)), "there is no code yet");
        directory.put_setup_code(&Sha256::digest(b"old").into()).expect("it is kept");
        directory.put_setup_code(&Sha256::digest(b"code").into()).expect("it is kept");
        for wrong in ["", "old", "Code"] {
            let refused = directory.complete_setup(wrong, new_user("ann@example.org"), new_org("Acme"));
            assert!(matches!(refused, Err(SetupError::WrongCode)), "{wrong}");
        }
        let bad = NewOrgRecord { slug: Some("a b".into()), ..new_org("Acme") };
        let refused = directory.complete_setup("code", new_user("ann@example.org"), bad);
        assert!(matches!(&refused, Err(SetupError::Invalid(invalid)) if invalid.pointer == "/org_slug"), "{refused:?}");
        assert!(directory.setup_needed().expect("an answer"), "nothing was half made");

        let (user, org) =
            directory.complete_setup("code", new_user("ann@example.org"), new_org("Acme")).expect("set up");
        assert!(!directory.setup_needed().expect("an answer"));
        let again = directory.complete_setup("code", new_user("eve@example.org"), new_org("Evil"));
        assert!(matches!(again, Err(SetupError::AlreadyDone)));
        let (_, secret) = directory.insert_session(user, "", 60).expect("a session");
        let who = directory.identify_session(&secret).expect("an answer").expect("known");
        let scope = directory.enter::<authz::Owner>(&who, &OrgRef::Id(org)).expect("the owner");
        assert_eq!(scope.role(), Role::Owner);
        assert_eq!(world.store.org(&scope).host_count().expect("its data is there"), 0);
        assert_eq!(world.store.operator("test").first_org().expect("an answer"), Some(org));
    }
}

#[test]
fn the_directorys_version_changes_with_rights_also_when_another_process_changes_them() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let other = world.second_handle();
        let version = || world.store.directory_version().expect("a version");
        let before = version();
        assert_eq!(before, version(), "nothing happened");
        assert_eq!(before, other.directory_version().expect("a version"));
        world.store.directory().reidentify(&two.a_owner).expect("an answer");
        assert_eq!(before, version(), "reading is no change");

        let mut last = before;
        let mut assert_changed = |what: &str| {
            assert_ne!(last, version(), "{what}");
            last = version();
        };
        let owner = crate::support::scope::<authz::Admin>(&other, &two.a_owner, two.a);
        other.directory().set_role(&owner, user_id(&two.a_viewer), Role::Editor).expect("a change");
        assert_changed("a role");
        other.directory().remove_member(&owner, user_id(&two.a_viewer)).expect("a change");
        assert_changed("a membership");
        other.operator("test").suspend("acme").expect("a change");
        assert_changed("a status");
        other.directory().delete_current_session(&two.b_owner).expect("a change");
        assert_changed("a session");
    }
}
