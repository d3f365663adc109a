//! Signs of life for whoever runs the server.

use crate::{
    problem::{Answer, Refusal},
    state::State,
};
use actix_web::{HttpResponse, web::Data};

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: the database answers too. Migrations and walls were checked before the server began to listen.
pub async fn readyz(state: Data<State>) -> Answer {
    state.write(|store| store.ping().map_err(Refusal::from)).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}

/// `GET /metrics`, on its own address only.
pub async fn metrics(state: Data<State>) -> HttpResponse {
    let hub = state.hub();
    let text = state.metrics().render(hub.open_sockets(), hub.violations());
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
