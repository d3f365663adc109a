//! On whose behalf a run acts. Longer than a request lives no proof: each look makes its own.

use crate::{
    metrics::Metrics,
    problem::{Answer, Refusal},
    state::State,
};
use actix_web::web::Data;
use authz::Viewer;
use shared::OrgId;
use store::{Identity, OrgRef, OrgScope, Store};

/// A person, and the organization that they asked in.
#[derive(Clone)]
pub(crate) struct Behalf {
    state: Data<State>,
    who: Identity,
    org: OrgId,
}

impl Behalf {
    /// Of a caller who was proved to be in the organization.
    pub(crate) fn new(state: Data<State>, who: Identity, org: OrgId) -> Self {
        Self { state, who, org }
    }

    /// The organization.
    pub(crate) const fn org(&self) -> OrgId {
        self.org
    }

    /// The counters of this process.
    pub(super) fn metrics(&self) -> &Metrics {
        self.state.metrics()
    }

    /// Looks at the organization's data as the person may now.
    ///
    /// # Errors
    /// What the closure returns, or why the person may not any more.
    pub(super) async fn look<T, F>(&self, look: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Store, &OrgScope<Viewer>) -> Answer<T> + Send + 'static,
    {
        let (who, org) = (self.who.clone(), self.org);
        let look = move |store: &Store| {
            let directory = store.directory();
            let who = directory.reidentify(&who)?.ok_or_else(Refusal::unauthenticated)?;
            look(store, &directory.enter::<Viewer>(&who, &OrgRef::Id(org))?)
        };
        self.state.write(look).await.map_err(|refusal| refusal.org(org))
    }

    /// Keeps something of the person's own. Takes the membership alone: who signed out meanwhile still finds what was said.
    ///
    /// # Errors
    /// What the closure returns, or why the person may not any more.
    pub(super) async fn keep<T, F>(&self, keep: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Store, &OrgScope<Viewer>) -> Answer<T> + Send + 'static,
    {
        let (who, org) = (self.who.clone(), self.org);
        let keep = move |store: &Store| keep(store, &store.directory().enter::<Viewer>(&who, &OrgRef::Id(org))?);
        self.state.write(keep).await.map_err(|refusal| refusal.org(org))
    }
}
