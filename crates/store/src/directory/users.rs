//! Accounts as rows.

use crate::{
    Invalid, NewUser, StoreError, clock,
    connection::AnyConnection,
    error::Db as _,
    schema::{memberships, users},
    text,
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};
use shared::{OrgId, Role, UserId, account::Account};
use uuid::Uuid;

/// An account without its password.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct AccountRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) is_operator: bool,
}

impl AccountRow {
    pub(crate) fn into_account(self) -> Result<Account, StoreError> {
        Ok(Account { id: parse_id(&self.id)?, email: self.email, name: self.name, is_operator: self.is_operator })
    }
}

/// Why no account was made.
#[derive(Debug)]
pub(crate) enum InsertUserError {
    EmailTaken(String),
    Invalid(Invalid),
    Store(StoreError),
}

impl From<StoreError> for InsertUserError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(crate) fn insert(connection: &mut AnyConnection, new: &NewUser) -> Result<UserId, InsertUserError> {
    let email = text::email(&new.email).map_err(InsertUserError::Invalid)?;
    let name = text::name(&new.name, "/name").map_err(InsertUserError::Invalid)?;
    let id = UserId::from_uuid(Uuid::now_v7());
    let row = (
        users::id.eq(id.to_string()),
        users::email.eq(&email),
        users::name.eq(name),
        users::password_hash.eq(&new.password_hash),
        users::is_operator.eq(new.is_operator),
        users::created_at.eq(clock::now()),
    );
    match diesel::insert_into(users::table).values(row).execute(connection) {
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            Err(InsertUserError::EmailTaken(email))
        }
        done => done.db().map(|_| id).map_err(InsertUserError::Store),
    }
}

pub(crate) fn find_by_email(connection: &mut AnyConnection, email: &str) -> Result<Option<UserId>, StoreError> {
    let found: Option<String> = users::table
        .filter(users::email.eq(text::normal_email(email)))
        .select(users::id)
        .first(connection)
        .optional()
        .db()?;
    found.map(|id| parse_id(&id)).transpose()
}

pub(crate) fn count(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    users::table.count().get_result(connection).db()
}

/// A role in an organization, for an account.
pub(crate) fn role_in(connection: &mut AnyConnection, org: OrgId, user: UserId) -> Result<Option<Role>, StoreError> {
    let found: Option<String> = memberships::table
        .find((org.to_string(), user.to_string()))
        .select(memberships::role)
        .first(connection)
        .optional()
        .db()?;
    found.map(|role| parse_role(&role)).transpose()
}

/// An id that this program wrote. Another one means that somebody else wrote it.
pub(crate) fn parse_id<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| unreadable("an id"))
}

pub(crate) fn parse_role(text: &str) -> Result<Role, StoreError> {
    text.parse().map_err(|_| unreadable("a role"))
}

pub(crate) fn unreadable(what: &str) -> StoreError {
    StoreError::Corrupt { what: format!("The database holds {what} that this server cannot read."), source: None }
}
