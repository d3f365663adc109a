//! The only way to call the API in an organization.

use crate::{
    AppEvent, ClientError, FetchError, Method, OrgSession, Request, Response, Streamed, Streaming, error::read,
};
use futures_channel::oneshot;
use futures_util::{
    Stream, StreamExt as _,
    future::{AbortHandle, Abortable},
};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    ChatId, ErrorCode, HostId, Micros, TokenId, UserId,
    assistant::{Chat, ChatEvent, ChatPatch, NewQuestion},
    endpoints,
    host::{Host, HostPage, HostSeries},
    inventory::{ContainerPage, GuestPage},
    metadata::{Metadata, MetadataEdit, Noted, Subject},
    org::{Billing, Member, MemberPatch, NewMember, Org, OrgPatch},
    summary::Summary,
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

/// A page of a list.
fn paged(path: String, cursor: Option<&str>) -> String {
    cursor.map_or(format!("{path}?limit=500"), |cursor| format!("{path}?limit=500&cursor={cursor}"))
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
        self.get(paged(endpoints::hosts(self.session.org()), cursor), Missing::Org).await
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

    /// The organization at a glance.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn summary(&self) -> Result<Summary, ClientError> {
        self.get(endpoints::summary(self.session.org()), Missing::Org).await
    }

    /// Containers, host by host.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn containers(&self, cursor: Option<&str>) -> Result<ContainerPage, ClientError> {
        self.get(paged(endpoints::containers(self.session.org()), cursor), Missing::Org).await
    }

    /// Guests, host by host.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn guests(&self, cursor: Option<&str>) -> Result<GuestPage, ClientError> {
        self.get(paged(endpoints::guests(self.session.org()), cursor), Missing::Org).await
    }

    /// What is noted about a host, container or guest.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where this organization has no such thing.
    pub async fn metadata(&self, subject: Subject) -> Result<Metadata, ClientError> {
        self.get(endpoints::metadata_of(self.session.org(), subject), Missing::Thing).await
    }

    /// Notes something else about a thing, if what is noted still has the version that was read.
    ///
    /// # Errors
    /// [`ErrorCode::PreconditionFailed`] where someone else changed it meanwhile.
    pub async fn put_metadata(
        &self,
        subject: Subject,
        version: i64,
        edit: &MetadataEdit,
    ) -> Result<Metadata, ClientError> {
        let path = endpoints::metadata_of(self.session.org(), subject);
        self.write(Method::Put, path, Some(format!("\"{version}\"")), Some(edit)).await
    }

    /// What is noted about all things about which something is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_metadata(&self) -> Result<Vec<Noted>, ClientError> {
        self.get(endpoints::metadata(self.session.org()), Missing::Org).await
    }

    /// The caller's conversation with the assistant.
    ///
    /// # Errors
    /// [`ErrorCode::FeatureNotEnabled`] where the operator has set up no provider.
    pub async fn chat(&self) -> Result<Chat, ClientError> {
        self.get(endpoints::assistant(self.session.org()), Missing::Org).await
    }

    /// Keeps what was typed and attached.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn patch_chat(&self, patch: &ChatPatch) -> Result<Chat, ClientError> {
        self.write(Method::Patch, endpoints::assistant(self.session.org()), None, Some(patch)).await
    }

    /// Begins a new conversation; the one before is gone.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn delete_chat(&self) -> Result<(), ClientError> {
        self.write(Method::Delete, endpoints::assistant(self.session.org()), None, None::<&()>).await
    }

    /// Asks the assistant. Both walls stand before each event; dropping the stream stops the assistant.
    pub fn ask<W: Streaming>(
        &self,
        wire: &W,
        chat: ChatId,
        text: &str,
    ) -> impl Stream<Item = Result<ChatEvent, ClientError>> + use<W> {
        let question = NewQuestion { chat, text: text.to_owned() };
        let body = serde_json::to_string(&question).expect("wire types serialize");
        let path = endpoints::assistant_messages(self.session.org());
        let client = self.clone();
        let parts = if self.session.admits() {
            let request = Request { method: Method::Post, path, if_match: None, body: Some(body) };
            wire.stream(request)
        } else {
            futures_util::stream::empty().boxed_local()
        };
        parts.filter_map(move |part| std::future::ready(client.admit_part(part)))
    }

    /// As [`OrgClient::admit`], for each part of an answer that comes in parts.
    fn admit_part(&self, part: Result<Streamed, FetchError>) -> Option<Result<ChatEvent, ClientError>> {
        if !self.session.admits() {
            return Some(Err(ClientError::Left));
        }
        match part {
            Err(_) => Some(Err(ClientError::Offline)),
            Ok(Streamed::Head(head)) => {
                let is_fine = (200..300).contains(&head.status) && head.body.is_empty();
                match self.admit::<()>(Ok(head), Missing::Org) {
                    Ok(()) if is_fine => None,
                    Ok(()) => Some(Err(ClientError::Unreadable { status: 200 })),
                    Err(error) => Some(Err(error)),
                }
            }
            Ok(Streamed::Line(line)) if line.trim().is_empty() => None,
            Ok(Streamed::Line(line)) => {
                Some(serde_json::from_str(&line).map_err(|_| ClientError::Unreadable { status: 200 }))
            }
        }
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
