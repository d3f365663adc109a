//! One attempt after another, without time passing.

mod inventory;

use crate::server::{Reply, Seen, TestServer};
use agent::{
    clock::Clock,
    sender::{LONGEST_WAIT, Next, Outbox, Sender},
    spool::{Limits, Spool},
    token::{Token, TokenSource},
    transport::Http,
};
use shared::{
    ErrorCode, HostId, Micros,
    report::{HostIdentity, MAX_REPORTS, RejectedReport, Report, ReportAck, ReportBatch},
};
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

const SENT_AT: Micros = 1_000_000_007;

#[derive(Clone)]
struct SetClock(Arc<AtomicI64>);

impl Clock for SetClock {
    fn now(&self) -> Micros {
        self.0.load(Ordering::Relaxed)
    }
}

/// A sender with its spool and its server.
struct Bench {
    dir: tempfile::TempDir,
    server: TestServer,
    clock: SetClock,
    outbox: Arc<Outbox>,
    sender: Sender<Http, SetClock>,
}

impl Bench {
    fn new(server: TestServer) -> Self {
        let token = TokenSource::Given(Token::parse("bh_agt_test").expect("a token"));
        Self::with_token(server, token)
    }

    fn with_token(server: TestServer, token: TokenSource) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let clock = SetClock(Arc::new(AtomicI64::new(SENT_AT)));
        let outbox = open(&dir);
        let sender = sender(&server.url, &outbox, token, &clock);
        Self { dir, server, clock, outbox, sender }
    }

    fn put(&self, times: impl IntoIterator<Item = Micros>) {
        for at in times {
            self.outbox.put(host(), &report(at));
        }
    }

    /// Steps until there is something to wait for, which is told.
    fn work(&mut self) -> Next {
        for _ in 0..1_000 {
            match self.sender.step() {
                Next::Again => {}
                wait => return wait,
            }
        }
        panic!("it tries again and again without a wait");
    }

    fn waiting(&self) -> Vec<Micros> {
        self.outbox.spool().oldest(usize::MAX).expect("readable").iter().map(|p| p.report.taken_at).collect()
    }
}

fn open(dir: &tempfile::TempDir) -> Arc<Outbox> {
    Outbox::new(Spool::open(&dir.path().join("spool"), Limits::default()).expect("the spool opens"), host())
}

fn sender(url: &str, outbox: &Arc<Outbox>, token: TokenSource, clock: &SetClock) -> Sender<Http, SetClock> {
    let http = Http::new(url.parse().expect("an address"), None).expect("a client");
    Sender::new(Arc::clone(outbox), token, http, clock.clone())
}

fn host() -> HostIdentity {
    let id: HostId = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f".parse().expect("an id");
    let text = String::new;
    HostIdentity {
        id,
        name: "h".to_owned(),
        os: text(),
        kernel: text(),
        cpu_model: text(),
        cpu_cores: 1,
        agent_version: text(),
    }
}

fn report(taken_at: Micros) -> Report {
    let json = format!(r#"{{"taken_at":{taken_at},"uptime_s":1,"cpu_percent":12.5}}"#);
    serde_json::from_str(&json).expect("a report")
}

fn has(batch: &ReportBatch, taken_at: Micros) -> bool {
    batch.reports.iter().any(|report| report.taken_at == taken_at)
}

#[test]
fn what_is_acknowledged_leaves_the_spool_and_is_never_sent_again() {
    let mut bench = Bench::new(TestServer::honest());
    assert_eq!(bench.work(), Next::WhenNew, "nothing to send, nothing sent");
    bench.put(1..=3);
    assert_eq!(bench.work(), Next::WhenNew);
    let seen = bench.server.next();
    assert_eq!(seen.times(), [1, 2, 3]);
    assert_eq!(seen.authorization, "Bearer bh_agt_test");
    assert!(!seen.line.contains("bh_agt"), "{}", seen.line);
    assert_eq!(seen.batch.sent_at, SENT_AT);
    assert_eq!(seen.batch.host, host());
    assert_eq!(bench.waiting(), [0; 0]);
    // After a restart as well.
    drop(std::mem::replace(&mut bench.outbox, open(&bench.dir)));
    assert_eq!(bench.waiting(), [0; 0]);
}

#[test]
fn the_time_of_sending_is_that_of_each_attempt() {
    let mut first = true;
    let server = TestServer::start(move |_| match std::mem::take(&mut first) {
        true => Reply::problem(ErrorCode::Unavailable, ""),
        false => Reply::Keep,
    });
    let mut bench = Bench::new(server);
    bench.put([1]);
    bench.sender.step();
    bench.clock.0.store(SENT_AT + 9, Ordering::Relaxed);
    bench.sender.step();
    let [one, two] = [bench.server.next(), bench.server.next()].map(|seen| seen.batch.sent_at);
    assert_eq!([one, two], [SENT_AT, SENT_AT + 9]);
}

#[test]
fn a_backlog_goes_in_full_batches_oldest_first_without_waits() {
    let mut bench = Bench::new(TestServer::honest());
    let count = MAX_REPORTS as Micros * 2 + 1;
    bench.put(1..=count);
    assert_eq!(bench.work(), Next::WhenNew);
    let sizes: Vec<_> = (0..3).map(|_| bench.server.next().times().len()).collect();
    assert_eq!(sizes, [MAX_REPORTS, MAX_REPORTS, 1]);
    assert_eq!(bench.server.kept(), (1..=count).collect::<Vec<_>>());
}

#[test]
fn an_acknowledgement_that_is_lost_sends_the_same_reports_again_and_they_count_once() {
    let mut first = true;
    let server = TestServer::start(move |_| match std::mem::take(&mut first) {
        true => Reply::KeepAndVanish,
        false => Reply::Keep,
    });
    let mut bench = Bench::new(server);
    bench.put([1, 2]);
    assert!(matches!(bench.work(), Next::After(wait) if wait <= Duration::from_secs(1)));
    assert_eq!(bench.waiting(), [1, 2], "nobody knows whether they arrived");
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.server.kept(), [1, 2]);
    assert_eq!(bench.server.duplicates(), [1, 2], "the same times came again");
    assert_eq!(bench.waiting(), [0; 0]);
}

#[test]
fn a_restart_sends_what_was_not_acknowledged() {
    let dead = TestServer::start(|_| Reply::problem(ErrorCode::Internal, ""));
    let mut bench = Bench::new(dead);
    bench.put(1..=3);
    bench.work();
    let Bench { dir, outbox, clock, sender: old, .. } = bench;
    drop((old, outbox));
    let server = TestServer::honest();
    let outbox = open(&dir);
    let token = TokenSource::Given(Token::parse("bh_agt_test").expect("a token"));
    assert_eq!(sender(&server.url, &outbox, token, &clock).step(), Next::WhenNew);
    assert_eq!(server.kept(), [1, 2, 3]);
}

#[test]
fn while_the_server_is_away_waits_grow_and_reports_stay() {
    let mut bench = Bench::new(TestServer::start(|_| Reply::problem(ErrorCode::Internal, "")));
    bench.put([1]);
    let mut longest = Duration::ZERO;
    for _ in 0..10 {
        let Next::After(wait) = bench.work() else { panic!("it must wait") };
        assert!(wait <= LONGEST_WAIT);
        longest = longest.max(wait);
    }
    assert!(longest >= LONGEST_WAIT / 2, "{longest:?}");
    assert_eq!(bench.waiting(), [1]);
}

#[test]
fn the_wait_that_the_server_asks_for_is_kept() {
    for code in [ErrorCode::RateLimited, ErrorCode::Unavailable] {
        let server = TestServer::start(move |_| Reply::problem(code, "retry-after: 17\r\n"));
        let mut bench = Bench::new(server);
        bench.put([1]);
        assert_eq!(bench.work(), Next::After(Duration::from_secs(17)));
        assert_eq!(bench.waiting(), [1]);
    }
}

#[test]
fn what_a_person_must_mend_is_tried_once_a_minute_and_nothing_is_dropped() {
    for code in [
        ErrorCode::Unauthenticated,
        ErrorCode::TokenKind,
        ErrorCode::PlanLimitReached,
        ErrorCode::NotFound,
        ErrorCode::OrgDeleted,
        ErrorCode::OrgSuspended,
    ] {
        let mut bench = Bench::new(TestServer::start(move |_| Reply::problem(code, "")));
        bench.put([1, 2]);
        for _ in 0..3 {
            assert_eq!(bench.work(), Next::After(LONGEST_WAIT), "{code:?}");
        }
        assert_eq!(bench.waiting(), [1, 2], "{code:?}");
    }
}

#[test]
fn a_new_token_in_the_file_is_used_without_a_restart() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("token");
    fs::write(&path, "bh_agt_old").expect("written");
    let server = TestServer::of_orgs(&[("bh_agt_old", A.1), ("bh_agt_new", A.1)]);
    let mut bench = Bench::with_token(server, TokenSource::File(path.clone()));
    bench.put([1]);
    bench.sender.step();
    fs::write(&path, "nonsense").expect("written");
    bench.put([2]);
    assert_eq!(bench.work(), Next::After(LONGEST_WAIT), "nothing is sent without a token");
    fs::write(&path, "bh_agt_new").expect("written");
    assert_eq!(bench.work(), Next::WhenNew);
    let used = [bench.server.next(), bench.server.next()].map(|seen| seen.authorization);
    assert_eq!(used, ["Bearer bh_agt_old", "Bearer bh_agt_new"]);
}

const A: (&str, &str) = ("bh_agt_a", "0196f1c2-a7d4-7cc3-98c4-dc0c0c070001");
const B: (&str, &str) = ("bh_agt_b", "0196f1c2-a7d4-7cc3-98c4-dc0c0c070002");

#[test]
fn what_was_measured_for_one_organization_goes_to_no_other_and_comes_back_with_its_token() {
    let tokens = tempfile::tempdir().expect("a temporary folder");
    let path = tokens.path().join("token");
    fs::write(&path, A.0).expect("written");
    let mut bench = Bench::with_token(TestServer::of_orgs(&[A, B]), TokenSource::File(path.clone()));
    bench.put([1]);
    assert_eq!(bench.work(), Next::WhenNew);
    // Not sent before the token is another one's.
    bench.put([2, 3]);
    fs::write(&path, B.0).expect("written");
    assert_eq!(bench.work(), Next::WhenNew);
    bench.put([4]);
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.server.kept(), [1, 4], "A's backlog stays where it is");
    assert_eq!(bench.waiting(), [] as [Micros; 0]);
    // The same after a restart.
    let outbox = open(&bench.dir);
    outbox.put(host(), &report(5));
    let mut restarted = sender(&bench.server.url, &outbox, TokenSource::File(path.clone()), &bench.clock);
    assert_eq!((restarted.step(), outbox.spool().len()), (Next::WhenNew, 0));
    fs::write(&path, A.0).expect("written");
    outbox.put(host(), &report(6));
    while restarted.step() == Next::Again {}
    let by = |token: &str| -> Vec<Micros> {
        let seen = bench.server.so_far();
        seen.iter().filter(|seen| seen.authorization.ends_with(token)).flat_map(Seen::times).collect()
    };
    assert_eq!(bench.server.kept(), [1, 2, 3, 4, 5], "6 was measured while the token was B's");
    assert!(by(A.0).ends_with(&[2, 3]));
    outbox.put(host(), &report(7));
    while restarted.step() == Next::Again {}
    assert_eq!(bench.server.kept(), [1, 2, 3, 4, 5, 7]);
}

#[test]
fn what_waits_since_before_any_answer_is_of_its_token() {
    let tokens = tempfile::tempdir().expect("a temporary folder");
    let path = tokens.path().join("token");
    fs::write(&path, A.0).expect("written");
    let mut bench = Bench::with_token(TestServer::of_orgs(&[A, B]), TokenSource::File(path.clone()));
    // Nobody answers, so nobody has said whose it is.
    let mut alone = sender("http://127.0.0.1:1", &bench.outbox, TokenSource::File(path.clone()), &bench.clock);
    bench.put([1, 2]);
    assert!(matches!(alone.step(), Next::After(_)));
    fs::write(&path, B.0).expect("written");
    assert_eq!(bench.work(), Next::WhenNew);
    bench.put([3]);
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.server.kept(), [3]);
    // It comes back with its token, as long as nothing else is bound to the folder.
    let fresh = tempfile::tempdir().expect("a temporary folder");
    let outbox = open(&fresh);
    let mut alone = sender("http://127.0.0.1:1", &outbox, TokenSource::File(path.clone()), &bench.clock);
    outbox.put(host(), &report(4));
    alone.step();
    fs::write(&path, A.0).expect("written");
    alone.step();
    outbox.put(host(), &report(5));
    alone.step();
    fs::write(&path, B.0).expect("written");
    let mut served = sender(&bench.server.url, &outbox, TokenSource::File(path), &bench.clock);
    while served.step() == Next::Again {}
    assert_eq!(bench.server.kept(), [3, 4]);
}

#[test]
fn a_spool_that_cannot_be_set_aside_is_sent_to_nobody_else() {
    let tokens = tempfile::tempdir().expect("a temporary folder");
    let path = tokens.path().join("token");
    fs::write(&path, A.0).expect("written");
    let mut bench = Bench::with_token(TestServer::of_orgs(&[A, B]), TokenSource::File(path.clone()));
    bench.put([1]);
    bench.work();
    bench.put([2]);
    // Something that is no empty folder stands where it would go.
    fs::create_dir_all(bench.dir.path().join(format!("spool-of-{}/full", A.1))).expect("created");
    fs::write(&path, B.0).expect("written");
    assert_eq!(bench.work(), Next::After(LONGEST_WAIT));
    assert_eq!((bench.server.kept(), bench.waiting()), (vec![1], vec![2]));
    fs::write(&path, A.0).expect("written");
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.server.kept(), [1, 2]);
}

#[test]
fn a_redirect_is_not_followed_so_that_the_token_stays_here() {
    let elsewhere = TestServer::honest();
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/api/v1/ingest/reports\r\n", elsewhere.url);
        let mut bench = Bench::new(TestServer::start(move |_| Reply::Say(status, location.clone(), String::new())));
        bench.put([1]);
        assert_eq!(bench.work(), Next::After(LONGEST_WAIT), "{status}");
        assert_eq!(bench.waiting(), [1], "{status}");
        assert_eq!(bench.server.so_far().len(), 1, "{status}");
    }
    assert_eq!(elsewhere.so_far().len(), 0);
}

#[test]
fn an_answer_that_is_no_acknowledgement_takes_nothing_off_the_spool() {
    for body in
        ["", "<html>Sign in to the hotel network</html>", "{}", r#"{"accepted":1,"duplicates":0,"rejected":[]}"#]
    {
        let mut bench = Bench::new(TestServer::start(move |_| Reply::Say(200, String::new(), body.to_owned())));
        bench.put([1, 2]);
        assert_eq!(bench.work(), Next::After(LONGEST_WAIT), "{body:?}");
        assert_eq!(bench.waiting(), [1, 2], "{body:?}");
    }
}

#[test]
fn a_batch_that_is_too_large_is_halved_until_it_fits() {
    let server = TestServer::start(|batch| match batch.reports.len() {
        0..=3 => Reply::Keep,
        _ => Reply::problem(ErrorCode::TooLarge, ""),
    });
    let mut bench = Bench::new(server);
    bench.put(1..=20);
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.server.kept(), (1..=20).collect::<Vec<_>>());
    assert_eq!(bench.server.duplicates(), [0; 0]);
}

#[test]
fn one_report_for_which_the_batch_is_refused_is_found_and_dropped_alone() {
    for (code, bad) in
        [(ErrorCode::Malformed, 1), (ErrorCode::Invalid, 57), (ErrorCode::Invalid, 100), (ErrorCode::TooLarge, 40)]
    {
        let server = TestServer::start(move |batch| match has(batch, bad) {
            true => Reply::problem(code, ""),
            false => Reply::Keep,
        });
        let mut bench = Bench::new(server);
        bench.put(1..=100);
        assert_eq!(bench.work(), Next::WhenNew, "{code:?} {bad}");
        let expected: Vec<_> = (1..=100).filter(|at| *at != bad).collect();
        assert_eq!(bench.server.kept(), expected, "{code:?} {bad}");
        assert_eq!(bench.server.duplicates(), [0; 0]);
        assert!(bench.server.so_far().len() < 110, "it halves and does not try one by one");
        assert_eq!(bench.waiting(), [0; 0]);
    }
}

#[test]
fn a_server_that_refuses_whatever_is_sent_costs_no_report() {
    let mut bench = Bench::new(TestServer::start(|_| Reply::problem(ErrorCode::Invalid, "")));
    bench.put(1..=10);
    for _ in 0..3 {
        assert_eq!(bench.work(), Next::After(LONGEST_WAIT));
    }
    assert_eq!(bench.waiting(), (1..=10).collect::<Vec<_>>());
}

#[test]
fn reports_that_the_server_rejects_one_by_one_are_dropped_with_the_rest_of_the_batch_kept() {
    let server = TestServer::start(|batch| {
        let rejected = RejectedReport {
            index: 1,
            pointer: "/reports/1/uptime_s".to_owned(),
            message: "must not be negative".to_owned(),
        };
        let accepted = batch.reports.len() as i64 - 1;
        let ack = ReportAck { accepted, duplicates: 0, rejected: vec![rejected], inventory_rejected: None };
        Reply::Say(200, String::new(), serde_json::to_string(&ack).expect("serializes"))
    });
    let mut bench = Bench::new(server);
    bench.put(1..=3);
    assert_eq!(bench.work(), Next::WhenNew);
    assert_eq!(bench.waiting(), [0; 0]);
    assert_eq!(bench.server.so_far().len(), 1);
}
