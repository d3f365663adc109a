//! Containers, as their hosts' agents found them last.

use crate::{
    guard::InOrg,
    input::Params,
    problem::{Answer, Refusal},
    state::now,
};
use actix_web::web::Json;
use authz::Viewer;
use serde::Deserialize;
use shared::{
    ContainerId, OrgId,
    inventory::{Container, ContainerPage},
};
use store::{InventoryCursor, Part};

/// Most containers or guests that are asked for at once; a page has all of its last host beyond that.
pub const MAX_PAGE: usize = 2_000;

/// Query of `GET /api/v1/orgs/{org}/containers` and `/guests`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    #[serde(default = "default_limit")]
    limit: usize,
    cursor: Option<String>,
}

const fn default_limit() -> usize {
    500
}

impl PageQuery {
    /// How many are wanted, and after which place of that list.
    pub(super) fn check(self, org: OrgId, part: Part) -> Answer<(usize, Option<InventoryCursor>)> {
        if !(1..=MAX_PAGE).contains(&self.limit) {
            return Err(Refusal::malformed(format!("limit has to be from 1 to {MAX_PAGE}.")));
        }
        let after = self.cursor.map(|text| InventoryCursor::parse(&text, org, part)).transpose();
        Ok((self.limit, after.map_err(|error| Refusal::malformed(error.to_string()))?))
    }
}

/// `GET /api/v1/orgs/{org}/containers`
pub async fn list(at: InOrg<Viewer>, params: Params<PageQuery>) -> Answer<Json<ContainerPage>> {
    let query = params.read().and_then(|query| query.check(at.org(), Part::Containers));
    let (limit, after) = query.map_err(|refusal| refusal.org(at.org()))?;
    // Long lists are read and parsed: not what a thread that serves others should do.
    let list = at.write(move |store, scope| Ok(store.org(scope).list_containers(limit, after.as_ref())?)).await?;
    let next_cursor = list.next.map(|cursor| cursor.to_text());
    Ok(Json(ContainerPage { items: list.items, next_cursor, server_time: now() }))
}

/// `GET /api/v1/orgs/{org}/containers/{container}`
pub async fn get(at: InOrg<Viewer>) -> Answer<Json<Container>> {
    let container: ContainerId = at.id("container")?;
    Ok(Json(at.write(move |store, scope| Ok(store.org(scope).get_container(container)?)).await?))
}
