//! The handshake of the live channel.

use crate::{
    guard::InOrg,
    live, origin,
    problem::{Answer, Refusal},
};
use actix_web::{HttpRequest, HttpResponse, http::header::AUTHORIZATION, rt, web::Payload};
use authz::Viewer;

/// `GET /api/v1/orgs/{org}/live`
pub async fn open(at: InOrg<Viewer>, request: HttpRequest, body: Payload) -> Answer<HttpResponse> {
    if !request.headers().contains_key(AUTHORIZATION) {
        origin::refuse_foreign_handshake(&request, at.state().settings().public_url())?;
    }
    let (response, session, messages) = actix_ws::handle(&request, body)
        .map_err(|error| Refusal::malformed(format!("This is a WebSocket: {error}.")).org(at.org()))?;
    let place = at.state().hub().register(at.org(), at.identity().clone()).ok_or_else(|| {
        Refusal::rate_limited("Too many live channels of this organization are open. Close some pages.", 10)
            .org(at.org())
    })?;
    rt::spawn(live::serve(place, session, messages));
    Ok(response)
}
