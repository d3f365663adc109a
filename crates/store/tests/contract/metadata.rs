//! What people note about hosts, containers and guests: each organization's own.

use crate::support::{
    TwoWorlds, batch, container, describe, find_in_both, guest, host_id, ingest, inventory, now, report, scope, worlds,
};
use authz::{Editor, Viewer};
use shared::{
    ContainerId, GuestId,
    metadata::{Metadata, MetadataEdit, Subject},
};
use store::{GetError, MetadataError, OrgData};

fn about_host() -> Subject {
    Subject::Host(host_id())
}

fn edit(description: &str) -> MetadataEdit {
    MetadataEdit {
        url: Some("https://example.org/a".to_owned()),
        description: description.to_owned(),
        tags: vec!["web".to_owned(), "rack:b2".to_owned()],
        notes: "first line\nsecond line".to_owned(),
    }
}

#[test]
fn the_same_machine_has_notes_of_its_own_in_each_organization() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let of_a = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let of_b = scope::<Editor>(&world.store, &two.b_owner, two.b);
        let (a, b) = (world.store.org(&of_a), world.store.org(&of_b));
        assert_eq!(a.get_metadata(about_host()).expect("the host is there"), Metadata::default());
        let noted = a.put_metadata(about_host(), Some(0), edit("of A"), "Ada").expect("it is noted");
        assert_eq!((noted.version, noted.updated_by.as_deref()), (1, Some("Ada")));
        assert_eq!(noted.tags, ["rack:b2", "web"]);
        assert!(noted.updated_at.is_some_and(|at| (now() - at).abs() < 60_000_000));
        assert_eq!(a.get_metadata(about_host()).expect("noted"), noted);
        assert_eq!(b.get_metadata(about_host()).expect("the host is there"), Metadata::default());
        assert_eq!(b.list_metadata().expect("a list"), []);
        b.put_metadata(about_host(), None, edit("of B"), "Bob").expect("it is noted");
        assert_eq!(a.get_metadata(about_host()).expect("noted"), noted);
        let list = a.list_metadata().expect("a list");
        assert_eq!((list.len(), list[0].subject, &list[0].metadata), (1, about_host(), &noted));
    }
}

#[test]
fn a_change_of_another_version_changes_nothing() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let data = world.store.org(&editor);
        data.put_metadata(about_host(), Some(0), edit("one"), "Ada").expect("it is noted");
        for stale in [0, 2, -1] {
            let refused = data.put_metadata(about_host(), Some(stale), edit("two"), "Bob");
            assert!(matches!(refused, Err(MetadataError::VersionMismatch)), "{stale}: {refused:?}");
        }
        assert_eq!(data.get_metadata(about_host()).expect("noted").description, "one");
        assert_eq!(data.put_metadata(about_host(), Some(1), edit("two"), "Bob").expect("noted").version, 2);
        let bad = MetadataEdit { url: Some("javascript:alert(1)".to_owned()), ..edit("three") };
        assert!(matches!(data.put_metadata(about_host(), None, bad, "Bob"), Err(MetadataError::Invalid(_))));
        assert_eq!(data.get_metadata(about_host()).expect("noted").description, "two");
    }
}

#[test]
fn of_several_that_read_the_same_version_one_writes() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        for version in 0..2 {
            let write = || {
                let data = world.store.org(&editor);
                data.put_metadata(about_host(), Some(version), edit("at once"), "Ada").is_ok()
            };
            let written: Vec<bool> = std::thread::scope(|threads| {
                let writing: Vec<_> = (0..4).map(|_| threads.spawn(write)).collect();
                writing.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            assert_eq!(written.iter().filter(|written| **written).count(), 1, "from version {version}");
        }
        assert_eq!(world.store.org(&editor).get_metadata(about_host()).expect("noted").version, 2);
    }
}

#[test]
fn notes_go_with_their_host() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let data = world.store.org(&editor);
        data.put_metadata(about_host(), None, edit("one"), "Ada").expect("it is noted");
        ingest(&world.store, &two.agent_a, batch(vec![report(now(), 1.0)])).expect("it is kept");
        assert_eq!(data.get_metadata(about_host()).expect("a report changes no note").version, 1);
        data.delete_host(host_id()).expect("it is removed");
        assert!(matches!(data.get_metadata(about_host()), Err(GetError::NotFound)));
        let refused = data.put_metadata(about_host(), None, edit("two"), "Ada");
        assert!(matches!(refused, Err(MetadataError::NotFound)));
        ingest(&world.store, &two.agent_a, batch(vec![report(now() + 1, 1.0)])).expect("it comes back");
        assert_eq!(data.get_metadata(about_host()).expect("it is there"), Metadata::default());
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        assert_eq!(world.store.org(&of_b).list_metadata().expect("a list"), []);
    }
}

/// The one container called `web` and the one guest, as subjects.
fn about_both(data: &OrgData<'_, Editor>) -> [Subject; 2] {
    let containers = data.list_containers(10, None).expect("a list").items;
    let web = containers.iter().find(|container| container.name == "web").expect("it runs");
    let guests = data.list_guests(10, None).expect("a list").items;
    [Subject::Container(web.id), Subject::Guest(guests[0].id)]
}

#[test]
fn equal_containers_and_guests_of_two_organizations_have_notes_of_their_own() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        find_in_both(&world.store, &two);
        let of_a = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let of_b = scope::<Editor>(&world.store, &two.b_owner, two.b);
        let (a, b) = (world.store.org(&of_a), world.store.org(&of_b));
        assert_eq!(
            about_both(&a),
            about_both(&b),
            "the ids are equal, so nothing but the organization tells them apart"
        );
        for subject in about_both(&a) {
            assert_eq!(a.get_metadata(subject).expect("it is known"), Metadata::default());
            let noted = a.put_metadata(subject, Some(0), edit("of A"), "Ada").expect("it is noted");
            for stale in [0, 2] {
                let refused = a.put_metadata(subject, Some(stale), edit("again"), "Ada");
                assert!(matches!(refused, Err(MetadataError::VersionMismatch)));
            }
            assert_eq!(a.get_metadata(subject).expect("noted"), noted);
            assert_eq!(b.get_metadata(subject).expect("it is known"), Metadata::default());
            b.put_metadata(subject, Some(0), edit("of B"), "Bob").expect("it is noted");
            assert_eq!(a.get_metadata(subject).expect("noted"), noted);
        }
        a.put_metadata(about_host(), None, edit("of A"), "Ada").expect("it is noted");
        let [of_web, of_mail] = about_both(&a);
        let subjects: Vec<_> = a.list_metadata().expect("a list").into_iter().map(|noted| noted.subject).collect();
        assert_eq!(subjects, [of_web, of_mail, about_host()], "by kind, then by id");
        assert_eq!(b.list_metadata().expect("a list").len(), 2);
    }
}

#[test]
fn a_note_outlives_what_it_is_about_and_goes_with_the_host() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        find_in_both(&world.store, &two);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let data = world.store.org(&editor);
        let [of_web, of_mail] = about_both(&data);
        let others = data.list_containers(10, None).expect("a list").items;
        let of_db = Subject::Container(others.iter().find(|other| other.name == "db").expect("it runs").id);
        for subject in [of_web, of_mail] {
            data.put_metadata(subject, Some(0), describe("kept"), "Ada").expect("it is noted");
        }
        let send = |containers, guests| {
            let mut batch = batch(vec![]);
            batch.inventory = Some(inventory(now(), containers, guests));
            ingest(&world.store, &two.agent_a, batch).expect("it is kept");
        };
        send(Vec::new(), Vec::new());
        for subject in [of_web, of_mail] {
            assert_eq!(data.get_metadata(subject).expect("still noted").description, "kept");
            assert_eq!(data.put_metadata(subject, Some(1), describe("edited"), "Ada").expect("noted").version, 2);
        }
        assert!(matches!(data.get_metadata(of_db), Err(GetError::NotFound)), "gone, and nothing was noted");
        let refused = data.put_metadata(of_db, None, describe("late"), "Ada");
        assert!(matches!(refused, Err(MetadataError::NotFound)));
        let mut anew = container("web");
        anew.engine_id = "another".to_owned();
        let mut renamed = guest("post");
        renamed.engine_id = guest("mail").engine_id;
        send(vec![anew], vec![renamed]);
        assert_eq!(about_both(&data), [of_web, of_mail], "made anew and renamed, they are the same to people");
        assert_eq!(data.get_metadata(of_web).expect("noted").description, "edited");
        data.delete_host(host_id()).expect("it is removed");
        assert_eq!(data.list_metadata().expect("a list"), []);
        for subject in [of_web, of_mail] {
            assert!(matches!(data.get_metadata(subject), Err(GetError::NotFound)));
        }
    }
}

#[test]
fn nothing_is_noted_about_what_this_organization_does_not_have() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        find_in_both(&world.store, &two);
        let mut only_b = batch(vec![]);
        only_b.inventory = Some(inventory(now() + 1, vec![container("secret")], vec![guest("secret")]));
        ingest(&world.store, &two.agent_b, only_b).expect("it is kept");
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        let foreign = world.store.org(&of_b).list_containers(10, None).expect("a list").items[0].id;
        let foreign_guest = world.store.org(&of_b).list_guests(10, None).expect("a list").items[0].id;
        let missing = uuid::Uuid::from_u128(404);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let data = world.store.org(&editor);
        let web = data.list_containers(10, None).expect("a list").items[1].id;
        for subject in [
            Subject::Container(foreign),
            Subject::Guest(foreign_guest),
            Subject::Container(ContainerId::from_uuid(missing)),
            Subject::Guest(GuestId::from_uuid(missing)),
            // The id of a thing of another kind.
            Subject::Guest(GuestId::from_uuid(web.as_uuid())),
        ] {
            assert_eq!(format!("{:?}", data.get_metadata(subject)), "Err(NotFound)");
            let refused = data.put_metadata(subject, None, describe("x"), "Ada");
            assert_eq!(format!("{refused:?}"), "Err(NotFound)", "{subject:?}");
        }
    }
}
