//! What a request shows to say who asks: the session's cookie or a bearer token. Never both: a request with an
//! `Authorization` header is a program's, and its cookie is not looked at.

use crate::{
    origin,
    problem::{Answer, Refusal},
    state::State,
};
use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, COOKIE, HeaderValue},
};
use shared::token::TokenKind;
use store::{Identity, Secret, Store};

/// Seconds for which a session lasts at the longest.
pub const SESSION_TTL_S: i64 = 30 * 24 * 60 * 60;

/// The credential of a request, not yet looked up.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A session's secret.
    Session(Secret),
    /// A token.
    Token(String),
}

impl Credential {
    /// Reads it from the headers. A write by cookie must come from this server's own pages.
    ///
    /// # Errors
    /// 401 where there is none that could be valid, 403 `foreign_origin`.
    pub fn of(request: &HttpRequest, state: &State) -> Answer<Self> {
        if let Some(header) = request.headers().get(AUTHORIZATION) {
            return bearer(header).map(Self::Token).ok_or_else(Refusal::unauthenticated);
        }
        let secret = cookie(request, state.settings().cookie_name()).ok_or_else(Refusal::unauthenticated)?;
        origin::refuse_foreign_write(request, state.settings().public_url())?;
        Secret::parse(secret).map(Self::Session).ok_or_else(Refusal::unauthenticated)
    }

    /// Whether a browser sends it by itself.
    #[must_use]
    pub const fn is_cookie(&self) -> bool {
        matches!(self, Self::Session(_))
    }

    /// Looks up whose it is.
    ///
    /// # Errors
    /// 401 where it is unknown, ended or revoked.
    pub fn identify(&self, store: &Store) -> Answer<Identity> {
        let found = match self {
            Self::Session(secret) => store.directory().identify_session(secret)?,
            Self::Token(secret) => store.directory().identify_token(secret)?,
        };
        found.ok_or_else(Refusal::unauthenticated)
    }
}

fn bearer(header: &HeaderValue) -> Option<String> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The value of the one cookie of that name. Two of the same name mean that somebody planted one: none counts.
fn cookie<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut found = request
        .headers()
        .get_all(COOKIE)
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// The header that gives a browser its session.
#[must_use]
pub fn set_cookie(state: &State, secret: &Secret) -> String {
    format!("{}={}; Max-Age={SESSION_TTL_S}{}", state.settings().cookie_name(), secret.expose(), attributes(state))
}

/// The header that takes it away.
#[must_use]
pub fn clear_cookie(state: &State) -> String {
    format!("{}=; Max-Age=0{}", state.settings().cookie_name(), attributes(state))
}

fn attributes(state: &State) -> &'static str {
    if state.settings().is_https() {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

/// The refusal for a token of a kind that cannot do this.
#[must_use]
pub fn wrong_kind(kind: TokenKind) -> Refusal {
    Refusal::new(shared::ErrorCode::TokenKind).detail(match kind {
        TokenKind::Agent => "An agent's token reports machines and can do nothing else. Use an API token.",
        TokenKind::Api => {
            "An API token cannot do this: reports take an agent's token, the rest takes a person who is signed in."
        }
    })
}
