//! What a plan, the licence or a setting does not include.

use crate::harness::{App, batch, each, each_with, ingest, now, path};
use backend::settings::{License, Settings};
use serde_json::json;
use shared::{
    ErrorCode, Role,
    feature::{Feature, FeatureState, LicenseFeatures},
    org::{Billing, Bootstrap},
};

fn with_upgrade(settings: Settings) -> Settings {
    settings.with_upgrade_url("https://shop.example/plans")
}

#[test]
fn sharing_says_which_plan_it_needs_and_then_which_setting() {
    each_with(with_upgrade, |app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let viewer = app.member(&org, "Vera", Role::Viewer).client;
        let problem = viewer.get(&path(org.id, "/shares")).refused(ErrorCode::PlanRequired);
        assert_eq!((problem.feature, problem.org), (Some(Feature::Sharing), Some(org.id)));
        assert_eq!(
            (problem.current_plan.as_deref(), problem.required_plan.as_deref()),
            (Some("Community"), Some("Business"))
        );
        assert_eq!(problem.who_can_change, ["Ada"]);
        assert_eq!(problem.upgrade_url.as_deref(), Some("https://shop.example/plans"));
        app.store().operator("test").set_plan("acme", "business").expect("known");
        let problem = viewer.get(&path(org.id, "/shares")).refused(ErrorCode::FeatureNotEnabled);
        assert_eq!((problem.feature, problem.setting.as_deref()), (Some(Feature::Sharing), Some("BULKHEAD_SHARING")));
        assert!(!problem.request_id.is_empty());
    });
}

#[test]
fn billing_shows_plan_and_usage_and_payment_names_its_setting() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let viewer = app.member(&org, "Vera", Role::Viewer).client;
        app.store().operator("test").set_plan("acme", "team").expect("known");
        ingest(&app.agent(&org), &batch(1, "web-01", now()));
        let billing: Billing = viewer.get(&path(org.id, "/billing")).ok();
        assert_eq!((billing.plan.key.as_str(), billing.plans.len()), ("team", 4));
        assert_eq!(billing.who_can_change, ["Ada"]);
        let usage: Vec<_> = billing.usage.iter().map(|usage| (usage.what.as_str(), usage.used, usage.limit)).collect();
        assert_eq!(
            usage,
            [
                ("hosts", 1, Some(10)),
                ("members", 2, Some(10)),
                ("tokens", 1, Some(20)),
                ("assistant_messages", 0, Some(200))
            ]
        );
        let checkout = path(org.id, "/billing/checkout");
        viewer.post(&checkout, "{}").refused(ErrorCode::RoleRequired);
        let problem = ada.client.post(&checkout, "{}").refused(ErrorCode::FeatureNotEnabled);
        assert_eq!(
            (problem.feature, problem.setting.as_deref()),
            (Some(Feature::Payments), Some("BULKHEAD_PAYMENTS_URL"))
        );
    });
}

#[test]
fn a_full_plan_takes_no_more_members_tokens_or_hosts_and_keeps_what_there_is() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        app.store().operator("test").set_plan("acme", "team").expect("known");
        for number in 1..10 {
            app.member(&org, &format!("Member{number}"), Role::Viewer);
        }
        let late = app.person("Late");
        let body = json!({ "email": late.email, "role": "viewer" }).to_string();
        let problem = ada.client.post(&path(org.id, "/members"), &body).refused(ErrorCode::PlanLimitReached);
        assert_eq!((problem.limit, problem.used, problem.who_can_change), (Some(10), Some(10), vec!["Ada".to_owned()]));
        let agent = app.agent(&org);
        for number in 0..10 {
            ingest(&agent, &batch(number, &format!("web-{number}"), now()));
        }
        let eleventh = serde_json::to_string(&batch(11, "web-11", now())).expect("JSON");
        let problem = agent.post("/api/v1/ingest/reports", &eleventh).refused(ErrorCode::PlanLimitReached);
        assert_eq!((problem.limit, problem.used), (Some(10), Some(10)));
        ingest(&agent, &batch(3, "web-3", now()));
        for number in 0..19 {
            assert_eq!(
                ada.client
                    .post(
                        &path(org.id, "/tokens"),
                        &json!({ "name": format!("t{number}"), "kind": "agent" }).to_string()
                    )
                    .status,
                201
            );
        }
        ada.client
            .post(&path(org.id, "/tokens"), r#"{"name":"t","kind":"agent"}"#)
            .refused(ErrorCode::PlanLimitReached);
    });
}

/// Everything of every organization but the first, and one more organization, is refused in the same way.
fn only_the_first_is_served(app: &App, code: ErrorCode) {
    let ada = app.person("Ada");
    let (first, second) = (app.org("first", &ada), app.org("second", &ada));
    let viewer = app.member(&second, "Vera", Role::Viewer).client;
    let stranger = app.person("Stranger").client;
    assert_eq!(ada.client.get(&path(first.id, "/bootstrap")).ok::<Bootstrap>().org.id, first.id);
    ingest(&app.agent(&first), &batch(1, "web-01", now()));
    for rest in ["", "/bootstrap", "/hosts", "/members", "/tokens", "/shares", "/billing", "/live"] {
        let problem = ada.client.get(&path(second.id, rest)).refused(code);
        assert_eq!(problem.feature, Some(Feature::MultiTenant), "{rest}");
        viewer.get(&path(second.id, rest)).refused(code);
        stranger.get(&path(second.id, rest)).refused(ErrorCode::NotFound);
    }
    app.agent(&second).post("/api/v1/ingest/reports", "{}").refused(code);
    ada.client.post("/api/v1/orgs", r#"{"name":"Third"}"#).refused(code);
    let features: LicenseFeatures = ada.client.get("/api/v1/license/features").ok();
    let multi_tenant = features.features.iter().find(|info| info.feature == Feature::MultiTenant).expect("listed");
    let state = if code == ErrorCode::PlanRequired { FeatureState::PlanRequired } else { FeatureState::NotEnabled };
    assert_eq!(multi_tenant.state, state);
}

#[test]
fn without_multi_tenancy_the_first_organization_alone_is_served() {
    each_with(
        |settings| settings.with_multi_tenancy(false),
        |app| only_the_first_is_served(app, ErrorCode::FeatureNotEnabled),
    );
}

#[test]
fn without_the_licence_the_first_organization_alone_is_served() {
    each_with(
        |settings| settings.with_license(License::SingleOrg),
        |app| only_the_first_is_served(app, ErrorCode::PlanRequired),
    );
}

#[test]
fn an_unmodified_installation_has_several_organizations() {
    each(|app| {
        let ada = app.person("Ada");
        app.org("acme", &ada);
        let features: LicenseFeatures = ada.client.get("/api/v1/license/features").ok();
        assert_eq!((features.license.as_str(), features.features.len()), ("full", Feature::ALL.len()));
        assert_eq!(features.features[0].state, FeatureState::Available);
        assert_eq!(ada.client.post("/api/v1/orgs", r#"{"name":"Second"}"#).status, 201);
    });
}
