//! Organizations: making, entering, changing and deleting them.

use crate::{
    guard::{Caller, InOrg, SignedIn},
    input::{Body, Params},
    plans::{self, DEFAULT_PLAN},
    problem::{Answer, Refusal},
    state::{State, now},
    tenancy,
    versions::{etag, expected_version},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_LOCATION, ETAG, LOCATION},
    web::{Data, Json},
};
use authz::{Admin, Owner, Viewer};
use serde::Deserialize;
use shared::{
    endpoints,
    live::LiveEvent,
    org::{BOOTSTRAP_HOSTS, Bootstrap, NewOrg, OrgPatch, OrgSummary},
    summary::Summary,
};
use store::{Identity, NewOrgRecord};

/// `GET /api/v1/orgs`
pub async fn list(state: Data<State>, who: Caller) -> Answer<Json<Vec<OrgSummary>>> {
    Ok(Json(own_orgs(&state, who.into_identity()).await?))
}

/// The caller's organizations, each with the name of its plan.
pub(super) async fn own_orgs(state: &State, who: Identity) -> Answer<Vec<OrgSummary>> {
    let mut orgs = state.read(move |store| Ok(store.directory().list_orgs(&who)?)).await?;
    for org in &mut orgs {
        org.plan = state.plans().name(&org.plan);
    }
    Ok(orgs)
}

/// `POST /api/v1/orgs`
pub async fn create(state: Data<State>, who: SignedIn, body: Body<NewOrg>) -> Answer {
    tenancy::refuse_another_org(&state)?;
    let NewOrg { name, slug, description, colour } = body.read().await?;
    let record = NewOrgRecord { name, slug, description, colour, plan_key: DEFAULT_PLAN.to_owned() };
    let who = who.into_identity();
    let org = state.write(move |store| Ok(store.directory().create_org(&who, record)?)).await?;
    let location = endpoints::org(org.id);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .insert_header((endpoints::ORG_HEADER, org.id.to_string()))
        .insert_header((ETAG, etag(org.id, org.version)))
        .json(org))
}

/// `GET /api/v1/orgs/{org}/bootstrap`
pub async fn bootstrap(at: InOrg<Viewer>) -> Answer<Json<Bootstrap>> {
    let server_time = now();
    let (org, plan_key, summary, list) = at
        .read(move |store, scope| {
            let (directory, data) = (store.directory(), store.org(scope));
            Ok((
                directory.get_org(scope)?,
                directory.plan_key(scope)?,
                data.summary(server_time)?,
                data.list_hosts(BOOTSTRAP_HOSTS, None)?,
            ))
        })
        .await?;
    let plan = at.state().plans().plan(&plan_key);
    let features = plans::features(&plan, at.state().plans(), at.state().settings());
    let (role, hosts) = (at.scope().role(), list.items);
    Ok(Json(Bootstrap { org, role, plan, features, summary, hosts, server_time }))
}

/// `GET /api/v1/orgs/{org}/summary`
pub async fn summary(at: InOrg<Viewer>) -> Answer<Json<Summary>> {
    Ok(Json(at.read(|store, scope| Ok(store.org(scope).summary(now())?)).await?))
}

/// `GET /api/v1/orgs/{org}`
pub async fn get(at: InOrg<Viewer>) -> Answer {
    let org = at.read(|store, scope| Ok(store.directory().get_org(scope)?)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(org.id, org.version))).json(org))
}

/// `PATCH /api/v1/orgs/{org}`
pub async fn patch(at: InOrg<Admin>, request: HttpRequest, body: Body<OrgPatch>) -> Answer {
    let expected = expected_version(&request, at.org())?;
    let patch = body.read().await?;
    let org = at.write(move |store, scope| Ok(store.directory().patch_org(scope, expected, patch)?)).await?;
    at.state().hub().publish(at.org(), LiveEvent::OrgChanged);
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag(org.id, org.version)))
        .insert_header((CONTENT_LOCATION, endpoints::org(org.id)))
        .json(org))
}

/// Query of `DELETE /api/v1/orgs/{org}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The slug of the organization, typed by the person who deletes it.
    confirm: Option<String>,
}

/// `DELETE /api/v1/orgs/{org}?confirm={slug}`
pub async fn delete(at: InOrg<Owner>, params: Params<Confirmation>) -> Answer {
    let Confirmation { confirm } = params.read()?;
    at.write(move |store, scope| {
        let slug = store.directory().get_org(scope)?.slug;
        if confirm.as_deref() != Some(slug.as_str()) {
            return Err(Refusal::invalid(
                "/confirm",
                format!("Repeat the slug to delete it for good: ?confirm={slug}"),
            ));
        }
        Ok(store.directory().delete_org(scope)?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
