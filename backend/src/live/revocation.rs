//! Rights that ended reach open sockets and the assistant's runs within two seconds.
//!
//! The directory has a number that grows with every change of sessions, memberships, tokens and organizations, by this
//! process or another one. While it stands still nothing is asked; when it moved, every open socket and run has to prove again
//! what it proved when it was opened.

use super::hub::{Ending, Hub};
use crate::{state::State, store_errors::chain};
use actix_web::{
    rt::time::interval,
    web::{self, Data},
};
use authz::Viewer;
use shared::{ErrorCode, OrgId};
use std::time::{Duration, Instant};
use store::{EnterError, Identity, OrgRef, Store, StoreError};
use tokio::time::MissedTickBehavior;

/// How often the number is looked at.
pub const CHECK_EVERY: Duration = Duration::from_millis(500);
/// After so long without an answer of the directory nobody can say who may still listen, so nobody does.
const DEAF_AFTER: Duration = Duration::from_secs(5);
/// Sockets that are proved in one go.
const BATCH: usize = 200;

/// Watches for as long as the server runs.
pub async fn watch(state: Data<State>) {
    let mut ticks = interval(CHECK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = None;
    let mut heard_at = Instant::now();
    loop {
        ticks.tick().await;
        if state.hub().is_empty() {
            // Whoever comes later is proved when they come.
            heard_at = Instant::now();
            continue;
        }
        match look(&state, seen).await {
            Ok(version) => {
                seen = Some(version);
                heard_at = Instant::now();
            }
            Err(error) => {
                tracing::error!("open channels cannot be checked: {}", chain(&error));
                if heard_at.elapsed() > DEAF_AFTER {
                    state.hub().end_all(&Ending {
                        code: ErrorCode::Unavailable,
                        detail: "The server cannot check who may watch. It will let you in again once it can."
                            .to_owned(),
                    });
                }
            }
        }
    }
}

async fn look(state: &Data<State>, seen: Option<u64>) -> Result<u64, StoreError> {
    let store = state.store().clone();
    let version = blocking(move || store.directory_version()).await?;
    let mut sockets = state.hub().to_prove(seen != Some(version));
    while !sockets.is_empty() {
        let batch = sockets.split_off(sockets.len().saturating_sub(BATCH));
        let (store, hub) = (state.store().clone(), state.hub().clone());
        blocking(move || prove(&store, &hub, batch)).await?;
    }
    Ok(version)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    web::block(work).await.unwrap_or_else(|error| Err(StoreError::Unavailable(Box::new(error))))
}

fn prove(store: &Store, hub: &Hub, batch: Vec<(OrgId, u64, Identity)>) -> Result<(), StoreError> {
    for (org, id, who) in batch {
        if let Some(ending) = ending(store, org, &who)? {
            hub.end(org, id, ending);
        }
    }
    Ok(())
}

/// Why a socket has to end; none where it may stay.
fn ending(store: &Store, org: OrgId, who: &Identity) -> Result<Option<Ending>, StoreError> {
    let directory = store.directory();
    let Some(who) = directory.reidentify(who)? else {
        return Ok(Some(Ending {
            code: ErrorCode::Unauthenticated,
            detail: "Your session has ended. Sign in again.".to_owned(),
        }));
    };
    let (code, detail) = match directory.enter::<Viewer>(&who, &OrgRef::Id(org)) {
        Ok(_) => return Ok(None),
        Err(EnterError::Store(error)) => return Err(error),
        Err(error @ EnterError::Suspended { .. }) => (ErrorCode::OrgSuspended, error.to_string()),
        Err(error @ EnterError::Deleted { .. }) => (ErrorCode::OrgDeleted, error.to_string()),
        Err(_) => (ErrorCode::NotFound, "You no longer have access to this organization.".to_owned()),
    };
    Ok(Some(Ending { code, detail }))
}
