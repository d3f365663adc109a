//! Guests of hypervisors, as their hosts' agents found them last.

use super::containers::PageQuery;
use crate::{guard::InOrg, input::Params, problem::Answer, state::now};
use actix_web::web::Json;
use authz::Viewer;
use shared::{
    GuestId,
    inventory::{Guest, GuestPage},
};
use store::Part;

/// `GET /api/v1/orgs/{org}/guests`
pub async fn list(at: InOrg<Viewer>, params: Params<PageQuery>) -> Answer<Json<GuestPage>> {
    let query = params.read().and_then(|query| query.check(at.org(), Part::Guests));
    let (limit, after) = query.map_err(|refusal| refusal.org(at.org()))?;
    // Long lists are read and parsed: not what a thread that serves others should do.
    let list = at.write(move |store, scope| Ok(store.org(scope).list_guests(limit, after.as_ref())?)).await?;
    let next_cursor = list.next.map(|cursor| cursor.to_text());
    Ok(Json(GuestPage { items: list.items, next_cursor, server_time: now() }))
}

/// `GET /api/v1/orgs/{org}/guests/{guest}`
pub async fn get(at: InOrg<Viewer>) -> Answer<Json<Guest>> {
    let guest: GuestId = at.id("guest")?;
    Ok(Json(at.write(move |store, scope| Ok(store.org(scope).get_guest(guest)?)).await?))
}
