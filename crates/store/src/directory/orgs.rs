//! Organizations: making, reading, changing, deleting.

use super::{
    Directory, enter, members,
    users::{parse_id, parse_role, unreadable},
};
use crate::{
    Counts, CreateOrgError, Identity, Invalid, NewOrgRecord, OrgScope, PatchError, Store, StoreError, clock,
    connection::AnyConnection,
    error::Db as _,
    schema::{memberships, org_slugs, orgs, tokens},
    scope::Who,
    slug, text,
};
use authz::{Admin, Level, Owner};
use diesel::prelude::*;
use shared::{
    Micros, OrgId, Role,
    org::{COLOURS, Org, OrgPatch, OrgStatus, OrgSummary},
};
use uuid::Uuid;

/// Most numbers that are tried behind a slug that was made from a name.
const MAX_NUMBER: usize = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = orgs)]
pub(crate) struct OrgRow {
    id: String,
    slug: String,
    name: String,
    description: String,
    colour: String,
    monogram: String,
    status: String,
    created_at: Micros,
    version: i64,
}

impl OrgRow {
    pub(crate) fn into_org(self) -> Result<Org, StoreError> {
        Ok(Org {
            id: parse_id(&self.id)?,
            slug: self.slug,
            name: self.name,
            description: self.description,
            colour: self.colour,
            monogram: self.monogram,
            status: OrgStatus::parse(&self.status).ok_or_else(|| unreadable("a status"))?,
            created_at: self.created_at,
            version: self.version,
        })
    }
}

/// What a patch sets. It has no id: which organization is changed is the scope's to say.
#[derive(AsChangeset, Default)]
#[diesel(table_name = orgs)]
struct OrgChanges {
    slug: Option<String>,
    name: Option<String>,
    description: Option<String>,
    colour: Option<String>,
    monogram: Option<String>,
}

impl Directory<'_> {
    /// The caller's organizations by name: a person's, or the one that a token is bound to. Deleted ones are left out.
    ///
    /// `plan` of each is the plan's **key**: the catalogue with the names is the server's.
    ///
    /// # Errors
    /// The database failed.
    pub fn list_orgs(&self, who: &Identity) -> Result<Vec<OrgSummary>, StoreError> {
        let found: Vec<(OrgRow, String, Role)> = match &who.0 {
            Who::Session { account, .. } => {
                let rows: Vec<(OrgRow, String, String)> = self.store.read_directory(|connection| {
                    orgs::table
                        .inner_join(memberships::table)
                        .filter(memberships::user_id.eq(account.id.to_string()))
                        .filter(orgs::status.ne(OrgStatus::Deleted.as_str()))
                        .select((OrgRow::as_select(), orgs::plan_key, memberships::role))
                        .load(connection)
                        .db()
                })?;
                rows.into_iter()
                    .map(|(row, plan, role)| Ok((row, plan, parse_role(&role)?)))
                    .collect::<Result<_, _>>()?
            }
            Who::Token { org, role, .. } => {
                let rows: Vec<(OrgRow, String)> = self.store.read_directory(|connection| {
                    orgs::table
                        .find(org.to_string())
                        .filter(orgs::status.ne(OrgStatus::Deleted.as_str()))
                        .select((OrgRow::as_select(), orgs::plan_key))
                        .load(connection)
                        .db()
                })?;
                rows.into_iter().map(|(row, plan)| (row, plan, *role)).collect()
            }
        };
        let mut list =
            found.into_iter().map(|(row, plan, role)| summary(row, plan, role)).collect::<Result<Vec<_>, _>>()?;
        list.sort_by_cached_key(|org| (org.name.to_lowercase(), org.id));
        Ok(list)
    }

    /// Makes an organization; the caller becomes its owner. Tokens cannot.
    ///
    /// # Errors
    /// See [`CreateOrgError`]. Nothing was made then.
    #[expect(clippy::needless_pass_by_value, reason = "the record is made for this call")]
    pub fn create_org(&self, who: &Identity, new: NewOrgRecord) -> Result<Org, CreateOrgError> {
        let owner = who.account().ok_or(CreateOrgError::TokenKind)?.id;
        self.store.change_directory(|connection| {
            let org = insert(self.store, connection, &new)?;
            members::insert(connection, org, owner, Role::Owner)?;
            Ok(get(connection, org)?)
        })
    }

    /// The organization.
    ///
    /// # Errors
    /// The database failed.
    pub fn get_org<R: Level>(&self, scope: &OrgScope<R>) -> Result<Org, StoreError> {
        self.store.read_directory(|connection| get(connection, scope.org()))
    }

    /// Key of the organization's plan.
    ///
    /// # Errors
    /// The database failed.
    pub fn plan_key<R: Level>(&self, scope: &OrgScope<R>) -> Result<String, StoreError> {
        self.store.read_directory(|connection| {
            orgs::table.find(scope.org().to_string()).select(orgs::plan_key).first(connection).db()
        })
    }

    /// Changes what the patch names. An old slug stays as a redirect for as long as no other organization takes it.
    ///
    /// # Errors
    /// See [`PatchError`]. Nothing was changed then.
    pub fn patch_org(
        &self,
        scope: &OrgScope<Admin>,
        expected_version: Option<i64>,
        patch: OrgPatch,
    ) -> Result<Org, PatchError> {
        let changes = check_patch(patch)?;
        let id = scope.org().to_string();
        self.store.change_directory(|connection| {
            let before = get(connection, scope.org())?;
            if expected_version.is_some_and(|expected| expected != before.version) {
                return Err(PatchError::VersionMismatch(Box::new(before)));
            }
            if let Some(slug) = changes.slug.as_ref().filter(|slug| **slug != before.slug) {
                if !is_free(connection, slug)? {
                    return Err(PatchError::SlugTaken(slug.clone()));
                }
                diesel::delete(org_slugs::table.find(slug)).execute(connection).db()?;
                let former = (org_slugs::slug.eq(&before.slug), org_slugs::org_id.eq(&id));
                diesel::insert_into(org_slugs::table).values(former).execute(connection).db()?;
            }
            diesel::update(orgs::table.find(&id))
                .set((&changes, orgs::version.eq(before.version + 1)))
                .execute(connection)
                .db()?;
            Ok(get(connection, scope.org())?)
        })
    }

    /// Deletes the organization with all its data, for good. Its members are told so from now on (410); its tokens are
    /// dead. The row with id, slug and name stays: the id never returns, and nobody else's organization opens under a
    /// link that was this one's.
    ///
    /// The deletion is committed in the directory before the data is erased. Where erasing fails, or the process dies
    /// in between, the next start finishes it.
    ///
    /// # Errors
    /// The directory failed: nothing was deleted.
    pub fn delete_org(&self, scope: &OrgScope<Owner>) -> Result<(), StoreError> {
        let org = scope.org();
        self.mark_deleted(org)?;
        match self.store.erase_org_data(org) {
            Ok(()) => self.store.note_use(|connection| {
                diesel::update(orgs::table.find(org.to_string()))
                    .set(orgs::purged_at.eq(clock::now()))
                    .execute(connection)
                    .db()
                    .map(drop)
            }),
            Err(error) => {
                tracing::error!(
                    %org,
                    error = &error as &dyn std::error::Error,
                    "a deleted organization's data could not be erased; the next start tries again"
                );
                Ok(())
            }
        }
    }

    /// The first half of a deletion.
    fn mark_deleted(&self, org: OrgId) -> Result<(), StoreError> {
        let id = org.to_string();
        self.store.change_directory(|connection| {
            diesel::delete(tokens::table.filter(tokens::org_id.eq(&id))).execute(connection).db()?;
            diesel::delete(org_slugs::table.filter(org_slugs::org_id.eq(&id))).execute(connection).db()?;
            diesel::update(orgs::table.find(&id))
                .set((
                    orgs::status.eq(OrgStatus::Deleted.as_str()),
                    orgs::description.eq(""),
                    orgs::deleted_at.eq(clock::now()),
                    orgs::version.eq(orgs::version + 1),
                ))
                .execute(connection)
                .db()
                .map(drop)
        })
    }

    /// Names of the owners, at most five: who can change the plan.
    ///
    /// # Errors
    /// The database failed.
    pub fn owner_names<R: Level>(&self, scope: &OrgScope<R>) -> Result<Vec<String>, StoreError> {
        self.store.read_directory(|connection| enter::names_of(connection, scope.org(), Role::Owner))
    }

    /// How many members and tokens there are.
    ///
    /// # Errors
    /// The database failed.
    pub fn counts<R: Level>(&self, scope: &OrgScope<R>) -> Result<Counts, StoreError> {
        self.store.read_directory(|connection| counts(connection, scope.org()))
    }
}

pub(super) fn counts(connection: &mut AnyConnection, org: OrgId) -> Result<Counts, StoreError> {
    let id = org.to_string();
    let members = memberships::table.filter(memberships::org_id.eq(&id)).count().get_result(connection).db()?;
    let alive = tokens::expires_at.is_null().or(tokens::expires_at.gt(clock::now()));
    let tokens = tokens::table.filter(tokens::org_id.eq(&id)).filter(alive).count().get_result(connection).db()?;
    Ok(Counts { members, tokens })
}

fn summary(row: OrgRow, plan: String, role: Role) -> Result<OrgSummary, StoreError> {
    let org = row.into_org()?;
    Ok(OrgSummary {
        id: org.id,
        slug: org.slug,
        name: org.name,
        colour: org.colour,
        monogram: org.monogram,
        status: org.status,
        role,
        plan,
    })
}

pub(crate) fn get(connection: &mut AnyConnection, org: OrgId) -> Result<Org, StoreError> {
    let row: Option<OrgRow> =
        orgs::table.find(org.to_string()).select(OrgRow::as_select()).first(connection).optional().db()?;
    row.ok_or(StoreError::OrgGone)?.into_org()
}

/// Makes an organization with its room for data, without members. The caller commits.
pub(crate) fn insert(
    store: &Store,
    connection: &mut AnyConnection,
    new: &NewOrgRecord,
) -> Result<OrgId, CreateOrgError> {
    let name = text::name(&new.name, "/name")?;
    let description = text::description(&new.description)?;
    let org = OrgId::from_uuid(Uuid::now_v7());
    let colour = match &new.colour {
        Some(colour) => text::colour(colour)?,
        None => COLOURS[usize::from(org.as_uuid().as_bytes()[15]) % COLOURS.len()].to_owned(),
    };
    let slug = match &new.slug {
        Some(slug) => {
            slug::validate(slug).map_err(|message| Invalid { pointer: "/slug", message })?;
            if !is_free(connection, slug)? {
                return Err(CreateOrgError::SlugTaken(slug.clone()));
            }
            slug.clone()
        }
        None => free_slug(connection, &name)?,
    };
    // A former slug of another organization may be taken: its redirect ends.
    diesel::delete(org_slugs::table.find(&slug)).execute(connection).db()?;
    let row = (
        orgs::id.eq(org.to_string()),
        orgs::slug.eq(slug),
        orgs::monogram.eq(text::monogram_of(&name)),
        orgs::name.eq(name),
        orgs::description.eq(description),
        orgs::colour.eq(colour),
        orgs::status.eq(OrgStatus::Active.as_str()),
        orgs::plan_key.eq(&new.plan_key),
        orgs::version.eq(1),
        orgs::created_at.eq(clock::now()),
    );
    diesel::insert_into(orgs::table).values(row).execute(connection).db()?;
    store.create_org_data(org)?;
    Ok(org)
}

/// Whether no organization has this slug now. A deleted one keeps its own.
fn is_free(connection: &mut AnyConnection, slug: &str) -> Result<bool, StoreError> {
    let taken: i64 = orgs::table.filter(orgs::slug.eq(slug)).count().get_result(connection).db()?;
    Ok(taken == 0)
}

/// A slug made from a name, with a number behind it where that is taken. It leaves alone former slugs of others, since
/// nobody asked for this very one.
fn free_slug(connection: &mut AnyConnection, name: &str) -> Result<String, CreateOrgError> {
    let plain = slug::from_name(name);
    let numbered = (2..MAX_NUMBER).map(|number| slug::numbered(&plain, number));
    for candidate in std::iter::once(plain.clone()).chain(numbered) {
        let former: i64 = org_slugs::table.find(&candidate).count().get_result(connection).db()?;
        if former == 0 && is_free(connection, &candidate)? {
            return Ok(candidate);
        }
    }
    Err(CreateOrgError::SlugTaken(plain))
}

fn check_patch(patch: OrgPatch) -> Result<OrgChanges, Invalid> {
    let slug = patch.slug.map(|slug| match slug::validate(&slug) {
        Ok(()) => Ok(slug),
        Err(message) => Err(Invalid { pointer: "/slug", message }),
    });
    Ok(OrgChanges {
        slug: slug.transpose()?,
        name: patch.name.map(|name| text::name(&name, "/name")).transpose()?,
        description: patch.description.map(|description| text::description(&description)).transpose()?,
        colour: patch.colour.map(|colour| text::colour(&colour)).transpose()?,
        monogram: patch.monogram.map(|monogram| text::monogram(&monogram)).transpose()?,
    })
}
