//! What all requests share: the store, the writer of reports, the live hub, the settings. Nothing in here belongs to
//! one caller or one organization.

use crate::{
    live::Hub,
    metrics::Metrics,
    passwords::Passwords,
    plans::Catalogue,
    problem::{Answer, Refusal},
    settings::Settings,
    throttle::Throttle,
};
use actix_web::web;
use shared::{Micros, OrgId};
use std::{
    sync::{Mutex, PoisonError, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};
use store::{IngestError, IngestOutcome, IngestScope, IngestWriter, Store, ValidBatch};
use tokio::sync::oneshot;

/// Shared by all workers.
pub struct State {
    store: Store,
    ingest: RwLock<Option<IngestWriter>>,
    hub: Hub,
    settings: Settings,
    plans: Catalogue,
    passwords: Passwords,
    throttle: Throttle,
    metrics: Metrics,
    default_org: Mutex<Option<(u64, Option<OrgId>)>>,
}

impl State {
    /// Puts a server together around an open store. Starts the thread that writes reports.
    #[must_use]
    pub fn new(store: Store, settings: Settings) -> Self {
        Self {
            ingest: RwLock::new(Some(IngestWriter::start(store.clone()))),
            store,
            hub: Hub::default(),
            settings,
            plans: Catalogue::default(),
            passwords: Passwords::default(),
            throttle: Throttle::default(),
            metrics: Metrics::default(),
            default_org: Mutex::new(None),
        }
    }

    /// The store, for code that already runs where it may block.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The live channels.
    #[must_use]
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// What the operator set.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The plans.
    #[must_use]
    pub const fn plans(&self) -> &Catalogue {
        &self.plans
    }

    /// Hashing of passwords.
    #[must_use]
    pub const fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// The brake on guessing passwords.
    #[must_use]
    pub const fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// Counters of this process.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Runs a read: here where it costs less than a hop to another thread (see [`Settings::reads_inline`]).
    ///
    /// # Errors
    /// What the closure returns; 503 where no thread is free.
    pub async fn read<T, F>(&self, read: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Store) -> Answer<T> + Send + 'static,
    {
        if self.settings.reads_inline() { read(&self.store) } else { self.write(read).await }
    }

    /// Runs what may wait for a disk or a network, on the bounded pool of threads that may wait.
    ///
    /// # Errors
    /// What the closure returns; 503 where no thread is free.
    pub async fn write<T, F>(&self, write: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Store) -> Answer<T> + Send + 'static,
    {
        let store = self.store.clone();
        match web::block(move || write(&store)).await {
            Ok(answer) => answer,
            Err(error) => Err(Refusal::unavailable(error)),
        }
    }

    /// Appends reports and waits for the commit; then tells those who watch the organization.
    ///
    /// # Errors
    /// Nothing of the batch is kept then.
    pub async fn submit(&self, scope: IngestScope, batch: ValidBatch) -> Result<IngestOutcome, IngestError> {
        let (done, committed) = oneshot::channel();
        let hub = self.hub.clone();
        {
            let writer = self.ingest.read().unwrap_or_else(PoisonError::into_inner);
            let Some(writer) = writer.as_ref() else { return Err(IngestError::Busy) };
            writer.submit(scope, batch, move |mut outcome| {
                if let Ok(outcome) = &mut outcome {
                    hub.host_reported(outcome.org, outcome.host.clone(), outcome.inventory.take());
                }
                // Nobody waits any more when the agent hung up; the batch is kept all the same.
                drop(done.send(outcome));
            });
        }
        let outcome = committed.await.unwrap_or(Err(IngestError::Busy));
        if let Ok(outcome) = &outcome {
            self.metrics.count_reports(outcome.accepted, outcome.duplicates);
        }
        outcome
    }

    /// Writes what waits, then takes no more reports. Blocks; called once, when the server ends.
    pub fn stop_ingest(&self) {
        let writer = self.ingest.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            writer.stop();
        }
    }

    /// The organization that is served where there may be one only: the first one that is not deleted.
    ///
    /// # Errors
    /// 503 when the directory cannot be asked.
    pub async fn default_org(&self) -> Answer<Option<OrgId>> {
        let version = self.read(|store| Ok(store.directory_version()?)).await?;
        let known = *self.default_org.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, org)) = known
            && at == version
        {
            return Ok(org);
        }
        let org = self.read(|store| Ok(store.operator("find the default organization").first_org()?)).await?;
        *self.default_org.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, org));
        Ok(org)
    }
}

/// The server's clock.
#[must_use]
pub fn now() -> Micros {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since_epoch.as_micros()).unwrap_or(Micros::MAX)
}
