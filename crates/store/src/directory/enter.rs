//! The one function that decides between 404, 403, 410 and 423.

use super::{
    Directory,
    users::{parse_id, parse_role, unreadable},
};
use crate::{
    Actor, EnterError, Identity, IngestScope, OrgRef, OrgScope, StoreError, SystemScope,
    connection::AnyConnection,
    error::Db as _,
    schema::{memberships, org_slugs, orgs, users},
    scope::Who,
};
use authz::Level;
use diesel::prelude::*;
use shared::{OrgId, Role, UserId, org::OrgStatus, token::TokenKind};

/// Most names in a refusal.
const MAX_NAMES: i64 = 5;

/// An organization as far as entering it goes.
#[derive(Queryable)]
struct Door {
    id: String,
    name: String,
    status: String,
}

impl Directory<'_> {
    /// Proves that a caller may act in an organization with at least role `R`.
    ///
    /// A missing organization, one of others, and the token of another one are the same
    /// [`EnterError::NotFound`]. Members learn more: that their role is too low, that it is suspended, that it was
    /// deleted.
    ///
    /// # Errors
    /// See [`EnterError`].
    pub fn enter<R: Level>(&self, who: &Identity, org: &OrgRef) -> Result<OrgScope<R>, EnterError> {
        let (door, role, actor) = match &who.0 {
            Who::Session { account, session, .. } => {
                let found = self.store.read_directory(|connection| door_of_member(connection, account.id, org))?;
                let (door, role) = found.ok_or(EnterError::NotFound)?;
                (door, parse_role(&role)?, Actor::User { user: account.id, session: *session })
            }
            Who::Token { token, org: bound_to, kind, role, .. } => {
                let found = self.store.read_directory(|connection| door_of_token(connection, *bound_to, org))?;
                let door = found.ok_or(EnterError::NotFound)?;
                if *kind != TokenKind::Api {
                    return Err(EnterError::TokenKind { kind: *kind });
                }
                (door, *role, Actor::Token(*token))
            }
        };
        let id = open_door(door)?;
        if let Some(scope) = OrgScope::prove(id, role, actor) {
            return Ok(scope);
        }
        let who_can_change =
            self.store.read_directory(|connection| names_of(connection, id, R::ROLE.max(Role::Admin)))?;
        Err(EnterError::RoleTooLow { org: id, required: R::ROLE, actual: role, who_can_change })
    }

    /// Proves that reports may be appended: the caller is an agent's token, and they go to the token's organization.
    ///
    /// # Errors
    /// See [`EnterError`]; [`EnterError::TokenKind`] for an API token, [`EnterError::NotFound`] for a person.
    pub fn enter_ingest(&self, who: &Identity) -> Result<IngestScope, EnterError> {
        let Who::Token { token, org, kind, plan_key, .. } = &who.0 else { return Err(EnterError::NotFound) };
        if *kind != TokenKind::Agent {
            return Err(EnterError::TokenKind { kind: *kind });
        }
        let found = self.store.read_directory(|connection| door_of_token(connection, *org, &OrgRef::Id(*org)))?;
        let id = open_door(found.ok_or(EnterError::NotFound)?)?;
        Ok(IngestScope { org: id, token: *token, plan_key: plan_key.clone() })
    }

    /// The right of background work in one organization, with the reason for it. None where the organization is not
    /// active.
    ///
    /// # Errors
    /// The database failed.
    pub fn system_scope(&self, org: OrgId, why: &'static str) -> Result<Option<SystemScope>, StoreError> {
        let status: Option<String> = self.store.read_directory(|connection| {
            orgs::table.find(org.to_string()).select(orgs::status).first(connection).optional().db()
        })?;
        let active = status.as_deref() == Some(OrgStatus::Active.as_str());
        Ok(active.then_some(SystemScope { org, why }))
    }

    /// Ids of all organizations that are in use, for background work.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_active_orgs(&self) -> Result<Vec<OrgId>, StoreError> {
        let ids: Vec<String> = self.store.read_directory(|connection| {
            let active = orgs::status.eq(OrgStatus::Active.as_str());
            orgs::table.filter(active).order(orgs::id).select(orgs::id).load(connection).db()
        })?;
        ids.iter().map(|id| parse_id(id)).collect()
    }
}

/// Tells members, and tokens, what state the organization is in.
fn open_door(door: Door) -> Result<OrgId, EnterError> {
    let org: OrgId = parse_id(&door.id)?;
    match OrgStatus::parse(&door.status).ok_or_else(|| unreadable("a status"))? {
        OrgStatus::Active => Ok(org),
        OrgStatus::Suspended => Err(EnterError::Suspended { org, name: door.name }),
        OrgStatus::Deleted => Err(EnterError::Deleted { org, name: door.name }),
    }
}

/// The organization and the member's role in it. One query, with the membership inside it, so that an organization
/// of others and none at all take the same way to the same answer.
fn door_of_member(
    connection: &mut AnyConnection,
    user: UserId,
    org: &OrgRef,
) -> Result<Option<(Door, String)>, StoreError> {
    let mine = || {
        orgs::table
            .inner_join(memberships::table)
            .filter(memberships::user_id.eq(user.to_string()))
            .select(((orgs::id, orgs::name, orgs::status), memberships::role))
    };
    match org {
        OrgRef::Id(id) => mine().filter(orgs::id.eq(id.to_string())).first(connection).optional().db(),
        OrgRef::Slug(slug) => {
            let present = mine().filter(orgs::slug.eq(slug)).first(connection).optional().db()?;
            if present.is_some() {
                return Ok(present);
            }
            let former = org_slugs::table.filter(org_slugs::slug.eq(slug)).select(org_slugs::org_id);
            mine().filter(orgs::id.eq_any(former)).first(connection).optional().db()
        }
    }
}

/// The token's own organization, if that is the one that is asked for.
fn door_of_token(connection: &mut AnyConnection, own: OrgId, asked: &OrgRef) -> Result<Option<Door>, StoreError> {
    let mine = || orgs::table.find(own.to_string()).select((orgs::id, orgs::name, orgs::status));
    match asked {
        OrgRef::Id(id) if *id != own => Ok(None),
        OrgRef::Id(_) => mine().first(connection).optional().db(),
        OrgRef::Slug(slug) => {
            let present = mine().filter(orgs::slug.eq(slug)).first(connection).optional().db()?;
            if present.is_some() {
                return Ok(present);
            }
            let former = org_slugs::table.filter(org_slugs::slug.eq(slug)).select(org_slugs::org_id);
            mine().filter(orgs::id.eq_any(former)).first(connection).optional().db()
        }
    }
}

/// Names of members with at least this role.
pub(super) fn names_of(connection: &mut AnyConnection, org: OrgId, least: Role) -> Result<Vec<String>, StoreError> {
    let roles: Vec<&str> = Role::ALL.into_iter().filter(|role| *role >= least).map(Role::as_str).collect();
    memberships::table
        .inner_join(users::table)
        .filter(memberships::org_id.eq(org.to_string()))
        .filter(memberships::role.eq_any(roles))
        .order((users::name, users::id))
        .limit(MAX_NAMES)
        .select(users::name)
        .load(connection)
        .db()
}
