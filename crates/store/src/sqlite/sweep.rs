//! Mends, at start, what a crash left between the directory and an organization's file.

use super::{SqliteStore, files, org_file};
use crate::{StoreError, error::Db as _, schema::orgs};
use diesel::prelude::*;
use shared::{OrgId, org::OrgStatus};
use std::{collections::HashMap, fs, path::PathBuf};

/// What can be found, and what is done about it:
///
/// - a draft: its creation was cut short, and nobody was told of it; removed;
/// - a file of an organization that the directory never knew: the same, one step later; removed **if it is empty**.
///   One that holds data is no such leftover but a directory that was restored from an older backup: it is left
///   alone, and the log says so;
/// - a file of a deleted organization: its deletion was cut short; removed.
///
/// The directory's write lock is held, so no other process is in the middle of a creation.
pub(super) fn mend(store: &SqliteStore) -> Result<(), StoreError> {
    store.write_directory(|connection| {
        let known: Vec<(String, String)> = orgs::table.select((orgs::id, orgs::status)).load(connection).db()?;
        let known: HashMap<String, String> = known.into_iter().collect();
        for (path, name) in database_files(store)? {
            let Some(id) = name.strip_suffix(".db").and_then(|id| id.parse::<OrgId>().ok()) else {
                if name.strip_suffix(".db.new").is_some_and(|id| id.parse::<OrgId>().is_ok()) {
                    tracing::warn!(file = %path.display(), "removing a draft of a creation that was cut short");
                    files::remove(&path)?;
                }
                continue;
            };
            match known.get(&id.to_string()).map(|status| OrgStatus::parse(status)) {
                Some(Some(OrgStatus::Deleted)) => {
                    tracing::warn!(org = %id, "finishing a deletion that was cut short");
                    files::remove(&path)?;
                }
                Some(_) => {}
                None if org_file::is_empty(&path).unwrap_or(false) => {
                    tracing::warn!(org = %id, "removing the empty file of a creation that was cut short");
                    files::remove(&path)?;
                }
                None => tracing::error!(
                    file = %path.display(),
                    "this file holds data of an organization that the directory does not know; it is left alone. Was \
                     directory.db restored from an older backup?"
                ),
            }
        }
        let now = crate::clock::now();
        diesel::update(
            orgs::table.filter(orgs::status.eq(OrgStatus::Deleted.as_str())).filter(orgs::purged_at.is_null()),
        )
        .set(orgs::purged_at.eq(now))
        .execute(connection)
        .db()
        .map(drop)
    })
}

fn database_files(store: &SqliteStore) -> Result<Vec<(PathBuf, String)>, StoreError> {
    let folder = store.data_dir.join("orgs");
    let failed = |error| StoreError::from_io(&error, &folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if let Ok(name) = entry.file_name().into_string() {
            found.push((entry.path(), name));
        }
    }
    Ok(found)
}
