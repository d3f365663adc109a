//! What can go wrong below the API, told so that whoever reads it knows what to do.
//!
//! The text of an error never contains its source: sources go to the log, texts may go further. There is no blanket
//! `From<diesel::result::Error>`: each query says itself what a missing row means.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use std::{error::Error, io, path::Path};

/// A source that is only ever logged.
pub(crate) type Source = Box<dyn Error + Send + Sync + 'static>;

/// A call to the database failed. Opaque to clients: the server answers 503 to [`StoreError::Unavailable`] and
/// [`StoreError::DiskFull`], and 500 to the rest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database is away, locked for too long, or all connections are in use.
    #[error(
        "The database cannot be reached right now. Try again; if it stays so, check that it runs and is not locked."
    )]
    Unavailable(#[source] Source),
    /// No room is left where the database is.
    #[error("The disk of the database is full. Nothing was half written; make room and try again.")]
    DiskFull(#[source] Source),
    /// The database may only be read.
    #[error("The database may only be read. Give the server's user the right to write to the data folder.")]
    ReadOnly(#[source] Source),
    /// A file is not what it should be: damaged, no database, or another organization's.
    #[error("{what} Restore it from a backup; the server will not guess.")]
    Corrupt {
        /// Which file, and what is wrong with it, as a sentence.
        what: String,
        /// More, for the log.
        #[source]
        source: Option<Source>,
    },
    /// The organization was deleted while the call was under way.
    #[error("The organization was deleted meanwhile.")]
    OrgGone,
    /// Somebody else changed the same thing at the same time.
    #[error("It was changed by somebody else at the same moment. Try again.")]
    Conflict(#[source] Source),
    /// A defect of this program: a query that the database does not accept.
    #[error("The database refused a request of the server. That is a defect of the server; its log has the details.")]
    Internal(#[source] Source),
}

impl StoreError {
    /// What a failed query means. A missing row is nobody's expectation here: queries that may find none say so.
    pub(crate) fn from_diesel(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, info) = &error else {
            return match error {
                DieselError::BrokenTransactionManager | DieselError::AlreadyInTransaction => {
                    Self::Unavailable(error.into())
                }
                _ => Self::Internal(error.into()),
            };
        };
        let text = info.message().to_owned();
        match kind {
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Self::Unavailable(error.into())
            }
            DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure => {
                Self::Conflict(error.into())
            }
            DatabaseErrorKind::ReadOnlyTransaction => Self::ReadOnly(error.into()),
            _ => Self::from_text(&text, error.into()),
        }
    }

    /// What a failed call of the file system means.
    pub(crate) fn from_io(error: &io::Error, path: &Path) -> Self {
        let kind = error.kind();
        let source = Source::from(format!("{}: {error}", path.display()));
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(source),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(source),
            _ => Self::Unavailable(source),
        }
    }

    /// Both databases tell these in words alone, as far as diesel passes them on.
    pub(crate) fn from_text(text: &str, source: Source) -> Self {
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if says(&["database or disk is full", "No space left on device"]) {
            Self::DiskFull(source)
        } else if says(&["readonly database", "read-only"]) {
            Self::ReadOnly(source)
        } else if says(&["file is not a database", "malformed", "file is encrypted"]) {
            Self::Corrupt { what: "A database file is damaged, or is no database.".to_owned(), source: Some(source) }
        } else if says(&[
            "database is locked",
            "database table is locked",
            "disk I/O error",
            "unable to open database file",
            "server closed the connection",
            "terminating connection",
            "could not connect",
            "too many clients",
            "too many connections",
            "Connection refused",
            "the database system is",
        ]) {
            Self::Unavailable(source)
        } else {
            Self::Internal(source)
        }
    }
}

impl StoreError {
    /// Whether a failed transaction may be the fault of one of the things in it, and not of the database.
    pub(crate) fn may_be_one_batch(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Internal(_))
    }

    /// The same error once more, for another caller whom it befell too.
    pub(crate) fn again(&self) -> Self {
        let source = || Source::from(self.source().map_or_else(|| self.to_string(), ToString::to_string));
        match self {
            Self::Unavailable(_) => Self::Unavailable(source()),
            Self::DiskFull(_) => Self::DiskFull(source()),
            Self::ReadOnly(_) => Self::ReadOnly(source()),
            Self::Corrupt { what, .. } => Self::Corrupt { what: what.clone(), source: Some(source()) },
            Self::OrgGone => Self::OrgGone,
            Self::Conflict(_) => Self::Conflict(source()),
            Self::Internal(_) => Self::Internal(source()),
        }
    }
}

/// Turns a failed query into a [`StoreError`] at the place where it stands.
pub(crate) trait Db<T> {
    /// See [`StoreError::from_diesel`].
    fn db(self) -> Result<T, StoreError>;
}

impl<T> Db<T> for Result<T, DieselError> {
    fn db(self) -> Result<T, StoreError> {
        self.map_err(StoreError::from_diesel)
    }
}

/// The store could not be opened. Each text is a sentence that says what to do; print it with its sources.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The data folder cannot be made or used.
    #[error(
        "The data folder {path} cannot be used. Check that it exists or can be made, and belongs to the server's user."
    )]
    DataDir {
        /// Where it is.
        path: String,
        /// Why.
        #[source]
        source: Source,
    },
    /// The database cannot be opened.
    #[error("The database {name} cannot be opened.")]
    Database {
        /// A path, or a URL without its password.
        name: String,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// A migration failed; the database is as it was before it.
    #[error("A migration of {name} failed; the database is as it was before it.")]
    Migration {
        /// A path, or a URL without its password.
        name: String,
        /// Why.
        #[source]
        source: Source,
    },
    /// Migrations are pending and there is no owner to run them.
    #[error("The database needs {pending} migration(s), and no owner URL is set that could run them.")]
    MigrationsPending {
        /// How many.
        pending: usize,
    },
    /// The role or the tables are such that one organization's rows could be read by another's query.
    #[error("The server refuses to start, because row-level security could be bypassed: {0}")]
    WallOpen(String),
}
