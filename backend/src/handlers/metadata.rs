//! What people note about hosts, containers and guests.

use crate::{
    guard::InOrg,
    input::Body,
    problem::Answer,
    versions::{etag, expected_version},
};
use actix_web::{HttpRequest, HttpResponse, http::header::ETAG, web::Json};
use authz::{Editor, Viewer};
use shared::metadata::{MetadataEdit, Noted, Subject};

/// `GET /api/v1/orgs/{org}/hosts/{host}/metadata`
pub async fn get_host(at: InOrg<Viewer>) -> Answer {
    let subject = Subject::Host(at.id("host")?);
    get(at, subject).await
}

/// `GET /api/v1/orgs/{org}/containers/{container}/metadata`
pub async fn get_container(at: InOrg<Viewer>) -> Answer {
    let subject = Subject::Container(at.id("container")?);
    get(at, subject).await
}

/// `GET /api/v1/orgs/{org}/guests/{guest}/metadata`
pub async fn get_guest(at: InOrg<Viewer>) -> Answer {
    let subject = Subject::Guest(at.id("guest")?);
    get(at, subject).await
}

/// `PUT /api/v1/orgs/{org}/hosts/{host}/metadata`
pub async fn put_host(at: InOrg<Editor>, request: HttpRequest, body: Body<MetadataEdit>) -> Answer {
    let subject = Subject::Host(at.id("host")?);
    put(at, subject, request, body).await
}

/// `PUT /api/v1/orgs/{org}/containers/{container}/metadata`
pub async fn put_container(at: InOrg<Editor>, request: HttpRequest, body: Body<MetadataEdit>) -> Answer {
    let subject = Subject::Container(at.id("container")?);
    put(at, subject, request, body).await
}

/// `PUT /api/v1/orgs/{org}/guests/{guest}/metadata`
pub async fn put_guest(at: InOrg<Editor>, request: HttpRequest, body: Body<MetadataEdit>) -> Answer {
    let subject = Subject::Guest(at.id("guest")?);
    put(at, subject, request, body).await
}

async fn get(at: InOrg<Viewer>, subject: Subject) -> Answer {
    // Whether there is such a container may take reading all: see `containers`.
    let metadata = at.write(move |store, scope| Ok(store.org(scope).get_metadata(subject)?)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(at.org(), metadata.version))).json(metadata))
}

async fn put(at: InOrg<Editor>, subject: Subject, request: HttpRequest, body: Body<MetadataEdit>) -> Answer {
    let expected = expected_version(&request, at.org())?;
    let edit = body.read().await?;
    let by = at.identity().account().map_or_else(|| "a token".to_owned(), |account| account.name.clone());
    let metadata =
        at.write(move |store, scope| Ok(store.org(scope).put_metadata(subject, expected, edit, &by)?)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(at.org(), metadata.version))).json(metadata))
}

/// `GET /api/v1/orgs/{org}/metadata`
pub async fn list(at: InOrg<Viewer>) -> Answer<Json<Vec<Noted>>> {
    Ok(Json(at.read(|store, scope| Ok(store.org(scope).list_metadata()?)).await?))
}
