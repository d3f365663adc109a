//! The operator's catalogue of plans, and the refusals that follow from them.

use crate::{
    problem::Refusal,
    settings::{License, Settings},
};
use shared::{
    ErrorCode,
    feature::{Feature, FeatureInfo, FeatureState, PlanInfo},
};

/// The plan of an organization that was given no other. An unmodified installation limits nobody.
pub const DEFAULT_PLAN: &str = "community";

/// The plans that organizations can have, smallest first.
#[derive(Debug, Clone)]
pub struct Catalogue(Vec<PlanInfo>);

impl Default for Catalogue {
    fn default() -> Self {
        let plan = |key: &str, name: &str, limits: Option<(i64, i64, i64, i64)>, sharing| PlanInfo {
            key: key.to_owned(),
            name: name.to_owned(),
            hosts: limits.map(|(hosts, ..)| hosts),
            members: limits.map(|(_, members, ..)| members),
            tokens: limits.map(|(_, _, tokens, _)| tokens),
            assistant_messages: limits.map(|(.., messages)| messages),
            sharing,
        };
        Self(vec![
            plan(DEFAULT_PLAN, "Community", None, false),
            plan("team", "Team", Some((10, 10, 20, 200)), false),
            plan("business", "Business", Some((50, 25, 100, 1_000)), true),
            plan("enterprise", "Enterprise", None, true),
        ])
    }
}

impl Catalogue {
    /// All plans, smallest first.
    #[must_use]
    pub fn all(&self) -> &[PlanInfo] {
        &self.0
    }

    /// The plan of that key, if there is one.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&PlanInfo> {
        self.0.iter().find(|plan| plan.key == key)
    }

    /// The plan of an organization. A key that the catalogue has lost counts as the default plan, and is logged: an
    /// organization must not be locked out by a typo of the operator.
    #[must_use]
    pub fn plan(&self, key: &str) -> PlanInfo {
        self.find(key).cloned().unwrap_or_else(|| {
            tracing::warn!(
                plan = key,
                "unknown plan: the default plan applies; `bulkhead org set-plan` sets a known one"
            );
            self.find(DEFAULT_PLAN).cloned().expect("the catalogue has the default plan")
        })
    }

    /// The name of a plan, as people read it.
    #[must_use]
    pub fn name(&self, key: &str) -> String {
        self.find(key).map_or_else(|| key.to_owned(), |plan| plan.name.clone())
    }

    /// The smallest plan that includes sharing.
    fn smallest_with_sharing(&self) -> Option<&PlanInfo> {
        self.0.iter().find(|plan| plan.sharing)
    }

    /// The smallest plan that allows more than `used` of what `limit_of` reads.
    fn smallest_with_more(&self, used: i64, limit_of: impl Fn(&PlanInfo) -> Option<i64>) -> Option<&PlanInfo> {
        self.0.iter().find(|plan| plan.key != DEFAULT_PLAN && limit_of(plan).is_none_or(|limit| limit > used))
    }
}

/// What an organization with that plan may use, and why not.
#[must_use]
pub fn features(plan: &PlanInfo, catalogue: &Catalogue, settings: &Settings) -> Vec<FeatureInfo> {
    Feature::ALL
        .into_iter()
        .map(|feature| match feature {
            Feature::Sharing if !plan.sharing => {
                let required = catalogue.smallest_with_sharing().map(|plan| plan.name.clone());
                FeatureInfo { required_plan: required, ..info(feature, FeatureState::PlanRequired) }
            }
            _ => installation_feature(feature, settings),
        })
        .collect()
}

/// Whether this installation has a feature at all, whatever an organization's plan.
#[must_use]
pub fn installation_feature(feature: Feature, settings: &Settings) -> FeatureInfo {
    match feature {
        Feature::MultiTenant if !settings.multi_tenant() => not_enabled(feature, "BULKHEAD_MULTI_TENANT"),
        Feature::MultiTenant if settings.license() != License::Full => {
            FeatureInfo { required_plan: Some("full".to_owned()), ..info(feature, FeatureState::PlanRequired) }
        }
        Feature::MultiTenant => info(feature, FeatureState::Available),
        Feature::Sharing => not_enabled(feature, "BULKHEAD_SHARING"),
        Feature::Payments => not_enabled(feature, "BULKHEAD_PAYMENTS_URL"),
        Feature::Assistant if settings.assistant().is_none() => not_enabled(feature, "BULKHEAD_ASSISTANT_URL"),
        Feature::Assistant => info(feature, FeatureState::Available),
    }
}

fn info(feature: Feature, state: FeatureState) -> FeatureInfo {
    FeatureInfo { feature, state, required_plan: None, setting: None }
}

fn not_enabled(feature: Feature, setting: &str) -> FeatureInfo {
    FeatureInfo { setting: Some(setting.to_owned()), ..info(feature, FeatureState::NotEnabled) }
}

/// 402: the plan does not include sharing.
#[must_use]
pub fn sharing_required(plan: &PlanInfo, catalogue: &Catalogue, settings: &Settings, owners: Vec<String>) -> Refusal {
    let required = catalogue.smallest_with_sharing().map(|plan| plan.name.clone());
    let detail = format!(
        "Sharing is part of the plan {} and larger ones; this organization has {}.",
        required.as_deref().unwrap_or("that the operator sets up"),
        plan.name
    );
    Refusal::new(ErrorCode::PlanRequired).detail(detail).with(|problem| {
        problem.feature = Some(Feature::Sharing);
        problem.current_plan = Some(plan.name.clone());
        problem.required_plan = required;
        problem.who_can_change = owners;
        problem.upgrade_url = settings.upgrade_url();
    })
}

/// What a plan counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Monitored machines.
    Hosts,
    /// Members.
    Members,
    /// Tokens that still work.
    Tokens,
    /// Questions to the assistant, this month.
    AssistantMessages,
}

impl Counted {
    /// The plan's limit of it.
    #[must_use]
    pub const fn limit(self, plan: &PlanInfo) -> Option<i64> {
        match self {
            Self::Hosts => plan.hosts,
            Self::Members => plan.members,
            Self::Tokens => plan.tokens,
            Self::AssistantMessages => plan.assistant_messages,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::Members => "members",
            Self::Tokens => "tokens",
            Self::AssistantMessages => "assistant_messages",
        }
    }

    /// The feature that it is of, where it is of one.
    const fn feature(self) -> Option<Feature> {
        match self {
            Self::AssistantMessages => Some(Feature::Assistant),
            Self::Hosts | Self::Members | Self::Tokens => None,
        }
    }
}

/// 402: the plan includes no more of it.
#[must_use]
pub fn limit_reached(
    counted: Counted,
    (used, limit): (i64, i64),
    plan: &PlanInfo,
    catalogue: &Catalogue,
    settings: &Settings,
    owners: Vec<String>,
) -> Refusal {
    let what = counted.as_str();
    let name = &plan.name;
    let detail = match counted {
        Counted::AssistantMessages => format!(
            "The plan {name} includes {limit} questions to the assistant a month, and {used} were asked. There are new ones on \
             the first of the next month, or with a larger plan: ask an owner."
        ),
        _ => format!(
            "The plan {name} includes {limit} {what}, and there are {used}. Remove one, or ask an owner for a larger plan."
        ),
    };
    let required = catalogue.smallest_with_more(used, |plan| counted.limit(plan)).map(|plan| plan.name.clone());
    Refusal::new(ErrorCode::PlanLimitReached).detail(detail).with(|problem| {
        problem.feature = counted.feature();
        problem.current_plan = Some(plan.name.clone());
        problem.required_plan = required;
        problem.limit = Some(limit);
        problem.used = Some(used);
        problem.who_can_change = owners;
        problem.upgrade_url = settings.upgrade_url();
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_team_is_told_that_business_would_do() {
        let catalogue = Catalogue::default();
        let team = catalogue.plan("team");
        let refusal =
            limit_reached(Counted::Hosts, (10, 10), &team, &catalogue, &Settings::default(), vec!["Ada".to_owned()]);
        let problem = refusal.problem();
        assert_eq!((problem.limit, problem.used), (Some(10), Some(10)));
        assert_eq!(problem.required_plan.as_deref(), Some("Business"));
    }

    #[test]
    fn an_organization_whose_plan_left_the_catalogue_keeps_working() {
        assert_eq!(Catalogue::default().plan("gold-2019").key, DEFAULT_PLAN);
    }
}
