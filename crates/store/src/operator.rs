//! The operator's commands.

use crate::{NewOrgRecord, NewUser, OperatorError, OrgRecord, Store, StoreError};
use shared::{
    OrgId, Role, UserId,
    account::Account,
    org::Org,
    token::{CreatedToken, NewToken},
};

/// The operator's commands: for the command line and first-run tasks.
pub struct Operator<'a> {
    pub(crate) store: &'a Store,
}

#[expect(missing_docs, clippy::missing_errors_doc, clippy::todo, unused_variables, dead_code, clippy::needless_pass_by_value, reason = "skeleton")]
impl Operator<'_> {
    pub fn create_user(&self, new: NewUser) -> Result<UserId, OperatorError> { todo!() }
    /// Also ends all its sessions.
    pub fn set_password(&self, email: &str, password_hash: &str) -> Result<(), OperatorError> { todo!() }
    pub fn create_org(&self, owner_email: &str, new: NewOrgRecord) -> Result<Org, OperatorError> { todo!() }
    /// Adds a member; gives the new role to one that is a member already.
    pub fn add_member(&self, org_slug: &str, email: &str, role: Role) -> Result<(), OperatorError> { todo!() }
    pub fn create_token(&self, org_slug: &str, new: NewToken) -> Result<CreatedToken, OperatorError> { todo!() }
    pub fn set_plan(&self, org_slug: &str, plan_key: &str) -> Result<(), OperatorError> { todo!() }
    pub fn suspend(&self, org_slug: &str) -> Result<(), OperatorError> { todo!() }
    pub fn resume(&self, org_slug: &str) -> Result<(), OperatorError> { todo!() }
    /// All but deleted ones, by name.
    pub fn list_orgs(&self) -> Result<Vec<OrgRecord>, StoreError> { todo!() }
    /// By address.
    pub fn list_users(&self) -> Result<Vec<Account>, StoreError> { todo!() }
    /// The oldest organization that is not deleted: the default one where multi-tenancy is off.
    pub fn first_org(&self) -> Result<Option<OrgId>, StoreError> { todo!() }
}
