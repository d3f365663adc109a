//! What runs on hosts, over the API and live.

use crate::harness::{App, batch, batch_with, container, each, host_id, ids_of, ingest, now, path, report, wait_until};
use serde_json::{Value, json};
use shared::{
    ErrorCode, HostId, Role,
    inventory::{Container, ContainerPage, ContainerReport, Guest, GuestPage, MAX_CONTAINERS},
    live::LiveEvent,
    org::Bootstrap,
    report::{Report, ReportAck, ReportBatch},
};
use std::{
    collections::BTreeSet,
    io::{BufReader, Read as _, Write as _},
    net::TcpStream,
};

const REPORTS: &str = "/api/v1/ingest/reports";

fn with_containers(number: u128, count: usize) -> ReportBatch {
    let mut batch = batch_with(number, "web-01", now(), "db", "postgres:16.4");
    let found = batch.inventory.as_mut().expect("there is one").containers.as_mut().expect("there are");
    found.items = (0..count)
        .map(|number| ContainerReport {
            image: format!("registry.example.org/team/project/service-{number}@sha256:{number:064x}"),
            ..container(&format!("project-service-{number:04}-1"))
        })
        .collect();
    batch
}

#[test]
fn members_see_what_runs_on_the_hosts_of_the_organization_and_nothing_of_another() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        let viewer = app.member(&org, "Vera", Role::Viewer).client;
        ingest(&app.agent(&org), &batch_with(1, "web-01", now(), "db", "of acme"));
        ingest(&app.agent(&other), &batch_with(1, "web-01", now(), "db", "of globex"));
        ingest(&app.agent(&other), &batch_with(2, "web-02", now(), "secret", "of globex"));
        let page: ContainerPage = viewer.get(&path(org.id, "/containers")).ok();
        assert_eq!((page.items.len(), page.items[0].image.as_str(), page.next_cursor), (1, "of acme", None));
        let guests: GuestPage = viewer.get(&path(org.id, "/guests")).ok();
        assert_eq!((guests.items.len(), guests.items[0].host_name.as_str()), (1, "web-01"));
        let (container, guest) = ids_of(&viewer, &org, "db");
        assert_eq!(viewer.get(&path(org.id, &format!("/containers/{container}"))).ok::<Container>(), page.items[0]);
        assert_eq!(viewer.get(&path(org.id, &format!("/guests/{guest}"))).ok::<Guest>(), guests.items[0]);
        let bootstrap: Bootstrap = viewer.get(&path(org.id, "/bootstrap")).ok();
        let totals = bootstrap.summary.inventory;
        assert_eq!((totals.containers, totals.containers_running, totals.guests, totals.guests_running), (1, 1, 1, 1));
        let (foreign, foreign_guest) = ids_of(&ada.client, &other, "secret");
        let missing = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f";
        for (kind, foreign) in [("containers", foreign.to_string()), ("guests", foreign_guest.to_string())] {
            for client in [&ada.client, &viewer] {
                let expected = client.get(&path(org.id, &format!("/{kind}/{missing}")));
                expected.refused(ErrorCode::NotFound);
                for id in [foreign.as_str(), "nonsense"] {
                    let answer = client.get(&path(org.id, &format!("/{kind}/{id}")));
                    assert_eq!(answer.comparable(), expected.comparable(), "{kind}/{id}");
                    let notes = client.get(&path(org.id, &format!("/{kind}/{id}/metadata")));
                    assert_eq!(notes.comparable(), expected.comparable(), "{kind}/{id}/metadata");
                }
            }
        }
    });
}

#[test]
fn pages_follow_each_other_and_their_cursors_mean_nothing_elsewhere() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        for org in [&org, &other] {
            let agent = app.agent(org);
            for number in 0..5 {
                ingest(&agent, &batch_with(number, "web", now(), &format!("c-{number}"), "nginx"));
            }
        }
        for (kind, another) in [("containers", "guests"), ("guests", "containers")] {
            let page = |org, kind: &str, query: &str| ada.client.get(&path(org, &format!("/{kind}?limit=2{query}")));
            let (mut names, mut cursor) = (Vec::new(), String::new());
            loop {
                let next: Value = page(org.id, kind, &cursor).ok();
                let items = next["items"].as_array().expect("a list");
                names.extend(items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()));
                let Some(next) = next["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(names, (0..5).map(|n| format!("c-{n}")).collect::<Vec<_>>());
            let nonsense = page(org.id, kind, "&cursor=bm9uc2Vuc2U");
            for foreign in [page(other.id, kind, &cursor), page(org.id, another, &cursor)] {
                let problem = foreign.refused(ErrorCode::Malformed);
                assert_eq!(problem.detail, nonsense.problem().detail);
            }
            for query in ["limit=0", "limit=2001", "limit=x", "offset=1"] {
                ada.client.get(&path(org.id, &format!("/{kind}?{query}"))).refused(ErrorCode::Malformed);
            }
        }
    });
}

#[test]
fn a_thousand_containers_are_taken_and_five_thousand_refused_beside_reports_that_are_kept() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let agent = app.agent(&org);
        let body = |batch: &ReportBatch| serde_json::to_string(batch).expect("JSON");
        // As large as it gets in practice: after a long time without a server, with all that was measured meanwhile.
        let mut full = with_containers(1, MAX_CONTAINERS);
        full.reports = (0..500).map(|n| Report { taken_at: full.sent_at - n * 5_000_000, ..report(0) }).collect();
        let ack: ReportAck = agent.post(REPORTS, &body(&full)).ok();
        assert_eq!((ack.accepted, ack.inventory_rejected), (500, None));
        let page: ContainerPage = ada.client.get(&path(org.id, "/containers?limit=2000")).ok();
        assert_eq!(page.items.len(), MAX_CONTAINERS);
        let ack: ReportAck = agent.post(REPORTS, &body(&with_containers(1, 5_000))).ok();
        assert_eq!((ack.accepted, ack.rejected.len()), (1, 0));
        let refused = ack.inventory_rejected.expect("it says so");
        assert_eq!(refused.pointer, "/inventory/containers/items");
        assert!(refused.message.contains("1000") && refused.message.contains("5000"), "{}", refused.message);
        let page: ContainerPage = ada.client.get(&path(org.id, "/containers?limit=2000")).ok();
        assert_eq!(page.items.len(), MAX_CONTAINERS, "what was known stays");
        let mut twice = batch_with(2, "web-02", now(), "<b>x</b>", "nginx");
        ingest(&agent, &twice);
        let page: ContainerPage = ada.client.get(&path(org.id, "/containers?limit=2000")).ok();
        assert!(page.items.iter().any(|item| item.name == "<b>x</b>"), "a name is text, whatever it looks like");
        let found = twice.inventory.as_mut().expect("there is one").containers.as_mut().expect("there are");
        found.items.push(found.items[0].clone());
        let ack: ReportAck = agent.post(REPORTS, &body(&twice)).ok();
        assert_eq!(ack.inventory_rejected.expect("it says so").pointer, "/inventory/containers/items/1/name");
        let mut text: Value = serde_json::to_value(batch_with(3, "web-03", now(), "x", "nginx")).expect("JSON");
        text["inventory"]["containers"]["items"][0]["org_id"] = json!(org.id);
        agent.post(REPORTS, &text.to_string()).refused(ErrorCode::Malformed);
    });
}

/// Sends the beginning of a body alone and waits for the answer: it can only come if the rest is not waited for.
fn answer_before_the_end(app: &App, head: &str, start: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address).expect("the server listens");
    stream.write_all(head.as_bytes()).expect("the server reads");
    stream.write_all(start).expect("the server reads");
    let mut answer = [0; 12];
    BufReader::new(stream).read_exact(&mut answer).expect("an answer comes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_has_arrived() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let head = app.agent(&org).head("POST", REPORTS) + "content-type: application/json\r\n";
        let announced = format!("{head}content-length: 5000000000\r\n\r\n");
        assert_eq!(answer_before_the_end(app, &announced, b"{"), "HTTP/1.1 413");
        // Without a length, all that is read is a little more than what is taken.
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
        let limit = backend::input::INGEST_LIMIT;
        let start = [format!("{limit:x}\r\n").as_bytes(), &vec![b' '; limit], b"\r\n1\r\n \r\n"].concat();
        assert_eq!(answer_before_the_end(app, &chunked, &start), "HTTP/1.1 413");
    });
}

fn of_host(event: &LiveEvent) -> Option<HostId> {
    match event {
        LiveEvent::Containers { host, .. } | LiveEvent::Guests { host, .. } => Some(*host),
        _ => None,
    }
}

#[test]
fn what_is_found_comes_live_and_to_its_own_organization_alone() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        let (agent, other_agent) = (app.agent(&org), app.agent(&other));
        let mut socket = ada.client.open_from_page(&path(org.id, "/live")).expect("it opens");
        socket.wait_for("the greeting", |event| *event == LiveEvent::Hello);
        wait_until("the socket is registered", || app.state.hub().open_sockets() == 1);
        // More hosts than bundles that may wait for a reader: none of them may be lost.
        const HOSTS: u128 = 60;
        for number in 0..HOSTS {
            ingest(&other_agent, &batch_with(number, "web", now(), "same", "of globex"));
            ingest(&agent, &batch_with(number, "web", now(), "same", "of acme"));
        }
        let (mut containers, mut guests) = (BTreeSet::new(), BTreeSet::new());
        while containers.len() + guests.len() < 2 * usize::try_from(HOSTS).expect("small") {
            let frame = socket.wait_for("what was found", |event| {
                assert_ne!(*event, LiveEvent::Lagged, "nothing is lost");
                of_host(event).is_some()
            });
            assert_eq!(frame.org, org.id);
            match frame.event {
                LiveEvent::Containers { host, items } => {
                    assert!(items.iter().all(|item| item.image == "of acme" && item.host == host));
                    containers.insert(host);
                }
                LiveEvent::Guests { host, items } => {
                    assert_eq!(items.len(), 1);
                    guests.insert(host);
                }
                _ => {}
            }
        }
        // A batch without an inventory tells nothing about containers, and an older one neither.
        ingest(&agent, &batch(0, "web", now()));
        let mut old = batch_with(0, "web", now(), "old", "of acme");
        old.inventory.as_mut().expect("there is one").taken_at -= 60_000_000;
        ingest(&agent, &old);
        ingest(&agent, &batch_with(1, "web", now(), "last", "of acme"));
        let frame = socket.wait_for("the last", |event| of_host(event).is_some());
        assert_eq!(of_host(&frame.event), Some(host_id(1)));
    });
}

#[test]
fn a_removed_host_takes_along_what_was_gathered_of_it() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let crate::http::Credential::Session(secret) = &ada.client.credential else { panic!("a person has a session") };
        let secret = store::Secret::parse(secret).expect("well formed");
        let who = app.store().directory().identify_session(&secret).expect("readable").expect("it lasts");
        let crate::http::Credential::Token(token) = app.agent(&org).credential else { panic!("an agent has a token") };
        let outcome = |number| {
            let directory = app.store().directory();
            let agent = directory.identify_token(&token).expect("readable").expect("it works");
            let scope = directory.enter_ingest(&agent).expect("an agent");
            let found = batch_with(number, "web", now(), "same", "nginx");
            let (valid, _) = store::ValidBatch::new(found, now()).expect("acceptable");
            let (sender, receiver) = std::sync::mpsc::channel();
            let writer = store::IngestWriter::start(app.store().clone());
            writer.submit(scope, valid, move |answer| sender.send(answer).expect("the test waits"));
            receiver.recv().expect("an answer").expect("it is kept")
        };
        let (gone, stays) = (outcome(1), outcome(2));
        let hub = backend::live::Hub::default();
        actix_web::rt::System::new().block_on(async {
            let mut place = hub.register(org.id, who).expect("there is room");
            // Gathered and not yet sent: on this one thread nothing is sent before somebody waits.
            hub.host_reported(org.id, gone.host, gone.inventory);
            hub.host_reported(org.id, stays.host, stays.inventory);
            hub.publish(org.id, LiveEvent::HostRemoved { host: host_id(1) });
            let removed = place.frames.recv().await.expect("the removal");
            assert_eq!(removed[0].event, LiveEvent::HostRemoved { host: host_id(1) });
            let bundle = place.frames.recv().await.expect("what was gathered");
            let hosts: Vec<_> = bundle.iter().filter_map(|frame| of_host(&frame.event)).collect();
            assert_eq!(
                hosts,
                [host_id(2), host_id(2)],
                "its containers and its guests, and nothing of the one removed"
            );
            assert_eq!(bundle.len(), 3);
        });
    });
}
