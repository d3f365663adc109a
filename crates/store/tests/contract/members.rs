//! Members and the rules of giving roles.

use crate::support::{TwoWorlds, person, scope, user_id, worlds};
use authz::{Admin, Viewer};
use shared::Role;
use store::MemberError;

#[test]
fn nobody_gives_or_touches_a_role_above_their_own() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let above = |answer: Result<(), MemberError>| matches!(answer, Err(MemberError::RoleAboveOwn { .. }));
        assert!(above(directory.add_member(&admin, "nobody@example.org", Role::Owner, None).map(drop)));
        assert!(above(directory.set_role(&admin, user_id(&two.a_editor), Role::Owner).map(drop)));
        assert!(above(directory.set_role(&admin, user_id(&two.a_admin), Role::Owner).map(drop)));
        assert!(above(directory.set_role(&admin, user_id(&two.a_owner), Role::Viewer).map(drop)));
        assert!(above(directory.remove_member(&admin, user_id(&two.a_owner))));
        let changed = directory.set_role(&admin, user_id(&two.a_editor), Role::Admin).expect("an equal role is fine");
        assert_eq!((changed.role, changed.you), (Role::Admin, false));
        directory.remove_member(&admin, user_id(&two.a_editor)).expect("an equal role is fine");
    }
}

#[test]
fn an_organization_never_loses_its_last_owner() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let owner = scope::<Admin>(&world.store, &two.a_owner, two.a);
        let id = user_id(&two.a_owner);
        let last = |answer: Result<(), MemberError>| matches!(answer, Err(MemberError::LastOwner));
        assert!(last(directory.set_role(&owner, id, Role::Viewer).map(drop)));
        assert!(last(directory.remove_member(&owner, id)));
        assert!(last(directory.leave(&owner.lower())));
        directory.set_role(&owner, id, Role::Owner).expect("no change is no loss");
        directory.set_role(&owner, user_id(&two.a_admin), Role::Owner).expect("a second owner");
        directory.leave(&owner.lower()).expect("now one can go");
        assert_eq!(
            directory.owner_names(&scope::<Viewer>(&world.store, &two.a_admin, two.a)).expect("names"),
            ["a_admin"]
        );
    }
}

#[test]
fn two_owners_that_lower_each_other_at_once_do_not_both_succeed() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let first = scope::<Admin>(&world.store, &two.a_owner, two.a);
        world.store.directory().set_role(&first, user_id(&two.a_admin), Role::Owner).expect("a second owner");
        let second = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let barrier = std::sync::Barrier::new(2);
        let lower = |scope, user| {
            barrier.wait();
            world.store.directory().set_role(scope, user, Role::Viewer).is_ok()
        };
        let done = std::thread::scope(|threads| {
            let one = threads.spawn(|| lower(&first, user_id(&two.a_admin)));
            let other = threads.spawn(|| lower(&second, user_id(&two.a_owner)));
            [one.join().expect("no panic"), other.join().expect("no panic")]
        });
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
    }
}

#[test]
fn a_proof_that_is_no_longer_true_changes_no_members() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let stale = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let owner = scope::<Admin>(&world.store, &two.a_owner, two.a);
        directory.set_role(&owner, user_id(&two.a_admin), Role::Editor).expect("it is lowered");
        let refused = directory.add_member(&stale, "nobody@example.org", Role::Viewer, None);
        assert!(matches!(refused, Err(MemberError::RoleAboveOwn { own: Role::Editor, .. })), "{refused:?}");
    }
}

#[test]
fn an_admin_of_one_organization_cannot_touch_a_membership_of_another() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let not_found = |answer: Result<(), MemberError>| matches!(answer, Err(MemberError::NotFound));
        assert!(not_found(directory.set_role(&admin, user_id(&two.b_owner), Role::Viewer).map(drop)));
        assert!(not_found(directory.remove_member(&admin, user_id(&two.b_owner))));
        // The hardest one: a member of both. Only the membership here changes.
        directory.remove_member(&admin, user_id(&two.ab)).expect("a member of A");
        assert_eq!(scope::<Viewer>(&world.store, &two.ab, two.b).role(), Role::Viewer);
        let of_b = directory.list_members(&scope::<Viewer>(&world.store, &two.b_owner, two.b)).expect("members of B");
        assert_eq!(of_b.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["ab", "b_owner"]);
    }
}

#[test]
fn members_are_listed_with_what_belongs_to_this_organization_alone() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        person(&world.store, "stranger@example.org");
        let of_a = directory.list_members(&scope::<Viewer>(&world.store, &two.a_owner, two.a)).expect("members of A");
        let names: Vec<_> =
            of_a.iter().map(|member| (member.name.as_str(), member.role, member.tokens, member.you)).collect();
        let expected = [
            ("a_admin", Role::Admin, 0, false),
            ("a_editor", Role::Editor, 0, false),
            ("a_owner", Role::Owner, 1, true),
            ("a_viewer", Role::Viewer, 0, false),
            ("ab", Role::Admin, 0, false),
        ];
        assert_eq!(names, expected);
        assert!(of_a.iter().all(|member| member.last_seen_at.is_some()));
        let counts = directory.counts(&scope::<Viewer>(&world.store, &two.a_viewer, two.a)).expect("counts");
        assert_eq!((counts.members, counts.tokens), (5, 1));
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let again = directory.add_member(&admin, "A_Viewer@example.org", Role::Viewer, None);
        assert!(matches!(again, Err(MemberError::AlreadyMember)));
        let unknown = directory.add_member(&admin, "unknown@example.org", Role::Viewer, None);
        assert!(matches!(unknown, Err(MemberError::AccountNotFound)));
    }
}
