//! Recognizes that nothing changed since the last build, so that a second `run` starts at once: Trunk alone would take seconds to
//! find out the same.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::shell::{IoContext, Result};

/// Sums up files and folders by path, size and time of change. Contents are not read: cargo decides by time, too.
///
/// # Errors
/// When a folder or file cannot be read. A path that does not exist is part of the sum, not an error.
pub(crate) fn of(root: &Path, paths: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(&root.join(path), &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.hash(hasher);
    if !path.exists() {
        return Ok(());
    }
    let about = fs::metadata(path).or_cannot("read", path)?;
    if about.is_dir() {
        let mut entries = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>())
            .or_cannot("list", path)?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(entry, hasher));
    }
    about.len().hash(hasher);
    let changed_at = about.modified().or_cannot("read the time of", path)?;
    changed_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().hash(hasher);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::ScratchDir;

    #[test]
    fn a_changed_an_added_and_a_renamed_file_each_change_the_fingerprint() {
        let scratch = ScratchDir::new(&std::env::temp_dir(), "fingerprint").expect("a scratch folder");
        let write = |name: &str, text: &str| fs::write(scratch.path().join(name), text).expect("write");
        let now = || of(scratch.path(), &["."]).expect("fingerprint");

        write("a", "one");
        let first = now();
        assert_eq!(first, now(), "nothing changed");
        write("a", "three");
        let changed = now();
        assert_ne!(first, changed);
        write("b", "");
        let added = now();
        assert_ne!(changed, added);
        fs::rename(scratch.path().join("b"), scratch.path().join("c")).expect("rename");
        assert_ne!(added, now());
    }

    #[test]
    fn a_missing_path_is_no_error() {
        let scratch = ScratchDir::new(&std::env::temp_dir(), "fingerprint-missing").expect("a scratch folder");
        assert!(of(scratch.path(), &["nothing-here"]).is_ok());
    }
}
