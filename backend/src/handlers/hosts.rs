//! Hosts and their measures.

use crate::{
    guard::InOrg,
    input::Params,
    problem::{Answer, Refusal},
    state::now,
};
use actix_web::{HttpResponse, web::Json};
use authz::{Editor, Viewer};
use serde::Deserialize;
use shared::{
    HostId, Micros, SECOND,
    host::{Host, HostPage, HostSeries, MAX_SERIES_POINTS},
    live::LiveEvent,
};
use store::HostCursor;

/// Most hosts on one page.
pub const MAX_PAGE: usize = 500;

/// Query of `GET /api/v1/orgs/{org}/hosts`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    #[serde(default = "default_limit")]
    limit: usize,
    cursor: Option<String>,
}

const fn default_limit() -> usize {
    100
}

/// `GET /api/v1/orgs/{org}/hosts`
pub async fn list(at: InOrg<Viewer>, params: Params<PageQuery>) -> Answer<Json<HostPage>> {
    let PageQuery { limit, cursor } = params.read().map_err(|refusal| refusal.org(at.org()))?;
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Refusal::malformed(format!("limit has to be from 1 to {MAX_PAGE}.")).org(at.org()));
    }
    let list = at
        .read(move |store, scope| {
            let after = cursor.map(|text| HostCursor::parse(&text, scope.org())).transpose();
            let after = after.map_err(|error| Refusal::malformed(error.to_string()))?;
            Ok(store.org(scope).list_hosts(limit, after.as_ref())?)
        })
        .await?;
    let next_cursor = list.next.map(|cursor| cursor.to_text());
    Ok(Json(HostPage { items: list.items, next_cursor, server_time: now() }))
}

/// `GET /api/v1/orgs/{org}/hosts/{host}`
pub async fn get(at: InOrg<Viewer>) -> Answer<Json<Host>> {
    let host: HostId = at.id("host")?;
    Ok(Json(at.read(move |store, scope| Ok(store.org(scope).get_host(host)?)).await?))
}

/// `DELETE /api/v1/orgs/{org}/hosts/{host}`
pub async fn delete(at: InOrg<Editor>) -> Answer {
    let host: HostId = at.id("host")?;
    at.write(move |store, scope| Ok(store.org(scope).delete_host(host)?)).await?;
    at.state().hub().publish(at.org(), LiveEvent::HostRemoved { host });
    Ok(HttpResponse::NoContent().finish())
}

/// Query of `GET /api/v1/orgs/{org}/hosts/{host}/metrics`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    from: Option<Micros>,
    to: Option<Micros>,
}

/// `GET /api/v1/orgs/{org}/hosts/{host}/metrics`
pub async fn metrics(at: InOrg<Viewer>, params: Params<Window>) -> Answer<Json<HostSeries>> {
    let host: HostId = at.id("host")?;
    let Window { from, to } = params.read().map_err(|refusal| refusal.org(at.org()))?;
    let to = to.unwrap_or_else(now);
    let from = from.unwrap_or_else(|| to.saturating_sub(3_600 * SECOND));
    if from >= to {
        return Err(Refusal::malformed("from has to lie before to; both are microseconds since 1970.").org(at.org()));
    }
    // Up to 1,440 points are averaged from many samples: not what a thread that serves others should do.
    let series = at.write(move |store, scope| Ok(store.org(scope).host_series(host, from, to, MAX_SERIES_POINTS)?));
    Ok(Json(series.await?))
}
