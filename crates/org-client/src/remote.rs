//! Data that a page loads, and acts that a page does, in the organization that it was opened in.

use crate::{AppEvent, ClientError, OrgClient, OrgSession};
use futures_util::{
    FutureExt as _,
    future::{AbortHandle, Abortable},
};
use reactive_graph::{
    owner::on_cleanup,
    signal::RwSignal,
    spawn_local_scoped_with_cancellation,
    traits::{Get, GetUntracked, IsDisposed, Set, Update},
};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

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
    /// Ends the load that is under way: only the last one counts, and none outlives the owner.
    running: Running,
    session: OrgSession,
    load: Arc<Load<T>>,
}

/// A load that is under way.
#[derive(Clone, Default)]
struct Running(Arc<Mutex<Option<AbortHandle>>>);

impl Running {
    fn replace(&self, next: Option<AbortHandle>) {
        let before = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), next);
        if let Some(before) = before {
            before.abort();
        }
    }
}

impl<T: Send + Sync + 'static> Clone for RemoteData<T> {
    fn clone(&self) -> Self {
        Self {
            state: self.state,
            running: self.running.clone(),
            session: self.session.clone(),
            load: Arc::clone(&self.load),
        }
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
    let running = Running::default();
    let ending = running.clone();
    on_cleanup(move || ending.replace(None));
    let data = RemoteData {
        state: RwSignal::new(Remote::Loading),
        running,
        session: session.clone(),
        load: Arc::new(move |client| Box::pin(load(client))),
    };
    data.reload();
    // What could not be loaded while the server was away, or changed meanwhile, comes by itself.
    let again = data.clone();
    session.inner.bus.subscribe("what was loaded", move |event| {
        if matches!(event, AppEvent::Reconnected { epoch, .. } if *epoch == again.session.epoch()) {
            again.reload();
        }
    });
    data
}

impl<T: Clone + Send + Sync + 'static> RemoteData<T> {
    /// The state, tracked.
    #[must_use]
    pub fn get(&self) -> Remote<T> {
        if self.state.is_disposed() { Remote::Loading } else { self.state.get() }
    }

    /// The state, without being called again when it changes.
    #[must_use]
    pub fn get_untracked(&self) -> Remote<T> {
        if self.state.is_disposed() { Remote::Loading } else { self.state.get_untracked() }
    }

    /// Puts a value in place that an act answered, so that it is seen without another load.
    pub fn set(&self, value: T) {
        if self.session.admits() && !self.state.is_disposed() {
            self.state.set(Remote::Ready(value));
        }
    }

    /// Loads it anew. A value that is there stays until the new one comes.
    ///
    /// The load belongs to the owner of the value, not to whoever asks: a button that asks goes away with the failure
    /// that it stands in, and must not take the load along.
    #[expect(clippy::disallowed_methods, reason = "it ends with the owner of the value: see `running`")]
    pub fn reload(&self) {
        if self.state.is_disposed() {
            return;
        }
        if matches!(self.state.get_untracked(), Remote::Failed(_)) {
            self.state.set(Remote::Loading);
        }
        let (handle, registration) = AbortHandle::new_pair();
        self.running.replace(Some(handle));
        let this = self.clone();
        let load = async move {
            let answer = (this.load)(this.session.client()).await;
            if this.state.is_disposed() || !this.session.admits() {
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
        };
        any_spawner::Executor::spawn_local(async move {
            // That it was ended is no news to anybody.
            let _ = Abortable::new(load, registration).await;
        });
    }
}

/// Does something in the organization and hands the outcome to `then`, unless the organization was left meanwhile.
///
/// A write is sent before this returns, and not taken back by leaving; only its answer changes nothing on screen any
/// more. `then` belongs to the owner in which this is called, and is not called when that is gone.
pub fn act<T, F>(
    session: &OrgSession,
    action: impl FnOnce(OrgClient) -> F,
    then: impl FnOnce(Result<T, ClientError>) + 'static,
) where
    T: 'static,
    F: Future<Output = Result<T, ClientError>> + 'static,
{
    let session = session.clone();
    let mut answer = Box::pin(action(session.client()));
    // Sent now: the view in which the person decided may be gone before the task runs, and with it the task.
    let at_once = answer.as_mut().now_or_never();
    spawn_local_scoped_with_cancellation(async move {
        let answer = match at_once {
            Some(answer) => answer,
            None => answer.await,
        };
        if session.admits() && !matches!(answer, Err(ClientError::Left)) {
            then(answer);
        }
    });
}
