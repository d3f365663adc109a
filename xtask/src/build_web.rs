//! Builds the app with Trunk into `target/web`.

use std::ffi::OsStr;
use std::fs;
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scratch::ScratchDir;
use crate::shell::{self, Failure, IoContext, Progress, Result};
use crate::{fingerprint, split_app, tools, workspace};

/// Everything that the app is made of. Missing one would serve an old app.
const SOURCES: &[&str] = &[
    "frontend",
    "shared",
    "crates/authz",
    "crates/event-bus",
    "crates/org-client",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    ".cargo/config.toml",
    "rust-toolchain.toml",
    // How it is made.
    "xtask/src/build_web.rs",
    "xtask/src/split_app.rs",
];

/// The best that brotli can do: the files are compressed once and sent many times.
const BROTLI_QUALITY: i32 = 11;

/// For whom the app is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Fast to build, large, with checks.
    Dev,
    /// Small, and compressed beside each file.
    Release,
    /// Like release, with one difference: its address can take one of the client's two walls away, so that a test sees the other one
    /// hold. Never served to people, so it lies in a folder of its own.
    WallTests,
}

impl Mode {
    /// The cargo profile `browser` is defined in the root `Cargo.toml`. It must not be called `web`: cargo keeps what it builds for a
    /// profile in a folder of its name, and Trunk empties `target/web`.
    fn trunk_args(self) -> &'static [&'static str] {
        match self {
            Self::Dev => &["build", "--offline"],
            Self::Release => &["build", "--offline", "--release", "--cargo-profile", "browser"],
            // The same profile, so that the dependencies are built once.
            Self::WallTests => &[
                "build",
                "--offline",
                "--release",
                "--cargo-profile",
                "browser",
                "--features",
                "test-walls",
                "--dist",
                "target/web-walls",
            ],
        }
    }

    /// Where the app lies, and the name of the note that says what it was made from.
    fn output(self) -> (PathBuf, &'static str) {
        match self {
            Self::Dev | Self::Release => (workspace::web_root(), "web.fingerprint"),
            Self::WallTests => (workspace::web_walls_root(), "web-walls.fingerprint"),
        }
    }
}

/// Builds the app unless what lies in its folder was made from the same files in the same mode.
///
/// # Errors
/// When a tool is missing and cannot be installed, or the app does not build.
pub(crate) fn build(mode: Mode) -> Result<()> {
    let root = workspace::root();
    let (web, note) = mode.output();
    let note = workspace::notes_dir().join(note);
    let wanted = format!("{mode:?} {}\n", fingerprint::of(&root, SOURCES)?);
    let is_built = web.join("index.html").is_file() && fs::read_to_string(&note).is_ok_and(|found| found == wanted);
    if is_built {
        println!("  ok   the app is up to date");
        return Ok(());
    }

    tools::ensure_wasm_target()?;
    let mut path = tools::ensure(&[&tools::TRUNK, &tools::WASM_BINDGEN])?;
    // Lives until the second part is where the server finds it.
    let shim = if mode == Mode::Dev { None } else { Some(shim_wasm_bindgen(&path)?) };
    if let Some(shim) = &shim {
        path = tools::put_first(shim.path(), &path)?;
    }
    // An interrupted build must not look finished.
    if note.exists() {
        fs::remove_file(&note).or_cannot("remove", &note)?;
    }
    shell::step(
        match mode {
            Mode::Dev => "build the app",
            Mode::Release => "build the app for release",
            Mode::WallTests => "build the app for the tests of the walls",
        },
        // Trunk refuses the value "1" that some machines give to NO_COLOR.
        Command::new("trunk").args(mode.trunk_args()).env("PATH", path).env_remove("NO_COLOR").current_dir(&root),
    )?;
    if let Some(shim) = &shim {
        let later = split_app::later_part(shim.path())?;
        let name = later.file_name().unwrap_or_default();
        fs::copy(&later, web.join(name)).or_cannot("copy", &later)?;
    }
    if mode == Mode::Release {
        compress_all(&web)?;
    }
    fs::create_dir_all(workspace::notes_dir()).or_cannot("create", &workspace::notes_dir())?;
    fs::write(&note, wanted).or_cannot("write", &note)
}

/// A folder with a `wasm-bindgen` that cuts the app in two before it does its work; see [`split_app`]. The second part lands there, too.
/// After Trunk it would be too late: the name of the file and `index.html` carry the hash of what wasm-bindgen wrote.
fn shim_wasm_bindgen(path: &OsStr) -> Result<ScratchDir> {
    let quoted = |file: &Path| format!("'{}'", file.display().to_string().replace('\'', r"'\''"));
    let own = std::env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let dir = ScratchDir::new(&workspace::notes_dir(), "shim")?;
    let shim = dir.path().join("wasm-bindgen");
    let script = format!(
        "#!/bin/sh\nexec {} split-app --wasm-bindgen {} --wasm-split {} --out {} -- \"$@\"\n",
        quoted(&own),
        quoted(&find(path, "wasm-bindgen")?),
        quoted(&find(&tools::ensure(&[&tools::WASM_SPLIT])?, "wasm-split-cli")?),
        quoted(dir.path()),
    );
    fs::write(&shim, script).or_cannot("write", &shim)?;
    fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).or_cannot("make executable", &shim)?;
    Ok(dir)
}

fn find(path: &OsStr, tool: &str) -> Result<PathBuf> {
    std::env::split_paths(path)
        .map(|dir| dir.join(tool))
        .find(|file| file.is_file())
        .ok_or_else(|| Failure::new(format!("{tool} was installed and is not on PATH")))
}

/// Writes `name.br` beside each file and prints what was won.
fn compress_all(web: &Path) -> Result<()> {
    let mut files = Vec::new();
    collect_files(web, &mut files)?;
    files.sort();

    let progress = Progress::start("compress the app");
    let mut rows = Vec::new();
    for file in &files {
        let (plain, compressed) = compress(file)?;
        rows.push((file.strip_prefix(web).unwrap_or(file).display().to_string(), plain, compressed));
    }
    progress.finish(true);
    let width = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    for (name, plain, compressed) in &rows {
        println!("      {name:width$} {plain:>9} B {compressed:>9} B brotli");
    }
    let total = |pick: fn(&(String, u64, u64)) -> u64| rows.iter().map(pick).sum::<u64>();
    println!("      {:width$} {:>9} B {:>9} B brotli", "total", total(|row| row.1), total(|row| row.2));
    Ok(())
}

fn collect_files(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).or_cannot("list", dir)? {
        let path = entry.or_cannot("list", dir)?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "br") {
            files.push(path);
        }
    }
    Ok(())
}

/// Compresses one file to `{name}.br`. Returns the sizes in bytes: before, after.
fn compress(file: &Path) -> Result<(u64, u64)> {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    let target = PathBuf::from(name);
    let source = fs::File::open(file).or_cannot("read", file)?;
    let mut sink = fs::File::create(&target).or_cannot("write", &target)?;
    let size = source.metadata().or_cannot("read", file)?.len();
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: 22,
        // Knowing the size lets the encoder choose its tables; a file of 4 GB is beyond any app.
        size_hint: usize::try_from(size).unwrap_or_default(),
        ..Default::default()
    };
    let written =
        brotli::BrotliCompress(&mut BufReader::new(source), &mut sink, &params).or_cannot("compress", file)?;
    u64::try_from(written).map(|written| (size, written)).map_err(|_| Failure::new("a file of more than 2^64 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_file_stands_beside_the_plain_one_and_reads_the_same() {
        let scratch = ScratchDir::new(&std::env::temp_dir(), "compress").expect("a scratch folder");
        let plain = "a line that is said again and again\n".repeat(100);
        let file = scratch.path().join("app.css");
        fs::write(&file, &plain).expect("write");

        let (before, after) = compress(&file).expect("compress");

        assert_eq!(before, plain.len() as u64);
        assert!(after < before / 10, "{after} of {before} bytes");
        let compressed = fs::read(scratch.path().join("app.css.br")).expect("the compressed file");
        assert_eq!(compressed.len() as u64, after);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut compressed.as_slice(), &mut back).expect("decompress");
        assert_eq!(back, plain.as_bytes());
    }

    #[test]
    fn every_source_of_the_app_exists_or_the_fingerprint_would_miss_it() {
        for source in SOURCES {
            assert!(workspace::root().join(source).exists(), "{source} was moved: correct SOURCES");
        }
    }

    #[test]
    fn every_crate_that_the_app_is_made_of_is_part_of_the_fingerprint() {
        let members = workspace::metadata().expect("cargo metadata").packages;
        let folder = |name: &str| {
            members.iter().find(|member| member.name == name).map(|member| {
                let dir = member.manifest_path.parent().expect("a manifest has a folder");
                dir.strip_prefix(workspace::root()).expect("members are inside the repository").display().to_string()
            })
        };
        let mut waiting = vec!["frontend".to_owned()];
        let mut seen = 0;
        while let Some(name) = waiting.pop() {
            let Some(folder) = folder(&name) else { continue };
            assert!(SOURCES.contains(&folder.as_str()), "{folder} is part of the app but not of SOURCES");
            seen += 1;
            let member = members.iter().find(|member| member.name == name).expect("found above");
            waiting.extend(member.dependencies.iter().filter(|d| d.kind.is_none()).map(|d| d.name.clone()));
        }
        assert!(seen > 3, "the walk found only {seen} crates");
    }
}
