//! Data that a page loads, and acts that a page does, in the organization that it was opened in.

use crate::{ClientError, OrgClient, OrgSession};
use reactive_graph::{
    signal::RwSignal, spawn_local_scoped_with_cancellation,
    traits::{Get, IsDisposed, Set, Update},
};
use std::{fmt, future::Future, pin::Pin, sync::Arc};

/// How far a load has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Remote<T> {
    /// Asked for, for the first time.
    Loading,
    /// Here. Stays while it is loaded anew.
    Ready(T),
    /// Refused or not answered. Takes the place of a value only if there was none.
    Failed(ClientError),
}

type Load<T> = dyn Fn(OrgClient) -> Pin<Box<dyn Future<Output = Result<T, ClientError>>>> + Send + Sync;

/// A value that is loaded through a session and belongs to the owner that asked for it.
pub struct RemoteData<T: Send + Sync + 'static> {
    state: RwSignal<Remote<T>>,
    /// Counts the loads; only the answer of the last one counts.
    latest: RwSignal<u64>,
    session: OrgSession,
    load: Arc<Load<T>>,
}

impl<T: Send + Sync + 'static> Clone for RemoteData<T> {
    fn clone(&self) -> Self {
        Self { state: self.state, latest: self.latest, session: self.session.clone(), load: Arc::clone(&self.load) }
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for RemoteData<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteData").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Loads a value now, in the current owner; [`RemoteData::reload`] does it again.
pub fn remote<T, F>(session: &OrgSession, load: impl Fn(OrgClient) -> F + Send + Sync + 'static) -> RemoteData<T>
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, ClientError>> + 'static,
{
    let data = RemoteData {
        state: RwSignal::new(Remote::Loading),
        latest: RwSignal::new(0),
        session: session.clone(),
        load: Arc::new(move |client| Box::pin(load(client))),
    };
    data.reload();
    data
}

impl<T: Clone + Send + Sync + 'static> RemoteData<T> {
    /// The state, tracked.
    #[must_use]
    pub fn get(&self) -> Remote<T> {
        if self.state.is_disposed() { Remote::Loading } else { self.state.get() }
    }

    /// Puts a value in place that an act answered, so that it is seen without another load.
    pub fn set(&self, value: T) {
        if self.session.admits() && !self.state.is_disposed() {
            self.state.set(Remote::Ready(value));
        }
    }

    /// Loads it anew in the current owner. A value that is there stays until the new one comes.
    pub fn reload(&self) {
        if self.state.is_disposed() {
            return;
        }
        let mut mine = 0;
        self.latest.update(|latest| {
            *latest += 1;
            mine = *latest;
        });
        if matches!(reactive_graph::traits::GetUntracked::get_untracked(&self.state), Remote::Failed(_)) {
            self.state.set(Remote::Loading);
        }
        let this = self.clone();
        spawn_local_scoped_with_cancellation(async move {
            let answer = (this.load)(this.session.client()).await;
            if this.state.is_disposed()
                || !this.session.admits()
                || reactive_graph::traits::GetUntracked::get_untracked(&this.latest) != mine
            {
                return;
            }
            match answer {
                Ok(value) => this.state.set(Remote::Ready(value)),
                Err(ClientError::Left) => {}
                Err(error) => this.state.update(|state| {
                    if !matches!(state, Remote::Ready(_)) || matches!(error, ClientError::Refused(_)) {
                        *state = Remote::Failed(error);
                    }
                }),
            }
        });
    }
}

/// Does something in the organization and hands the outcome to `then`, unless the organization was left meanwhile.
///
/// A write that was sent is not taken back by leaving; only its answer changes nothing on screen any more.
pub fn act<T, F>(
    session: &OrgSession,
    action: impl FnOnce(OrgClient) -> F,
    then: impl FnOnce(Result<T, ClientError>) + 'static,
) where
    T: 'static,
    F: Future<Output = Result<T, ClientError>> + 'static,
{
    let session = session.clone();
    let answer = action(session.client());
    spawn_local_scoped_with_cancellation(async move {
        let answer = answer.await;
        if session.admits() && !matches!(answer, Err(ClientError::Left)) {
            then(answer);
        }
    });
}
