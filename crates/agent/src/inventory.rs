//! What runs on the machine beside its operating system: containers and guests, as an [`Inventory`].
//!
//! A thread of its own asks for it, so that an engine that hangs delays neither measuring nor sending. It is the one
//! place of the agent that waits for several things at once, and so the one with an asynchronous runtime. Each look has
//! a time limit, and so has each question in it.
//!
//! The newest inventory goes along with the next reports, through the [`InventorySlot`]. It is never on the disk: what
//! ran when the server was away is of no interest once it is back.

mod access;
mod command;
mod containers;
mod guests;
mod slot;
mod time;
mod usage;

use crate::{
    clock::{Clock, SystemClock},
    sender::Outbox,
    token::TokenSource,
};
use containers::Engine;
use guests::Hypervisor;
use shared::{
    Micros,
    inventory::{FoundContainers, FoundGuests, Inventory},
};
use std::{
    collections::HashSet,
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    time::{MissedTickBehavior, interval, timeout_at},
};

pub use containers::{EngineError, EnginePlace};
pub use guests::{HypervisorError, HypervisorPlace};
pub use slot::InventorySlot;

/// From the beginning of one look to that of the next.
pub const EVERY: Duration = Duration::from_secs(10);
/// Longest look.
const LONGEST: Duration = Duration::from_secs(8);

/// Where to look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// For containers.
    pub engine: EnginePlace,
    /// For guests.
    pub hypervisor: HypervisorPlace,
}

/// What a look brought; `None` where there is nothing to look at.
#[derive(Debug)]
pub struct Look {
    /// Containers.
    pub containers: Result<Option<FoundContainers>, EngineError>,
    /// Guests.
    pub guests: Result<Option<FoundGuests>, HypervisorError>,
}

impl Look {
    /// What goes to the server, if anything was found.
    #[must_use]
    pub fn inventory(self, taken_at: Micros) -> Option<Inventory> {
        let (containers, guests) = (self.containers.ok().flatten(), self.guests.ok().flatten());
        (containers.is_some() || guests.is_some()).then_some(Inventory { taken_at, containers, guests })
    }
}

/// Looks again and again, for CPU use is the difference of two looks.
#[derive(Debug)]
pub struct Lookout {
    runtime: Runtime,
    eyes: Eyes,
}

#[derive(Debug)]
struct Eyes {
    engine: Engine,
    hypervisor: Hypervisor,
}

impl Lookout {
    /// A lookout that has not looked yet.
    ///
    /// # Errors
    /// When the operating system has no room for a runtime.
    pub fn new(places: Places) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let eyes = Eyes { engine: Engine::new(places.engine), hypervisor: Hypervisor::new(places.hypervisor) };
        Ok(Self { runtime, eyes })
    }

    /// One look, which ends in bounded time.
    pub fn look(&mut self) -> Look {
        self.runtime.block_on(self.eyes.look())
    }

    /// Looks every ten seconds and puts what it finds into the outbox, until the other end of `stop` is gone.
    pub fn keep_looking(self, outbox: &Arc<Outbox>, token: &TokenSource, stop: oneshot::Receiver<()>) {
        let Self { runtime, mut eyes } = self;
        runtime.block_on(async {
            tokio::select! {
                _ = stop => {}
                () = eyes.keep_looking(outbox, token) => {}
            }
        });
    }
}

impl Eyes {
    async fn look(&mut self) -> Look {
        let deadline = Instant::now() + LONGEST;
        let (containers, guests) =
            tokio::join!(self.engine.look(deadline), timeout_at(deadline.into(), self.hypervisor.look()));
        Look { containers, guests: guests.unwrap_or(Err(HypervisorError::Late)) }
    }

    async fn keep_looking(&mut self, outbox: &Outbox, token: &TokenSource) {
        let mut beat = interval(EVERY);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut of_engine, mut of_hypervisor) = (Complaint::default(), Complaint::default());
        loop {
            beat.tick().await;
            // Without a token nothing can be sent, and nobody could tell whose it would be.
            let Ok(token) = token.read() else { continue };
            let taken_at = SystemClock.now();
            let look = self.look().await;
            of_engine.say("containers", look.containers.as_ref().err());
            of_hypervisor.say("guests", look.guests.as_ref().err());
            if let Some(inventory) = look.inventory(taken_at) {
                outbox.inventory().put(token.mark(), inventory);
            }
        }
    }
}

/// Leaves out each that has what another one has already: it should be unique, but texts are cut, and the server would
/// refuse all of them for one that is there twice.
fn each_once<T>(items: &mut Vec<T>, what: fn(&T) -> &String) {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(what(item).clone()));
}

/// How many are more than what is told; a number that the server takes.
fn left_out(found: usize, most: usize) -> i64 {
    i64::try_from(found.saturating_sub(most)).unwrap_or(i64::MAX).min(1_000_000)
}

/// Says what is wrong when it is new, and that it is over.
#[derive(Debug, Default)]
struct Complaint(Option<String>);

impl Complaint {
    fn say(&mut self, what: &str, error: Option<&impl std::error::Error>) {
        let now = error.map(ToString::to_string);
        match (&self.0, &now) {
            (before, Some(why)) if before.as_ref() != Some(why) => tracing::warn!("cannot tell the {what}: {why}"),
            (Some(_), None) => tracing::info!("can tell the {what} again"),
            _ => {}
        }
        self.0 = now;
    }
}

#[cfg(test)]
mod tests;
