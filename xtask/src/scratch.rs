//! Folders for work in progress, which leave nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::shell::{IoContext, Result};

/// A new, empty folder that is removed with everything in it when this value goes.
pub(crate) struct ScratchDir(PathBuf);

impl ScratchDir {
    /// Creates `{parent}/{label}-{process id}-{number}`, and `parent` where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub(crate) fn new(parent: &Path, label: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{label}-{}-{number}", std::process::id()));
        // Left over by a killed process that happened to have our id.
        if path.exists() {
            fs::remove_dir_all(&path).or_cannot("remove", &path)?;
        }
        fs::create_dir_all(&path).or_cannot("create", &path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        // A folder that stays costs some disk space; failing here would hide what went wrong before.
        let _ = fs::remove_dir_all(&self.0);
    }
}
