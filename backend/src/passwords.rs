//! Passwords: what is accepted, and hashing by argon2id, which is slow on purpose and so never runs on a thread that
//! serves requests, nor more than twice at once.

use crate::problem::{Answer, Refusal};
use actix_web::web;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use shared::account::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS};
use tokio::sync::Semaphore;

/// How many passwords are hashed at once. Each takes 19 MiB and a core for some tens of milliseconds.
const AT_ONCE: usize = 2;
/// How many may wait for that; more are told to come back, so that a flood of sign-ins holds no memory.
const MAX_WAITING: usize = 64;

/// A hash that no password has. It is checked for an address without an account, so that this takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    running: Semaphore,
    waiting: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { running: Semaphore::new(AT_ONCE), waiting: Semaphore::new(MAX_WAITING) }
    }
}

impl Passwords {
    /// Whether a password belongs to a hash; none stands for an account that does not exist.
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Answer<bool> {
        self.run(move || verify(&password, hash.as_deref())).await
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn hash(&self, password: String) -> Answer<String> {
        self.run(move || hash(&password)).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
        let _waiting =
            self.waiting.try_acquire().map_err(|_| Refusal::rate_limited("Too many people sign in at once.", 2))?;
        let _running = self.running.acquire().await.map_err(Refusal::unavailable)?;
        web::block(work).await.map_err(Refusal::unavailable)
    }
}

/// Hashes a password. Takes some tens of milliseconds.
#[must_use]
pub fn hash(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).expect("the default parameters are valid").to_string()
}

fn verify(password: &str, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODY));
    let fits = parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    fits && hash.is_some()
}

/// Whether a new password is acceptable; the error is a sentence for the person who typed it.
///
/// # Errors
/// It is too short or too long.
pub fn check_new(password: &str) -> Result<(), String> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(format!("At most {MAX_PASSWORD_BYTES} bytes."));
    }
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(format!(
            "At least {MIN_PASSWORD_CHARS} characters. A sentence is easier to keep than a word with signs."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let stored = hash("correct horse battery");
        assert!(verify("correct horse battery", Some(&stored)));
        assert!(!verify("correct horse batterz", Some(&stored)));
        assert!(!verify("", None));
    }

    /// Otherwise the time of the answer would tell whether an address has an account.
    #[test]
    fn the_hash_of_nobody_costs_what_a_real_one_costs() {
        let real = hash("correct horse battery");
        let cost = |text: &str| text.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(NOBODY), cost(&real));
        assert_eq!(NOBODY.len(), real.len());
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn length_is_all_that_is_asked_of_a_password() {
        assert!(check_new("ten letters").is_ok());
        assert!(check_new("ääääääääää").is_ok());
        assert!(check_new("too short").is_err());
        assert!(check_new(&"x".repeat(MAX_PASSWORD_BYTES + 1)).is_err());
    }
}
