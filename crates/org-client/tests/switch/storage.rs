//! What a tab keeps beyond an organization's owner: of one person in one organization, and taken once.

use crate::support::{A, B, World, bootstrap, me, run};
use org_client::{OrgStorage, Walls};
use shared::{UserId, account::Me};
use uuid::Uuid;

fn storage(world: &World) -> OrgStorage {
    world.switcher.active_untracked().expect("entered").session.storage()
}

fn kept(world: &World) -> Vec<String> {
    world.script.storage.lock().expect("not poisoned").keys().cloned().collect()
}

fn somebody_else() -> Me {
    let mut me = me();
    me.account.id = UserId::from_uuid(Uuid::from_u128(10));
    me
}

#[test]
fn what_is_kept_is_of_one_person_in_one_organization_and_can_be_taken_once() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        storage(&world).put("notes", &"typed in a");
        let user = me().account.id;
        assert_eq!(kept(&world), [format!("bulkhead:v1:{user}:{A}:notes")]);
        world.enter("b", &bootstrap(B, "b", vec![])).await;
        assert_eq!(storage(&world).take::<String>("notes"), None, "of another organization");
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        assert_eq!(storage(&world).take::<String>("notes").as_deref(), Some("typed in a"));
        assert_eq!(storage(&world).take::<String>("notes"), None);
        assert_eq!(kept(&world), Vec::<String>::new());
    });
}

#[test]
fn nobody_inherits_what_somebody_else_typed_in_the_same_tab() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        storage(&world).put("notes", &"typed");
        world.account.signed_out();
        world.account.signed_in(me());
        assert_eq!(kept(&world).len(), 1, "the same person finds it");
        world.account.signed_in(somebody_else());
        assert_eq!(kept(&world), Vec::<String>::new());
        storage(&world).put("notes", &"typed");
        world.account.forget();
        assert_eq!(kept(&world), Vec::<String>::new(), "who signs out leaves nothing");
    });
}

#[test]
fn a_session_that_was_left_keeps_and_takes_nothing() {
    run(async {
        for walls in [Walls::BOTH, crate::OWNERSHIP_ALONE, crate::IDENTITY_ALONE] {
            let world = World::new(walls);
            world.enter("a", &bootstrap(A, "a", vec![])).await;
            storage(&world).put("early", &1);
            let old = storage(&world);
            world.enter("b", &bootstrap(B, "b", vec![])).await;
            old.put("late", &1);
            assert_eq!(old.take::<i32>("early"), None, "{walls:?}");
            assert_eq!(kept(&world).len(), 1, "{walls:?}");
        }
    });
}

#[test]
fn what_cannot_be_read_any_more_is_as_good_as_nothing() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        storage(&world).put("notes", &"a text");
        assert_eq!(storage(&world).take::<Vec<u8>>("notes"), None);
        assert_eq!(kept(&world), Vec::<String>::new());
    });
}
