//! Members of an organization.

use super::{
    Directory, orgs,
    users::{self, parse_id, parse_role},
};
use crate::{
    Actor, MemberError, OrgScope, OverLimit, StoreError, clock,
    connection::AnyConnection,
    error::Db as _,
    schema::{memberships, sessions, tokens, users as user_table},
};
use authz::{Admin, Level, Viewer, may_grant};
use diesel::{dsl::max, prelude::*};
use shared::{Micros, OrgId, Role, UserId, org::Member};
use std::collections::HashMap;

type MemberRow = (String, String, String, String, Micros);

impl Directory<'_> {
    /// The members, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_members<R: Level>(&self, scope: &OrgScope<R>) -> Result<Vec<Member>, StoreError> {
        let you = own_id(scope);
        self.store.read_directory(|connection| list(connection, scope.org(), you, None))
    }

    /// Adds an account that exists, where there are fewer members than `limit`. They are counted in the transaction
    /// that adds one, so two at once do not go over it.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub fn add_member(
        &self,
        scope: &OrgScope<Admin>,
        email: &str,
        role: Role,
        limit: Option<i64>,
    ) -> Result<Member, MemberError> {
        self.store.change_directory(|connection| {
            let own = own_role(connection, scope)?;
            if !may_grant(own, None, role) {
                return Err(MemberError::RoleAboveOwn { own, role });
            }
            room_for_one_more(orgs::counts(connection, scope.org())?.members, limit)?;
            let user = users::find_by_email(connection, email)?.ok_or(MemberError::AccountNotFound)?;
            if users::role_in(connection, scope.org(), user)?.is_some() {
                return Err(MemberError::AlreadyMember);
            }
            insert(connection, scope.org(), user, role)?;
            get(connection, scope, user)
        })
    }

    /// Gives a member another role. Takes effect at the member's next request.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub fn set_role(&self, scope: &OrgScope<Admin>, user: UserId, role: Role) -> Result<Member, MemberError> {
        self.store.change_directory(|connection| {
            let before = may_touch(connection, scope, user, role)?;
            if role < Role::Owner {
                keep_an_owner(connection, scope.org(), before)?;
            }
            diesel::update(memberships::table.find((scope.org().to_string(), user.to_string())))
                .set(memberships::role.eq(role.as_str()))
                .execute(connection)
                .db()?;
            get(connection, scope, user)
        })
    }

    /// Ends a membership, and with it the tokens that the member made here.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub fn remove_member(&self, scope: &OrgScope<Admin>, user: UserId) -> Result<(), MemberError> {
        self.store.change_directory(|connection| {
            let role = may_touch(connection, scope, user, Role::Viewer)?;
            keep_an_owner(connection, scope.org(), role)?;
            Ok(delete(connection, scope.org(), user)?)
        })
    }

    /// Ends the caller's own membership, and with it the tokens that they made here.
    ///
    /// # Errors
    /// [`MemberError::LastOwner`], and [`MemberError::TokenKind`] for a token, which is no member.
    pub fn leave(&self, scope: &OrgScope<Viewer>) -> Result<(), MemberError> {
        let user = own_id(scope).ok_or(MemberError::TokenKind)?;
        self.store.change_directory(|connection| {
            let role = users::role_in(connection, scope.org(), user)?.ok_or(MemberError::NotFound)?;
            keep_an_owner(connection, scope.org(), role)?;
            Ok(delete(connection, scope.org(), user)?)
        })
    }
}

/// Refuses one more where there are as many as there may be.
pub(super) fn room_for_one_more(used: i64, limit: Option<i64>) -> Result<(), OverLimit> {
    match limit {
        Some(limit) if used >= limit => Err(OverLimit { limit, used }),
        _ => Ok(()),
    }
}

/// The account that acts, if a person does.
fn own_id<R: Level>(scope: &OrgScope<R>) -> Option<UserId> {
    match scope.actor() {
        Actor::User { user, .. } => Some(*user),
        Actor::Token(_) => None,
    }
}

/// The caller's role as it is in this transaction: between the proof and now it may have been lowered.
pub(super) fn own_role<R: Level>(connection: &mut AnyConnection, scope: &OrgScope<R>) -> Result<Role, StoreError> {
    match own_id(scope) {
        // Who is no member any more may do what a viewer may: nothing of what asks here.
        Some(user) => Ok(users::role_in(connection, scope.org(), user)?.unwrap_or(Role::Viewer)),
        None => Ok(scope.role()),
    }
}

/// The member's present role, if the caller may give them this one.
fn may_touch(
    connection: &mut AnyConnection,
    scope: &OrgScope<Admin>,
    user: UserId,
    role: Role,
) -> Result<Role, MemberError> {
    let own = own_role(connection, scope)?;
    let before = users::role_in(connection, scope.org(), user)?.ok_or(MemberError::NotFound)?;
    if may_grant(own, Some(before), role) {
        return Ok(before);
    }
    Err(MemberError::RoleAboveOwn { own, role: before.max(role) })
}

/// Refuses to take away the last owner.
fn keep_an_owner(connection: &mut AnyConnection, org: OrgId, role: Role) -> Result<(), MemberError> {
    if role < Role::Owner {
        return Ok(());
    }
    let owners: i64 = memberships::table
        .filter(memberships::org_id.eq(org.to_string()))
        .filter(memberships::role.eq(Role::Owner.as_str()))
        .count()
        .get_result(connection)
        .db()?;
    if owners > 1 { Ok(()) } else { Err(MemberError::LastOwner) }
}

pub(crate) fn insert(connection: &mut AnyConnection, org: OrgId, user: UserId, role: Role) -> Result<(), StoreError> {
    let row = (
        memberships::org_id.eq(org.to_string()),
        memberships::user_id.eq(user.to_string()),
        memberships::role.eq(role.as_str()),
        memberships::created_at.eq(clock::now()),
    );
    diesel::insert_into(memberships::table).values(row).execute(connection).db().map(drop)
}

fn delete(connection: &mut AnyConnection, org: OrgId, user: UserId) -> Result<(), StoreError> {
    let (org, user) = (org.to_string(), user.to_string());
    // The foreign key would do it too. Said twice, since a token that outlives a membership is a way back in.
    let made = tokens::table.filter(tokens::org_id.eq(&org)).filter(tokens::created_by.eq(&user));
    diesel::delete(made).execute(connection).db()?;
    diesel::delete(memberships::table.find((&org, &user))).execute(connection).db().map(drop)
}

fn get(connection: &mut AnyConnection, scope: &OrgScope<Admin>, user: UserId) -> Result<Member, MemberError> {
    list(connection, scope.org(), own_id(scope), Some(user))?.pop().ok_or(MemberError::NotFound)
}

fn list(
    connection: &mut AnyConnection,
    org: OrgId,
    you: Option<UserId>,
    only: Option<UserId>,
) -> Result<Vec<Member>, StoreError> {
    let org = org.to_string();
    let mut query = memberships::table
        .inner_join(user_table::table)
        .filter(memberships::org_id.eq(&org))
        .select((user_table::id, user_table::name, user_table::email, memberships::role, memberships::created_at))
        .into_boxed();
    if let Some(user) = only {
        query = query.filter(memberships::user_id.eq(user.to_string()));
    }
    let rows: Vec<MemberRow> = query.load(connection).db()?;
    let ids: Vec<&String> = rows.iter().map(|row| &row.0).collect();
    let seen: Vec<(String, Option<Micros>)> = sessions::table
        .filter(sessions::user_id.eq_any(&ids))
        .group_by(sessions::user_id)
        .select((sessions::user_id, max(sessions::last_seen_at)))
        .load(connection)
        .db()?;
    let seen: HashMap<String, Option<Micros>> = seen.into_iter().collect();
    let alive = tokens::expires_at.is_null().or(tokens::expires_at.gt(clock::now()));
    let made: Vec<Option<String>> =
        tokens::table.filter(tokens::org_id.eq(&org)).filter(alive).select(tokens::created_by).load(connection).db()?;
    let mut members = rows
        .into_iter()
        .map(|(id, name, email, role, created_at)| {
            let last_seen_at = seen.get(&id).copied().flatten();
            let tokens = made.iter().filter(|maker| maker.as_ref() == Some(&id)).count();
            let user_id: UserId = parse_id(&id)?;
            Ok(Member {
                user_id,
                name,
                email,
                role: parse_role(&role)?,
                created_at,
                last_seen_at,
                tokens: i64::try_from(tokens).unwrap_or(i64::MAX),
                you: you == Some(user_id),
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    members.sort_by_cached_key(|member| (member.name.to_lowercase(), member.user_id));
    Ok(members)
}
