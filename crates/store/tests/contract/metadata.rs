//! What people note about hosts: each organization's own.

use crate::support::{TwoWorlds, batch, host_id, ingest, now, report, scope, worlds};
use authz::{Editor, Viewer};
use shared::metadata::{Metadata, MetadataEdit};
use store::{GetError, MetadataError};

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
        assert_eq!(a.host_metadata(host_id()).expect("the host is there"), Metadata::default());
        let noted = a.put_host_metadata(host_id(), Some(0), edit("of A"), "Ada").expect("it is noted");
        assert_eq!((noted.version, noted.updated_by.as_deref()), (1, Some("Ada")));
        assert_eq!(noted.tags, ["rack:b2", "web"]);
        assert!(noted.updated_at.is_some_and(|at| (now() - at).abs() < 60_000_000));
        assert_eq!(a.host_metadata(host_id()).expect("noted"), noted);
        assert_eq!(b.host_metadata(host_id()).expect("the host is there"), Metadata::default());
        assert_eq!(b.list_host_metadata().expect("a list"), []);
        b.put_host_metadata(host_id(), None, edit("of B"), "Bob").expect("it is noted");
        assert_eq!(a.host_metadata(host_id()).expect("noted"), noted);
        let list = a.list_host_metadata().expect("a list");
        assert_eq!((list.len(), list[0].host, &list[0].metadata), (1, host_id(), &noted));
    }
}

#[test]
fn a_change_of_another_version_changes_nothing() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let data = world.store.org(&editor);
        data.put_host_metadata(host_id(), Some(0), edit("one"), "Ada").expect("it is noted");
        for stale in [0, 2, -1] {
            let refused = data.put_host_metadata(host_id(), Some(stale), edit("two"), "Bob");
            assert!(matches!(refused, Err(MetadataError::VersionMismatch)), "{stale}: {refused:?}");
        }
        assert_eq!(data.host_metadata(host_id()).expect("noted").description, "one");
        assert_eq!(data.put_host_metadata(host_id(), Some(1), edit("two"), "Bob").expect("noted").version, 2);
        let bad = MetadataEdit { url: Some("javascript:alert(1)".to_owned()), ..edit("three") };
        assert!(matches!(data.put_host_metadata(host_id(), None, bad, "Bob"), Err(MetadataError::Invalid(_))));
        assert_eq!(data.host_metadata(host_id()).expect("noted").description, "two");
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
                data.put_host_metadata(host_id(), Some(version), edit("at once"), "Ada").is_ok()
            };
            let written: Vec<bool> = std::thread::scope(|threads| {
                let writing: Vec<_> = (0..4).map(|_| threads.spawn(write)).collect();
                writing.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            assert_eq!(written.iter().filter(|written| **written).count(), 1, "from version {version}");
        }
        assert_eq!(world.store.org(&editor).host_metadata(host_id()).expect("noted").version, 2);
    }
}

#[test]
fn notes_go_with_their_host() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let editor = scope::<Editor>(&world.store, &two.a_editor, two.a);
        let data = world.store.org(&editor);
        data.put_host_metadata(host_id(), None, edit("one"), "Ada").expect("it is noted");
        ingest(&world.store, &two.agent_a, batch(vec![report(now(), 1.0)])).expect("it is kept");
        assert_eq!(data.host_metadata(host_id()).expect("a report changes no note").version, 1);
        data.delete_host(host_id()).expect("it is removed");
        assert!(matches!(data.host_metadata(host_id()), Err(GetError::NotFound)));
        let refused = data.put_host_metadata(host_id(), None, edit("two"), "Ada");
        assert!(matches!(refused, Err(MetadataError::NotFound)));
        ingest(&world.store, &two.agent_a, batch(vec![report(now() + 1, 1.0)])).expect("it comes back");
        assert_eq!(data.host_metadata(host_id()).expect("it is there"), Metadata::default());
        let of_b = scope::<Viewer>(&world.store, &two.b_owner, two.b);
        assert_eq!(world.store.org(&of_b).list_host_metadata().expect("a list"), []);
    }
}
