//! The secret that says for which organization this machine reports.

use shared::token::TokenKind;
use std::{fmt, fs, io, path::PathBuf};

/// Variable that may hold the token instead of a file.
pub const TOKEN_VARIABLE: &str = "BULKHEAD_AGENT_TOKEN";

/// An agent token. It has no `Display`, and its `Debug` does not show it, so that it cannot get into a log by chance.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A number by which it is told from another one, and from which nothing of it can be found out.
    #[must_use]
    pub fn mark(&self) -> u32 {
        crc32fast::hash(self.expose().as_bytes())
    }

    /// For the `Authorization` header, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Takes a token out of a file or variable: blanks around it do not count.
    ///
    /// # Errors
    /// When it is empty, of another kind, or no token at all.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TokenError::Empty);
        }
        if text.starts_with(TokenKind::Api.prefix()) {
            return Err(TokenError::WrongKind);
        }
        let secret = text.strip_prefix(TokenKind::Agent.prefix()).unwrap_or("");
        let fits_a_header = secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if secret.is_empty() || !fits_a_header {
            return Err(TokenError::NotAToken);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// There is no usable token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Neither a file nor a variable.
    #[error("no token: name a file with --token-file, or set BULKHEAD_AGENT_TOKEN")]
    Missing,
    /// The file cannot be read.
    #[error(
        "cannot read the token file {path}: {cause}. Put the agent token in it (Access → Tokens makes one) and make it readable for the account that runs the agent, and for no other"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Nothing in it.
    #[error("the token is empty: put an agent token there (Access → Tokens makes one; it begins with bh_agt_)")]
    Empty,
    /// A token of the API.
    #[error(
        "this is a token for the API (bh_org_…), not for an agent: make one of the kind agent in Access → Tokens; it begins with bh_agt_"
    )]
    WrongKind,
    /// Something else.
    #[error(
        "this is not an agent token: one begins with bh_agt_ and stands alone in the file, on one line. Was it copied whole?"
    )]
    NotAToken,
}

/// Where the token comes from. It is read again before each attempt, so that a new one takes effect without a restart.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// A file that holds nothing else.
    File(PathBuf),
    /// Given by the environment, once.
    Given(Token),
}

impl TokenSource {
    /// The file where one is named, else the variable.
    ///
    /// # Errors
    /// When there is neither, or the variable holds no token.
    pub fn choose(file: Option<PathBuf>, variable: Option<&str>) -> Result<Self, TokenError> {
        match (file, variable) {
            (Some(path), _) => Ok(Self::File(path)),
            (None, Some(text)) => Ok(Self::Given(Token::parse(text)?)),
            (None, None) => Err(TokenError::Missing),
        }
    }

    /// The token as it is now.
    ///
    /// # Errors
    /// When the file cannot be read or holds no agent token.
    pub fn read(&self) -> Result<Token, TokenError> {
        match self {
            Self::Given(token) => Ok(token.clone()),
            Self::File(path) => {
                let text =
                    fs::read_to_string(path).map_err(|cause| TokenError::Unreadable { path: path.clone(), cause })?;
                Token::parse(&text)
            }
        }
    }

    /// What is unwise about how the token is kept, if anything.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        #[cfg(unix)]
        if let Self::File(path) = self {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).ok()?.permissions().mode();
            if mode & 0o004 != 0 {
                let path = path.display();
                return Some(format!("every account of this machine can read the token: run chmod 600 {path}"));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_token_do_not_count() {
        assert_eq!(Token::parse(" bh_agt_aB-_9\r\n").expect("a token").expose(), "bh_agt_aB-_9");
    }

    #[test]
    fn what_is_no_agent_token_is_refused_with_what_to_do() {
        for (text, words) in [
            ("", "empty"),
            ("\n", "empty"),
            ("bh_org_abc", "agent"),
            ("bh_agt_", "copied whole"),
            ("bh_agt_a b", "copied whole"),
            ("bh_agt_a\nbh_agt_b", "copied whole"),
            ("secret", "bh_agt_"),
        ] {
            let error = Token::parse(text).expect_err("refused").to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_token_is_not_in_what_debug_prints() {
        let source = TokenSource::choose(None, Some("bh_agt_hush")).expect("a token");
        assert!(!format!("{source:?}").contains("hush"));
    }

    #[test]
    fn a_new_token_in_the_file_is_seen_without_a_restart() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("token");
        let source = TokenSource::choose(Some(path.clone()), None).expect("a source");
        let missing = source.read().expect_err("not there yet").to_string();
        assert!(missing.contains("token file"), "{missing}");
        for text in ["bh_agt_one", "bh_agt_two"] {
            fs::write(&path, text).expect("written");
            assert_eq!(source.read().expect("a token").expose(), text);
        }
    }
}
