//! Who may enter which organization, and what the others are told.

use crate::support::{TwoWorlds, identify, new_token, scope, user_id, worlds};
use authz::{Admin, Editor, Level, Owner, Viewer};
use shared::{OrgId, Role, token::TokenKind};
use store::{EnterError, Identity, OrgRef, Store};

/// What entering comes to, in a word.
fn word<R: Level>(store: &Store, who: &Identity, org: &OrgRef) -> String {
    match store.directory().enter::<R>(who, org) {
        Ok(scope) => format!("{} as {}", if scope.role() >= R::ROLE { "in" } else { "BROKEN" }, scope.role()),
        Err(EnterError::NotFound) => "not found".to_owned(),
        Err(EnterError::RoleTooLow { required, actual, .. }) => format!("{actual} is not {required}"),
        Err(EnterError::Suspended { .. }) => "suspended".to_owned(),
        Err(EnterError::Deleted { .. }) => "deleted".to_owned(),
        Err(EnterError::TokenKind { .. }) => "token kind".to_owned(),
        Err(EnterError::Store(error)) => panic!("{error}"),
    }
}

#[test]
fn each_member_enters_with_their_role_and_no_higher_one() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let org = OrgRef::Id(two.a);
        let roles = [
            (&two.a_owner, Role::Owner),
            (&two.a_admin, Role::Admin),
            (&two.a_editor, Role::Editor),
            (&two.a_viewer, Role::Viewer),
        ];
        for (who, role) in roles {
            let answers = [
                word::<Viewer>(&world.store, who, &org),
                word::<Editor>(&world.store, who, &org),
                word::<Admin>(&world.store, who, &org),
                word::<Owner>(&world.store, who, &org),
            ];
            for (asked, answer) in Role::ALL.into_iter().zip(answers) {
                let expected = if role >= asked { format!("in as {role}") } else { format!("{role} is not {asked}") };
                assert_eq!(answer, expected);
            }
        }
    }
}

#[test]
fn an_outsider_is_told_the_same_of_a_foreign_organization_as_of_a_missing_one() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let slug_of_b =
            world.store.directory().get_org(&scope::<Viewer>(&world.store, &two.b_owner, two.b)).expect("B").slug;
        let missing = OrgId::from_uuid(uuid::Uuid::now_v7());
        for who in [&two.a_owner, &two.nobody] {
            for org in
                [OrgRef::Id(two.b), OrgRef::Slug(slug_of_b.clone()), OrgRef::Id(missing), OrgRef::Slug("gone".into())]
            {
                let error = world.store.directory().enter::<Viewer>(who, &org).expect_err("an outsider");
                assert_eq!(format!("{error:?}"), "NotFound", "{org:?}");
            }
        }
    }
}

#[test]
fn a_refusal_for_a_low_role_names_those_who_can_give_a_higher_one() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let names = |answer: Result<(), EnterError>| match answer {
            Err(EnterError::RoleTooLow { who_can_change, .. }) => who_can_change,
            other => panic!("{other:?}"),
        };
        let org = OrgRef::Id(two.a);
        let directory = world.store.directory();
        assert_eq!(names(directory.enter::<Editor>(&two.a_viewer, &org).map(drop)), ["a_admin", "a_owner", "ab"]);
        assert_eq!(names(directory.enter::<Owner>(&two.a_admin, &org).map(drop)), ["a_owner"]);
    }
}

#[test]
fn a_token_enters_its_own_organization_alone() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let maker = scope::<Admin>(&world.store, &two.ab, two.a);
        let made = world
            .store
            .directory()
            .create_token(&maker, new_token(TokenKind::Api, Role::Admin), None)
            .expect("a token");
        let token = identify(&world.store, &made.secret).expect("it works");
        assert_eq!(word::<Admin>(&world.store, &token, &OrgRef::Id(two.a)), "in as admin");
        // Its maker is a member of B, the token is not.
        assert_eq!(word::<Viewer>(&world.store, &two.ab, &OrgRef::Id(two.b)), "in as viewer");
        assert_eq!(word::<Viewer>(&world.store, &token, &OrgRef::Id(two.b)), "not found");
        let orgs: Vec<_> =
            world.store.directory().list_orgs(&token).expect("a list").into_iter().map(|org| org.id).collect();
        assert_eq!(orgs, [two.a]);
    }
}

#[test]
fn an_agents_token_reports_and_does_nothing_else() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let agent = identify(&world.store, &two.agent_a).expect("it works");
        assert_eq!(word::<Viewer>(&world.store, &agent, &OrgRef::Id(two.a)), "token kind");
        assert_eq!(word::<Viewer>(&world.store, &agent, &OrgRef::Id(two.b)), "not found");
        assert_eq!(world.store.directory().enter_ingest(&agent).expect("an agent").org(), two.a);
        let maker = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let made = world
            .store
            .directory()
            .create_token(&maker, new_token(TokenKind::Api, Role::Viewer), None)
            .expect("a token");
        let api = identify(&world.store, &made.secret).expect("it works");
        assert!(matches!(world.store.directory().enter_ingest(&api), Err(EnterError::TokenKind { .. })));
        assert!(matches!(world.store.directory().enter_ingest(&two.a_owner), Err(EnterError::NotFound)));
    }
}

#[test]
fn a_suspended_organization_is_closed_and_only_members_are_told() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let slug =
            world.store.directory().get_org(&scope::<Viewer>(&world.store, &two.a_owner, two.a)).expect("A").slug;
        let agent = identify(&world.store, &two.agent_a).expect("it works");
        world.store.operator("test").suspend(&slug).expect("it is suspended");
        assert_eq!(word::<Viewer>(&world.store, &two.a_owner, &OrgRef::Id(two.a)), "suspended");
        assert_eq!(word::<Owner>(&world.store, &two.a_viewer, &OrgRef::Slug(slug.clone())), "suspended");
        assert_eq!(word::<Viewer>(&world.store, &two.b_owner, &OrgRef::Id(two.a)), "not found");
        assert!(matches!(world.store.directory().enter_ingest(&agent), Err(EnterError::Suspended { .. })));
        assert!(world.store.directory().system_scope(two.a, "test").expect("an answer").is_none());
        world.store.operator("test").resume(&slug).expect("it is resumed");
        assert_eq!(word::<Viewer>(&world.store, &two.a_viewer, &OrgRef::Id(two.a)), "in as viewer");
    }
}

#[test]
fn a_deleted_organization_is_gone_for_all_and_only_former_members_are_told() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let agent = identify(&world.store, &two.agent_a).expect("it works");
        world.store.directory().delete_org(&scope(&world.store, &two.a_owner, two.a)).expect("it is deleted");
        assert_eq!(word::<Viewer>(&world.store, &two.a_owner, &OrgRef::Id(two.a)), "deleted");
        assert_eq!(word::<Viewer>(&world.store, &two.a_viewer, &OrgRef::Slug("acme".into())), "deleted");
        assert_eq!(word::<Viewer>(&world.store, &two.b_owner, &OrgRef::Id(two.a)), "not found");
        assert!(identify(&world.store, &two.agent_a).is_none(), "its tokens are dead");
        assert!(matches!(world.store.directory().enter_ingest(&agent), Err(EnterError::Deleted { .. })));
        assert_eq!(world.store.directory().list_active_orgs().expect("a list"), [two.b]);
        assert!(world.store.directory().list_orgs(&two.a_owner).expect("a list").is_empty());
    }
}

#[test]
fn a_lowered_role_holds_at_the_next_request() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let owner = scope::<Admin>(&world.store, &two.a_owner, two.a);
        let org = OrgRef::Id(two.a);
        assert_eq!(word::<Admin>(&world.store, &two.a_admin, &org), "in as admin");
        world.store.directory().set_role(&owner, user_id(&two.a_admin), Role::Viewer).expect("it is lowered");
        assert_eq!(word::<Admin>(&world.store, &two.a_admin, &org), "viewer is not admin");
        world.store.directory().remove_member(&owner, user_id(&two.a_admin)).expect("it is removed");
        assert_eq!(word::<Viewer>(&world.store, &two.a_admin, &org), "not found");
    }
}

#[test]
fn a_scope_is_raised_only_as_far_as_the_role_goes() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let viewer = scope::<Viewer>(&world.store, &two.a_admin, two.a);
        assert_eq!(viewer.raise::<Admin>().expect("an admin").role(), Role::Admin);
        let refused = viewer.raise::<Owner>().expect_err("no owner");
        assert_eq!((refused.required, refused.actual), (Role::Owner, Role::Admin));
        assert_eq!(viewer.raise::<Admin>().expect("an admin").lower::<Viewer>().org(), two.a);
    }
}
