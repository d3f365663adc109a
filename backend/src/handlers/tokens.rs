//! Organization-bound tokens.

use super::members::{over_limit, plan_of};
use crate::{guard::InOrg, input::Body, plans::Counted, problem::Answer};
use actix_web::{HttpResponse, web::Json};
use authz::Admin;
use shared::{
    TokenId,
    token::{NewToken, Token},
};
use store::TokenError;

/// `GET /api/v1/orgs/{org}/tokens`
pub async fn list(at: InOrg<Admin>) -> Answer<Json<Vec<Token>>> {
    Ok(Json(at.read(|store, scope| Ok(store.directory().list_tokens(scope)?)).await?))
}

/// `POST /api/v1/orgs/{org}/tokens`
pub async fn create(at: InOrg<Admin>, body: Body<NewToken>) -> Answer {
    let new = body.read().await?;
    let plan = plan_of(&at).await?;
    let limit = Counted::Tokens.limit(&plan);
    let created = at.write(move |store, scope| match store.directory().create_token(scope, new, limit) {
        Err(TokenError::Limit(over)) => Ok(Err(over)),
        created => Ok(Ok(created?)),
    });
    match created.await? {
        Ok(created) => Ok(HttpResponse::Created().json(created)),
        Err(over) => Err(over_limit(&at, Counted::Tokens, over, &plan).await?),
    }
}

/// `DELETE /api/v1/orgs/{org}/tokens/{token}`
pub async fn revoke(at: InOrg<Admin>) -> Answer {
    let token: TokenId = at.id("token")?;
    at.write(move |store, scope| Ok(store.directory().revoke_token(scope, token)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}
