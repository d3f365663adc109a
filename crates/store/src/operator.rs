//! The operator's commands: no scope, because whoever runs the installation is no member of anything by virtue of that.

use crate::{
    CreateOrgError, NewOrgRecord, NewUser, OperatorError, OrgRecord, Store, StoreError,
    connection::AnyConnection,
    directory::{
        members, orgs as org_rows, tokens,
        users::{self, AccountRow, InsertUserError, parse_id},
    },
    error::Db as _,
    schema::{memberships, orgs, sessions, users as user_table},
    text,
};
use diesel::{dsl::count_star, prelude::*};
use shared::{
    OrgId, Role, UserId,
    account::Account,
    org::{Org, OrgStatus},
    token::{CreatedToken, NewToken},
};
use std::collections::HashMap;

/// The operator's commands: for the command line and first-run tasks. They touch the directory alone; no tenant data
/// is read or written here.
pub struct Operator<'a> {
    pub(crate) store: &'a Store,
}

impl Operator<'_> {
    /// Makes an account.
    ///
    /// # Errors
    /// See [`OperatorError`].
    #[expect(clippy::needless_pass_by_value, reason = "the record is made for this call")]
    pub fn create_user(&self, new: NewUser) -> Result<UserId, OperatorError> {
        self.store.change_directory(|connection| {
            users::insert(connection, &new).map_err(|error| match error {
                InsertUserError::EmailTaken(email) => OperatorError::EmailTaken(email),
                InsertUserError::Invalid(invalid) => OperatorError::Invalid(invalid),
                InsertUserError::Store(error) => OperatorError::Store(error),
            })
        })
    }

    /// Sets a password (its hash in PHC form) and ends all the account's sessions.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub fn set_password(&self, email: &str, password_hash: &str) -> Result<(), OperatorError> {
        self.store.change_directory(|connection| {
            let user = user_of(connection, email)?.to_string();
            diesel::update(user_table::table.find(&user))
                .set(user_table::password_hash.eq(password_hash))
                .execute(connection)
                .db()?;
            diesel::delete(sessions::table.filter(sessions::user_id.eq(&user))).execute(connection).db()?;
            Ok(())
        })
    }

    /// Makes an organization with an owner.
    ///
    /// # Errors
    /// See [`OperatorError`].
    #[expect(clippy::needless_pass_by_value, reason = "the record is made for this call")]
    pub fn create_org(&self, owner_email: &str, new: NewOrgRecord) -> Result<Org, OperatorError> {
        self.store.change_directory(|connection| {
            let owner = user_of(connection, owner_email)?;
            let org = org_rows::insert(self.store, connection, &new).map_err(|error| match error {
                CreateOrgError::SlugTaken(slug) => OperatorError::SlugTaken(slug),
                CreateOrgError::Invalid(invalid) => OperatorError::Invalid(invalid),
                CreateOrgError::Store(error) => OperatorError::Store(error),
                CreateOrgError::TokenKind => unreachable!("no token asks"),
            })?;
            members::insert(connection, org, owner, Role::Owner)?;
            Ok(org_rows::get(connection, org)?)
        })
    }

    /// Adds an account to an organization.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub fn add_member(&self, org_slug: &str, email: &str, role: Role) -> Result<(), OperatorError> {
        self.store.change_directory(|connection| {
            let org = org_of(connection, org_slug)?;
            let user = user_of(connection, email)?;
            if users::role_in(connection, org, user)?.is_some() {
                return Err(OperatorError::AlreadyMember(text::normal_email(email)));
            }
            Ok(members::insert(connection, org, user, role)?)
        })
    }

    /// Makes a token that no membership ends.
    ///
    /// # Errors
    /// See [`OperatorError`].
    #[expect(clippy::needless_pass_by_value, reason = "the record is made for this call")]
    pub fn create_token(&self, org_slug: &str, new: NewToken) -> Result<CreatedToken, OperatorError> {
        let checked = tokens::check(&new)?;
        self.store.change_directory(|connection| {
            let org = org_of(connection, org_slug)?;
            Ok(tokens::insert(connection, org, checked, None)?)
        })
    }

    /// Assigns a plan by its key. Whether the catalogue has such a plan is the caller's to check.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub fn set_plan(&self, org_slug: &str, plan_key: &str) -> Result<(), OperatorError> {
        self.store.change_directory(|connection| {
            let org = org_of(connection, org_slug)?;
            diesel::update(orgs::table.find(org.to_string()))
                .set((orgs::plan_key.eq(plan_key), orgs::version.eq(orgs::version + 1)))
                .execute(connection)
                .db()?;
            Ok(())
        })
    }

    /// Closes an organization for the time being.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub fn suspend(&self, org_slug: &str) -> Result<(), OperatorError> {
        self.set_status(org_slug, OrgStatus::Suspended)
    }

    /// Opens a suspended organization again.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub fn resume(&self, org_slug: &str) -> Result<(), OperatorError> {
        self.set_status(org_slug, OrgStatus::Active)
    }

    fn set_status(&self, org_slug: &str, status: OrgStatus) -> Result<(), OperatorError> {
        self.store.change_directory(|connection| {
            let org = org_of(connection, org_slug)?;
            diesel::update(orgs::table.find(org.to_string()))
                .set((orgs::status.eq(status.as_str()), orgs::version.eq(orgs::version + 1)))
                .execute(connection)
                .db()?;
            Ok(())
        })
    }

    /// All organizations but deleted ones, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_orgs(&self) -> Result<Vec<OrgRecord>, StoreError> {
        let mut list = self.store.read_directory(|connection| {
            let rows: Vec<(org_rows::OrgRow, String)> = orgs::table
                .filter(orgs::status.ne(OrgStatus::Deleted.as_str()))
                .select((org_rows::OrgRow::as_select(), orgs::plan_key))
                .load(connection)
                .db()?;
            let counts: Vec<(String, i64)> = memberships::table
                .group_by(memberships::org_id)
                .select((memberships::org_id, count_star()))
                .load(connection)
                .db()?;
            let counts: HashMap<String, i64> = counts.into_iter().collect();
            rows.into_iter()
                .map(|(row, plan_key)| {
                    let org = row.into_org()?;
                    let members = counts.get(&org.id.to_string()).copied().unwrap_or_default();
                    Ok(OrgRecord { org, plan_key, members })
                })
                .collect::<Result<Vec<_>, StoreError>>()
        })?;
        list.sort_by_cached_key(|record| (record.org.name.to_lowercase(), record.org.id));
        Ok(list)
    }

    /// All accounts by address.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_users(&self) -> Result<Vec<Account>, StoreError> {
        let rows: Vec<AccountRow> = self.store.read_directory(|connection| {
            user_table::table.order(user_table::email).select(AccountRow::as_select()).load(connection).db()
        })?;
        rows.into_iter().map(AccountRow::into_account).collect()
    }

    /// The oldest organization that is not deleted: the default one where multi-tenancy is off.
    ///
    /// # Errors
    /// The database failed.
    pub fn first_org(&self) -> Result<Option<OrgId>, StoreError> {
        let found: Option<String> = self.store.read_directory(|connection| {
            orgs::table
                .filter(orgs::status.ne(OrgStatus::Deleted.as_str()))
                .order((orgs::created_at, orgs::id))
                .select(orgs::id)
                .first(connection)
                .optional()
                .db()
        })?;
        found.map(|id| parse_id(&id)).transpose()
    }
}

fn user_of(connection: &mut AnyConnection, email: &str) -> Result<UserId, OperatorError> {
    users::find_by_email(connection, email)?.ok_or_else(|| OperatorError::NoSuchUser(text::normal_email(email)))
}

fn org_of(connection: &mut AnyConnection, slug: &str) -> Result<OrgId, OperatorError> {
    let found: Option<String> = orgs::table
        .filter(orgs::slug.eq(slug))
        .filter(orgs::status.ne(OrgStatus::Deleted.as_str()))
        .select(orgs::id)
        .first(connection)
        .optional()
        .db()?;
    Ok(parse_id(&found.ok_or_else(|| OperatorError::NoSuchOrg(slug.to_owned()))?)?)
}
