//! Who is signed in. The part of the API that is in no organization.

use crate::{ClientError, Method, Platform, Request, error::read, storage};
use reactive_graph::{
    signal::RwSignal,
    traits::{GetUntracked, Set, Update, With},
};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    OrgId, SessionId, UserId,
    account::{Me, SessionInfo, Setup, SetupState, SignIn},
    endpoints,
    feature::LicenseFeatures,
    org::{Bootstrap, NewOrg, Org, OrgSummary},
};
use std::{fmt, sync::Arc};

/// Calls the part of the API that is in no organization. It has no way to tenant data but the bootstrap of an
/// organization, which the [`Switcher`](crate::Switcher) alone asks for.
#[derive(Clone)]
pub struct AccountClient {
    platform: Arc<dyn Platform>,
}

impl fmt::Debug for AccountClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountClient").finish_non_exhaustive()
    }
}

impl AccountClient {
    /// A client on a platform.
    #[must_use]
    pub fn new(platform: Arc<dyn Platform>) -> Self {
        Self { platform }
    }

    /// Who is signed in, and which organizations they have.
    ///
    /// # Errors
    /// `unauthenticated` where nobody is. As for every method here: [`ClientError`].
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.send(Method::Get, endpoints::ME.to_owned(), None::<&()>).await
    }

    /// Whether the first account is still missing.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn setup_state(&self) -> Result<SetupState, ClientError> {
        self.send(Method::Get, endpoints::SETUP.to_owned(), None::<&()>).await
    }

    /// Creates the first account and organization, and signs in.
    ///
    /// # Errors
    /// `wrong_setup_code`, `invalid`, `conflict` where it was done already.
    pub async fn setup(&self, setup: &Setup) -> Result<Me, ClientError> {
        self.send(Method::Post, endpoints::SETUP.to_owned(), Some(setup)).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// `wrong_credentials`, `rate_limited`.
    pub async fn sign_in(&self, sign_in: &SignIn) -> Result<Me, ClientError> {
        self.send(Method::Post, endpoints::SESSIONS.to_owned(), Some(sign_in)).await
    }

    /// Signs out.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        self.send(Method::Delete, endpoints::CURRENT_SESSION.to_owned(), None::<&()>).await
    }

    /// Own sign-ins.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, ClientError> {
        self.send(Method::Get, endpoints::SESSIONS.to_owned(), None::<&()>).await
    }

    /// Ends one of the own sign-ins.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn end_session(&self, id: SessionId) -> Result<(), ClientError> {
        self.send(Method::Delete, endpoints::session(id), None::<&()>).await
    }

    /// Creates an organization, owned by the caller.
    ///
    /// # Errors
    /// `conflict` for a slug that is taken, `plan_required` or `feature_not_enabled` where there can be but one.
    pub async fn create_org(&self, new: &NewOrg) -> Result<Org, ClientError> {
        self.send(Method::Post, endpoints::ORGS.to_owned(), Some(new)).await
    }

    /// What this installation can do.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn license_features(&self) -> Result<LicenseFeatures, ClientError> {
        self.send(Method::Get, endpoints::LICENSE_FEATURES.to_owned(), None::<&()>).await
    }

    /// What it takes to enter an organization, named as in a URL.
    pub(crate) async fn bootstrap(&self, org: &str) -> Result<Bootstrap, ClientError> {
        self.send(Method::Get, endpoints::bootstrap(org), None::<&()>).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let body = body.map(|body| serde_json::to_string(body).expect("wire types serialize"));
        let request = Request { method, path, if_match: None, body };
        let response = self.platform.fetch(request).await.map_err(|_| ClientError::Offline)?;
        read(&response)
    }
}

/// Who is signed in, as the app knows it. Lives as long as the tab.
#[derive(Clone)]
pub struct Account {
    client: AccountClient,
    me: RwSignal<Option<Me>>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

impl Account {
    /// Nobody yet. Make it in the app's owner.
    #[must_use]
    pub fn new(client: AccountClient) -> Self {
        Self { client, me: RwSignal::new(None) }
    }

    /// The client for what is in no organization.
    #[must_use]
    pub fn client(&self) -> &AccountClient {
        &self.client
    }

    /// Asks the server who is signed in and which organizations they have.
    ///
    /// # Errors
    /// Where it fails, what was known stays.
    pub async fn refresh(&self) -> Result<Me, ClientError> {
        let me = self.client.me().await?;
        self.signed_in(me.clone());
        Ok(me)
    }

    /// Somebody is signed in. What was kept in this tab for anybody else is dropped.
    pub fn signed_in(&self, me: Me) {
        storage::sweep(&*self.client.platform, Some(me.account.id));
        self.me.set(Some(me));
    }

    /// Nobody is signed in any more. What was typed is kept for when the same person is back.
    pub fn signed_out(&self) {
        self.me.set(None);
    }

    /// The person wants to be signed out: nothing is kept for anybody.
    pub fn forget(&self) {
        storage::sweep(&*self.client.platform, None);
    }

    /// Who is signed in, tracked.
    #[must_use]
    pub fn me(&self) -> Option<Me> {
        self.me.with(Clone::clone)
    }

    /// Who is signed in, without being called again when that changes.
    #[must_use]
    pub fn user_untracked(&self) -> Option<UserId> {
        self.me.get_untracked().map(|me| me.account.id)
    }

    /// Own organizations by name, tracked.
    #[must_use]
    pub fn orgs(&self) -> Vec<OrgSummary> {
        self.me.with(|me| me.as_ref().map(|me| me.orgs.clone()).unwrap_or_default())
    }

    /// Own organizations by name, without being called again when they change.
    #[must_use]
    pub fn orgs_untracked(&self) -> Vec<OrgSummary> {
        self.me.get_untracked().map(|me| me.orgs).unwrap_or_default()
    }

    /// One of the own organizations, tracked.
    #[must_use]
    pub fn org(&self, id: OrgId) -> Option<OrgSummary> {
        self.me.with(|me| me.as_ref()?.orgs.iter().find(|org| org.id == id).cloned())
    }

    /// An organization is as this says now; it is added where it is new.
    pub fn put_org(&self, summary: OrgSummary) {
        self.me.update(|me| {
            let Some(me) = me else { return };
            me.orgs.retain(|org| org.id != summary.id);
            me.orgs.push(summary);
            me.orgs.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        });
    }
}
