//! Plan, limits, usage and payment.

use crate::{
    guard::InOrg,
    plans::Counted,
    problem::{Answer, Refusal},
};
use actix_web::web::Json;
use authz::{Owner, Viewer};
use shared::{
    feature::Feature,
    org::{Billing, Usage},
};

/// `GET /api/v1/orgs/{org}/billing`
pub async fn get(at: InOrg<Viewer>) -> Answer<Json<Billing>> {
    let (plan_key, counts, hosts, asked, who_can_change) = at
        .read(|store, scope| {
            let directory = store.directory();
            Ok((
                directory.plan_key(scope)?,
                directory.counts(scope)?,
                store.org(scope).host_count()?,
                store.org(scope).asked_this_month()?,
                directory.owner_names(scope)?,
            ))
        })
        .await?;
    let plan = at.state().plans().plan(&plan_key);
    let usage = [
        (Counted::Hosts, hosts),
        (Counted::Members, counts.members),
        (Counted::Tokens, counts.tokens),
        (Counted::AssistantMessages, asked),
    ]
    .map(|(counted, used)| Usage { what: counted.as_str().to_owned(), used, limit: counted.limit(&plan) });
    let plans = at.state().plans().all().to_vec();
    Ok(Json(Billing { plan, plans, usage: usage.into(), who_can_change }))
}

/// `POST /api/v1/orgs/{org}/billing/checkout`
pub async fn checkout(at: InOrg<Owner>) -> Answer {
    Err(Refusal::not_enabled(
        Feature::Payments,
        "BULKHEAD_PAYMENTS_URL",
        "Payments are not set up on this installation. Whoever runs it can set BULKHEAD_PAYMENTS_URL, or assign a plan \
         with `bulkhead org set-plan`.",
    )
    .org(at.org()))
}
