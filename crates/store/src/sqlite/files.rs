//! Files and folders: making, locking, opening and removing them.

use crate::{OpenError, StoreError, connection::AnyConnection, error::Db as _};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Refuses to write, whatever the query.
    Read,
    /// Reads and writes.
    Write,
}

/// How long a statement waits for another process that holds the write lock, in milliseconds.
const BUSY_TIMEOUT_MS: u32 = 5_000;

/// Opens a connection to a file that exists. Never makes one: a file that is gone stays gone.
pub(crate) fn connect(path: &Path, access: Access) -> Result<AnyConnection, StoreError> {
    let named = |error| name_file(error, path);
    // Opened once by hand, since the system says more clearly than SQLite why that fails.
    File::open(path).map_err(|error| StoreError::from_io(&error, path))?;
    let url = file_url(path)?;
    let mut connection = SqliteConnection::establish(&url)
        .map_err(|error| named(StoreError::from_text(&error.to_string(), error.into())))?;
    // The wait comes first: switching to WAL is the first thing that may have to wait.
    let pragmas = format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA trusted_schema = OFF;"
    );
    connection.batch_execute(&pragmas).db().map_err(named)?;
    match access {
        Access::Read => connection.batch_execute("PRAGMA query_only = ON").db().map_err(named)?,
        Access::Write => use_wal(&mut connection).map_err(named)?,
    }
    Ok(AnyConnection::Sqlite(connection))
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

/// WAL is a property of the file. It is set when the file is made, and again where a restored copy came without it.
#[expect(clippy::disallowed_methods, reason = "the query builder does not know pragmas")]
fn use_wal(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: JournalMode = diesel::sql_query("PRAGMA journal_mode").get_result(connection).db()?;
    if found.journal_mode != "wal" {
        let set: JournalMode = diesel::sql_query("PRAGMA journal_mode = WAL").get_result(connection).db()?;
        if set.journal_mode != "wal" {
            let why = format!("the journal mode stays {}; is the folder on a network file system?", set.journal_mode);
            return Err(StoreError::Unavailable(why.into()));
        }
    }
    Ok(())
}

/// Says which file is damaged.
pub(crate) fn name_file(error: StoreError, path: &Path) -> StoreError {
    match error {
        StoreError::Corrupt { source, .. } => {
            StoreError::Corrupt { what: format!("The file {} is damaged, or is no database.", path.display()), source }
        }
        other => other,
    }
}

/// `file:` with the path percent-encoded, so that no character of a path is taken for an option.
fn file_url(path: &Path) -> Result<String, StoreError> {
    let Some(text) = path.to_str() else {
        let why = format!("the path {} is not valid UTF-8", path.display());
        return Err(StoreError::Unavailable(why.into()));
    };
    let mut url = String::from("file:");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url.push_str("?mode=rw");
    Ok(url)
}

/// Makes an empty file that only the server's user can read. SQLite gives its log and index the same permissions.
pub(crate) fn make_file(path: &Path) -> Result<(), StoreError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map(drop).map_err(|error| StoreError::from_io(&error, path))
}

/// Whether something is there.
pub(crate) fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(|error| StoreError::from_io(&error, path))
}

/// Writes a file's contents, and its name in its folder, to the disk.
pub(crate) fn sync(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(path);
    for place in [path, folder] {
        File::open(place).and_then(|file| file.sync_all()).map_err(|error| StoreError::from_io(&error, place))?;
    }
    Ok(())
}

/// Removes a database file with its log and index. It is no error that one is not there.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let file = with_suffix(path, suffix);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::from_io(&error, &file)),
            _ => {}
        }
    }
    let folder = path.parent().unwrap_or(path);
    File::open(folder).and_then(|opened| opened.sync_all()).map_err(|error| StoreError::from_io(&error, folder))
}

/// The path with something behind it.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes a folder that only the server's user can enter, or takes one that is there.
pub(crate) fn make_folder(path: &Path) -> Result<(), OpenError> {
    let failed = |source: io::Error| OpenError::DataDir { path: path.display().to_string(), source: source.into() };
    if path.is_dir() {
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            let path = path.display();
            tracing::warn!(%path, "the data folder is open to other users; its files are not, but chmod 700 is better");
        }
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)
}

/// Waits until no other process opens the same folder, and holds it until dropped.
pub(crate) fn lock_folder(data_dir: &Path) -> Result<File, OpenError> {
    let failed = |source: io::Error| OpenError::DataDir { path: data_dir.display().to_string(), source: source.into() };
    let path = data_dir.join(".lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}
