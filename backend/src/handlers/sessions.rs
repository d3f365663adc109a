//! Signing in and out, and the list of one's sign-ins.

use crate::{
    credential::{self, SESSION_TTL_S},
    guard::SignedIn,
    handlers::orgs::own_orgs,
    input::Body,
    origin,
    problem::{Answer, Refusal},
    state::State,
    throttle,
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{SET_COOKIE, USER_AGENT},
    web::{Data, Json},
};
use shared::{
    ErrorCode, SessionId, UserId,
    account::{MAX_PASSWORD_BYTES, Me, SessionInfo, SignIn},
};

/// `POST /api/v1/sessions`
///
/// Wrong address, wrong password and an account without a password are one answer that takes one time.
pub async fn sign_in(state: Data<State>, request: HttpRequest, body: Body<SignIn>) -> Answer {
    origin::refuse_foreign_write(&request, state.settings().public_url())?;
    let SignIn { email, password } = body.read().await?;
    state.throttle().check(&email, throttle::peer(&request, state.settings()))?;
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(wrong());
    }
    let known = state.read(move |store| Ok(store.directory().find_credentials(&email)?)).await?;
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let fits = state.passwords().verify(password, hash).await?;
    match known.filter(|_| fits) {
        Some(known) => start_session(&state, &request, known.user, HttpResponse::Ok()).await,
        None => Err(wrong()),
    }
}

fn wrong() -> Refusal {
    Refusal::new(ErrorCode::WrongCredentials)
        .detail("Check both. Whoever runs this installation can set a new password with `bulkhead user set-password`.")
}

/// Makes a session and gives it to the browser, with what `GET /api/v1/me` would say next.
pub(super) async fn start_session(
    state: &State,
    request: &HttpRequest,
    user: UserId,
    mut answer: HttpResponseBuilder,
) -> Answer {
    let agent = request.headers().get(USER_AGENT).and_then(|text| text.to_str().ok()).unwrap_or_default();
    let agent: String = agent.chars().filter(|letter| !letter.is_control()).take(200).collect();
    let (secret, who) = state
        .write(move |store| {
            let (_, secret) = store.directory().insert_session(user, &agent, SESSION_TTL_S)?;
            let who = store.directory().identify_session(&secret)?.ok_or_else(Refusal::unauthenticated)?;
            Ok((secret, who))
        })
        .await?;
    let account = who.account().cloned().ok_or_else(Refusal::unauthenticated)?;
    let orgs = own_orgs(state, who).await?;
    let me = Me { account, orgs, demo: state.settings().demo() };
    Ok(answer.insert_header((SET_COOKIE, credential::set_cookie(state, &secret))).json(me))
}

/// `GET /api/v1/sessions`
pub async fn list(state: Data<State>, who: SignedIn) -> Answer<Json<Vec<SessionInfo>>> {
    let who = who.into_identity();
    Ok(Json(state.read(move |store| Ok(store.directory().list_sessions(&who)?)).await?))
}

/// `DELETE /api/v1/sessions/current`
pub async fn sign_out(state: Data<State>, who: SignedIn) -> Answer {
    let who = who.into_identity();
    state.write(move |store| Ok(store.directory().delete_current_session(&who)?)).await?;
    Ok(HttpResponse::NoContent().insert_header((SET_COOKIE, credential::clear_cookie(&state))).finish())
}

/// `DELETE /api/v1/sessions/{session}`
pub async fn revoke(state: Data<State>, who: SignedIn, request: HttpRequest) -> Answer {
    let session = request.match_info().get("session").and_then(|text| text.parse::<SessionId>().ok());
    let session = session.ok_or_else(Refusal::not_found)?;
    let who = who.into_identity();
    if state.write(move |store| Ok(store.directory().delete_session(&who, session)?)).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Refusal::not_found())
    }
}
