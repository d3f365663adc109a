//! A switch is atomic, and nothing of the old organization comes through either wall.

mod assistant;
mod caches;
mod mounts;
mod storage;
mod support;

use futures_util::FutureExt as _;
use org_client::{AppEvent, Cause, ClientError, Remote, SwitchState, Walls, act, remote};
use reactive_graph::{
    effect::RenderEffect,
    owner::Owner,
    signal::RwSignal,
    traits::{Get, Set},
};
use shared::{ErrorCode, Problem, live::LiveEvent, org::OrgPatch};
use std::sync::{Arc, Mutex};
use support::{A, B, HOST, World, bootstrap, host, page, run};

const OWNERSHIP_ALONE: Walls = Walls::for_test(true, false);
const IDENTITY_ALONE: Walls = Walls::for_test(false, true);
const NO_WALL: Walls = Walls::for_test(false, false);

#[test]
fn a_switch_happens_in_its_order() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![host("canary-a")])).await;
        let old_channel = world.channel(0);
        world.log();

        // The subscriber looks at the world at the moment of the event.
        let (script, switcher) = (Arc::clone(&world.script), world.switcher.clone());
        let old = world.channel(0);
        world.app.with(|| {
            world.bus.subscribe("test", move |event| {
                if let AppEvent::OrgSwitched(switched) = event {
                    let active = switcher.active_untracked().map(|active| active.session.org());
                    let mut log = script.log.lock().expect("not poisoned");
                    log.push(format!(
                        "EVENT from A {} to B {} active B {} epoch {} old channel closed {}",
                        switched.from == Some(A),
                        switched.to == B,
                        active == Some(B),
                        switched.epoch,
                        old.is_closed(),
                    ));
                }
            });
        });

        world.switcher.switch_to("b", Cause::Choice);
        world.settle().await;
        assert_eq!(world.shown(), ["canary-a"], "while it is being confirmed, the old organization stays");
        assert!(matches!(world.switcher.state(), SwitchState::Confirming { .. }));
        world.confirm("b", &bootstrap(B, "b", vec![host("canary-b")]));
        world.settle().await;

        assert_eq!(
            world.log(),
            [
                "GET /api/v1/orgs/b/bootstrap".to_owned(),
                "NAVIGATE b".to_owned(),
                // The task that reads the old channel is dropped right after this one; nothing of it is admitted.
                "EVENT from A true to B true active B true epoch 2 old channel closed false".to_owned(),
                format!("CONNECT /api/v1/orgs/{B}/live"),
            ]
        );
        assert!(old_channel.is_closed(), "the old live channel is closed");
        assert_eq!(world.shown(), ["canary-b"], "the first frame has the numbers of the bootstrap");
    });
}

#[test]
fn a_there_and_back_is_three_epochs() {
    run(async {
        let world = World::new(Walls::BOTH);
        let mut epochs = Vec::new();
        for (org, slug) in [(A, "a"), (B, "b"), (A, "a")] {
            world.enter(slug, &bootstrap(org, slug, vec![])).await;
            epochs.push(world.switcher.active_untracked().expect("entered").session.epoch().get());
        }
        assert_eq!(epochs, [1, 2, 3]);
    });
}

/// A's list of hosts is under way when the switch to B happens, and is answered afterwards.
async fn a_slow_answer_of_a_after_the_switch_to_b(walls: Walls) -> Vec<String> {
    let world = World::new(walls);
    // Not all hosts are in the bootstrap, so the rest is asked for.
    let mut first = bootstrap(A, "a", vec![]);
    first.summary.hosts.hosts = 1;
    world.enter("a", &first).await;
    let slow = world.take("/hosts?limit=500");
    world.enter("b", &bootstrap(B, "b", vec![host("canary-b")])).await;
    slow.answer(Some(A), 200, page(&[host("canary-a")]));
    world.settle().await;
    world.shown()
}

#[test]
fn a_slow_answer_is_held_back_by_both_walls_and_by_each_alone() {
    run(async {
        for walls in [Walls::BOTH, OWNERSHIP_ALONE, IDENTITY_ALONE] {
            assert_eq!(a_slow_answer_of_a_after_the_switch_to_b(walls).await, ["canary-b"], "{walls:?}");
        }
        assert_eq!(a_slow_answer_of_a_after_the_switch_to_b(NO_WALL).await, ["canary-a"], "the case is a real one");
    });
}

/// The live channel of A says something after the switch to B.
async fn a_live_frame_of_a_after_the_switch_to_b(walls: Walls) -> Vec<String> {
    let world = World::new(walls);
    world.enter("a", &bootstrap(A, "a", vec![host("canary-a")])).await;
    let old = world.channel(0);
    world.enter("b", &bootstrap(B, "b", vec![host("canary-b")])).await;
    old.send(A, LiveEvent::Hosts { hosts: vec![host("canary-a")] });
    world.settle().await;
    world.shown()
}

#[test]
fn a_late_live_frame_is_held_back_by_both_walls_and_by_each_alone() {
    run(async {
        for walls in [Walls::BOTH, OWNERSHIP_ALONE, IDENTITY_ALONE] {
            assert_eq!(a_live_frame_of_a_after_the_switch_to_b(walls).await, ["canary-b"], "{walls:?}");
        }
        assert_eq!(a_live_frame_of_a_after_the_switch_to_b(NO_WALL).await, ["canary-a"], "the case is a real one");
    });
}

/// A's answer comes when A is on screen again, two epochs later.
async fn an_answer_of_the_first_stay_in_a_during_the_second(walls: Walls) -> Vec<String> {
    let world = World::new(walls);
    let mut first = bootstrap(A, "a", vec![]);
    first.summary.hosts.hosts = 1;
    world.enter("a", &first).await;
    let slow = world.take("/hosts?limit=500");
    world.enter("b", &bootstrap(B, "b", vec![])).await;
    world.enter("a", &bootstrap(A, "a", vec![host("new")])).await;
    slow.answer(Some(A), 200, page(&[host("old")]));
    world.settle().await;
    world.shown()
}

#[test]
fn an_answer_of_an_earlier_epoch_is_dropped_although_the_organization_is_the_same() {
    run(async {
        for walls in [Walls::BOTH, OWNERSHIP_ALONE, IDENTITY_ALONE] {
            assert_eq!(an_answer_of_the_first_stay_in_a_during_the_second(walls).await, ["new"], "{walls:?}");
        }
        assert_eq!(an_answer_of_the_first_stay_in_a_during_the_second(NO_WALL).await, ["old"]);
    });
}

#[test]
fn an_answer_that_names_another_organization_is_dropped_and_counted() {
    run(async {
        let world = World::new(Walls::BOTH);
        let mut first = bootstrap(A, "a", vec![]);
        first.summary.hosts.hosts = 1;
        world.enter("a", &first).await;
        world.take("/hosts?limit=500").answer(Some(B), 200, page(&[host("canary-b")]));
        world.settle().await;
        assert_eq!(world.shown(), Vec::<String>::new());
        assert_eq!(world.switcher.violations(), 1);
    });
}

#[test]
fn a_live_frame_that_names_another_organization_is_dropped_and_counted() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![host("canary-a")])).await;
        world.channel(0).send(B, LiveEvent::Hosts { hosts: vec![host("canary-b")] });
        world.channel(0).send(A, LiveEvent::Hosts { hosts: vec![host("newer-a")] });
        world.settle().await;
        assert_eq!(world.shown(), ["newer-a"]);
        assert_eq!(world.switcher.violations(), 1);
    });
}

#[test]
fn leaving_aborts_reads_but_not_writes_and_neither_changes_the_screen() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        let active = world.switcher.active_untracked().expect("entered");
        let outcome = Arc::new(Mutex::new(Vec::new()));
        active.owner.with(|| {
            let _members = remote(&active.session, |client| async move { client.members().await });
            let seen = Arc::clone(&outcome);
            org_client::act(
                &active.session,
                |client| async move { client.patch_org(1, &OrgPatch::default()).await },
                move |answer| seen.lock().expect("not poisoned").push(answer.is_ok()),
            );
        });
        world.settle().await;
        let (read, write) = (world.take("/members"), world.take(&format!("/orgs/{A}")));
        world.enter("b", &bootstrap(B, "b", vec![])).await;
        assert!(read.is_aborted(), "a read of the organization that was left goes on");
        assert!(!write.is_aborted(), "a write that the person decided was taken back");
        write.answer(Some(A), 200, serde_json::to_string(&bootstrap(A, "a", vec![]).org).expect("serializes"));
        world.settle().await;
        assert_eq!(*outcome.lock().expect("not poisoned"), Vec::<bool>::new(), "its answer changes nothing");
    });
}

/// A task that belongs to no owner is not dropped with the organization; what it reads is aborted all the same.
#[test]
fn a_read_that_no_owner_waits_for_is_aborted_too() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        let client = world.switcher.active_untracked().expect("entered").session.client();
        let reading = tokio::task::spawn_local(async move { client.members().await });
        world.settle().await;
        let read = world.take("/members");
        world.enter("b", &bootstrap(B, "b", vec![])).await;
        assert!(read.is_aborted(), "the request goes on although nobody may see its answer");
        assert_eq!(reading.await.expect("the task ends"), Err(ClientError::Left));
    });
}

#[test]
fn nothing_is_sent_through_a_session_that_was_left() {
    run(async {
        for walls in [Walls::BOTH, OWNERSHIP_ALONE, IDENTITY_ALONE] {
            let world = World::new(walls);
            world.enter("a", &bootstrap(A, "a", vec![])).await;
            let old = world.switcher.active_untracked().expect("entered").session.client();
            // In another organization, and in the same one at another time.
            for (org, slug) in [(B, "b"), (A, "a")] {
                world.enter(slug, &bootstrap(org, slug, vec![])).await;
                world.log();
                // Refused at once: without the refusal there would be a request, and nobody to answer it.
                assert_eq!(old.patch_org(1, &OrgPatch::default()).now_or_never(), Some(Err(ClientError::Left)));
                assert_eq!(old.members().now_or_never(), Some(Err(ClientError::Left)));
                assert_eq!(world.log(), Vec::<String>::new(), "{walls:?}, in {slug}");
            }
        }
    });
}

#[test]
fn of_several_fast_switches_the_last_wins() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        world.switcher.switch_to("b", Cause::Choice);
        world.settle().await;
        world.switcher.switch_to("a", Cause::Choice);
        world.settle().await;
        world.confirm("a", &bootstrap(A, "a", vec![host("a-again")]));
        world.settle().await;
        world.confirm("b", &bootstrap(B, "b", vec![host("canary-b")]));
        world.settle().await;
        assert_eq!(world.shown(), ["a-again"]);
        assert_eq!(world.switcher.state(), SwitchState::Idle);
    });
}

#[test]
fn staying_keeps_the_old_organization_whatever_the_answer() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![host("canary-a")])).await;
        world.switcher.switch_to("b", Cause::Choice);
        world.settle().await;
        world.switcher.stay();
        world.confirm("b", &bootstrap(B, "b", vec![host("canary-b")]));
        world.settle().await;
        assert_eq!(world.shown(), ["canary-a"]);
    });
}

fn not_found() -> String {
    serde_json::to_string(&Problem::new(ErrorCode::NotFound, "Not found")).expect("serializes")
}

#[test]
fn a_refused_choice_changes_nothing() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![host("canary-a")])).await;
        let epoch = world.switcher.active_untracked().expect("entered").session.epoch();
        world.switcher.switch_to("gone", Cause::Choice);
        world.settle().await;
        world.take("/gone/bootstrap").answer(None, 404, not_found());
        world.settle().await;
        assert!(matches!(world.switcher.state(), SwitchState::Failed(_)));
        assert_eq!(world.shown(), ["canary-a"]);
        assert_eq!(world.switcher.active_untracked().expect("still there").session.epoch(), epoch);
        assert!(!world.channel(0).is_closed());
    });
}

#[test]
fn a_url_that_is_refused_leaves_no_organization_on_screen() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![host("canary-a")])).await;
        world.switcher.switch_to("gone", Cause::Url);
        world.settle().await;
        world.take("/gone/bootstrap").answer(None, 404, not_found());
        world.settle().await;
        assert!(world.switcher.active_untracked().is_none(), "A would stand under the URL of another organization");
        assert!(world.channel(0).is_closed());
    });
}

#[test]
fn an_organization_that_ends_while_it_is_open_is_reported_with_its_reason() {
    run(async {
        let world = World::new(Walls::BOTH);
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&events);
        world.app.with(|| {
            world.bus.subscribe("test", move |event| {
                if let AppEvent::OrgLost { org, code, .. } = event {
                    seen.lock().expect("not poisoned").push((*org, *code));
                }
            });
        });
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        let ended = LiveEvent::Ended { code: ErrorCode::OrgDeleted, detail: "Deleted by its owner.".to_owned() };
        world.channel(0).send(A, ended);
        world.settle().await;
        assert_eq!(*events.lock().expect("not poisoned"), [(A, ErrorCode::OrgDeleted)]);
    });
}

/// A browser does not say why a handshake was refused, so whoever lost an organization before its channel was open would
/// wait for ever.
#[test]
fn an_organization_that_ends_before_its_channel_is_open_is_reported_with_its_reason() {
    run(async {
        let world = World::new(Walls::BOTH);
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&events);
        world.app.with(|| {
            world.bus.subscribe("test", move |event| {
                if let AppEvent::OrgLost { org, code, detail, .. } = event {
                    seen.lock().expect("not poisoned").push((*org, *code, detail.clone()));
                }
            });
        });
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        world.channel(0).close();
        world.settle().await;
        let refusal = Problem::new(ErrorCode::OrgSuspended, "Suspended").detail("Ask the operator.");
        world.take(&format!("/orgs/{A}")).answer(Some(A), 423, serde_json::to_string(&refusal).expect("serializes"));
        world.settle().await;
        assert_eq!(
            *events.lock().expect("not poisoned"),
            [(A, ErrorCode::OrgSuspended, "Ask the operator.".to_owned())]
        );
    });
}

#[test]
fn five_hundred_switches_leave_one_open_channel() {
    run(async {
        let world = World::new(Walls::BOTH);
        for round in 0..500 {
            let (org, slug) = if round % 2 == 0 { (A, "a") } else { (B, "b") };
            world.enter(slug, &bootstrap(org, slug, vec![])).await;
        }
        let channels = world.script.channels.lock().expect("not poisoned");
        assert_eq!(channels.len(), 500);
        assert_eq!(channels.iter().filter(|channel| !channel.is_closed()).count(), 1);
    });
}

#[test]
fn what_was_missed_while_the_channel_was_broken_is_loaded_also_if_it_was_never_open() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![host("canary-a")])).await;
        world.wake_sleepers();
        world.channel(0).close();
        world.settle().await;
        world.channel(1).send(A, LiveEvent::Hello);
        world.settle().await;
        // The first try fails, the second one brings it.
        world.take("/hosts?limit=500").answer(None, 503, "");
        world.settle().await;
        world.take("/hosts?limit=500").answer(Some(A), 200, page(&[host("newer-a")]));
        world.settle().await;
        assert_eq!(world.shown(), ["newer-a"]);
    });
}

/// A view of the old organization that also looks at something of the app is woken by the switch itself, when what it
/// reads is gone already and it has not been taken down yet.
#[test]
fn a_view_of_the_old_organization_does_not_run_any_more_although_the_app_wakes_it() {
    run(async {
        let world = World::new(Walls::BOTH);
        let of_the_app = world.app.with(|| RwSignal::new(0));
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        let runs = Arc::new(Mutex::new(0));
        let old = world.switcher.active_untracked().expect("entered");
        let (counting, live) = (Arc::clone(&runs), old.live);
        // Held as a page's elements hold it, beyond the clean-up.
        let _view = old.owner.with(|| {
            RenderEffect::new(move |_| {
                of_the_app.get();
                // Before it reads what is gone, which would end it.
                *counting.lock().expect("not poisoned") += 1;
                live.get();
            })
        });
        world.settle().await;
        world.switcher.on_navigate(move |_, _| of_the_app.set(1));
        world.enter("b", &bootstrap(B, "b", vec![])).await;
        assert_eq!(*runs.lock().expect("not poisoned"), 1);
    });
}

/// A form that closes itself when it is sent takes its owner along, before any task has run.
#[test]
fn what_a_person_decided_is_sent_although_the_view_goes_in_the_same_moment() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        let active = world.switcher.active_untracked().expect("entered");
        let form = active.owner.with(Owner::new);
        let told = Arc::new(Mutex::new(false));
        let telling = Arc::clone(&told);
        form.with(|| {
            let then = move |_: Result<(), ClientError>| *telling.lock().expect("not poisoned") = true;
            act(&active.session, |client| async move { client.delete_host(HOST).await }, then);
        });
        form.cleanup();
        world.settle().await;
        world.take(&format!("/hosts/{HOST}")).answer(Some(A), 204, "");
        world.settle().await;
        assert!(!*told.lock().expect("not poisoned"), "nobody is there to be told");
    });
}

#[test]
fn what_a_page_could_not_load_while_the_server_was_away_comes_by_itself_when_it_is_back() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        world.wake_sleepers();
        world.channel(0).close();
        world.settle().await;
        let active = world.switcher.active_untracked().expect("entered");
        let members = active.owner.with(|| remote(&active.session, |client| async move { client.members().await }));
        world.settle().await;
        world.take("/members").answer(None, 503, "");
        world.settle().await;
        assert!(matches!(members.get(), Remote::Failed(_)));
        world.channel(1).send(A, LiveEvent::Hello);
        world.settle().await;
        world.take("/hosts?limit=500").answer(Some(A), 200, page(&[]));
        world.settle().await;
        world.take("/members").answer(Some(A), 200, "[]");
        world.settle().await;
        assert!(matches!(members.get(), Remote::Ready(members) if members.is_empty()));
    });
}
