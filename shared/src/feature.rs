//! Features and plans: what an organization may use, and what stands in the way.

use serde::{Deserialize, Serialize};

/// Something that a plan, the licence or a setting can switch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// More than one organization on this installation.
    MultiTenant,
    /// Sharing resources with another organization.
    Sharing,
    /// Paying for a plan in the console.
    Payments,
    /// The assistant.
    Assistant,
}

impl Feature {
    /// All features, in the order of lists.
    pub const ALL: [Self; 4] = [Self::MultiTenant, Self::Sharing, Self::Payments, Self::Assistant];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MultiTenant => "multi_tenant",
            Self::Sharing => "sharing",
            Self::Payments => "payments",
            Self::Assistant => "assistant",
        }
    }

    /// The words on a label.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::MultiTenant => "Several organizations",
            Self::Sharing => "Sharing",
            Self::Payments => "Payments",
            Self::Assistant => "Assistant",
        }
    }
}

/// Whether a feature can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FeatureState {
    /// It can be used.
    Available,
    /// The plan or the licence does not include it: 402.
    PlanRequired,
    /// The operator has not set it up: 501.
    NotEnabled,
}

/// One feature and its state. Items of `GET /api/v1/license/features` and of a bootstrap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureInfo {
    /// Which.
    pub feature: Feature,
    /// Whether it can be used.
    pub state: FeatureState,
    /// The smallest plan that includes it, where a larger plan would help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_plan: Option<String>,
    /// The operator's setting that enables it, where one is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
}

/// The answer of `GET /api/v1/license/features`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LicenseFeatures {
    /// Name of the installation's licence.
    pub license: String,
    /// Every feature.
    pub features: Vec<FeatureInfo>,
}

/// A plan of the operator's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanInfo {
    /// The word in the database and in commands.
    pub key: String,
    /// The name people read.
    pub name: String,
    /// Most hosts; absent where there is no limit.
    pub hosts: Option<i64>,
    /// Most members; absent where there is no limit.
    pub members: Option<i64>,
    /// Most tokens; absent where there is no limit.
    pub tokens: Option<i64>,
    /// Most questions to the assistant in a month; absent where there is no limit.
    pub assistant_messages: Option<i64>,
    /// Whether it includes [`Feature::Sharing`].
    pub sharing: bool,
}
