//! Containers of Docker or podman, asked over the Unix socket of Docker's API.

mod answers;
mod socket;

use super::{each_once, left_out, usage::CpuReading};
use crate::measure::clean;
use answers::{Detail, Listed, Usage};
use bollard::{
    API_DEFAULT_VERSION, Docker,
    query_parameters::{ListContainersOptionsBuilder, StatsOptionsBuilder},
};
use futures_util::{FutureExt, StreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use shared::inventory::{ContainerReport, ContainerState, FoundContainers, MAX_CONTAINERS};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::{sleep_until, timeout, timeout_at};

pub use socket::{EngineError, EnginePlace};

/// Containers that are looked at side by side.
const SIDE_BY_SIDE: usize = 8;
/// Longest look at one container, in earnest.
const LONGEST_LOOK: Duration = Duration::from_secs(3);
/// Of the time for all of it, so much is for the list.
const LONGEST_LIST: Duration = Duration::from_secs(5);

/// An engine, with what the next look is compared with.
#[derive(Debug)]
pub(super) struct Engine {
    place: EnginePlace,
    /// Longest look at one container. An engine can be stuck with one alone, and the others are looked at meanwhile.
    longest_look: Duration,
    seen: HashMap<String, Seen>,
    looks: u64,
}

/// What is remembered of a container from one look to the next.
#[derive(Debug, Default)]
struct Seen {
    /// The look in which it was asked last.
    look: u64,
    /// Whether it did not answer then.
    is_stuck: bool,
    detail: Option<Detail>,
    usage: Option<Usage>,
    cpu: Option<CpuReading>,
    cores: Option<f64>,
}

/// What one container answered.
struct Answered {
    id: String,
    detail: Option<Detail>,
    usage: Option<(Usage, Instant)>,
}

impl Engine {
    pub(super) fn new(place: EnginePlace) -> Self {
        Self { place, longest_look: LONGEST_LOOK, seen: HashMap::new(), looks: 0 }
    }

    /// All containers; none where there is no engine. A container for which there was no time until `deadline` is told as
    /// the list has it, and is among the first to be looked at the next time.
    ///
    /// # Errors
    /// When there should be an engine, and it does not give the list.
    pub(super) async fn look(&mut self, deadline: Instant) -> Result<Option<FoundContainers>, EngineError> {
        let Some(path) = self.place.socket() else { return Ok(None) };
        let list_until = deadline.min(Instant::now() + LONGEST_LIST);
        let listing = timeout_at(list_until.into(), list(&path)).await;
        let (docker, engine, mut listed) = listing.map_err(|_| EngineError::Late { path })??;
        let left_out = left_out(listed.len(), MAX_CONTAINERS);
        listed.truncate(MAX_CONTAINERS);
        self.looks += 1;
        self.look_closer(&docker, &listed, deadline).await;
        let items = listed.into_iter().map(|listed| self.report(listed)).collect();
        Ok(Some(FoundContainers { engine, items, left_out }))
    }

    /// Looks at each container, first at those for which there was no time, and last at those that did not answer.
    async fn look_closer(&mut self, docker: &Docker, listed: &[Listed], deadline: Instant) {
        let ids: HashSet<_> = listed.iter().map(|listed| listed.id.as_str()).collect();
        self.seen.retain(|id, _| ids.contains(id.as_str()));
        let mut order: Vec<_> = listed.iter().collect();
        order.sort_by_key(|listed| self.seen.get(&listed.id).map(|seen| (seen.is_stuck, seen.look)));
        let longest = self.longest_look;
        // Boxed, because the compiler does not follow borrows through a closure that makes futures.
        let looks = order.into_iter().map(|listed| answer(docker, listed, longest).boxed());
        let mut answered =
            stream::iter(looks).buffer_unordered(SIDE_BY_SIDE).take_until(Box::pin(sleep_until(deadline.into())));
        while let Some(answered) = answered.next().await {
            let seen = self.seen.entry(answered.id.clone()).or_default();
            seen.take(answered, self.looks);
        }
    }

    fn report(&self, mut listed: Listed) -> ContainerReport {
        let seen = self.seen.get(&listed.id);
        let is_new = |seen: &&Seen| seen.look == self.looks && !seen.is_stuck;
        // Both answers say the state; the later one is right, and goes with the exit code.
        if let Some(state) = seen.filter(is_new).and_then(|seen| seen.detail.as_ref()?.state) {
            listed.state = state;
        }
        let usage = seen.filter(is_new).and_then(|seen| seen.usage.as_ref());
        let cores = seen.filter(is_new).and_then(|seen| seen.cores);
        listed.report(seen.and_then(|seen| seen.detail.as_ref()), usage, cores)
    }
}

impl Seen {
    fn take(&mut self, answered: Answered, look: u64) {
        self.look = look;
        self.is_stuck = answered.detail.is_none();
        // What was known of it does not become unknown.
        self.detail = answered.detail.or(self.detail.take());
        let cpu = answered.usage.as_ref().and_then(|(usage, at)| Some(CpuReading { at: *at, used_ns: usage.cpu_ns? }));
        // By our own clock: what podman says of the CPU time of the whole machine does not go with that of a container.
        self.cores = cpu.and_then(|cpu| cpu.cores_since(self.cpu.as_ref()));
        self.cpu = cpu;
        self.usage = answered.usage.map(|(usage, _)| usage);
    }
}

/// The engine's name and its containers by name.
async fn list(path: &Path) -> Result<(Docker, String, Vec<Listed>), EngineError> {
    socket::knock(path).await?;
    let failed = |error: bollard::errors::Error| EngineError::Failed {
        path: path.to_owned(),
        // Not its `Debug`, which has the answer in it, and that has the environment of containers.
        cause: clean::text(&error.to_string()),
    };
    // The time limits are ours; this one only has to be longer.
    let docker = Docker::connect_with_unix(&path.to_string_lossy(), 60, API_DEFAULT_VERSION).map_err(failed)?;
    let options = ListContainersOptionsBuilder::new().all(true).build();
    let (version, containers) = tokio::join!(docker.version(), docker.list_containers(Some(options)));
    let engine = answers::engine(&whole(version).map_err(failed)?);
    let answer = whole(containers).map_err(failed)?;
    let mut listed: Vec<_> = answer.as_array().into_iter().flatten().filter_map(Listed::read).collect();
    listed.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
    each_once(&mut listed, |listed| &listed.name);
    each_once(&mut listed, |listed| &listed.id);
    Ok((docker, engine, listed))
}

async fn answer(docker: &Docker, listed: &Listed, longest: Duration) -> Answered {
    let id = listed.id.as_str();
    let inspect = timeout(longest, docker.inspect_container(id, None));
    let usage = timeout(longest, async {
        if listed.state != ContainerState::Running {
            return None;
        }
        // Without `one_shot` Docker takes two readings a second apart.
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let answer = docker.stats(id, Some(options)).boxed().next().await?;
        Some((Usage::read(&whole(answer).ok()?), Instant::now()))
    });
    let (inspect, usage) = tokio::join!(inspect, usage);
    let detail = inspect.ok().and_then(|answer| whole(answer).ok()).map(|answer| Detail::read(&answer));
    Answered { id: id.to_owned(), detail, usage: usage.ok().flatten() }
}

/// The answer as it came, and that also where bollard cannot read it: one word that it does not know, such as podman's
/// `stopped` for a moment after the end of a container, would cost the whole list.
fn whole<T: Serialize>(answer: Result<T, bollard::errors::Error>) -> Result<Value, bollard::errors::Error> {
    match answer {
        Ok(read) => Ok(serde_json::to_value(read)?),
        Err(bollard::errors::Error::JsonDataError { message, contents, column }) => serde_json::from_str(&contents)
            .map_err(|_| bollard::errors::Error::JsonDataError { message, contents: String::new(), column }),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
pub(super) mod tests;
