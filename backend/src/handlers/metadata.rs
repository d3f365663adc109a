//! What people note about hosts.

use crate::{
    guard::InOrg,
    input::Body,
    problem::Answer,
    versions::{etag, expected_version},
};
use actix_web::{HttpRequest, HttpResponse, http::header::ETAG, web::Json};
use authz::{Editor, Viewer};
use shared::{
    HostId,
    metadata::{HostMetadata, MetadataEdit},
};

/// `GET /api/v1/orgs/{org}/hosts/{host}/metadata`
pub async fn get(at: InOrg<Viewer>) -> Answer {
    let host: HostId = at.id("host")?;
    let metadata = at.read(move |store, scope| Ok(store.org(scope).host_metadata(host)?)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(at.org(), metadata.version))).json(metadata))
}

/// `PUT /api/v1/orgs/{org}/hosts/{host}/metadata`
pub async fn put(at: InOrg<Editor>, request: HttpRequest, body: Body<MetadataEdit>) -> Answer {
    let host: HostId = at.id("host")?;
    let expected = expected_version(&request, at.org())?;
    let edit = body.read().await?;
    let by = at.identity().account().map_or_else(|| "a token".to_owned(), |account| account.name.clone());
    let metadata =
        at.write(move |store, scope| Ok(store.org(scope).put_host_metadata(host, expected, edit, &by)?)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(at.org(), metadata.version))).json(metadata))
}

/// `GET /api/v1/orgs/{org}/metadata`
pub async fn list(at: InOrg<Viewer>) -> Answer<Json<Vec<HostMetadata>>> {
    Ok(Json(at.read(|store, scope| Ok(store.org(scope).list_host_metadata()?)).await?))
}
