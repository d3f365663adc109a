//! Group commit: many batches, one transaction for each organization, one wait for the disk for all of its batches.
//!
//! A few threads take batches from queues; each organization has its thread by its id, so the batches of one machine
//! keep their order, and an organization whose database stalls holds up the few that share its thread and no others.
//! A thread takes all that waits and commits it, and while it waits for the disk the next ones gather: the more
//! there is to do, the larger the groups. There is no timer: a batch that comes alone is written at once.

use super::{IngestError, IngestOutcome, append::append};
use crate::{IngestScope, Store, StoreError, ValidBatch, clock};
use shared::OrgId;
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
};

/// Threads that write. They wait for disks more than they compute.
const THREADS: usize = 4;
/// Most batches that wait for one thread; then callers are told to come back.
const QUEUE: usize = 2_048;
/// Most batches in one round, so that answers do not wait for ever when more come than can be written.
const ROUND: usize = 512;

type Done = Box<dyn FnOnce(Result<IngestOutcome, IngestError>) + Send>;

struct Job {
    org: OrgId,
    batch: ValidBatch,
    done: Done,
}

/// Writes batches of all organizations. Dropping it writes what waits, as [`IngestWriter::stop`] does.
pub struct IngestWriter {
    queues: Vec<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl IngestWriter {
    /// Starts the threads.
    ///
    /// # Panics
    /// The operating system gives no thread.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "the writer owns its store for as long as it lives")]
    pub fn start(store: Store) -> Self {
        let mut writer = Self { queues: Vec::new(), threads: Vec::new() };
        for number in 0..THREADS {
            let (sender, receiver) = sync_channel(QUEUE);
            let store = store.clone();
            let thread = std::thread::Builder::new()
                .name(format!("ingest-{number}"))
                .spawn(move || run(&store, &receiver))
                .expect("the operating system gives a thread at start");
            writer.queues.push(sender);
            writer.threads.push(thread);
        }
        writer
    }

    /// Has a batch written. `done` is called once, after the commit or the failure, on a writer's thread: it must not
    /// block. Where the queue is full it is called at once with [`IngestError::Busy`].
    #[expect(clippy::needless_pass_by_value, reason = "a proof is used up")]
    pub fn submit(
        &self,
        scope: IngestScope,
        batch: ValidBatch,
        done: impl FnOnce(Result<IngestOutcome, IngestError>) + Send + 'static,
    ) {
        let org = scope.org();
        let queue = usize::from(org.as_uuid().as_bytes()[15]) % self.queues.len();
        let job = Job { org, batch, done: Box::new(done) };
        match self.queues[queue].try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => (job.done)(Err(IngestError::Busy)),
        }
    }

    /// Writes what waits, answers it, and ends the threads.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for IngestWriter {
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a writer of reports ended with a panic");
            }
        }
    }
}

fn run(store: &Store, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let mut by_org: BTreeMap<OrgId, Vec<Job>> = BTreeMap::new();
        by_org.entry(first.org).or_default().push(first);
        for job in queue.try_iter().take(ROUND - 1) {
            by_org.entry(job.org).or_default().push(job);
        }
        for (org, jobs) in by_org {
            // A defect in one organization's batch ends neither the thread nor the others' batches; the callers find
            // their answers dropped.
            if catch_unwind(AssertUnwindSafe(|| write(store, org, jobs))).is_err() {
                tracing::error!(%org, "writing reports panicked; the batches of this round are not acknowledged");
            }
        }
    }
}

/// Writes the batches of one organization and answers each.
fn write(store: &Store, org: OrgId, jobs: Vec<Job>) {
    let (batches, answers): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.batch, job.done)).unzip();
    match commit(store, org, &batches) {
        Ok(outcomes) => answers.into_iter().zip(outcomes).for_each(|(done, outcome)| done(outcome)),
        Err(error) if batches.len() > 1 && error.may_be_one_batch() => {
            // One batch may have spoilt the transaction for the others: each gets its own.
            for (batch, done) in batches.into_iter().zip(answers) {
                done(commit(store, org, std::slice::from_ref(&batch)).map_err(IngestError::Store).and_then(only));
            }
        }
        Err(error) => answers.into_iter().for_each(|done| done(Err(IngestError::Store(error.again())))),
    }
}

type Outcomes = Vec<Result<IngestOutcome, IngestError>>;

fn commit(store: &Store, org: OrgId, batches: &[ValidBatch]) -> Result<Outcomes, StoreError> {
    store.write_org(org, |connection| append(connection, org, batches, clock::now()))
}

fn only(mut outcomes: Outcomes) -> Result<IngestOutcome, IngestError> {
    outcomes.pop().unwrap_or_else(|| Err(StoreError::Internal("a batch was not answered".into()).into()))
}
