//! Installs what the tasks need: the wasm target, pinned cargo tools, Debian packages.
//!
//! A cargo tool is taken from PATH when its version is the pinned one. Otherwise it is built once into
//! `~/.cache/bulkhead/tools/{tool}-{version}`, outside the repository, so that a second clone does not pay again.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scratch::ScratchDir;
use crate::shell::{self, Failure, IoContext, Result};
use crate::workspace;

/// The target of the app.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A tool that is built from the crate registry.
pub(crate) struct Tool {
    /// What the command is called, and what its folder in the cache is called.
    binary: &'static str,
    krate: &'static str,
    version: &'static str,
    /// Further arguments of `cargo install`.
    install_args: &'static [&'static str],
    /// About how long the build takes on two cores, so that the person who waits knows.
    takes: &'static str,
}

/// Builds and bundles the app. The next minor version needs a newer compiler.
pub(crate) const TRUNK: Tool = Tool {
    binary: "trunk",
    krate: "trunk",
    version: "0.21.14",
    install_args: &["--locked", "--no-default-features", "--features", "rustls"],
    takes: "2 to 3 minutes",
};

/// Must be exactly the version of the crate `wasm-bindgen`. Not `--locked`: its lock file names a crate version that the registry
/// does not serve.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    binary: "wasm-bindgen",
    krate: "wasm-bindgen-cli",
    version: "0.2.130",
    install_args: &[],
    takes: "1 to 2 minutes",
};

/// Cuts the app in two. Must fit the crate `wasm_split_helpers`, which leptos brings.
pub(crate) const WASM_SPLIT: Tool = Tool {
    binary: "wasm-split-cli",
    krate: "wasm_split_cli_support",
    version: "0.2.4",
    install_args: &["--locked", "--features", "build-binary"],
    takes: "1 minute",
};

/// Runs tests in parallel, each in a process of its own. The self-update feature is left out.
pub(crate) const NEXTEST: Tool = Tool {
    binary: "cargo-nextest",
    krate: "cargo-nextest",
    version: "0.9.151",
    install_args: &["--locked", "--no-default-features", "--features", "default-no-update"],
    takes: "2 minutes",
};

/// Makes sure that the tools are there.
///
/// Returns the value of PATH with which a command finds each of them in the pinned version.
///
/// # Errors
/// When a tool cannot be built or its folder cannot be written.
pub(crate) fn ensure(tools: &[&Tool]) -> Result<OsString> {
    let cache = cache_dir()?.join("tools");
    let missing: Vec<&&Tool> = tools.iter().filter(|tool| !tool.is_on_path() && !tool.is_in(&cache)).collect();
    if !missing.is_empty() {
        fs::create_dir_all(&cache).or_cannot("create", &cache)?;
        // One build folder for all of them: they have most dependencies in common. It goes when the last tool is built.
        let build = ScratchDir::new(&cache, ".build")?;
        for tool in missing {
            tool.install(&cache, &build)?;
        }
    }
    let own_dirs = tools.iter().filter(|tool| !tool.is_on_path()).map(|tool| tool.home(&cache).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(own_dirs.chain(std::env::split_paths(&path)))
        .map_err(|error| Failure::new(format!("cannot put the tools on PATH: {error}")))
}

/// A value of PATH in which `dir` comes before everything else.
///
/// # Errors
/// When the name of the folder has a `:` in it.
pub(crate) fn put_first(dir: &Path, path: &OsStr) -> Result<OsString> {
    std::env::join_paths(std::iter::once(dir.to_path_buf()).chain(std::env::split_paths(path)))
        .map_err(|error| Failure::new(format!("cannot put {} on PATH: {error}", dir.display())))
}

impl Tool {
    fn home(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.binary, self.version))
    }

    fn is_in(&self, cache: &Path) -> bool {
        self.home(cache).join("bin").join(self.binary).is_file()
    }

    fn is_on_path(&self) -> bool {
        shell::output(Command::new(self.binary).arg("--version"))
            .is_ok_and(|answer| version_of(&answer).is_some_and(|version| version == self.version))
    }

    fn install(&self, cache: &Path, build: &ScratchDir) -> Result<()> {
        // Installed beside its final place and renamed: an interrupted build leaves no half tool under the final name.
        let half_done = ScratchDir::new(cache, &format!(".{}", self.binary))?;
        let title = format!("build {} {} once, about {}", self.krate, self.version, self.takes);
        shell::step(
            &title,
            Command::new(shell::cargo())
                .args(["install", self.krate, "--version", self.version, "--root"])
                .arg(half_done.path())
                .args(self.install_args)
                .env("CARGO_TARGET_DIR", build.path().join("target"))
                // The tool runs for seconds and is built for minutes: build time counts.
                .env("CARGO_PROFILE_RELEASE_LTO", "false")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env_remove("RUSTFLAGS")
                .current_dir(workspace::root()),
        )?;
        let home = self.home(cache);
        if self.is_in(cache) {
            return Ok(()); // Another clone was faster.
        }
        if home.exists() {
            fs::remove_dir_all(&home).or_cannot("remove", &home)?;
        }
        fs::rename(half_done.path(), &home).or_cannot("create", &home)
    }
}

/// The version in the first line of an answer to `--version`: "trunk 0.21.14", "cargo-nextest 0.9.151 (6b3f99457 2026-11-02)".
fn version_of(answer: &str) -> Option<&str> {
    answer.lines().next()?.split_whitespace().nth(1)
}

/// `$XDG_CACHE_HOME/bulkhead` or `~/.cache/bulkhead`.
fn cache_dir() -> Result<PathBuf> {
    let xdg = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    xdg.or_else(home)
        .map(|cache| cache.join("bulkhead"))
        .ok_or_else(|| Failure::new("neither XDG_CACHE_HOME nor HOME is set: where should the build tools be kept?"))
}

/// Makes sure that the compiler can build for the browser.
///
/// # Errors
/// When the target is missing and rustup cannot add it.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    // Asking rustc where the target would be is ten times faster than asking rustup what is installed.
    let libdir = shell::output(
        Command::new("rustc")
            .args(["--print", "target-libdir", "--target", WASM_TARGET])
            .current_dir(workspace::root()),
    )?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    shell::step(
        &format!("add the target {WASM_TARGET}"),
        Command::new("rustup").args(["target", "add", WASM_TARGET]).current_dir(workspace::root()),
    )
}

/// A Debian package and how to see that what it brings is there, whoever brought it.
pub(crate) struct SystemPackage {
    names: &'static [&'static str],
    is_there: fn() -> bool,
}

/// libpq is built from source with TLS, which needs OpenSSL's headers.
pub(crate) const OPENSSL: SystemPackage = SystemPackage {
    names: &["pkg-config", "libssl-dev"],
    is_there: || shell::succeeds(Command::new("pkg-config").args(["--exists", "openssl"])),
};

/// A server for tests; `postgres.rs` starts a throw-away cluster of its own.
pub(crate) const POSTGRESQL: SystemPackage =
    SystemPackage { names: &["postgresql"], is_there: || crate::postgres::find_bin_dir().is_some() };

/// A container engine and the client of a hypervisor, for the tests of the agent. Neither runs as a service: the tests start
/// an engine of their own, and libvirt has a hypervisor for tests inside.
pub(crate) const ENGINES: SystemPackage = SystemPackage {
    names: &["podman", "runc", "busybox-static", "libvirt-clients"],
    is_there: || {
        let busybox = ["/bin/busybox", "/usr/bin/busybox"].iter().any(|path| Path::new(path).exists());
        busybox && ["podman", "runc", "virsh"].iter().all(|tool| shell::succeeds(Command::new(tool).arg("--version")))
    },
};

/// The browser of the end-to-end tests, with one font that has every letter of the tests.
pub(crate) const CHROMIUM: SystemPackage = SystemPackage {
    names: &["chromium", "fonts-dejavu-core"],
    is_there: || Path::new(crate::test::CHROMIUM_PATH).exists(),
};

/// What runs the end-to-end tests.
pub(crate) const NODE: SystemPackage = SystemPackage {
    names: &["nodejs", "npm"],
    is_there: || ["node", "npm"].iter().all(|tool| shell::succeeds(Command::new(tool).arg("--version"))),
};

/// Installs what is missing through apt.
///
/// # Errors
/// When something is missing and cannot be installed; the message is the command to type.
pub(crate) fn ensure_system_packages(packages: &[&SystemPackage]) -> Result<()> {
    let missing: Vec<&str> =
        packages.iter().filter(|package| !(package.is_there)()).flat_map(|package| package.names).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let by_hand = Failure::new(format!("please install these packages and try again: sudo apt-get install -y {list}"));
    let Some(as_root) = way_to_root() else { return Err(by_hand) };
    if !shell::succeeds(Command::new("apt-get").arg("--version")) {
        return Err(Failure::new(format!("please install what Debian calls {list}, and try again")));
    }
    let apt = |title: &str, args: &[&str]| {
        let words: Vec<&str> = as_root
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"])
            .chain(args.iter().copied())
            .collect();
        shell::step(title, Command::new(words[0]).args(&words[1..]))
    };
    apt("refresh the list of system packages", &["update"])?;
    let install: Vec<&str> =
        ["install", "-y", "--no-install-recommends"].into_iter().chain(missing.iter().copied()).collect();
    apt(&format!("install {list}"), &install)?;
    match packages.iter().find(|package| !(package.is_there)()) {
        Some(package) => Err(Failure::new(format!(
            "{} was installed, but what it should bring is not there",
            package.names.join(" ")
        ))),
        None => Ok(()),
    }
}

/// Whether this process has every right.
pub(crate) fn is_root() -> bool {
    shell::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The words to put before a command so that it runs as root without asking anything; `None` where that is impossible.
fn way_to_root() -> Option<&'static [&'static str]> {
    if is_root() {
        Some(&[])
    } else if shell::succeeds(Command::new("sudo").args(["-n", "true"])) {
        Some(&["sudo", "-n"])
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_second_word_of_the_first_line() {
        assert_eq!(version_of("trunk 0.21.14\n"), Some("0.21.14"));
        assert_eq!(version_of("cargo-nextest 0.9.151 (6b3f99457 2026-11-02)\nrelease: 0.9.151\n"), Some("0.9.151"));
        assert_eq!(version_of(""), None);
    }

    #[test]
    fn the_pinned_wasm_bindgen_is_the_version_of_the_crate_in_the_lock_file() {
        let lock = fs::read_to_string(workspace::root().join("Cargo.lock")).expect("Cargo.lock");
        let lock: toml::Table = lock.parse().expect("Cargo.lock is TOML");
        let version = lock["package"]
            .as_array()
            .expect("packages")
            .iter()
            .find(|package| package["name"].as_str() == Some("wasm-bindgen"))
            .and_then(|package| package["version"].as_str());
        assert_eq!(version, Some(WASM_BINDGEN.version));
    }

    #[test]
    fn trunk_is_told_the_pinned_version_of_wasm_bindgen() {
        let config = fs::read_to_string(workspace::root().join("Trunk.toml")).expect("Trunk.toml");
        let config: toml::Table = config.parse().expect("Trunk.toml is TOML");
        assert_eq!(config["tools"]["wasm_bindgen"].as_str(), Some(WASM_BINDGEN.version));
    }
}
