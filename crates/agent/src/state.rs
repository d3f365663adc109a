//! The agent's folder: one agent per folder, and files that are either the old or the new one, never half of each.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It does not exist and cannot be made.
    #[error(
        "cannot create the state folder {path}: {cause}. Create it for the account that runs the agent, or name another with --state-dir"
    )]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The lock file cannot be opened or locked.
    #[error(
        "cannot lock {path}: {cause}. The agent must be able to write in its state folder; check its owner and that the disk is not full or read-only"
    )]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Another agent holds the lock.
    #[error(
        "another agent is already running with the state folder {path}. Stop it first, or give this one its own --state-dir"
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
}

/// A state folder that this process alone uses, for as long as the value lives.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    /// The lock goes with the open file, so that it ends with the process however that ends.
    _lock: File,
}

impl StateDir {
    /// Creates the folder where needed and locks it.
    ///
    /// # Errors
    /// When it cannot be made, cannot be written, or another agent uses it.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        create(path)?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|cause| StateError::Lock { path: lock_path.clone(), cause })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StateError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(StateError::Lock { path: lock_path, cause }),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Creates the folder, readable for its owner alone: what a machine does is not everybody's business.
///
/// # Errors
/// When it does not exist and cannot be made.
pub fn create(path: &Path) -> Result<(), StateError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|cause| StateError::Create { path: path.to_owned(), cause })
}

/// Replaces a file so that after a crash there is the old content or the new, whole and on the disk.
///
/// # Errors
/// When the folder cannot be written. The old file is then still there.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let written = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if let Err(cause) = written {
        // What is left of it would only take room on a disk that may be full.
        let _ = fs::remove_file(&temporary);
        return Err(cause);
    }
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Makes the names in a folder durable: a new file whose folder was not written is lost in a power cut.
///
/// # Errors
/// When the folder cannot be opened or written.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_agent_on_the_same_folder_is_refused_until_the_first_ends() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let first = StateDir::open(dir.path()).expect("the first gets the folder");
        let refused = StateDir::open(dir.path()).expect_err("the second does not");
        assert!(matches!(refused, StateError::InUse { .. }), "{refused}");
        assert!(refused.to_string().contains("--state-dir"), "{refused}");
        drop(first);
        StateDir::open(dir.path()).expect("the folder is free again");
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_what_to_do() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("file");
        fs::write(&file, "in the way").expect("written");
        let refused = StateDir::open(&file.join("state")).expect_err("a file is in the way");
        assert!(refused.to_string().contains("--state-dir"), "{refused}");
    }

    #[test]
    fn an_atomic_write_replaces_the_content_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("host-id");
        write_atomically(&path, b"one").expect("written");
        write_atomically(&path, b"two").expect("written again");
        assert_eq!(fs::read(&path).expect("readable"), b"two");
        assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 1);
    }
}
