//! Accounts, sessions and the first run.

use super::{
    Directory, orgs,
    users::{self, InsertUserError, parse_id},
};
use crate::{
    CreateOrgError, Credentials, Identity, Invalid, NewOrgRecord, NewUser, Secret, SetupError, StoreError, clock,
    error::Db as _,
    schema::{sessions, setup_codes, tokens, users as user_table},
    secret, text,
};
use diesel::prelude::*;
use shared::{Micros, OrgId, Role, SECOND, SessionId, UserId, account::SessionInfo};
use uuid::Uuid;

/// Most characters that are kept of what a browser calls itself.
const MAX_USER_AGENT: usize = 200;

impl Directory<'_> {
    /// Whether this server still waits for its first account.
    ///
    /// # Errors
    /// The database failed.
    pub fn setup_needed(&self) -> Result<bool, StoreError> {
        self.store.read_directory(users::count).map(|count| count == 0)
    }

    /// Keeps the SHA-256 of the set-up code; an earlier code is void.
    ///
    /// # Errors
    /// The database failed.
    pub fn put_setup_code(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.store.note_use(|connection| {
            diesel::delete(setup_codes::table).execute(connection).db()?;
            let row = (setup_codes::one.eq(1), setup_codes::hash.eq(secret::hex(hash)));
            diesel::insert_into(setup_codes::table).values(row).execute(connection).db().map(drop)
        })
    }

    /// Makes the first account and the first organization, in one transaction that succeeds once: of two at the same
    /// time, one is told that it is done. The account becomes the organization's owner.
    ///
    /// # Errors
    /// See [`SetupError`]. Nothing was made then.
    #[expect(clippy::needless_pass_by_value, reason = "the records are made for this call")]
    pub fn complete_setup(&self, code: &str, user: NewUser, org: NewOrgRecord) -> Result<(UserId, OrgId), SetupError> {
        let hash = secret::sha256(code.trim());
        self.store.change_directory(|connection| {
            if users::count(connection)? > 0 {
                return Err(SetupError::AlreadyDone);
            }
            let used =
                diesel::delete(setup_codes::table.filter(setup_codes::hash.eq(&hash))).execute(connection).db()?;
            if used == 0 {
                return Err(SetupError::WrongCode);
            }
            let user = users::insert(connection, &user).map_err(|error| match error {
                InsertUserError::EmailTaken(_) => SetupError::AlreadyDone,
                InsertUserError::Invalid(invalid) => SetupError::Invalid(invalid),
                InsertUserError::Store(error) => SetupError::Store(error),
            })?;
            let org = orgs::insert(self.store, connection, &org).map_err(|error| match error {
                CreateOrgError::Invalid(invalid) => SetupError::Invalid(for_setup(invalid)),
                CreateOrgError::SlugTaken(slug) => {
                    SetupError::Invalid(Invalid { pointer: "/org_slug", message: format!("The slug {slug} is taken.") })
                }
                CreateOrgError::Store(error) => SetupError::Store(error),
                CreateOrgError::TokenKind => unreachable!("no token asks"),
            })?;
            super::members::insert(connection, org, user, Role::Owner)?;
            Ok((user, org))
        })
    }

    /// The account of an address, to check a password. None for an address without one: check some hash all the
    /// same, so that both take equally long.
    ///
    /// # Errors
    /// The database failed.
    pub fn find_credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let found: Option<(String, String)> = self.store.read_directory(|connection| {
            user_table::table
                .filter(user_table::email.eq(text::normal_email(email)))
                .select((user_table::id, user_table::password_hash))
                .first(connection)
                .optional()
                .db()
        })?;
        found.map(|(id, password_hash)| Ok(Credentials { user: parse_id(&id)?, password_hash })).transpose()
    }

    /// Signs an account in for `ttl_s` seconds. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// The database failed.
    pub fn insert_session(
        &self,
        user: UserId,
        user_agent: &str,
        ttl_s: i64,
    ) -> Result<(SessionId, Secret), StoreError> {
        let (id, secret, now) = (SessionId::from_uuid(Uuid::now_v7()), Secret::random(), clock::now());
        let user_agent: String =
            user_agent.chars().filter(|letter| !letter.is_control()).take(MAX_USER_AGENT).collect();
        self.store.change_directory(|connection| {
            let row = (
                sessions::id.eq(id.to_string()),
                sessions::user_id.eq(user.to_string()),
                sessions::secret_hash.eq(secret.hash()),
                sessions::user_agent.eq(user_agent),
                sessions::created_at.eq(now),
                sessions::last_seen_at.eq(now),
                sessions::expires_at.eq(now.saturating_add(ttl_s.saturating_mul(SECOND))),
            );
            diesel::insert_into(sessions::table).values(row).execute(connection).db()
        })?;
        Ok((id, secret))
    }

    /// The caller's sessions that did not end, latest first. Empty for a token.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_sessions(&self, who: &Identity) -> Result<Vec<SessionInfo>, StoreError> {
        let Some(account) = who.account() else { return Ok(Vec::new()) };
        let rows: Vec<(String, String, Micros, Micros, Micros)> = self.store.read_directory(|connection| {
            sessions::table
                .filter(sessions::user_id.eq(account.id.to_string()))
                .filter(sessions::expires_at.gt(clock::now()))
                .order((sessions::last_seen_at.desc(), sessions::id.desc()))
                .select((
                    sessions::id,
                    sessions::user_agent,
                    sessions::created_at,
                    sessions::last_seen_at,
                    sessions::expires_at,
                ))
                .load(connection)
                .db()
        })?;
        rows.into_iter()
            .map(|(id, user_agent, created_at, last_seen_at, expires_at)| {
                let id: SessionId = parse_id(&id)?;
                let current = who.session() == Some(id);
                Ok(SessionInfo { id, user_agent, created_at, last_seen_at, expires_at, current })
            })
            .collect()
    }

    /// Ends one of the caller's own sessions. False where the caller has no such session.
    ///
    /// # Errors
    /// The database failed.
    pub fn delete_session(&self, who: &Identity, session: SessionId) -> Result<bool, StoreError> {
        let Some(account) = who.account() else { return Ok(false) };
        self.store.change_directory(|connection| {
            let own = sessions::table.find(session.to_string()).filter(sessions::user_id.eq(account.id.to_string()));
            diesel::delete(own).execute(connection).db().map(|deleted| deleted > 0)
        })
    }

    /// Ends the session that asks. Does nothing for a token.
    ///
    /// # Errors
    /// The database failed.
    pub fn delete_current_session(&self, who: &Identity) -> Result<(), StoreError> {
        match who.session() {
            Some(session) => self.delete_session(who, session).map(drop),
            None => Ok(()),
        }
    }

    /// Removes sessions and tokens that ended by themselves. Answers how many.
    ///
    /// # Errors
    /// The database failed.
    pub fn prune_expired(&self) -> Result<usize, StoreError> {
        let now = clock::now();
        self.store.note_use(|connection| {
            let sessions =
                diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(connection).db()?;
            let tokens = diesel::delete(tokens::table.filter(tokens::expires_at.le(now))).execute(connection).db()?;
            Ok(sessions + tokens)
        })
    }
}

/// The fields of an organization stand under other names in the body of the set-up.
fn for_setup(invalid: Invalid) -> Invalid {
    let pointer = match invalid.pointer {
        "/name" => "/org_name",
        "/slug" => "/org_slug",
        other => other,
    };
    Invalid { pointer, ..invalid }
}
