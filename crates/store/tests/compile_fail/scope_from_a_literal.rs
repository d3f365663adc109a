//! A scope from nothing: its fields are private.
use authz::Owner;
use shared::{OrgId, Role, TokenId};
use store::{Actor, OrgScope};

fn from_a_literal(org: OrgId, token: TokenId) -> OrgScope<Owner> {
    OrgScope::<Owner> { org, role: Role::Owner, actor: Actor::Token(token), level: std::marker::PhantomData }
}

fn main() {}
