//! Reports: kept once, rates that are right or absent, answers after the commit.

use crate::support::{
    TwoWorlds, batch, batch_of, host_id, identify, ingest, ingest_valid, later, now, report, report_with, scope, worlds,
};
use authz::Viewer;
use shared::{HostId, SECOND, host::Host, host::HostSeries};
use std::sync::mpsc::channel;
use store::{IngestError, IngestWriter, Refused, ValidBatch};

struct Seen {
    host: Host,
    series: HostSeries,
}

fn look(world: &crate::support::World, two: &TwoWorlds) -> Seen {
    let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
    let data = world.store.org(&scope);
    Seen {
        host: data.get_host(host_id()).expect("the host"),
        series: data.host_series(host_id(), 0, i64::MAX, 1_000).expect("a series"),
    }
}

#[test]
fn a_batch_that_is_sent_again_counts_once() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = later(now(), 10);
        let reports: Vec<_> = (0..5).map(|n| report_with(later(start, n * 5), 20_000 + n * 5, n * 1_000)).collect();
        let first = ingest(&world.store, &two.agent_a, batch(reports.clone())).expect("it is kept");
        assert_eq!((first.accepted, first.duplicates), (5, 0));
        let seen = look(&world, &two);
        let again = ingest(&world.store, &two.agent_a, batch(reports.clone())).expect("it is known");
        assert_eq!((again.accepted, again.duplicates), (0, 5));
        let mut doubled = reports[3..].to_vec();
        doubled.push(report_with(later(start, 25), 20_025, 5_000));
        doubled.push(report_with(later(start, 25), 20_025, 5_000));
        let partly = ingest(&world.store, &two.agent_a, batch(doubled)).expect("it is kept");
        assert_eq!((partly.accepted, partly.duplicates), (1, 3));
        let after = look(&world, &two);
        assert_eq!(after.series.at.len(), seen.series.at.len() + 1);
        assert_eq!(after.host.summary.disk_read_bps, Some(200.0));
    }
}

#[test]
fn rates_are_per_second_and_absent_where_they_cannot_be_known() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = later(now(), 1);
        let send = |reports| ingest(&world.store, &two.agent_a, batch(reports)).expect("it is kept").host;
        let host = send(vec![report_with(start, 20_000, 1_000)]);
        assert_eq!(host.disk_read_bps, None, "no device was there before");
        let host = send(vec![report_with(later(start, 5), 20_005, 2_000)]);
        let rates = (host.disk_read_bps, host.disk_write_bps, host.net_in_bps, host.net_out_bps);
        assert_eq!(rates, (Some(200.0), Some(400.0), Some(600.0), Some(800.0)));
        let host = send(vec![report_with(later(start, 10), 20_010, 1_500)]);
        assert_eq!((host.disk_read_bps, host.net_out_bps), (None, None), "a counter went back");
        let host = send(vec![report_with(later(start, 15), 20_015, 1_500)]);
        assert_eq!(host.disk_read_bps, Some(0.0), "nothing happened is a rate too");
        let host = send(vec![report_with(later(start, 20), 3, 9_000)]);
        assert_eq!(host.disk_read_bps, None, "the machine was started in between");
        let host = send(vec![report_with(later(start, 25), 8, 9_500)]);
        assert_eq!(host.disk_read_bps, Some(100.0));
    }
}

#[test]
fn a_gap_of_more_than_ten_minutes_gives_no_rate() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let host: HostId = HostId::from_uuid(uuid::Uuid::from_u128(7));
        let start = now() - 3_600 * SECOND;
        let reports = vec![
            report_with(start, 20_000, 1_000),
            report_with(later(start, 600), 20_600, 7_000),
            report_with(later(start, 1_201), 21_201, 9_000),
        ];
        ingest(&world.store, &two.agent_a, batch_of(host, reports)).expect("it is kept");
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let series = world.store.org(&scope).host_series(host, 0, i64::MAX, 10).expect("a series");
        assert_eq!(series.disk_read_bps, [None, Some(10.0), None]);
    }
}

#[test]
fn a_late_report_is_kept_and_changes_nothing_of_the_present() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let start = later(now(), 1);
        let present = report_with(later(start, 60), 20_060, 1_000);
        ingest(&world.store, &two.agent_a, batch(vec![present])).expect("it is kept");
        let before = look(&world, &two);
        let mut late = batch(vec![report_with(later(start, 30), 20_030, 500)]);
        late.host.name = "old-name".to_owned();
        let outcome = ingest(&world.store, &two.agent_a, late).expect("it is kept");
        assert_eq!((outcome.accepted, outcome.host.name.as_str()), (1, "web-1"));
        let after = look(&world, &two);
        assert_eq!(after.host.summary.last_report_at, before.host.summary.last_report_at);
        assert_eq!(after.series.at.len(), before.series.at.len() + 1);
        let at = after.series.at.iter().position(|at| *at == later(start, 30)).expect("it is in the history");
        assert_eq!((after.series.cpu_percent[at], after.series.disk_read_bps[at]), (Some(50.0), None));
        let next = ingest(&world.store, &two.agent_a, batch(vec![report_with(later(start, 70), 20_070, 2_000)]));
        assert_eq!(next.expect("it is kept").host.disk_read_bps, Some(100.0), "rates go on from the latest");
    }
}

#[test]
fn a_clock_that_is_off_by_a_day_is_corrected() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let day = 24 * 3600 * SECOND;
        let arrived = now();
        for (number, off, expected) in [(21, day, Some(86_400)), (22, -day, Some(-86_400)), (23, 4 * SECOND, None)] {
            let id = HostId::from_uuid(uuid::Uuid::from_u128(number));
            let mut ahead = batch_of(id, vec![report(arrived + off - 2 * SECOND, 5.0)]);
            ahead.sent_at = arrived + off;
            let (valid, refused) = ValidBatch::new(ahead, arrived).expect("acceptable");
            assert_eq!(refused, Refused::default());
            ingest_valid(&world.store, &two.agent_a, valid).expect("it is kept");
            let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
            let host = world.store.org(&scope).get_host(id).expect("the host");
            assert_eq!(host.clock_skew_s, expected);
            let little = if expected.is_none() { off } else { 0 };
            assert_eq!(host.summary.last_report_at, Some(arrived - 2 * SECOND + little));
        }
    }
}

#[test]
fn a_batch_keeps_what_a_host_page_shows() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let host = look(&world, &two).host;
        assert_eq!((host.kernel.as_str(), host.cpu_model.as_str(), host.cpu_cores), ("Linux 6.1", "A CPU", 4));
        assert_eq!(
            (host.load, host.swap_used_bytes, host.swap_total_bytes),
            (Some([0.5, 0.4, 0.3]), Some(10), Some(100))
        );
        assert_eq!((host.summary.disk_percent, host.summary.mem_percent()), (Some(25.0), Some(25.0)));
        assert_eq!(Some(host.first_report_at), host.summary.last_report_at);
    }
}

#[test]
fn a_new_host_beyond_the_limit_is_refused_and_known_ones_go_on() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let send = |id: HostId, limit: i64| {
            let (valid, _) = ValidBatch::new(batch_of(id, vec![report(now(), 5.0)]), now()).expect("acceptable");
            ingest_valid(&world.store, &two.agent_a, valid.with_host_limit(Some(limit)))
        };
        let new = HostId::from_uuid(uuid::Uuid::from_u128(9));
        match send(new, 1) {
            Err(IngestError::HostLimit { limit: 1, used: 1 }) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(send(host_id(), 1).expect("it is known").accepted, 1);
        assert_eq!(send(new, 2).expect("there is room").accepted, 1);
    }
}

#[test]
fn many_batches_at_once_are_each_answered_for_their_own_organization_and_host() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let writer = IngestWriter::start(world.store.clone());
        let (sender, receiver) = channel();
        let start = later(now(), 1);
        let mut expected = 0;
        for round in 0..5 {
            for number in 0..60_u128 {
                for (secret, org, cpu) in [(&two.agent_a, two.a, 1.0), (&two.agent_b, two.b, 2.0)] {
                    let id = HostId::from_uuid(uuid::Uuid::from_u128(1_000 + number));
                    let reports = batch_of(id, vec![report(later(start, round), cpu)]);
                    let (valid, _) = ValidBatch::new(reports, now()).expect("acceptable");
                    let who = identify(&world.store, secret).expect("it works");
                    let scope = world.store.directory().enter_ingest(&who).expect("an agent");
                    let sender = sender.clone();
                    writer.submit(scope, valid, move |answer| {
                        sender.send((org, id, cpu, answer)).expect("the test waits");
                    });
                    expected += 1;
                }
            }
        }
        for _ in 0..expected {
            let (org, id, cpu, answer) = receiver.recv().expect("an answer");
            let outcome = answer.expect("it is kept");
            assert_eq!((outcome.org, outcome.host.id, outcome.accepted), (org, id, 1));
            assert_eq!(outcome.host.cpu_percent, Some(cpu));
        }
        for (who, org) in [(&two.a_owner, two.a), (&two.b_owner, two.b)] {
            let scope = scope::<Viewer>(&world.store, who, org);
            assert_eq!(world.store.org(&scope).host_count().expect("a count"), 61);
        }
        writer.stop();
    }
}

#[test]
fn what_waits_is_written_before_the_writer_stops() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let writer = IngestWriter::start(world.store.clone());
        let (sender, receiver) = channel();
        for n in 0..50 {
            let (valid, _) = ValidBatch::new(batch(vec![report(later(now(), n), 5.0)]), now()).expect("acceptable");
            let who = identify(&world.store, &two.agent_a).expect("it works");
            let scope = world.store.directory().enter_ingest(&who).expect("an agent");
            let sender = sender.clone();
            writer.submit(scope, valid, move |answer| sender.send(answer.is_ok()).expect("the test waits"));
        }
        writer.stop();
        drop(sender);
        assert_eq!(receiver.iter().filter(|kept| *kept).count(), 50);
    }
}

#[test]
fn an_organization_that_fails_fails_alone() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let identities = [&two.agent_a, &two.agent_b].map(|secret| identify(&world.store, secret).expect("it works"));
        let scopes = identities.each_ref().map(|who| world.store.directory().enter_ingest(who).expect("an agent"));
        world.store.directory().delete_org(&scope(&world.store, &two.a_owner, two.a)).expect("it is deleted");
        let writer = IngestWriter::start(world.store.clone());
        let (sender, receiver) = channel();
        for scope in scopes {
            let (valid, _) = ValidBatch::new(batch(vec![report(later(now(), 1), 5.0)]), now()).expect("acceptable");
            let (sender, org) = (sender.clone(), scope.org());
            writer.submit(scope, valid, move |answer| sender.send((org, answer.is_ok())).expect("the test waits"));
        }
        let mut answers = [receiver.recv().expect("an answer"), receiver.recv().expect("an answer")];
        answers.sort_by_key(|(org, _)| *org == two.b);
        assert_eq!(answers, [(two.a, false), (two.b, true)]);
    }
}
