//! Pages come and go for as long as a tab lives: what they subscribe to goes with them.

use crate::support::{A, World, bootstrap, run};
use org_client::{Walls, fill_containers, fill_guests, fill_notes, remote};
use reactive_graph::owner::Owner;

/// How often a page is opened and closed.
const MOUNTS: usize = 1_000;

#[test]
fn a_thousand_mounts_and_unmounts_leave_subscriptions_and_channels_as_they_were() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        let active = world.switcher.active_untracked().expect("entered");
        let before = world.bus.subscriber_names();
        let mut mounted = 0;
        for _ in 0..MOUNTS {
            let page = active.owner.with(Owner::new);
            page.with(|| {
                world.bus.subscribe("panel", |_| {});
                let _members = remote(&active.session, |client| async move { client.members().await });
                let _containers = fill_containers(&active.session, active.caches);
                let _guests = fill_guests(&active.session, active.caches);
                let _notes = fill_notes(&active.session, active.caches);
            });
            world.settle().await;
            mounted = world.bus.subscriber_names().len();
            page.cleanup();
        }
        assert_eq!(mounted, before.len() + 5, "a page that subscribes to nothing would prove nothing");
        assert_eq!(world.bus.subscriber_names(), before);
        world.settle().await;
        let waiting = world.script.pending.lock().expect("not poisoned").iter().filter(|p| !p.is_aborted()).count();
        assert_eq!(waiting, 0, "reads that nobody waits for");
        assert_eq!(world.script.channels.lock().expect("not poisoned").len(), 1);
    });
}
