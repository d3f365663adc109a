//! Cuts the app in two: what its first page needs, and what is loaded after that page was painted.
//!
//! Stands in for `wasm-bindgen` while Trunk builds a release: Trunk has no step between the compiler and wasm-bindgen, which is where
//! `wasm-split-cli` has to work. Trunk goes on with the first part and knows nothing of the second.
//!
//! ```text
//! cargo ─ app.wasm ─ wasm-split-cli ─┬─ first part ─ wasm-bindgen ─ Trunk ─ target/web
//!                                    └─ later-{hash}.wasm ─────────────────┘ (build_web.rs)
//! ```

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Failure, IoContext, Result};

/// What `wasm-split-cli` calls the second part, after the name in `#[wasm_split(later, …)]`.
const LATER: &str = "split_later.wasm";
/// What it calls the script that loads the second part.
const LOADER: &str = "__wasm_split.js";
/// Names of functions and of the compiler: nothing that a browser needs.
const NOT_SENT: &[&str] = &["name", "producers", "target_features"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The real wasm-bindgen
    #[arg(long)]
    wasm_bindgen: PathBuf,
    /// wasm-split-cli
    #[arg(long)]
    wasm_split: PathBuf,
    /// The folder that receives the second part
    #[arg(long)]
    out: PathBuf,
    /// What Trunk says to wasm-bindgen
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Does what wasm-bindgen was asked to do, with the first part of the app.
///
/// # Errors
/// When a tool fails, or writes something else than what is expected of its pinned version.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut bindgen = Command::new(&args.wasm_bindgen);
    let Some(app) = args.args.iter().find(|arg| arg.ends_with(".wasm")) else {
        // Trunk asks for the version.
        print!("{}", shell::output(bindgen.args(&args.args))?);
        return Ok(());
    };
    let name = option(&args.args, "--out-name")?;
    let bound = PathBuf::from(option(&args.args, "--out-dir")?);
    let parts = args.out.join("parts");
    shell::output(Command::new(&args.wasm_split).arg(app).arg(&parts).args(["--target", "web", "--out-name", name]))?;

    let first = parts.join(format!("{name}.wasm"));
    let words = args.args.iter().map(|arg| if arg == app { first.as_os_str() } else { arg.as_ref() });
    // The second part uses the memory and the function table of the first.
    let options = ["--keep-lld-exports", "--remove-name-section", "--remove-producers-section"];
    shell::output(bindgen.args(words).args(options))?;

    let later = parts.join(LATER);
    let later = without_sections(&fs::read(&later).or_cannot("read", &later)?, NOT_SENT)?;
    let later_name = format!("later-{:016x}.wasm", hash_of(&later));
    let target = args.out.join(&later_name);
    fs::write(&target, later).or_cannot("write", &target)?;

    let script = bound.join(format!("{name}.js"));
    let loader = parts.join(LOADER);
    let joined = join_scripts(
        &fs::read_to_string(&script).or_cannot("read", &script)?,
        &fs::read_to_string(&loader).or_cannot("read", &loader)?,
        &later_name,
    )?;
    fs::write(&script, joined).or_cannot("write", &script)
}

/// The value of `--name value` or `--name=value`.
fn option<'a>(args: &'a [String], name: &str) -> Result<&'a str> {
    args.iter()
        .position(|arg| arg == name)
        .and_then(|at| args.get(at + 1))
        .map(String::as_str)
        .or_else(|| args.iter().find_map(|arg| arg.strip_prefix(name)?.strip_prefix('=')))
        .ok_or_else(|| Failure::new(format!("Trunk calls wasm-bindgen without {name}")))
}

fn hash_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Puts the loader into the script that imports it. As files of their own the two would import each other, by names that the other one's
/// hash is part of, and the browser would fetch them one after the other.
fn join_scripts(script: &str, loader: &str, later_name: &str) -> Result<String> {
    let unexpected =
        |what: &str| Failure::new(format!("wasm-split-cli and wasm-bindgen wrote no {what}: another version?"));
    let (head, loader) = loader.split_once('\n').ok_or_else(|| unexpected("loader"))?;
    if !head.starts_with("import { initSync }") {
        return Err(unexpected("import of initSync"));
    }
    let name = "__wasm_split_load_later";
    let exported = format!("export const {name} =");
    if !loader.contains(&exported) || !loader.contains(LATER) {
        return Err(unexpected("loader of the second part"));
    }
    let loader = loader.replace(&exported, &format!("const {name} =")).replace(LATER, later_name);

    let import = script
        .lines()
        .find(|line| line.starts_with("import * as ") && line.contains(LOADER))
        .ok_or_else(|| unexpected("import of the loader"))?;
    let module = import.split_whitespace().nth(3).ok_or_else(|| unexpected("import of the loader"))?;
    Ok(script.replacen(import, &format!("{loader}\nconst {module} = {{ {name} }};"), 1))
}

/// A wasm module without some of its custom sections.
fn without_sections(module: &[u8], names: &[&str]) -> Result<Vec<u8>> {
    let broken = || Failure::new("wasm-split-cli wrote something that is no wasm module");
    let (head, mut rest) = module.split_at_checked(8).ok_or_else(broken)?;
    if !head.starts_with(b"\0asm") {
        return Err(broken());
    }
    let mut kept = head.to_vec();
    while let Some((&id, after_id)) = rest.split_first() {
        let (size, content) = leb128(after_id).ok_or_else(broken)?;
        let (content, after) = content.split_at_checked(size).ok_or_else(broken)?;
        let is_left_out = id == 0 && {
            let (size, name) = leb128(content).ok_or_else(broken)?;
            let name = name.get(..size).ok_or_else(broken)?;
            names.iter().any(|left_out| name == left_out.as_bytes())
        };
        if !is_left_out {
            kept.extend_from_slice(&rest[..rest.len() - after.len()]);
        }
        rest = after;
    }
    Ok(kept)
}

/// An unsigned number of at most 32 bits in wasm's encoding, and what comes after it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

/// The file with the second part, after [`run`] put it into `out`.
///
/// # Errors
/// When it is not there.
pub(crate) fn later_part(out: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(out).or_cannot("list", out)?;
    let is_later = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "wasm");
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(is_later)
        .ok_or_else(|| Failure::new("the app was built in one part: is the cut in frontend/src/later.rs gone?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";

    fn custom(name: &str, content: &[u8]) -> Vec<u8> {
        let size = u8::try_from(1 + name.len() + content.len()).expect("a short section");
        let name_size = u8::try_from(name.len()).expect("a short name");
        [&[0, size, name_size], name.as_bytes(), content].concat()
    }

    #[test]
    fn named_sections_are_left_out_and_everything_else_is_kept() {
        let code = [10, 2, 0xff, 0xff];
        let module = [HEAD, &custom("name", b"abc"), &code, &custom("kept", b"x"), &custom("producers", b"")].concat();
        let expected = [HEAD, &code, &custom("kept", b"x")].concat();
        assert_eq!(without_sections(&module, &["name", "producers"]).expect("a module"), expected);
    }

    #[test]
    fn what_is_no_module_or_ends_early_is_refused() {
        let cut = [HEAD, &[10, 200]].concat();
        for bytes in [b"".as_slice(), b"no module", &cut] {
            assert!(without_sections(bytes, &[]).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn sizes_of_more_than_a_byte_are_read() {
        assert_eq!(leb128(&[0xe5, 0x8e, 0x26, 7]), Some((624_485, [7].as_slice())));
        assert_eq!(leb128(&[0x80, 0x80, 0x80, 0x80, 0x80, 0]), None);
        assert_eq!(leb128(&[]), None);
    }

    const SCRIPT: &str = "import * as import1 from \"./__wasm_split.js\"\nlet wasm;\nconst imports = { \"./__wasm_split.js\": import1 };\n";
    const JUST_THE_LOADER: &str = "import { initSync } from \"./app.js\";\nexport const __wasm_split_load_later = load(\"./split_later.wasm\");\n";

    #[test]
    fn the_loader_becomes_part_of_the_script_and_names_the_hashed_file() {
        let joined = join_scripts(SCRIPT, JUST_THE_LOADER, "later-1.wasm").expect("as expected");
        assert_eq!(
            joined,
            "const __wasm_split_load_later = load(\"./later-1.wasm\");\n\nconst import1 = { __wasm_split_load_later };\nlet wasm;\n\
             const imports = { \"./__wasm_split.js\": import1 };\n"
        );
    }

    #[test]
    fn scripts_of_another_shape_are_refused() {
        assert!(join_scripts("let wasm;\n", JUST_THE_LOADER, "x").is_err());
        assert!(join_scripts(SCRIPT, "export const other = 1;\n", "x").is_err());
        assert!(join_scripts(SCRIPT, "import { initSync } from \"./app.js\";\n", "x").is_err());
    }

    #[test]
    fn options_are_read_in_both_forms() {
        let args = ["--out-name", "app", "--out-dir=there"].map(str::to_owned);
        assert_eq!(option(&args, "--out-name").expect("given"), "app");
        assert_eq!(option(&args, "--out-dir").expect("given"), "there");
        assert!(option(&args, "--target").is_err());
    }
}
