//! Sharing with other organizations.

use crate::{
    guard::InOrg,
    plans,
    problem::{Answer, Refusal},
};
use authz::Viewer;
use shared::feature::Feature;

/// `GET /api/v1/orgs/{org}/shares`
pub async fn list(at: InOrg<Viewer>) -> Answer {
    let plan_key = at.read(|store, scope| Ok(store.directory().plan_key(scope)?)).await?;
    let plan = at.state().plans().plan(&plan_key);
    if !plan.sharing {
        let owners = at.owner_names().await?;
        return Err(plans::sharing_required(&plan, at.state().plans(), at.state().settings(), owners).org(at.org()));
    }
    Err(Refusal::not_enabled(
        Feature::Sharing,
        "BULKHEAD_SHARING",
        "Your plan includes sharing, but it is not set up on this installation. Whoever runs it can enable it.",
    )
    .org(at.org()))
}
