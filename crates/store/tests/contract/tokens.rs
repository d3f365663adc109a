//! Tokens: bound to one organization, and never more than their makers.

use crate::support::{TwoWorlds, batch, identify, ingest, new_token, now, report, scope, user_id, worlds};
use authz::{Admin, Editor, Owner, Viewer};
use shared::{Role, token::TokenKind};
use store::{EnterError, MemberError, OrgRef, OverLimit, TokenError};

#[test]
fn a_token_has_at_most_the_role_that_its_maker_has_now() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let refused = directory.create_token(&admin, new_token(TokenKind::Api, Role::Owner), None);
        assert!(matches!(refused, Err(TokenError::RoleAboveOwn { own: Role::Admin, role: Role::Owner })));
        let made = directory.create_token(&admin, new_token(TokenKind::Api, Role::Admin), None).expect("a token");
        let role = || {
            let token = identify(&world.store, &made.secret).expect("it works");
            directory.enter::<Viewer>(&token, &OrgRef::Id(two.a)).expect("it enters").role()
        };
        assert_eq!(role(), Role::Admin);
        let owner = scope::<Admin>(&world.store, &two.a_owner, two.a);
        directory.set_role(&owner, user_id(&two.a_admin), Role::Viewer).expect("it is lowered");
        assert_eq!(role(), Role::Viewer);
        directory.set_role(&owner, user_id(&two.a_admin), Role::Owner).expect("it is raised");
        assert_eq!(role(), Role::Admin, "never more than it was made with");
    }
}

#[test]
fn several_made_at_once_do_not_go_over_the_limit() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let used = directory.counts(&admin).expect("counts").tokens;
        let limit = used + 2;
        let make = || directory.create_token(&admin, new_token(TokenKind::Agent, Role::Viewer), Some(limit)).map(drop);
        let answers: Vec<_> = std::thread::scope(|threads| {
            let making: Vec<_> = (0..6).map(|_| threads.spawn(make)).collect();
            making.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2);
        assert!(
            answers
                .into_iter()
                .filter_map(Result::err)
                .all(|error| matches!(error, TokenError::Limit(over) if over == OverLimit { limit, used: limit }))
        );
        let full = directory.counts(&admin).expect("counts").members;
        let refused = directory.add_member(&admin, "ab@example.org", Role::Viewer, Some(full));
        assert!(matches!(refused, Err(MemberError::Limit(over)) if over == OverLimit { limit: full, used: full }));
    }
}

#[test]
fn a_token_dies_with_the_membership_of_its_maker() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let api = directory.create_token(&admin, new_token(TokenKind::Api, Role::Viewer), None).expect("a token");
        let agent = directory.create_token(&admin, new_token(TokenKind::Agent, Role::Viewer), None).expect("a token");
        let owner = scope::<Admin>(&world.store, &two.a_owner, two.a);
        directory.remove_member(&owner, user_id(&two.a_admin)).expect("it is removed");
        assert!(identify(&world.store, &api.secret).is_none());
        assert!(identify(&world.store, &agent.secret).is_none());
        directory.add_member(&owner, "a_admin@example.org", Role::Admin, None).expect("they come back");
        assert!(identify(&world.store, &api.secret).is_none(), "the dead do not return");
        assert!(identify(&world.store, &two.agent_a).is_some(), "others' tokens live on");
    }
}

#[test]
fn a_revoked_or_expired_token_is_nobody() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        let made = directory.create_token(&admin, new_token(TokenKind::Api, Role::Editor), None).expect("a token");
        assert_eq!(made.token.hint, format!("bh_org_…{}", &made.secret[made.secret.len() - 2..]));
        let listed = directory.list_tokens(&admin).expect("a list");
        assert_eq!((listed.len(), listed[0].id, listed[0].created_by.as_deref()), (2, made.token.id, Some("a_admin")));

        let of_b = scope::<Admin>(&world.store, &two.b_owner, two.b);
        assert!(matches!(directory.revoke_token(&of_b, made.token.id), Err(TokenError::NotFound)), "it is A's");
        assert_eq!(directory.list_tokens(&of_b).expect("a list").len(), 1);
        let token = identify(&world.store, &made.secret).expect("it works");
        directory.revoke_token(&admin, made.token.id).expect("it is revoked");
        assert!(identify(&world.store, &made.secret).is_none());
        assert!(directory.reidentify(&token).expect("an answer").is_none());

        let mut short = new_token(TokenKind::Api, Role::Viewer);
        short.expires_in_s = Some(3600);
        let short = directory.create_token(&admin, short, None).expect("a token");
        assert!(identify(&world.store, &short.secret).is_some());
        world.directory_sql(&format!("UPDATE tokens SET expires_at = {} WHERE id = '{}'", now() - 1, short.token.id));
        assert!(identify(&world.store, &short.secret).is_none());
        let mut past = new_token(TokenKind::Api, Role::Viewer);
        past.expires_in_s = Some(0);
        assert!(matches!(directory.create_token(&admin, past, None), Err(TokenError::Invalid(_))));
    }
}

#[test]
fn a_token_makes_no_tokens_and_no_organizations_and_cannot_leave() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let directory = world.store.directory();
        let owner = scope::<Admin>(&world.store, &two.a_owner, two.a);
        let made = directory.create_token(&owner, new_token(TokenKind::Api, Role::Owner), None).expect("a token");
        let token = identify(&world.store, &made.secret).expect("it works");
        let by_token = directory.enter::<Owner>(&token, &OrgRef::Id(two.a)).expect("an owner's token");
        let refused = directory.create_token(&by_token.lower(), new_token(TokenKind::Agent, Role::Viewer), None);
        assert!(matches!(refused, Err(TokenError::TokenKind)));
        let refused = directory.create_org(&token, crate::support::new_org("Other"));
        assert!(matches!(refused, Err(store::CreateOrgError::TokenKind)));
        assert!(matches!(directory.leave(&by_token.lower()), Err(store::MemberError::TokenKind)));
    }
}

#[test]
fn a_token_that_the_operator_made_belongs_to_no_membership() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let made = world
            .store
            .operator("test")
            .create_token("acme", new_token(TokenKind::Agent, Role::Viewer))
            .expect("a token");
        assert_eq!(made.token.created_by, None);
        let outcome = ingest(&world.store, &made.secret, batch(vec![report(now(), 1.0)])).expect("it is kept");
        assert_eq!(outcome.org, two.a);
        let agent = identify(&world.store, &made.secret).expect("it works");
        let refused = world.store.directory().enter::<Editor>(&agent, &OrgRef::Id(two.a));
        assert!(matches!(refused, Err(EnterError::TokenKind { .. })));
    }
}
