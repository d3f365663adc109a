//! Who may do what, as parameters of a handler.
//!
//! | parameter | proves |
//! |---|---|
//! | [`SignedIn`] | a person's session |
//! | [`Caller`] | a session or an API token |
//! | [`InOrg<R>`] | the caller has at least role `R` in the organization that the path names |
//! | [`Reporting`] | an agent's token, and with it the organization that it reports to |
//!
//! All are ready before a byte of the body is read: bodies and queries are read by the handler itself, which runs only
//! once every guard has passed (see [`crate::input`]).

use crate::{
    credential::{Credential, wrong_kind},
    problem::{Answer, Refusal},
    state::State,
    tenancy,
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use authz::{AtLeast, Level, Viewer};
use futures_util::future::LocalBoxFuture;
use shared::{ErrorCode, OrgId, account::Account, endpoints::ORG_HEADER, token::TokenKind};
use std::{str::FromStr, sync::Arc};
use store::{EnterError, Identity, IngestScope, OrgRef, OrgScope, Store};

/// The organization that a request was proved to be in; the edge stamps it on the answer.
#[derive(Debug, Clone, Copy)]
pub struct ProvenOrg(pub OrgId);

type Guarded<T> = LocalBoxFuture<'static, Answer<T>>;

fn state_of(request: &HttpRequest) -> Data<State> {
    request.app_data::<Data<State>>().cloned().expect("the app is built with its state by `routes::configure`")
}

/// A caller: a person's session or an API token.
#[derive(Debug)]
pub struct Caller {
    identity: Identity,
}

impl Caller {
    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The same, for a closure on another thread.
    #[must_use]
    pub fn into_identity(self) -> Identity {
        self.identity
    }
}

impl FromRequest for Caller {
    type Error = Refusal;
    type Future = Guarded<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = state_of(&request);
            let credential = Credential::of(&request, &state)?;
            let identity = state.read(move |store| credential.identify(store)).await?;
            if identity.token_kind() == Some(TokenKind::Agent) {
                return Err(wrong_kind(TokenKind::Agent));
            }
            Ok(Self { identity })
        })
    }
}

/// A person who is signed in.
#[derive(Debug)]
pub struct SignedIn {
    identity: Identity,
}

impl SignedIn {
    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &Account {
        self.identity.account().expect("checked when this was made")
    }

    /// The same, for a closure on another thread.
    #[must_use]
    pub fn into_identity(self) -> Identity {
        self.identity
    }
}

impl FromRequest for SignedIn {
    type Error = Refusal;
    type Future = Guarded<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        Box::pin(async move {
            let Caller { identity } = caller.await?;
            match identity.token_kind() {
                Some(kind) => Err(wrong_kind(kind)),
                None => Ok(Self { identity }),
            }
        })
    }
}

/// The caller is in the organization that the path names, with at least role `R`.
pub struct InOrg<R: Level> {
    scope: Arc<OrgScope<R>>,
    identity: Identity,
    state: Data<State>,
    request: HttpRequest,
}

impl<R: Level> InOrg<R> {
    /// The proof.
    #[must_use]
    pub fn scope(&self) -> &OrgScope<R> {
        &self.scope
    }

    /// The organization.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.scope.org()
    }

    /// Who asks.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The server's state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The id of a thing in the organization, from the path. A text that is no id names nothing, so it is answered
    /// like an id that names nothing.
    ///
    /// # Errors
    /// 404.
    pub fn id<I: FromStr>(&self, name: &str) -> Answer<I> {
        self.request
            .match_info()
            .get(name)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Refusal::not_found().org(self.org()))
    }

    /// Reads from the store with the proof in hand.
    ///
    /// # Errors
    /// What the closure returns, with the organization named.
    pub async fn read<T, F>(&self, read: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Store, &OrgScope<R>) -> Answer<T> + Send + 'static,
    {
        let (scope, org) = (Arc::clone(&self.scope), self.org());
        self.state.read(move |store| read(store, &scope)).await.map_err(|refusal| refusal.org(org))
    }

    /// Changes the store with the proof in hand. What waits for a disk never runs on an async thread.
    ///
    /// # Errors
    /// What the closure returns, with the organization named.
    pub async fn write<T, F>(&self, write: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Store, &OrgScope<R>) -> Answer<T> + Send + 'static,
    {
        let (scope, org) = (Arc::clone(&self.scope), self.org());
        self.state.write(move |store| write(store, &scope)).await.map_err(|refusal| refusal.org(org))
    }

    /// The names of those who can change the plan.
    ///
    /// # Errors
    /// 503 when the directory cannot be asked.
    pub async fn owner_names(&self) -> Answer<Vec<String>>
    where
        R: AtLeast<Viewer>,
    {
        self.read(|store, scope| Ok(store.directory().owner_names(scope)?)).await
    }
}

impl<R: Level> FromRequest for InOrg<R> {
    type Error = Refusal;
    type Future = Guarded<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(enter(request.clone()))
    }
}

/// The walk from a request to a scope. One function, so that every surface refuses alike and in the same order: who,
/// whether a member, one organization and not two, whether the installation serves it, and the role last.
async fn enter<R: Level>(request: HttpRequest) -> Answer<InOrg<R>> {
    let state = state_of(&request);
    let credential = Credential::of(&request, &state)?;
    let named = request.match_info().get("org").unwrap_or_default();
    let org_ref: OrgRef = named.parse().unwrap_or_else(|never| match never {});
    let (identity, entered) = state
        .read(move |store| {
            let identity = credential.identify(store)?;
            let entered = store.directory().enter::<R>(&identity, &org_ref);
            Ok((identity, entered))
        })
        .await?;
    let member_of = match &entered {
        Ok(scope) => Some(scope.org()),
        Err(
            EnterError::RoleTooLow { org, .. } | EnterError::Suspended { org, .. } | EnterError::Deleted { org, .. },
        ) => Some(*org),
        Err(_) => None,
    };
    if let Some(org) = member_of {
        request.extensions_mut().insert(ProvenOrg(org));
        refuse_second_org(&request, org)?;
        tenancy::refuse_unserved(&state, org).await?;
    }
    Ok(InOrg { scope: Arc::new(entered?), identity, state, request })
}

/// The path names the organization. A header that names another one is a client that is confused about where it is:
/// it is told so before anything happens. Only members get here, so it tells nobody that an organization exists.
fn refuse_second_org(request: &HttpRequest, org: OrgId) -> Answer<()> {
    let expected = org.to_string();
    for name in [ORG_HEADER, "x-scope-orgid"] {
        for value in request.headers().get_all(name) {
            if value.as_bytes() != expected.as_bytes() {
                return Err(Refusal::new(ErrorCode::OrgMismatch)
                    .detail(format!("The header {name} names another organization than the request. Leave it out, or send the id that the answer names."))
                    .org(org));
            }
        }
    }
    Ok(())
}

/// An agent's token, and the organization that it reports to.
#[derive(Debug)]
pub struct Reporting {
    scope: IngestScope,
}

impl Reporting {
    /// The proof.
    #[must_use]
    pub const fn scope(&self) -> &IngestScope {
        &self.scope
    }

    /// The proof itself, for the writer.
    #[must_use]
    pub fn into_scope(self) -> IngestScope {
        self.scope
    }
}

impl FromRequest for Reporting {
    type Error = Refusal;
    type Future = Guarded<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = state_of(&request);
            let credential = Credential::of(&request, &state)?;
            let scope = state
                .read(move |store| {
                    let identity = credential.identify(store)?;
                    Ok(store.directory().enter_ingest(&identity)?)
                })
                .await?;
            request.extensions_mut().insert(ProvenOrg(scope.org()));
            refuse_second_org(&request, scope.org())?;
            tenancy::refuse_unserved(&state, scope.org()).await?;
            Ok(Self { scope })
        })
    }
}

impl From<EnterError> for Refusal {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::NotFound => Self::not_found(),
            EnterError::RoleTooLow { org, required, actual, who_can_change } => {
                Self::role_required(required, actual, who_can_change).org(org)
            }
            EnterError::Suspended { org, ref name } => Self::new(ErrorCode::OrgSuspended)
                .detail(format!(
                    "{name} is suspended. Nothing is deleted; whoever runs this installation can resume it."
                ))
                .org(org),
            EnterError::Deleted { org, ref name } => {
                Self::new(ErrorCode::OrgDeleted).detail(format!("{name} was deleted.")).org(org)
            }
            EnterError::TokenKind { kind } => wrong_kind(kind),
            EnterError::Store(error) => error.into(),
        }
    }
}
