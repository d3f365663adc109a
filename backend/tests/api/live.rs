//! The live channel.

use crate::harness::{batch, each, host_id, ingest, now, path, wait_until};
use backend::live::{CHECK_EVERY, Hub};
use shared::{
    ErrorCode, Role,
    live::{LiveEvent, LiveFrame},
    token::CreatedToken,
};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// What the design promises for one server.
const REVOKED_WITHIN: Duration = Duration::from_secs(2);

#[test]
fn a_channel_greets_and_carries_its_own_organization_only() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        let (agent, other_agent) = (app.agent(&org), app.agent(&other));
        let mut socket = ada.client.open_from_page(&path(org.id, "/live")).expect("it opens");
        socket.wait_for("the greeting", |event| *event == LiveEvent::Hello);
        wait_until("the socket is registered", || app.state.hub().open_sockets() == 1);
        for number in 0..20 {
            ingest(&other_agent, &batch(number, "same-name", now()));
            ingest(&agent, &batch(number, "same-name", now()));
        }
        let mut seen = std::collections::BTreeSet::new();
        while seen.len() < 20 {
            let frame = socket.wait_for("hosts", |event| matches!(event, LiveEvent::Hosts { .. }));
            assert_eq!(frame.org, org.id);
            if let LiveEvent::Hosts { hosts } = frame.event {
                seen.extend(hosts.into_iter().map(|host| host.id));
            }
        }
        ada.client.delete(&path(other.id, &format!("/hosts/{}", host_id(1)))).done();
        ada.client.delete(&path(org.id, &format!("/hosts/{}", host_id(2)))).done();
        let removed = socket.wait_for("the removal", |event| matches!(event, LiveEvent::HostRemoved { .. }));
        assert_eq!(removed.event, LiveEvent::HostRemoved { host: host_id(2) });
        drop(socket);
        wait_until("the channel is dropped with its last socket", || app.state.hub().open_sockets() == 0);
    });
}

#[test]
fn many_reports_become_few_frames() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let agent = app.agent(&org);
        let mut socket = ada.client.open_from_page(&path(org.id, "/live")).expect("it opens");
        socket.wait_for("the greeting", |event| *event == LiveEvent::Hello);
        let started = Instant::now();
        for number in 0..40 {
            ingest(&agent, &batch(number % 4, "web", now()));
        }
        let most = 2 + usize::try_from(started.elapsed().as_millis() / 250).expect("small");
        let mut frames = 0;
        while let Some(frame) = socket.next(Duration::from_millis(400)) {
            frames += usize::from(matches!(frame.event, LiveEvent::Hosts { .. }));
        }
        assert!((1..=most).contains(&frames), "{frames} frames, at most {most} expected");
    });
}

#[test]
fn a_handshake_takes_a_page_of_this_server_or_a_token() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let live = path(org.id, "/live");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
            assert_eq!(ada.client.with("origin", origin).open(&live).err(), Some(403), "{origin}");
        }
        assert_eq!(ada.client.open(&live).err(), Some(403), "a cookie without an origin");
        assert_eq!(app.anonymous().open_from_page(&live).err(), Some(401));
        assert_eq!(app.person("Stranger").client.open_from_page(&live).err(), Some(404));
        let token = app.token(&org, shared::token::TokenKind::Api, Role::Viewer);
        assert!(token.open(&live).is_ok());
        assert!(ada.client.open_from_page(&live).is_ok());
        ada.client.get(&live).refused(ErrorCode::ForeignOrigin);
        token.get(&live).refused(ErrorCode::Malformed);
    });
}

/// Opens a channel, lets a right end, and checks that the channel ends in time, says why, and says nothing after.
fn ends(what: &str, end: impl Fn(&crate::harness::App, &crate::harness::Person, &shared::org::Org), code: ErrorCode) {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let agent = app.agent(&org);
        let viewer = app.member(&org, "Vera", Role::Viewer);
        let mut stays = ada.client.open_from_page(&path(org.id, "/live")).expect("it opens");
        let mut socket = viewer.client.open_from_page(&path(org.id, "/live")).expect("it opens");
        for socket in [&mut stays, &mut socket] {
            socket.wait_for("the greeting", |event| *event == LiveEvent::Hello);
        }
        // Beyond the first proof, which every new socket gets: what ends it now is that the directory changed.
        assert_eq!(socket.next(CHECK_EVERY * 3 / 2), None, "{what}: nothing happened yet");
        end(app, &viewer, &org);
        let started = Instant::now();
        let frame = socket.wait_for(what, |event| matches!(event, LiveEvent::Ended { .. }));
        assert!(started.elapsed() < REVOKED_WITHIN, "{what}: {:?}", started.elapsed());
        let LiveEvent::Ended { code: said, detail } = frame.event else { panic!("just checked") };
        assert_eq!((said, frame.org), (code, org.id), "{what}");
        assert!(detail.len() > 10, "a person can read why: {detail}");
        if matches!(code, ErrorCode::NotFound | ErrorCode::Unauthenticated) {
            ingest(&agent, &batch(1, "web-01", now()));
            stays.wait_for("the others go on", |event| matches!(event, LiveEvent::Hosts { .. }));
        }
        assert_eq!(socket.next(Duration::from_millis(300)), None, "{what}: silent after the end");
    });
}

#[test]
fn a_removed_member_is_cut_off_within_two_seconds() {
    ends(
        "removal",
        |app, viewer, org| {
            let admin = app.member(org, "Adam", Role::Admin).client;
            admin.delete(&path(org.id, &format!("/members/{}", viewer.id))).done();
        },
        ErrorCode::NotFound,
    );
}

#[test]
fn a_revoked_session_is_cut_off_within_two_seconds() {
    ends(
        "sign-out",
        |_, viewer, _| viewer.client.delete("/api/v1/sessions/current").done(),
        ErrorCode::Unauthenticated,
    );
}

#[test]
fn a_suspension_cuts_off_within_two_seconds() {
    ends(
        "suspension",
        |app, _, org| app.store().operator("test").suspend(&org.slug).expect("done"),
        ErrorCode::OrgSuspended,
    );
}

#[test]
fn a_deletion_cuts_off_within_two_seconds() {
    ends(
        "deletion",
        |app, _, org| {
            let owner = app.member(org, "Olga", Role::Owner).client;
            owner.delete(&path(org.id, &format!("?confirm={}", org.slug))).done();
        },
        ErrorCode::OrgDeleted,
    );
}

#[test]
fn a_revoked_or_expired_token_is_cut_off() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let make = |body: &str| -> CreatedToken { ada.client.post(&path(org.id, "/tokens"), body).ok() };
        let revoked = make(r#"{"name":"a","kind":"api"}"#);
        let expiring = make(r#"{"name":"b","kind":"api","expires_in_s":1}"#);
        let open =
            |secret: &str| app.client(crate::http::Credential::Token(secret.to_owned())).open(&path(org.id, "/live"));
        let mut sockets = [open(&revoked.secret).expect("it opens"), open(&expiring.secret).expect("it opens")];
        ada.client.delete(&path(org.id, &format!("/tokens/{}", revoked.token.id))).done();
        for socket in &mut sockets {
            let frame = socket.wait_for("the end", |event| matches!(event, LiveEvent::Ended { .. }));
            assert!(matches!(frame.event, LiveEvent::Ended { code: ErrorCode::Unauthenticated, .. }));
        }
    });
}

#[test]
fn a_server_that_stops_says_so() {
    each(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let mut socket = ada.client.open_from_page(&path(org.id, "/live")).expect("it opens");
        socket.wait_for("the greeting", |event| *event == LiveEvent::Hello);
        app.state
            .hub()
            .close(&backend::live::Ending { code: ErrorCode::Unavailable, detail: "Restarting.".to_owned() });
        let frame = socket.wait_for("the end", |event| matches!(event, LiveEvent::Ended { .. }));
        assert_eq!(frame.event, LiveEvent::Ended { code: ErrorCode::Unavailable, detail: "Restarting.".to_owned() });
        assert_eq!(ada.client.open_from_page(&path(org.id, "/live")).err(), Some(429));
    });
}

#[test]
fn a_reader_that_is_too_slow_loses_frames_and_is_told_so() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        let crate::http::Credential::Session(secret) = &ada.client.credential else { panic!("a person has a session") };
        let secret = store::Secret::parse(secret).expect("well formed");
        let who = app.store().directory().identify_session(&secret).expect("readable").expect("it lasts");
        let hub = Hub::default();
        actix_web::rt::System::new().block_on(async {
            let slow = hub.register(org.id, who.clone()).expect("there is room");
            let mut quick = hub.register(org.id, who.clone()).expect("there is room");
            let _elsewhere = hub.register(other.id, who).expect("there is room");
            for _ in 0..100 {
                hub.publish(org.id, LiveEvent::OrgChanged);
                let frames = quick.frames.recv().await.expect("it reads in time");
                assert!(frames.iter().all(|frame| quick.seat.accepts(frame)));
            }
            assert!(slow.lagged.load(Ordering::Relaxed), "the slow one is told");
            assert!(!quick.lagged.load(Ordering::Relaxed), "the quick one lost nothing");
            assert_eq!(hub.violations(), 0);
        });
    });
}

/// The second wall: with the first one gone, a frame of another organization still reaches nobody.
#[test]
fn a_frame_of_another_organization_is_dropped_and_counted() {
    each(|app| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        let crate::http::Credential::Session(secret) = &ada.client.credential else { panic!("a person has a session") };
        let secret = store::Secret::parse(secret).expect("well formed");
        let who = app.store().directory().identify_session(&secret).expect("readable").expect("it lasts");
        let hub = Hub::default();
        actix_web::rt::System::new().block_on(async {
            let place = hub.register(org.id, who).expect("there is room");
            let foreign = LiveFrame { org: other.id, server_time: now(), event: LiveEvent::OrgChanged };
            assert!(!place.seat.accepts(&foreign));
            assert_eq!(hub.violations(), 1);
        });
    });
}
