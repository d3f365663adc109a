//! Who is signed in.

use crate::{guard::SignedIn, problem::Answer, state::State};
use actix_web::web::{Data, Json};
use shared::account::Me;

/// `GET /api/v1/me`
pub async fn me(state: Data<State>, who: SignedIn) -> Answer<Json<Me>> {
    let account = who.account().clone();
    let orgs = super::orgs::own_orgs(&state, who.into_identity()).await?;
    Ok(Json(Me { account, orgs, demo: state.settings().demo() }))
}
