//! Who asks: from the secret of a session or token to an [`Identity`].

use super::{
    Directory,
    users::{AccountRow, parse_id, parse_role, unreadable},
};
use crate::{
    Identity, Secret, StoreError, clock,
    connection::AnyConnection,
    error::Db as _,
    schema::{memberships, orgs, sessions, tokens, users},
    scope::Who,
    secret,
};
use diesel::prelude::*;
use shared::{Micros, SECOND, SessionId, TokenId, token::TokenKind};

/// A use is noted at most so often, so that reading does not become writing.
const NOTE_USE_EVERY: Micros = 60 * SECOND;

type SessionRow = (String, Micros, Micros, AccountRow);

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct TokenRow {
    id: String,
    org_id: String,
    kind: String,
    role: String,
    created_by: Option<String>,
    expires_at: Option<Micros>,
    last_used_at: Option<Micros>,
}

/// Which session or token.
enum Find<'a, Id> {
    BySecret(&'a str),
    ById(Id),
}

impl Directory<'_> {
    /// The account whose session has this secret. None: there is none, or it ended.
    ///
    /// # Errors
    /// The database failed.
    pub fn identify_session(&self, secret: &Secret) -> Result<Option<Identity>, StoreError> {
        self.session(&Find::BySecret(&secret.hash()))
    }

    /// The token that has this secret. None: there is none, it ended, or whoever made it is no member any more. A text
    /// with a wrong prefix or checksum is refused without asking the database.
    ///
    /// # Errors
    /// The database failed.
    pub fn identify_token(&self, secret: &str) -> Result<Option<Identity>, StoreError> {
        if secret::token_kind_of(secret).is_none() {
            return Ok(None);
        }
        self.token(&Find::BySecret(&secret::sha256(secret)))
    }

    /// The same caller as they stand now; none once the session or token ended. For what lives longer than a request,
    /// such as a live channel: what an [`Identity`] says was true when it was made.
    ///
    /// # Errors
    /// The database failed.
    pub fn reidentify(&self, who: &Identity) -> Result<Option<Identity>, StoreError> {
        match &who.0 {
            Who::Session { session, .. } => self.session(&Find::ById(*session)),
            Who::Token { token, .. } => self.token(&Find::ById(*token)),
        }
    }

    fn session(&self, which: &Find<'_, SessionId>) -> Result<Option<Identity>, StoreError> {
        let now = clock::now();
        let found = self.store.read_directory(|connection| find_session(connection, which))?;
        let Some((id, last_seen_at, expires_at, account)) = found.filter(|(_, _, expires_at, _)| *expires_at > now)
        else {
            return Ok(None);
        };
        let session: SessionId = parse_id(&id)?;
        if matches!(which, Find::BySecret(_)) && now.saturating_sub(last_seen_at) >= NOTE_USE_EVERY {
            note(self.store.note_use(|connection| {
                diesel::update(sessions::table.find(&id)).set(sessions::last_seen_at.eq(now)).execute(connection).db()
            }));
        }
        Ok(Some(Identity(Who::Session { account: account.into_account()?, session, expires_at })))
    }

    fn token(&self, which: &Find<'_, TokenId>) -> Result<Option<Identity>, StoreError> {
        let now = clock::now();
        let found = self.store.read_directory(|connection| find_token(connection, which))?;
        let Some((row, maker_role, plan_key)) = found else { return Ok(None) };
        if row.expires_at.is_some_and(|end| end <= now) {
            return Ok(None);
        }
        // A token has no more than the role that its maker has now. The database removes a token with the membership of
        // its maker; should one be left over, it dies here.
        let mut role = parse_role(&row.role)?;
        if row.created_by.is_some() {
            let Some(maker_role) = maker_role else { return Ok(None) };
            role = role.min(parse_role(&maker_role)?);
        }
        let token: TokenId = parse_id(&row.id)?;
        if matches!(which, Find::BySecret(_))
            && row.last_used_at.is_none_or(|last| now.saturating_sub(last) >= NOTE_USE_EVERY)
        {
            note(self.store.note_use(|connection| {
                diesel::update(tokens::table.find(&row.id)).set(tokens::last_used_at.eq(now)).execute(connection).db()
            }));
        }
        let kind = parse_kind(&row.kind)?;
        let (org, expires_at) = (parse_id(&row.org_id)?, row.expires_at);
        Ok(Some(Identity(Who::Token { token, org, kind, role, expires_at, plan_key })))
    }
}

fn find_session(connection: &mut AnyConnection, which: &Find<'_, SessionId>) -> Result<Option<SessionRow>, StoreError> {
    let columns = (sessions::id, sessions::last_seen_at, sessions::expires_at, AccountRow::as_select());
    let query = sessions::table.inner_join(users::table).select(columns);
    match which {
        Find::BySecret(hash) => query.filter(sessions::secret_hash.eq(*hash)).first(connection).optional().db(),
        Find::ById(id) => query.filter(sessions::id.eq(id.to_string())).first(connection).optional().db(),
    }
}

type FoundToken = (TokenRow, Option<String>, String);

fn find_token(connection: &mut AnyConnection, which: &Find<'_, TokenId>) -> Result<Option<FoundToken>, StoreError> {
    let maker = memberships::org_id.eq(tokens::org_id).and(memberships::user_id.nullable().eq(tokens::created_by));
    let query = tokens::table.inner_join(orgs::table).left_join(memberships::table.on(maker)).select((
        TokenRow::as_select(),
        memberships::role.nullable(),
        orgs::plan_key,
    ));
    match which {
        Find::BySecret(hash) => query.filter(tokens::secret_hash.eq(*hash)).first(connection).optional().db(),
        Find::ById(id) => query.filter(tokens::id.eq(id.to_string())).first(connection).optional().db(),
    }
}

pub(super) fn parse_kind(text: &str) -> Result<TokenKind, StoreError> {
    [TokenKind::Agent, TokenKind::Api]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| unreadable("a kind of token"))
}

/// That a use could not be noted (a full disk, say) keeps nobody from reading.
fn note(noted: Result<usize, StoreError>) {
    if let Err(error) = noted {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the last use of a session or token could not be noted"
        );
    }
}
