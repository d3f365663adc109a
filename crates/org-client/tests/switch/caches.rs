//! What is remembered of an organization: filled, kept up to date, and gone with it.

use crate::{
    IDENTITY_ALONE, OWNERSHIP_ALONE,
    support::{A, B, HOST, World, bootstrap, container, containers_page, run},
};
use org_client::{DiskReadings, Remote, Walls, fill_containers, fill_notes};
use shared::{
    ContainerId,
    host::DiskRate,
    live::LiveEvent,
    metadata::{Metadata, Noted, Subject},
};
use uuid::Uuid;

/// The names of the containers that a page would show.
fn shown(world: &World) -> Vec<String> {
    let active = world.switcher.active_untracked().expect("entered");
    active.caches.containers.with_untracked(&active.session, |list| {
        list.map(|list| list.iter().map(|container| container.name.clone()).collect()).unwrap_or_default()
    })
}

/// Fills the containers as their page does.
async fn open_page(world: &World, canary: &str) {
    let active = world.switcher.active_untracked().expect("entered");
    let org = active.session.org();
    let filling = active.owner.with(|| fill_containers(&active.session, active.caches));
    world.settle().await;
    world.take("/containers?limit=500").answer(Some(org), 200, containers_page(&[container(canary)]));
    world.settle().await;
    assert!(matches!(filling.get(), Remote::Ready(())));
}

#[test]
fn a_return_finds_nothing_of_the_stay_before_but_what_its_bootstrap_brings() {
    run(async {
        for walls in [Walls::BOTH, OWNERSHIP_ALONE, IDENTITY_ALONE] {
            let world = World::new(walls);
            world.enter("a", &bootstrap(A, "a", vec![])).await;
            open_page(&world, "canary-a").await;
            let active = world.switcher.active_untracked().expect("entered");
            let _noting = active.owner.with(|| fill_notes(&active.session, active.caches));
            world.settle().await;
            let subject = Subject::Container(ContainerId::from_uuid(Uuid::from_u128(1)));
            let noted = vec![Noted { subject, metadata: Metadata::default() }];
            world.take("/metadata").answer(Some(A), 200, serde_json::to_string(&noted).expect("serializes"));
            world.settle().await;
            let mut disks = DiskReadings::default();
            disks.set(HOST, 0, vec![DiskRate { name: "canary-a".to_owned(), read_bps: None, write_bps: Some(1.0) }]);
            active.caches.disks.put(&active.session, disks);
            let filled = ["summary", "hosts", "containers", "disk counters", "notes"];
            assert_eq!(active.caches.filled(&active.session), filled);
            for (org, slug) in [(B, "b"), (A, "a")] {
                world.enter(slug, &bootstrap(org, slug, vec![])).await;
                let active = world.switcher.active_untracked().expect("entered");
                assert_eq!(active.caches.filled(&active.session), ["summary", "hosts"], "{walls:?}");
                assert_eq!(shown(&world), Vec::<String>::new(), "{walls:?}");
            }
        }
    });
}

#[test]
fn containers_follow_the_live_channel_once_their_page_has_loaded_them() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        world.channel(0).send(A, LiveEvent::Hello);
        let found = |canary: &str| LiveEvent::Containers { host: HOST, items: vec![container(canary)] };
        // Nobody has asked for them: a part would be taken for the whole.
        world.channel(0).send(A, found("early"));
        world.settle().await;
        assert_eq!(shown(&world), Vec::<String>::new());
        open_page(&world, "first").await;
        world.channel(0).send(A, found("second"));
        world.settle().await;
        assert_eq!(shown(&world), ["second"]);
        world.channel(0).send(A, LiveEvent::HostRemoved { host: HOST });
        world.settle().await;
        assert_eq!(shown(&world), Vec::<String>::new());
    });
}

#[test]
fn a_late_frame_or_answer_about_containers_shows_nothing_by_either_wall_alone() {
    run(async {
        for walls in [Walls::BOTH, OWNERSHIP_ALONE, IDENTITY_ALONE] {
            let world = World::new(walls);
            world.enter("a", &bootstrap(A, "a", vec![])).await;
            open_page(&world, "canary-a").await;
            let old = world.switcher.active_untracked().expect("entered");
            let _again = old.owner.with(|| fill_containers(&old.session, old.caches));
            world.settle().await;
            let slow = world.take("/containers?limit=500");
            let channel = world.channel(0);
            world.enter("b", &bootstrap(B, "b", vec![])).await;
            open_page(&world, "canary-b").await;
            slow.answer(Some(A), 200, containers_page(&[container("late-answer-a")]));
            channel.send(A, LiveEvent::Containers { host: HOST, items: vec![container("late-frame-a")] });
            world.settle().await;
            assert_eq!(shown(&world), ["canary-b"], "{walls:?}");
        }
    });
}

#[test]
fn with_both_walls_off_a_late_answer_would_show() {
    run(async {
        let world = World::new(Walls::for_test(false, false));
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        let old = world.switcher.active_untracked().expect("entered");
        let _filling = old.owner.with(|| fill_containers(&old.session, old.caches));
        world.settle().await;
        let slow = world.take("/containers?limit=500");
        world.enter("b", &bootstrap(B, "b", vec![])).await;
        slow.answer(Some(A), 200, containers_page(&[container("late-a")]));
        world.settle().await;
        assert_eq!(shown(&world), ["late-a"], "the test would see a leak");
    });
}
