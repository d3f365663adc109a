//! The directory: users, sessions, organizations, memberships, tokens.

use crate::{
    Counts, CreateOrgError, Credentials, EnterError, Identity, IngestScope, MemberError, NewOrgRecord, NewUser, OrgRef,
    OrgScope, PatchError, Secret, SetupError, Store, StoreError, SystemScope, TokenError,
};
use authz::{Admin, Level, Owner, Viewer};
use shared::{
    OrgId, Role, SessionId, TokenId, UserId,
    account::SessionInfo,
    org::{Member, Org, OrgPatch, OrgSummary},
    token::{CreatedToken, NewToken, Token},
};

/// What is not inside an organization.
#[derive(Clone, Copy)]
pub struct Directory<'a> {
    pub(crate) store: &'a Store,
}
#[expect(missing_docs, clippy::missing_errors_doc, clippy::todo, unused_variables, reason = "skeleton")]
impl Directory<'_> {
    pub fn identify_session(&self, secret: &Secret) -> Result<Option<Identity>, StoreError> { todo!() }
    pub fn identify_token(&self, secret: &str) -> Result<Option<Identity>, StoreError> { todo!() }
    /// The same caller now; None once the session or token ended. For what lives longer than a request.
    pub fn reidentify(&self, who: &Identity) -> Result<Option<Identity>, StoreError> { todo!() }
    pub fn enter<R: Level>(&self, who: &Identity, org: &OrgRef) -> Result<OrgScope<R>, EnterError> { todo!() }
    pub fn enter_ingest(&self, who: &Identity) -> Result<IngestScope, EnterError> { todo!() }

    pub fn setup_needed(&self) -> Result<bool, StoreError> { todo!() }
    /// SHA-256 of the code; replaces an earlier one.
    pub fn put_setup_code(&self, hash: &[u8; 32]) -> Result<(), StoreError> { todo!() }
    pub fn complete_setup(&self, code: &str, user: NewUser, org: NewOrgRecord) -> Result<(UserId, OrgId), SetupError> { todo!() }
    pub fn find_credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> { todo!() }
    pub fn insert_session(&self, user: UserId, user_agent: &str, ttl_s: i64) -> Result<(SessionId, Secret), StoreError> { todo!() }
    pub fn list_sessions(&self, who: &Identity) -> Result<Vec<SessionInfo>, StoreError> { todo!() }
    /// False where the caller has no such session.
    pub fn delete_session(&self, who: &Identity, session: SessionId) -> Result<bool, StoreError> { todo!() }
    pub fn delete_current_session(&self, who: &Identity) -> Result<(), StoreError> { todo!() }
    /// Removes sessions and tokens that ended by themselves. Answers how many.
    pub fn prune_expired(&self) -> Result<usize, StoreError> { todo!() }
    /// `plan` of each is the plan's key: the catalogue with its names is the server's.
    pub fn list_orgs(&self, who: &Identity) -> Result<Vec<OrgSummary>, StoreError> { todo!() }
    pub fn create_org(&self, who: &Identity, new: NewOrgRecord) -> Result<Org, CreateOrgError> { todo!() }
    pub fn get_org<R: Level>(&self, scope: &OrgScope<R>) -> Result<Org, StoreError> { todo!() }
    pub fn plan_key<R: Level>(&self, scope: &OrgScope<R>) -> Result<String, StoreError> { todo!() }
    pub fn patch_org(&self, scope: &OrgScope<Admin>, expected_version: Option<i64>, patch: OrgPatch) -> Result<Org, PatchError> { todo!() }
    pub fn delete_org(&self, scope: &OrgScope<Owner>) -> Result<(), StoreError> { todo!() }
    pub fn list_members<R: Level>(&self, scope: &OrgScope<R>) -> Result<Vec<Member>, StoreError> { todo!() }
    pub fn owner_names<R: Level>(&self, scope: &OrgScope<R>) -> Result<Vec<String>, StoreError> { todo!() }
    pub fn add_member(&self, scope: &OrgScope<Admin>, email: &str, role: Role) -> Result<Member, MemberError> { todo!() }
    pub fn set_role(&self, scope: &OrgScope<Admin>, user: UserId, role: Role) -> Result<Member, MemberError> { todo!() }
    pub fn remove_member(&self, scope: &OrgScope<Admin>, user: UserId) -> Result<(), MemberError> { todo!() }
    pub fn leave(&self, scope: &OrgScope<Viewer>) -> Result<(), MemberError> { todo!() }
    pub fn list_tokens(&self, scope: &OrgScope<Admin>) -> Result<Vec<Token>, StoreError> { todo!() }
    pub fn create_token(&self, scope: &OrgScope<Admin>, new: NewToken) -> Result<CreatedToken, TokenError> { todo!() }
    pub fn revoke_token(&self, scope: &OrgScope<Admin>, token: TokenId) -> Result<(), TokenError> { todo!() }
    pub fn counts<R: Level>(&self, scope: &OrgScope<R>) -> Result<Counts, StoreError> { todo!() }
    pub fn list_active_orgs(&self) -> Result<Vec<OrgId>, StoreError> { todo!() }
    /// None where the organization is not active.
    pub fn system_scope(&self, org: OrgId, why: &'static str) -> Result<Option<SystemScope>, StoreError> { todo!() }
}
