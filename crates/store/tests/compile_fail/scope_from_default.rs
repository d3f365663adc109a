//! A scope from nothing: it has no default, and no function makes one.
use authz::Owner;
use shared::{OrgId, Role, TokenId};
use store::{Actor, IngestScope, OrgScope, SystemScope};

fn from_default() -> (OrgScope<Owner>, IngestScope, SystemScope) {
    (OrgScope::default(), IngestScope::default(), SystemScope::default())
}

fn from_a_constructor(org: OrgId, token: TokenId) -> Option<OrgScope<Owner>> {
    OrgScope::<Owner>::prove(org, Role::Owner, Actor::Token(token))
}

fn main() {}
