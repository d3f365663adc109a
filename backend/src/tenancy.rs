//! Whether this installation serves an organization. The one place that decides it.
//!
//! With multi-tenancy off, or without the licence for it, the default organization alone is served: the first one that
//! was created. Callers get here after their membership is proved, so the answer tells outsiders nothing.

use crate::{
    plans,
    problem::{Answer, Refusal},
    state::State,
};
use shared::{
    ErrorCode, OrgId,
    feature::{Feature, FeatureState},
};

/// Refuses what belongs to an organization that is not served.
///
/// # Errors
/// 501 `feature_not_enabled` where the operator switched multi-tenancy off, 402 `plan_required` where the licence does
/// not include it.
pub async fn refuse_unserved(state: &State, org: OrgId) -> Answer<()> {
    let Some(refusal) = refusal(state) else { return Ok(()) };
    if state.default_org().await? == Some(org) { Ok(()) } else { Err(refusal.org(org)) }
}

/// Refuses one more organization where there may be one.
///
/// # Errors
/// As [`refuse_unserved`].
pub fn refuse_another_org(state: &State) -> Answer<()> {
    refusal(state).map_or(Ok(()), Err)
}

fn refusal(state: &State) -> Option<Refusal> {
    match plans::installation_feature(Feature::MultiTenant, state.settings()).state {
        FeatureState::Available => None,
        FeatureState::NotEnabled => Some(Refusal::not_enabled(
            Feature::MultiTenant,
            "BULKHEAD_MULTI_TENANT",
            "This installation serves one organization. Whoever runs it can set BULKHEAD_MULTI_TENANT=on.",
        )),
        FeatureState::PlanRequired => Some(
            Refusal::new(ErrorCode::PlanRequired)
                .detail(
                    "The licence of this installation covers one organization. Whoever runs it can change the licence.",
                )
                .with(|problem| {
                    problem.feature = Some(Feature::MultiTenant);
                    problem.current_plan = Some(state.settings().license().as_str().to_owned());
                    problem.required_plan = Some("full".to_owned());
                    problem.upgrade_url = state.settings().upgrade_url();
                }),
        ),
    }
}
