//! Organization-bound tokens.

use super::{
    Directory,
    identify::parse_kind,
    members::{own_role, room_for_one_more},
    orgs,
    users::{parse_id, parse_role},
};
use crate::{
    Actor, Invalid, OrgScope, StoreError, TokenError, clock,
    connection::AnyConnection,
    error::Db as _,
    schema::{tokens, users},
    secret, text,
};
use authz::{Admin, may_grant};
use diesel::prelude::*;
use shared::{
    Micros, OrgId, Role, SECOND, TokenId, UserId,
    token::{CreatedToken, NewToken, Token, TokenKind},
};
use uuid::Uuid;

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct TokenRow {
    id: String,
    name: String,
    kind: String,
    role: String,
    hint: String,
    created_at: Micros,
    expires_at: Option<Micros>,
    last_used_at: Option<Micros>,
}

impl Directory<'_> {
    /// The tokens that still work, latest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_tokens(&self, scope: &OrgScope<Admin>) -> Result<Vec<Token>, StoreError> {
        let rows: Vec<(TokenRow, Option<String>)> = self.store.read_directory(|connection| {
            let alive = tokens::expires_at.is_null().or(tokens::expires_at.gt(clock::now()));
            tokens::table
                .left_join(users::table.on(users::id.nullable().eq(tokens::created_by)))
                .filter(tokens::org_id.eq(scope.org().to_string()))
                .filter(alive)
                .order((tokens::created_at.desc(), tokens::id.desc()))
                .select((TokenRow::as_select(), users::name.nullable()))
                .load(connection)
                .db()
        })?;
        rows.into_iter()
            .map(|(row, created_by)| {
                Ok(Token {
                    id: parse_id(&row.id)?,
                    name: row.name,
                    kind: parse_kind(&row.kind)?,
                    role: parse_role(&row.role)?,
                    hint: row.hint,
                    created_by,
                    created_at: row.created_at,
                    expires_at: row.expires_at,
                    last_used_at: row.last_used_at,
                })
            })
            .collect()
    }

    /// Makes a token. It never has more than its maker's role, neither now nor later, and dies with the maker's
    /// membership; so only a person can make one. The secret is in the answer and nowhere else. Those that still work
    /// are counted in the same transaction, so two at once do not go over `limit`.
    ///
    /// # Errors
    /// See [`TokenError`].
    #[expect(clippy::needless_pass_by_value, reason = "the record is made for this call")]
    pub fn create_token(
        &self,
        scope: &OrgScope<Admin>,
        new: NewToken,
        limit: Option<i64>,
    ) -> Result<CreatedToken, TokenError> {
        let Actor::User { user, .. } = *scope.actor() else { return Err(TokenError::TokenKind) };
        let checked = check(&new)?;
        self.store.change_directory(|connection| {
            let own = own_role(connection, scope)?;
            if !may_grant(own, None, checked.role) {
                return Err(TokenError::RoleAboveOwn { own, role: checked.role });
            }
            room_for_one_more(orgs::counts(connection, scope.org())?.tokens, limit)?;
            let maker: String = users::table.find(user.to_string()).select(users::name).first(connection).db()?;
            Ok(insert(connection, scope.org(), checked, Some((user, maker)))?)
        })
    }

    /// Ends a token. Takes effect at its next request.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn revoke_token(&self, scope: &OrgScope<Admin>, token: TokenId) -> Result<(), TokenError> {
        self.store.change_directory(|connection| {
            let found = || tokens::table.find(token.to_string()).filter(tokens::org_id.eq(scope.org().to_string()));
            let role: Option<String> = found().select(tokens::role).first(connection).optional().db()?;
            let role = parse_role(&role.ok_or(TokenError::NotFound)?)?;
            let own = own_role(connection, scope)?;
            if !may_grant(own, Some(role), Role::Viewer) {
                return Err(TokenError::RoleAboveOwn { own, role });
            }
            diesel::delete(found()).execute(connection).db()?;
            Ok(())
        })
    }
}

/// A new token whose values are acceptable.
pub(crate) struct CheckedToken {
    name: String,
    kind: TokenKind,
    role: Role,
    expires_at: Option<Micros>,
}

pub(crate) fn check(new: &NewToken) -> Result<CheckedToken, Invalid> {
    let name = text::name(&new.name, "/name")?;
    let expires_at = match new.expires_in_s {
        Some(seconds) if seconds <= 0 => {
            let message = "A token ends in the future: give at least one second.".to_owned();
            return Err(Invalid { pointer: "/expires_in_s", message });
        }
        Some(seconds) => Some(clock::now().saturating_add(seconds.saturating_mul(SECOND))),
        None => None,
    };
    // An agent's token only reports. That it says viewer gives it no right to view.
    let role = if new.kind == TokenKind::Agent { Role::Viewer } else { new.role };
    Ok(CheckedToken { name, kind: new.kind, role, expires_at })
}

pub(crate) fn insert(
    connection: &mut AnyConnection,
    org: OrgId,
    new: CheckedToken,
    maker: Option<(UserId, String)>,
) -> Result<CreatedToken, StoreError> {
    let id = TokenId::from_uuid(Uuid::now_v7());
    let secret = secret::new_token_secret(new.kind);
    let (created_by, maker_name) = maker.unzip();
    let token = Token {
        id,
        name: new.name,
        kind: new.kind,
        role: new.role,
        hint: secret::token_hint(new.kind, &secret),
        created_by: maker_name,
        created_at: clock::now(),
        expires_at: new.expires_at,
        last_used_at: None,
    };
    let row = (
        tokens::id.eq(id.to_string()),
        tokens::org_id.eq(org.to_string()),
        tokens::kind.eq(token.kind.as_str()),
        tokens::name.eq(&token.name),
        tokens::role.eq(token.role.as_str()),
        tokens::secret_hash.eq(secret::sha256(&secret)),
        tokens::hint.eq(&token.hint),
        tokens::created_by.eq(created_by.map(|user: UserId| user.to_string())),
        tokens::created_at.eq(token.created_at),
        tokens::expires_at.eq(token.expires_at),
    );
    diesel::insert_into(tokens::table).values(row).execute(connection).db()?;
    Ok(CreatedToken { token, secret })
}
