//! Organizations: making, changing, deleting.

use crate::support::{TwoWorlds, agent, batch, ingest, new_org, now, person, report, scope, worlds};
use authz::{Admin, Owner, Viewer};
use shared::{
    Role,
    org::{OrgPatch, OrgStatus},
};
use store::{CreateOrgError, NewOrgRecord, OrgRef, PatchError};

fn patch_slug(slug: &str) -> OrgPatch {
    OrgPatch { slug: Some(slug.to_owned()), ..OrgPatch::default() }
}

#[test]
fn equal_names_get_slugs_of_their_own() {
    for world in worlds() {
        let ann = person(&world.store, "ann@example.org");
        let directory = world.store.directory();
        let slugs: Vec<_> =
            (0..3).map(|_| directory.create_org(&ann, new_org("Acme Corp")).expect("an organization").slug).collect();
        assert_eq!(slugs, ["acme-corp", "acme-corp-2", "acme-corp-3"]);
        let chosen = NewOrgRecord { slug: Some("acme-corp".into()), ..new_org("Acme") };
        assert!(
            matches!(directory.create_org(&ann, chosen), Err(CreateOrgError::SlugTaken(slug)) if slug == "acme-corp")
        );
        let odd = NewOrgRecord { slug: Some("../b".into()), ..new_org("Acme") };
        assert!(
            matches!(directory.create_org(&ann, odd), Err(CreateOrgError::Invalid(invalid)) if invalid.pointer == "/slug")
        );
        let list = directory.list_orgs(&ann).expect("a list");
        assert_eq!(list.len(), 3);
        assert!(list.iter().all(|org| org.role == Role::Owner && org.plan == "free" && org.monogram == "AC"));
        let everyone = world.store.operator("test").list_orgs().expect("a list");
        assert!(everyone.iter().all(|record| record.members == 1 && record.plan_key == "free"));
    }
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let before = directory.get_org(&admin).expect("A");
        let patch =
            OrgPatch { name: Some(" New name ".into()), description: Some("What for".into()), ..OrgPatch::default() };
        let after = directory.patch_org(&admin, Some(before.version), patch.clone()).expect("it is changed");
        assert_eq!(
            (after.name.as_str(), after.description.as_str(), after.version),
            ("New name", "What for", before.version + 1)
        );
        assert_eq!(after.slug, before.slug);
        match directory.patch_org(&admin, Some(before.version), patch) {
            Err(PatchError::VersionMismatch(present)) => assert_eq!(*present, after),
            other => panic!("{other:?}"),
        }
        let other = directory.get_org(&scope::<Viewer>(&world.store, &two.b_owner, two.b)).expect("B");
        assert_eq!((other.name.as_str(), other.version), ("Acme", 1), "B is untouched");
    }
}

#[test]
fn a_former_slug_leads_to_the_organization_until_another_one_takes_it() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let of_b = scope::<Admin>(&world.store, &two.b_owner, two.b);
        directory.patch_org(&admin, None, patch_slug("newname")).expect("it is renamed");
        let enter =
            |slug: &str| directory.enter::<Viewer>(&two.a_viewer, &OrgRef::Slug(slug.into())).map(|scope| scope.org());
        assert_eq!(enter("acme").expect("the former slug"), two.a);
        assert_eq!(enter("newname").expect("the present slug"), two.a);
        assert!(
            directory.enter::<Viewer>(&two.b_owner, &OrgRef::Slug("acme".into())).is_err(),
            "it is nothing to outsiders"
        );
        assert!(matches!(directory.patch_org(&of_b, None, patch_slug("newname")), Err(PatchError::SlugTaken(_))));

        directory.patch_org(&of_b, None, patch_slug("acme")).expect("a former slug is free to take");
        assert!(enter("acme").is_err(), "it is B's now");
        let back = directory.patch_org(&admin, None, patch_slug("acme"));
        assert!(matches!(back, Err(PatchError::SlugTaken(_))));
        directory.patch_org(&admin, None, patch_slug("third")).expect("it is renamed again");
        directory.patch_org(&admin, None, patch_slug("newname")).expect("one's own former slug can be taken back");
        assert_eq!(enter("third").expect("the former slug"), two.a);
    }
}

#[test]
fn odd_values_are_refused_with_a_pointer() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let patches = [
            ("/name", OrgPatch { name: Some(" ".into()), ..OrgPatch::default() }),
            ("/name", OrgPatch { name: Some("a\u{202e}b".into()), ..OrgPatch::default() }),
            ("/slug", patch_slug("Acme")),
            ("/colour", OrgPatch { colour: Some("red".into()), ..OrgPatch::default() }),
            ("/monogram", OrgPatch { monogram: Some("ABC".into()), ..OrgPatch::default() }),
            ("/description", OrgPatch { description: Some("x".repeat(501)), ..OrgPatch::default() }),
        ];
        for (pointer, patch) in patches {
            match world.store.directory().patch_org(&admin, None, patch) {
                Err(PatchError::Invalid(invalid)) => assert_eq!(invalid.pointer, pointer),
                other => panic!("{pointer}: {other:?}"),
            }
        }
        let org = world.store.directory().get_org(&admin).expect("A");
        assert_eq!((org.version, org.status), (1, OrgStatus::Active));
    }
}

#[test]
fn a_deleted_organization_keeps_its_id_and_slug_and_loses_its_data() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let stale = scope::<Owner>(&world.store, &two.a_owner, two.a);
        directory.delete_org(&stale).expect("it is deleted");
        let gone = |result: Result<i64, store::StoreError>| matches!(result, Ok(0) | Err(store::StoreError::OrgGone));
        assert!(gone(world.store.org(&stale).host_count()), "an old proof finds nothing");
        let chosen = NewOrgRecord { slug: Some("acme".into()), ..new_org("Acme") };
        assert!(matches!(directory.create_org(&two.a_owner, chosen), Err(CreateOrgError::SlugTaken(_))));
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        assert_eq!(world.store.org(&of_b).host_count().expect("B goes on"), 1);
        assert!(world.store.operator("test").suspend("acme").is_err(), "nothing brings it back");
    }
}

#[test]
fn reports_that_arrive_during_a_deletion_are_refused_and_leave_nothing() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let who = crate::support::identify(&world.store, &two.agent_a).expect("it works");
        let late = world.store.directory().enter_ingest(&who).expect("a scope from before");
        world.store.directory().delete_org(&scope(&world.store, &two.a_owner, two.a)).expect("it is deleted");
        let (valid, _) = store::ValidBatch::new(batch(vec![report(now(), 1.0)]), now()).expect("acceptable");
        let writer = store::IngestWriter::start(world.store.clone());
        let (sender, receiver) = std::sync::mpsc::channel();
        writer.submit(late, valid, move |answer| sender.send(answer).expect("the test waits"));
        let answer = receiver.recv().expect("an answer");
        assert!(matches!(answer, Err(store::IngestError::Store(store::StoreError::OrgGone))), "{answer:?}");
        let fine = agent(&world.store, &two.b_owner, two.b);
        assert!(ingest(&world.store, &fine, batch(vec![report(now() + 1, 1.0)])).is_ok(), "B goes on");
    }
}
