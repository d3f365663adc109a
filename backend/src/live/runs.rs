//! The assistant's runs: which are under way, and for whom. A right that ends ends them, as it ends open sockets.

use super::{Ending, Hub, stay::Stay};
use shared::{Micros, OrgId, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::Identity;
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, timeout_at},
};

/// Most runs of one organization at once, so that no organization takes all of the server's.
pub const MAX_RUNS_PER_ORG: usize = 8;
/// Most runs of this process at once.
pub const MAX_RUNS: usize = 64;
/// How long a question waits for the answer before it to end: that of somebody who stopped it is over in a moment.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why no run can begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// The same person is being answered in that organization.
    Person,
    /// As many of the organization are under way as may be.
    Org,
    /// As many of the process are under way as may be.
    Process,
    /// The server is ending.
    Closed,
}

/// The runs that are under way.
#[derive(Default)]
pub struct Runs {
    under_way: Mutex<HashMap<u64, UnderWay>>,
    left: Notify,
}

struct UnderWay {
    org: OrgId,
    user: UserId,
    stay: Stay,
}

/// A run's place, which it leaves when this is dropped.
pub struct Place {
    hub: Hub,
    id: u64,
    /// Comes once, when the run has to end.
    pub ended: oneshot::Receiver<Ending>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let runs = self.hub.runs();
        runs.lock().remove(&self.id);
        runs.left.notify_waiters();
    }
}

impl Hub {
    /// Enters a run of a person. Waits a moment for another one of the same person to end.
    ///
    /// # Errors
    /// See [`Busy`].
    pub async fn begin_run(&self, org: OrgId, user: UserId, who: &Identity) -> Result<Place, Busy> {
        let until = Instant::now() + PATIENCE;
        loop {
            // Made before looking, so that one that leaves in between is not missed.
            let left = self.runs().left.notified();
            match self.try_begin_run(org, user, who) {
                Err(Busy::Person) if timeout_at(until, left).await.is_ok() => {}
                begun => return begun,
            }
        }
    }

    fn try_begin_run(&self, org: OrgId, user: UserId, who: &Identity) -> Result<Place, Busy> {
        let id = self.next_id();
        let mut runs = self.runs().lock();
        // Looked at with the lock in hand: whoever closes ends what is entered here.
        if self.is_closed() {
            return Err(Busy::Closed);
        }
        if runs.values().any(|run| run.org == org && run.user == user) {
            return Err(Busy::Person);
        }
        if runs.values().filter(|run| run.org == org).count() >= MAX_RUNS_PER_ORG {
            return Err(Busy::Org);
        }
        if runs.len() >= MAX_RUNS {
            return Err(Busy::Process);
        }
        let (stay, ended) = Stay::new(who.clone());
        runs.insert(id, UnderWay { org, user, stay });
        Ok(Place { hub: self.clone(), id, ended })
    }
}

impl Runs {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are under way.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn end_all(&self, ending: &Ending) {
        for run in self.lock().values_mut() {
            run.stay.end(ending.clone());
        }
    }

    pub(super) fn end(&self, id: u64, ending: Ending) {
        if let Some(run) = self.lock().get_mut(&id) {
            run.stay.end(ending);
        }
    }

    pub(super) fn to_prove(&self, all: bool, at: Micros) -> Vec<(OrgId, u64, Identity)> {
        let mut runs = self.lock();
        runs.iter_mut().filter_map(|(id, run)| Some((run.org, *id, run.stay.must_prove(all, at)?))).collect()
    }
}
