//! The one-time code of the first run. It stands in the log and in a file that only the server's user can read, and
//! proves that whoever makes the first account may do so.

use crate::files::write_private;
use sha2::{Digest as _, Sha256};
use std::{fs, io, path::Path};
use store::{Store, StoreError};

/// The file in the data folder.
pub const FILE: &str = "setup-code";
/// Where people find it, without the server's paths.
pub const HINT: &str = "the server's log and in the file setup-code in its data folder";

/// Letters without those that look alike.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: five bits each, 80 in all.
const CHARS: usize = 16;

/// The code could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupCodeError {
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the set-up code cannot be written to the data folder; check that it belongs to the server's user")]
    File(#[source] io::Error),
}

/// The code of a server without accounts; none where there are some. The same at each start until it is used.
///
/// # Errors
/// See [`SetupCodeError`].
pub fn ensure(store: &Store, data_dir: &Path) -> Result<Option<String>, SetupCodeError> {
    if !store.directory().setup_needed()? {
        forget(data_dir);
        return Ok(None);
    }
    let path = data_dir.join(FILE);
    let kept = fs::read_to_string(&path).map(|text| text.trim().to_owned()).ok();
    let code = match kept.filter(|text| normalize(text).len() == CHARS) {
        Some(code) => code,
        None => {
            let code = random();
            write_private(&path, &format!("{code}\n")).map_err(SetupCodeError::File)?;
            code
        }
    };
    store.directory().put_setup_code(&Sha256::digest(normalize(&code).as_bytes()).into())?;
    Ok(Some(code))
}

/// Removes the file once the code is used.
pub fn forget(data_dir: &Path) {
    match fs::remove_file(data_dir.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!("the used set-up code cannot be removed from the data folder: {error}");
        }
        _ => {}
    }
}

/// What was meant by what was typed: case, spaces and hyphens do not count, and letters that look like digits are.
#[must_use]
pub fn normalize(typed: &str) -> String {
    let letters = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
    letters
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

fn random() -> String {
    let mut bytes = [0_u8; CHARS];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_read_out_and_typed() {
        let code = random();
        assert_eq!(code.len(), CHARS + 3);
        assert_eq!(normalize(&code), code.replace('-', ""));
        assert_eq!(normalize(" oIl4 -m2zp "), "0114M2ZP");
    }
}
