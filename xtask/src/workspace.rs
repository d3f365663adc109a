//! Where things are: the root of the repository, the build folder, the binaries.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::shell::{self, Failure, Result};

/// The folder of the root `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // `cargo xtask` sets the variable at run time, too; the value of compile time would be wrong after the folder was moved.
    let own_folder =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own_folder.parent().map_or(own_folder.clone(), Path::to_path_buf)
}

/// Where Trunk puts the app and the server finds it. Inside the repository even when CARGO_TARGET_DIR points elsewhere, because
/// `Trunk.toml` and the `embed` feature of the server name it.
pub(crate) fn web_root() -> PathBuf {
    root().join("target/web")
}

/// Where the app lies that the tests of the walls use.
pub(crate) fn web_walls_root() -> PathBuf {
    root().join("target/web-walls")
}

/// Where xtask keeps what it remembers between two runs, and the whole output of what failed.
pub(crate) fn notes_dir() -> PathBuf {
    root().join("target/xtask")
}

/// A member of the workspace as its `Cargo.toml` declares it.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a dependency table.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for an ordinary dependency, else `dev` or `build`.
    pub(crate) kind: Option<String>,
}

/// What `cargo metadata` knows about the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Member>,
    pub(crate) target_directory: PathBuf,
}

/// Asks cargo. Without `--no-deps` it would resolve the whole graph, which says nothing about who *declares* what.
///
/// # Errors
/// When cargo fails (a broken `Cargo.toml`) or answers something else than JSON.
pub(crate) fn metadata() -> Result<Metadata> {
    let json = shell::output(
        Command::new(shell::cargo()).args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root()),
    )?;
    serde_json::from_str(&json)
        .map_err(|error| Failure::new(format!("cannot read the answer of cargo metadata: {error}")))
}

/// The folder with the built binaries of a profile (`debug` or `release`).
///
/// # Errors
/// When cargo cannot say where its target folder is.
pub(crate) fn bin_dir(profile: &str) -> Result<PathBuf> {
    Ok(metadata()?.target_directory.join(profile))
}
