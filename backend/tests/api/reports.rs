//! Agents' reports, and what members see of them.

use crate::harness::{batch, each, host_id, ingest, now, path, report};
use serde_json::{Value, json};
use shared::{
    ErrorCode, SECOND,
    host::{Host, HostPage, HostSeries},
    report::ReportAck,
};

const REPORTS: &str = "/api/v1/ingest/reports";

#[test]
fn a_batch_that_is_sent_again_counts_once() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let agent = app.agent(&org);
        let mut first = batch(1, "web-01", now());
        first.reports = (0..5).map(|n| report(first.sent_at - (4 - n) * 5 * SECOND)).collect();
        let body = serde_json::to_string(&first).expect("JSON");
        let ack: ReportAck = agent.post(REPORTS, &body).ok();
        assert_eq!((ack.accepted, ack.duplicates, ack.rejected.len()), (5, 0, 0));
        let ack: ReportAck = agent.post(REPORTS, &body).ok();
        assert_eq!((ack.accepted, ack.duplicates), (0, 5));
        let page: HostPage = ada.client.get(&path(org.id, "/hosts")).ok();
        assert_eq!((page.items.len(), page.items[0].name.as_str()), (1, "web-01"));
        let series: HostSeries = ada.client.get(&path(org.id, &format!("/hosts/{}/metrics", host_id(1)))).ok();
        assert_eq!(series.at.len(), 5);
    });
}

#[test]
fn what_cannot_be_true_is_refused_and_the_rest_is_kept() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let agent = app.agent(&org);
        let mut good = batch(1, "web-01", now());
        good.reports.push(report(good.sent_at - 5 * SECOND));
        let mut body: Value = serde_json::to_value(&good).expect("JSON");
        body["reports"][1]["disks"] = json!([{ "name": "sda", "read_bytes": -1, "written_bytes": 0 }]);
        let ack: ReportAck = agent.post(REPORTS, &body.to_string()).ok();
        assert_eq!((ack.accepted, ack.rejected.len()), (1, 1));
        assert_eq!((ack.rejected[0].index, ack.rejected[0].pointer.as_str()), (1, "/reports/1/disks/0/read_bytes"));
        let text = serde_json::to_string(&good).expect("JSON");
        for nonsense in ["NaN", "Infinity", "1e999", "-Infinity"] {
            let text = text.replace("12.5", nonsense);
            assert!(text.contains(nonsense));
            agent.post(REPORTS, &text).refused(ErrorCode::Malformed);
        }
        let mut nameless = good.clone();
        nameless.host.name = String::new();
        let problem = agent.post(REPORTS, &serde_json::to_string(&nameless).expect("JSON")).refused(ErrorCode::Invalid);
        assert!(problem.errors.iter().any(|error| error.pointer.starts_with("/host/name")), "{:?}", problem.errors);
        agent.post(REPORTS, &"x".repeat(5_000_000)).refused(ErrorCode::TooLarge);
        let mut foreign: Value = serde_json::to_value(&good).expect("JSON");
        foreign["org_id"] = json!(org.id);
        agent.post(REPORTS, &foreign.to_string()).refused(ErrorCode::Malformed);
    });
}

#[test]
fn pages_follow_each_other_and_their_cursors_mean_nothing_elsewhere() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        for org in [&org, &other] {
            let agent = app.agent(org);
            for number in 0..7 {
                ingest(&agent, &batch(number, &format!("web-{:02}", 7 - number), now()));
            }
        }
        let page = |org, query: &str| ada.client.get(&path(org, &format!("/hosts?limit=3{query}")));
        let mut names = Vec::new();
        let mut cursor = String::new();
        loop {
            let next: HostPage = page(org.id, &cursor).ok();
            names.extend(next.items.iter().map(|host| host.name.clone()));
            let Some(next) = next.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(names, (1..=7).map(|n| format!("web-{n:02}")).collect::<Vec<_>>());
        let foreign = page(other.id, &cursor);
        foreign.refused(ErrorCode::Malformed);
        assert_eq!(foreign.text(), page(other.id, "&cursor=bm9uc2Vuc2U").text());
    });
}

#[test]
fn a_host_is_seen_and_removed_in_its_own_organization_only() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        ingest(&app.agent(&org), &batch(1, "only-here", now()));
        ingest(&app.agent(&other), &batch(2, "only-there", now()));
        let one = |org, number| path(org, &format!("/hosts/{}", host_id(number)));
        assert_eq!(ada.client.get(&one(org.id, 1)).ok::<Host>().summary.name, "only-here");
        let missing = ada.client.get(&one(org.id, 3));
        for foreign in [ada.client.get(&one(org.id, 2)), ada.client.get(&path(org.id, "/hosts/nonsense"))] {
            foreign.refused(ErrorCode::NotFound);
            assert_eq!(foreign.comparable(), missing.comparable());
        }
        ada.client.get(&format!("{}/metrics", one(org.id, 2))).refused(ErrorCode::NotFound);
        ada.client.delete(&one(org.id, 2)).refused(ErrorCode::NotFound);
        ada.client.delete(&one(org.id, 1)).done();
        ada.client.get(&one(org.id, 1)).refused(ErrorCode::NotFound);
        assert_eq!(ada.client.get(&one(other.id, 2)).status, 200);
        ada.client.get(&format!("{}/metrics?from=5&to=5", one(other.id, 2))).refused(ErrorCode::Malformed);
    });
}
