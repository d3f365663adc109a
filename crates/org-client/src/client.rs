//! The only way to call the API in an organization.

use crate::{AppEvent, ClientError, Method, OrgSession, Request, Response, error::read};
use futures_channel::oneshot;
use futures_util::future::{AbortHandle, Abortable};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    ErrorCode, HostId, Micros, TokenId, UserId, endpoints,
    host::{Host, HostPage, HostSeries},
    metadata::{HostMetadata, Metadata, MetadataEdit},
    org::{Billing, Member, MemberPatch, NewMember, Org, OrgPatch},
    token::{CreatedToken, NewToken, Token},
};

/// Calls the API in one organization, for as long as a tab is in it.
///
/// It has no constructor: [`OrgSession::client`] gives it. Reads are aborted when the organization is left; a write
/// is sent to its end, but its answer is dropped. Nothing is sent after the organization was left.
#[derive(Debug, Clone)]
pub struct OrgClient {
    session: OrgSession,
}

/// What a 404 means for a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// The thing that was asked for is not there.
    Thing,
    /// It is there as long as the organization is: a 404 means that the membership ended.
    Org,
}

impl OrgClient {
    pub(crate) fn of(session: OrgSession) -> Self {
        Self { session }
    }

    /// The session that it calls through.
    #[must_use]
    pub fn session(&self) -> &OrgSession {
        &self.session
    }

    /// Hosts, by name.
    ///
    /// # Errors
    /// As for every method here: [`ClientError`].
    pub async fn hosts(&self, cursor: Option<&str>) -> Result<HostPage, ClientError> {
        let path = endpoints::hosts(self.session.org());
        let path = cursor.map_or(format!("{path}?limit=500"), |cursor| format!("{path}?limit=500&cursor={cursor}"));
        self.get(path, Missing::Org).await
    }

    /// One host.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where this organization has no such host.
    pub async fn host(&self, host: HostId) -> Result<Host, ClientError> {
        self.get(endpoints::host(self.session.org(), host), Missing::Thing).await
    }

    /// Measures of a host in a window of time.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where this organization has no such host.
    pub async fn host_series(&self, host: HostId, from: Micros, to: Micros) -> Result<HostSeries, ClientError> {
        let path = endpoints::host_metrics(self.session.org(), host);
        self.get(format!("{path}?from={from}&to={to}"), Missing::Thing).await
    }

    /// What is noted about a host.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where this organization has no such host.
    pub async fn host_metadata(&self, host: HostId) -> Result<Metadata, ClientError> {
        self.get(endpoints::host_metadata(self.session.org(), host), Missing::Thing).await
    }

    /// Notes something else about a host, if what is noted still has the version that was read.
    ///
    /// # Errors
    /// [`ErrorCode::PreconditionFailed`] where someone else changed it meanwhile.
    pub async fn put_host_metadata(
        &self,
        host: HostId,
        version: i64,
        edit: &MetadataEdit,
    ) -> Result<Metadata, ClientError> {
        let path = endpoints::host_metadata(self.session.org(), host);
        self.write(Method::Put, path, Some(format!("\"{version}\"")), Some(edit)).await
    }

    /// What is noted about all hosts for which something is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_host_metadata(&self) -> Result<Vec<HostMetadata>, ClientError> {
        self.get(endpoints::metadata(self.session.org()), Missing::Org).await
    }

    /// Removes a host and its history.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn delete_host(&self, host: HostId) -> Result<(), ClientError> {
        self.write(Method::Delete, endpoints::host(self.session.org(), host), None, None::<&()>).await
    }

    /// The organization.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn org(&self) -> Result<Org, ClientError> {
        self.get(endpoints::org(self.session.org()), Missing::Org).await
    }

    /// Changes the organization, if it still has the version that was read.
    ///
    /// # Errors
    /// [`ErrorCode::PreconditionFailed`] where someone else changed it meanwhile.
    pub async fn patch_org(&self, version: i64, patch: &OrgPatch) -> Result<Org, ClientError> {
        let path = endpoints::org(self.session.org());
        self.write(Method::Patch, path, Some(format!("\"{version}\"")), Some(patch)).await
    }

    /// Deletes the organization. `slug` says again which one is meant.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn delete_org(&self, slug: &str) -> Result<(), ClientError> {
        let path = format!("{}?confirm={slug}", endpoints::org(self.session.org()));
        self.write(Method::Delete, path, None, None::<&()>).await
    }

    /// Members.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn members(&self) -> Result<Vec<Member>, ClientError> {
        self.get(endpoints::members(self.session.org()), Missing::Org).await
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`ErrorCode::AccountNotFound`], [`ErrorCode::PlanLimitReached`], [`ErrorCode::Conflict`].
    pub async fn add_member(&self, new: &NewMember) -> Result<Member, ClientError> {
        self.write(Method::Post, endpoints::members(self.session.org()), None, Some(new)).await
    }

    /// Changes a member's role.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`] for the last owner.
    pub async fn set_role(&self, user: UserId, patch: &MemberPatch) -> Result<Member, ClientError> {
        self.write(Method::Patch, endpoints::member(self.session.org(), user), None, Some(patch)).await
    }

    /// Ends a membership; one's own, to leave.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`] for the last owner.
    pub async fn remove_member(&self, user: UserId) -> Result<(), ClientError> {
        self.write(Method::Delete, endpoints::member(self.session.org(), user), None, None::<&()>).await
    }

    /// Tokens.
    ///
    /// # Errors
    /// [`ErrorCode::RoleRequired`] below admin.
    pub async fn tokens(&self) -> Result<Vec<Token>, ClientError> {
        self.get(endpoints::tokens(self.session.org()), Missing::Org).await
    }

    /// Makes a token. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`ErrorCode::PlanLimitReached`], [`ErrorCode::RoleRequired`].
    pub async fn create_token(&self, new: &NewToken) -> Result<CreatedToken, ClientError> {
        self.write(Method::Post, endpoints::tokens(self.session.org()), None, Some(new)).await
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn revoke_token(&self, token: TokenId) -> Result<(), ClientError> {
        self.write(Method::Delete, endpoints::token(self.session.org(), token), None, None::<&()>).await
    }

    /// Shares. For now a refusal that says what is missing.
    ///
    /// # Errors
    /// [`ErrorCode::PlanRequired`], [`ErrorCode::FeatureNotEnabled`].
    pub async fn shares(&self) -> Result<serde_json::Value, ClientError> {
        self.get(endpoints::shares(self.session.org()), Missing::Org).await
    }

    /// Plan, limits and usage.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn billing(&self) -> Result<Billing, ClientError> {
        self.get(endpoints::billing(self.session.org()), Missing::Org).await
    }

    /// Starts a payment.
    ///
    /// # Errors
    /// [`ErrorCode::FeatureNotEnabled`] where the operator has not set up payments.
    pub async fn checkout(&self) -> Result<serde_json::Value, ClientError> {
        self.write(Method::Post, endpoints::checkout(self.session.org()), None, Some(&serde_json::json!({}))).await
    }

    async fn get<T: DeserializeOwned>(&self, path: String, missing: Missing) -> Result<T, ClientError> {
        if !self.session.admits() {
            return Err(ClientError::Left);
        }
        let fetch = self.session.inner.platform.fetch(Request::get(path));
        let response = if self.session.inner.walls.ownership {
            let (handle, registration) = AbortHandle::new_pair();
            self.session.register_read(handle.clone());
            let response = Abortable::new(fetch, registration).await;
            self.session.forget_read(&handle);
            response.map_err(|_| ClientError::Left)?
        } else {
            fetch.await
        };
        self.admit(response.map_err(|_| ClientError::Offline), missing)
    }

    #[expect(clippy::disallowed_methods, reason = "a write outlives the organization's owner; its answer does not")]
    async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        if_match: Option<String>,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        // A write of an older epoch is never sent: the person who decided it saw another organization.
        if !self.session.admits() {
            return Err(ClientError::Left);
        }
        let body = body.map(|body| serde_json::to_string(body).expect("wire types serialize"));
        let fetch = self.session.inner.platform.fetch(Request { method, path, if_match, body });
        // Detached: leaving the organization drops whoever waits for the answer, but not the write itself.
        let (done, answer) = oneshot::channel();
        any_spawner::Executor::spawn_local(async move {
            // Nobody waits any more: the answer is dropped, which is what leaving means.
            let _ = done.send(fetch.await);
        });
        let response = answer.await.map_err(|_| ClientError::Offline)?;
        self.admit(response.map_err(|_| ClientError::Offline), Missing::Thing)
    }

    /// Both walls, behind every await: what comes after the organization was left, or is of another one, is dropped.
    fn admit<T: DeserializeOwned>(
        &self,
        response: Result<Response, ClientError>,
        missing: Missing,
    ) -> Result<T, ClientError> {
        if !self.session.admits() {
            return Err(ClientError::Left);
        }
        let response = response?;
        if let Some(org) = &response.org
            && self.session.inner.walls.identity
            && org.parse() != Ok(self.session.org())
        {
            self.session.report_violation();
            return Err(ClientError::Left);
        }
        let answer = read(&response);
        if let Err(ClientError::Refused(problem)) = &answer {
            match problem.code {
                ErrorCode::Unauthenticated => self.session.inner.bus.emit(AppEvent::SessionEnded),
                ErrorCode::OrgDeleted | ErrorCode::OrgSuspended => self.lost(problem),
                ErrorCode::NotFound if missing == Missing::Org => self.lost(problem),
                _ => {}
            }
        }
        answer
    }

    fn lost(&self, problem: &shared::Problem) {
        self.session.inner.bus.emit(AppEvent::OrgLost {
            org: self.session.org(),
            epoch: self.session.epoch(),
            code: problem.code,
            detail: problem.detail.clone(),
        });
    }
}
