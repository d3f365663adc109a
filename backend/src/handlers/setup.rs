//! The first run: the first account and the first organization, made once with the code from the server's log.

use crate::{
    handlers::sessions::start_session,
    input::Body,
    origin, passwords,
    plans::DEFAULT_PLAN,
    problem::{Answer, Refusal},
    setup_code,
    state::State,
    throttle,
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json},
};
use shared::account::{Setup, SetupState};
use store::{NewOrgRecord, NewUser};

/// `GET /api/v1/setup`
pub async fn state_of_setup(state: Data<State>) -> Answer<Json<SetupState>> {
    let needed = state.read(|store| Ok(store.directory().setup_needed()?)).await?;
    Ok(Json(SetupState {
        needed,
        code_hint: setup_code::HINT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}

/// `POST /api/v1/setup`
pub async fn complete(state: Data<State>, request: HttpRequest, body: Body<Setup>) -> Answer {
    origin::refuse_foreign_write(&request, state.settings().public_url())?;
    let setup = body.read().await?;
    state.throttle().check("the set-up code", throttle::peer(&request, state.settings()))?;
    passwords::check_new(&setup.password).map_err(|message| Refusal::invalid("/password", message))?;
    let password_hash = state.passwords().hash(setup.password).await?;
    let user = NewUser { email: setup.email, name: setup.name, password_hash, is_operator: true };
    let org = NewOrgRecord {
        name: setup.org_name,
        slug: setup.org_slug,
        plan_key: DEFAULT_PLAN.to_owned(),
        ..NewOrgRecord::default()
    };
    let code = setup_code::normalize(&setup.code);
    let (user, _) = state.write(move |store| Ok(store.directory().complete_setup(&code, user, org)?)).await?;
    setup_code::forget(state.settings().data_dir());
    start_session(&state, &request, user, HttpResponse::Created()).await
}
