//! What this installation can do.

use crate::{
    guard::Caller,
    plans,
    problem::{Answer, Refusal},
    state::State,
};
use actix_web::web::{Data, Json};
use shared::feature::{Feature, FeatureState, LicenseFeatures};

/// `GET /api/v1/license/features`
pub async fn features(state: Data<State>, _who: Caller) -> Answer<Json<LicenseFeatures>> {
    let features = Feature::ALL.map(|feature| plans::installation_feature(feature, state.settings()));
    debug_assert!(features.iter().all(|info| info.state != FeatureState::NotEnabled || info.setting.is_some()));
    Ok::<_, Refusal>(Json(LicenseFeatures {
        license: state.settings().license().as_str().to_owned(),
        features: features.into(),
    }))
}
