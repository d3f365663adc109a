//! Secrets of sessions and tokens. The database holds their SHA-256 alone.

use sha2::{Digest as _, Sha256};
use shared::token::TokenKind;
use std::fmt;

/// Characters of a session's secret: 32 random bytes in hexadecimal.
const SECRET_CHARS: usize = 64;
/// Characters of a token's checksum.
const CHECK_CHARS: usize = 8;

/// The secret of a session, as the cookie carries it. Never logged: its `Debug` shows no character of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes what a browser sent. None for a text that no session can have, so that nobody asks the database for it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == SECRET_CHARS && is_hex(text)).then(|| Self(text.to_owned()))
    }

    /// The text, for the cookie alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn random() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        Self(hex(&bytes))
    }

    pub(crate) fn hash(&self) -> String {
        sha256(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Makes a token's secret: prefix, 32 random bytes, checksum.
pub(crate) fn new_token_secret(kind: TokenKind) -> String {
    let body = format!("{}{}", kind.prefix(), Secret::random().0);
    let check = checksum(&body);
    body + &check
}

/// Whether a text could be a token of that kind: prefix, length and checksum agree. A typo or a cut end is found here
/// without asking the database; that it is not guessed is the random part's merit, not the checksum's.
pub(crate) fn token_kind_of(secret: &str) -> Option<TokenKind> {
    let kind = [TokenKind::Agent, TokenKind::Api].into_iter().find(|kind| secret.starts_with(kind.prefix()))?;
    let rest = &secret[kind.prefix().len()..];
    if rest.len() != SECRET_CHARS + CHECK_CHARS || !is_hex(rest) {
        return None;
    }
    let (body, check) = secret.split_at(secret.len() - CHECK_CHARS);
    (checksum(body) == check).then_some(kind)
}

/// Enough of a token to recognise it.
pub(crate) fn token_hint(kind: TokenKind, secret: &str) -> String {
    format!("{}…{}", kind.prefix(), &secret[secret.len() - 2..])
}

/// SHA-256 in hexadecimal. Fast on purpose: what is hashed has 256 random bits, so there is nothing to guess.
pub(crate) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn checksum(body: &str) -> String {
    sha256(body)[..CHECK_CHARS].to_owned()
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string grows");
        out
    })
}

/// The reverse of [`hex`].
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !is_hex(text) || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_recognised_and_one_with_a_typo_is_not() {
        for kind in [TokenKind::Agent, TokenKind::Api] {
            let secret = new_token_secret(kind);
            assert_eq!(token_kind_of(&secret), Some(kind));
            for at in kind.prefix().len()..secret.len() {
                let other = if &secret[at..=at] == "0" { "1" } else { "0" };
                let typo = format!("{}{other}{}", &secret[..at], &secret[at + 1..]);
                assert_eq!(token_kind_of(&typo), None, "{typo}");
            }
            assert_eq!(token_kind_of(&secret[..secret.len() - 1]), None);
        }
        for text in ["", "bh_", "bh_org_", "bh_org_é", "Bearer x"] {
            assert_eq!(token_kind_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_does_not_show_itself_in_logs() {
        let secret = Secret::random();
        assert!(!format!("{secret:?}").contains(&secret.0[..4]));
        assert_eq!(Secret::parse(secret.expose()), Some(secret));
        assert_eq!(Secret::parse("short"), None);
    }
}
