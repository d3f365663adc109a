//! What runs on the machine, on its way beside the reports.

use super::{A, B, Bench, host, open, report, sender};
use crate::server::{Reply, Seen, TestServer};
use agent::{
    sender::{LONGEST_WAIT, Next, Outbox},
    token::{Token, TokenSource},
};
use shared::{
    ErrorCode, Micros,
    inventory::{FoundContainers, Inventory},
    problem::FieldError,
    report::ReportAck,
};
use std::{
    fs,
    sync::{Arc, OnceLock},
};

fn inventory(taken_at: Micros) -> Inventory {
    let containers = FoundContainers { engine: "Docker 28".to_owned(), items: Vec::new(), left_out: 0 };
    Inventory { taken_at, containers: Some(containers), guests: None }
}

fn mark(token: &str) -> u32 {
    Token::parse(token).expect("a token").mark()
}

/// Puts in what was found under a token.
fn find(outbox: &Outbox, token: &str, taken_at: Micros) {
    outbox.inventory().put(mark(token), inventory(taken_at));
}

/// Who was told what: the end of the token, and the time of the inventory.
fn told(seen: &[Seen]) -> Vec<(char, Option<Micros>)> {
    let told = |seen: &Seen| {
        let who = seen.authorization.chars().last().expect("a token");
        (who, seen.batch.inventory.as_ref().map(|found| found.taken_at))
    };
    seen.iter().map(told).collect()
}

const T: &str = "bh_agt_test";

#[test]
fn the_newest_goes_along_with_the_next_reports_once_and_never_alone() {
    let mut bench = Bench::new(TestServer::honest());
    find(&bench.outbox, T, 1);
    find(&bench.outbox, T, 2);
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(told(&bench.server.so_far()), [], "nothing is sent for it alone");
    bench.put([10]);
    bench.work();
    bench.put([11]);
    bench.work();
    assert_eq!(told(&bench.server.so_far()), [('t', Some(2)), ('t', None)]);
}

#[test]
fn what_did_not_arrive_goes_again_unless_there_is_a_newer_one() {
    let mut answers = 0;
    let server = TestServer::start(move |_| {
        answers += 1;
        match answers {
            1 => Reply::KeepAndVanish,
            2 => Reply::problem(ErrorCode::Unavailable, ""),
            3 => Reply::problem(ErrorCode::Unauthenticated, ""),
            _ => Reply::Keep,
        }
    });
    let mut bench = Bench::new(server);
    bench.put([10]);
    find(&bench.outbox, T, 1);
    bench.sender.step();
    bench.sender.step();
    find(&bench.outbox, T, 2);
    bench.sender.step();
    bench.sender.step();
    let seen = bench.server.so_far();
    assert_eq!(told(&seen), [('t', Some(1)), ('t', Some(1)), ('t', Some(2)), ('t', Some(2))]);
}

#[test]
fn while_it_is_on_its_way_a_newer_one_takes_its_place() {
    let outbox: Arc<OnceLock<Arc<Outbox>>> = Arc::default();
    let meanwhile = Arc::clone(&outbox);
    let mut first = true;
    let server = TestServer::start(move |_| {
        if std::mem::take(&mut first) {
            find(meanwhile.get().expect("set"), T, 2);
            return Reply::problem(ErrorCode::Unavailable, "");
        }
        Reply::Keep
    });
    let mut bench = Bench::new(server);
    outbox.set(Arc::clone(&bench.outbox)).expect("once");
    bench.put([10]);
    find(&bench.outbox, T, 1);
    bench.sender.step();
    bench.sender.step();
    assert_eq!(told(&bench.server.so_far()), [('t', Some(1)), ('t', Some(2))]);
}

#[test]
fn one_for_which_the_server_refuses_the_batch_is_left_out_and_costs_no_report() {
    for code in [ErrorCode::TooLarge, ErrorCode::Malformed] {
        let server = TestServer::start(move |batch| match batch.inventory {
            Some(_) => Reply::problem(code, ""),
            None => Reply::Keep,
        });
        let mut bench = Bench::new(server);
        bench.put(1..=20);
        find(&bench.outbox, T, 1);
        assert_eq!(bench.work(), Next::WhenNew, "{code:?}");
        assert_eq!(bench.server.kept(), (1..=20).collect::<Vec<_>>(), "{code:?}");
        let sizes: Vec<_> = bench.server.so_far().iter().map(|seen| seen.times().len()).collect();
        assert_eq!(sizes.last(), Some(&20), "without it batches are whole again: {sizes:?}");
    }
}

#[test]
fn a_report_that_is_too_large_is_dropped_with_an_inventory_beside_it_too() {
    let server = TestServer::start(|batch| match super::has(batch, 3) {
        true => Reply::problem(ErrorCode::TooLarge, ""),
        false => Reply::Keep,
    });
    let mut bench = Bench::new(server);
    bench.put(1..=5);
    find(&bench.outbox, T, 1);
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.server.kept(), [1, 2, 4, 5]);
}

#[test]
fn one_that_the_server_rejects_is_not_sent_again_and_the_reports_beside_it_are_kept() {
    let server = TestServer::start(|batch| {
        let error = FieldError { pointer: "/inventory/containers".to_owned(), message: "no".to_owned() };
        let ack = ReportAck {
            accepted: batch.reports.len() as i64,
            duplicates: 0,
            rejected: Vec::new(),
            inventory_rejected: batch.inventory.as_ref().map(|_| error),
        };
        Reply::Say(200, String::new(), serde_json::to_string(&ack).expect("serializes"))
    });
    let mut bench = Bench::new(server);
    bench.put([10]);
    find(&bench.outbox, T, 1);
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.waiting(), [0; 0]);
    bench.put([11]);
    bench.work();
    assert_eq!(told(&bench.server.so_far()), [('t', Some(1)), ('t', None)]);
}

#[test]
fn what_was_found_under_one_token_goes_out_with_no_other() {
    let tokens = tempfile::tempdir().expect("a temporary folder");
    let path = tokens.path().join("token");
    fs::write(&path, A.0).expect("written");
    let mut bench = Bench::with_token(TestServer::of_orgs(&[A, B]), TokenSource::File(path.clone()));
    bench.put([1]);
    bench.work();
    // Found and not sent before the token is another one's; not even for the server to refuse it.
    find(&bench.outbox, A.0, 10);
    fs::write(&path, B.0).expect("written");
    bench.put([2]);
    bench.work();
    // A look that had begun before, and ends now.
    find(&bench.outbox, A.0, 11);
    bench.put([3]);
    bench.work();
    find(&bench.outbox, B.0, 12);
    bench.put([4]);
    bench.work();
    let told = told(&bench.server.so_far());
    assert_eq!(told.last(), Some(&('b', Some(12))));
    assert!(told[..told.len() - 1].iter().all(|(_, found)| found.is_none()), "{told:?}");
}

#[test]
fn what_was_found_before_any_answer_is_of_its_token_too() {
    let tokens = tempfile::tempdir().expect("a temporary folder");
    let path = tokens.path().join("token");
    fs::write(&path, A.0).expect("written");
    let mut bench = Bench::with_token(TestServer::of_orgs(&[A, B]), TokenSource::File(path.clone()));
    // Nobody answers, so it is put back.
    let mut alone = sender("http://127.0.0.1:1", &bench.outbox, TokenSource::File(path.clone()), &bench.clock);
    bench.put([1]);
    find(&bench.outbox, A.0, 10);
    assert!(matches!(alone.step(), Next::After(_)));
    fs::write(&path, B.0).expect("written");
    bench.work();
    bench.put([2]);
    bench.work();
    assert_eq!(told(&bench.server.so_far()), [('b', None)]);
}

#[test]
fn what_was_found_for_an_organization_is_dropped_when_the_same_token_is_another_ones() {
    let outbox: Arc<OnceLock<Arc<Outbox>>> = Arc::default();
    let meanwhile = Arc::clone(&outbox);
    // Such as a server that was set up anew.
    let server = TestServer::start_seeing(move |seen| match seen.org.as_deref() {
        None => Reply::KeepWith(format!("x-org-id: {}\r\n", A.1)),
        Some(org) if org == A.1 => {
            find(meanwhile.get().expect("set"), T, 11);
            Reply::problem(ErrorCode::OrgMismatch, &format!("x-org-id: {}\r\n", B.1))
        }
        Some(_) => Reply::KeepWith(format!("x-org-id: {}\r\n", B.1)),
    });
    let mut bench = Bench::new(server);
    outbox.set(Arc::clone(&bench.outbox)).expect("once");
    bench.put([1]);
    bench.work();
    bench.put([2]);
    find(&bench.outbox, T, 10);
    bench.work();
    bench.put([3]);
    bench.work();
    let seen = bench.server.so_far();
    let of_b: Vec<_> = seen.iter().filter(|seen| seen.org.as_deref() == Some(B.1)).cloned().collect();
    assert_eq!(told(&of_b), [('t', None)], "neither what was on its way nor what came meanwhile");
}

#[test]
fn it_is_never_on_the_disk() {
    let mut bench = Bench::new(TestServer::start(|_| Reply::problem(ErrorCode::Unauthenticated, "")));
    bench.put([1]);
    find(&bench.outbox, T, 10);
    assert_eq!(bench.work(), Next::After(LONGEST_WAIT));
    let Bench { dir, outbox, clock, sender: old, .. } = bench;
    drop((old, outbox));
    let (server, outbox) = (TestServer::honest(), open(&dir));
    outbox.put(host(), &report(2));
    let token = TokenSource::Given(Token::parse(T).expect("a token"));
    assert_eq!(sender(&server.url, &outbox, token, &clock).step(), Next::WhenNew);
    assert_eq!(server.kept(), [1, 2]);
    assert_eq!(told(&server.so_far()), [('t', None)]);
}
