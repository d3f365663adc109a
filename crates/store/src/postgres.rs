//! The shared backend: one PostgreSQL database, with row-level security as the second wall.

mod guard;
mod migrate;

use crate::{
    OpenError, StoreError,
    connection::{AnyConnection, Pool, write_transaction},
    error::Db as _,
    schema::{
        assistant_usage, chat_messages, chats, directory_version, host_samples, hosts, inventories, metadata, orgs,
    },
};
use diesel::{PgConnection, prelude::*, sql_types::Text};
use shared::{OrgId, org::OrgStatus};

/// A pool of connections with the restricted role.
pub(crate) struct PgStore {
    app_url: String,
    pool: Pool,
}

impl PgStore {
    pub(crate) fn open(app_url: &str, owner_url: Option<&str>, pool_size: u32) -> Result<Self, OpenError> {
        let name = without_password(app_url);
        let mut connection = connect(app_url).map_err(|source| OpenError::Database { name: name.clone(), source })?;
        migrate::run(&mut connection, owner_url)?;
        guard::check(&mut connection)?;
        drop(connection);
        let store = Self { app_url: app_url.to_owned(), pool: Pool::new(usize::try_from(pool_size).unwrap_or(8)) };
        store.finish_deletions().map_err(|source| OpenError::Database { name, source })?;
        Ok(store)
    }

    /// Runs work on a connection, without an organization: of tenant tables it sees no row.
    fn with_connection<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.pool.get(|| open(&self.app_url))?;
        let done = work(&mut connection);
        if done.is_err() {
            connection.close_if_dead();
        }
        done
    }

    /// The same in a transaction.
    fn in_transaction<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with_connection(|connection| write_transaction(connection, work))
    }

    pub(crate) fn read_directory<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with_connection(work)
    }

    pub(crate) fn write_directory<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.in_transaction(work)
    }

    pub(crate) fn directory_version(&self) -> Result<i64, StoreError> {
        self.with_connection(|connection| {
            directory_version::table.select(directory_version::version).first(connection).db()
        })
    }

    /// Runs work in a transaction that sees one organization.
    #[expect(clippy::disallowed_methods, reason = "the query builder does not know set_config")]
    pub(crate) fn in_org<T, E: From<StoreError>>(
        &self,
        org: OrgId,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.in_transaction(|connection| {
            // First of all, and for this transaction alone: nothing of it is left on the connection, so it holds
            // behind a pooler in transaction mode too.
            diesel::sql_query("SELECT set_config('bulkhead.org', $1, true)")
                .bind::<Text, _>(org.to_string())
                .execute(connection)
                .db()?;
            work(connection)
        })
    }

    /// The same for work that writes: it waits for a deletion that is under way, and finds the organization gone then.
    #[expect(clippy::disallowed_methods, reason = "the query builder of both databases does not know FOR SHARE")]
    pub(crate) fn write_org<T, E: From<StoreError>>(
        &self,
        org: OrgId,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.in_org(org, |connection| {
            let status: Option<Status> = diesel::sql_query("SELECT status FROM orgs WHERE id = $1 FOR SHARE")
                .bind::<Text, _>(org.to_string())
                .get_result(connection)
                .optional()
                .db()?;
            if status.is_none_or(|found| found.status == OrgStatus::Deleted.as_str()) {
                return Err(StoreError::OrgGone.into());
            }
            work(connection)
        })
    }

    /// Erases an organization's rows. Called after the deletion is committed in the directory.
    pub(crate) fn erase_org(&self, org: OrgId) -> Result<(), StoreError> {
        let id = org.to_string();
        self.in_org(org, |connection| {
            diesel::delete(chat_messages::table.filter(chat_messages::org_id.eq(&id))).execute(connection).db()?;
            diesel::delete(chats::table.filter(chats::org_id.eq(&id))).execute(connection).db()?;
            diesel::delete(assistant_usage::table.filter(assistant_usage::org_id.eq(&id))).execute(connection).db()?;
            diesel::delete(metadata::table.filter(metadata::org_id.eq(&id))).execute(connection).db()?;
            diesel::delete(inventories::table.filter(inventories::org_id.eq(&id))).execute(connection).db()?;
            diesel::delete(host_samples::table.filter(host_samples::org_id.eq(&id))).execute(connection).db()?;
            diesel::delete(hosts::table.filter(hosts::org_id.eq(&id))).execute(connection).db().map(drop)
        })
    }

    /// Erases what a crash left of deleted organizations.
    fn finish_deletions(&self) -> Result<(), StoreError> {
        let unfinished: Vec<String> = self.with_connection(|connection| {
            orgs::table
                .filter(orgs::status.eq(OrgStatus::Deleted.as_str()))
                .filter(orgs::purged_at.is_null())
                .select(orgs::id)
                .load(connection)
                .db()
        })?;
        for org in unfinished.iter().filter_map(|id| id.parse::<OrgId>().ok()) {
            tracing::warn!(%org, "finishing a deletion that was cut short");
            self.erase_org(org)?;
            self.in_transaction(|connection| {
                diesel::update(orgs::table.find(org.to_string()))
                    .set(orgs::purged_at.eq(crate::clock::now()))
                    .execute(connection)
                    .db()
                    .map(drop)
            })?;
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Text)]
    status: String,
}

fn open(url: &str) -> Result<AnyConnection, StoreError> {
    connect(url).map(AnyConnection::Postgres)
}

/// Connects. The URL may hold a password, so no error repeats it.
fn connect(url: &str) -> Result<PgConnection, StoreError> {
    PgConnection::establish(url).map_err(|error| StoreError::Unavailable(error.to_string().into()))
}

/// A URL as it may be shown.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}{}", &url[..scheme + 3], &url[at..])
        }
        _ => "the PostgreSQL database".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_url_is_shown_without_its_password() {
        assert_eq!(without_password("postgres://app:s3c:r@t@db:5432/x"), "postgres://app@db:5432/x");
        assert_eq!(without_password("host=db password=secret"), "the PostgreSQL database");
    }
}
