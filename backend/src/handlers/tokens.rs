//! Organization-bound tokens.

use super::members::refuse_over_limit;
use crate::{guard::InOrg, input::Body, plans::Counted, problem::Answer};
use actix_web::{HttpResponse, web::Json};
use authz::Admin;
use shared::{
    TokenId,
    token::{NewToken, Token},
};

/// `GET /api/v1/orgs/{org}/tokens`
pub async fn list(at: InOrg<Admin>) -> Answer<Json<Vec<Token>>> {
    Ok(Json(at.read(|store, scope| Ok(store.directory().list_tokens(scope)?)).await?))
}

/// `POST /api/v1/orgs/{org}/tokens`
pub async fn create(at: InOrg<Admin>, body: Body<NewToken>) -> Answer {
    let new = body.read().await?;
    refuse_over_limit(&at, Counted::Tokens).await?;
    let created = at.write(move |store, scope| Ok(store.directory().create_token(scope, new)?)).await?;
    Ok(HttpResponse::Created().json(created))
}

/// `DELETE /api/v1/orgs/{org}/tokens/{token}`
pub async fn revoke(at: InOrg<Admin>) -> Answer {
    let token: TokenId = at.id("token")?;
    at.write(move |store, scope| Ok(store.directory().revoke_token(scope, token)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}
