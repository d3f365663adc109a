//! The directory: users, sessions, organizations, memberships, tokens. It never touches tenant tables.

mod accounts;
mod enter;
mod identify;
pub(crate) mod members;
pub(crate) mod orgs;
pub(crate) mod tokens;
pub(crate) mod users;

use crate::Store;

/// What is not inside an organization. Each function asks for the proof of what it needs: nothing, an
/// [`Identity`](crate::Identity), or an [`OrgScope`](crate::OrgScope) of a role.
#[derive(Clone, Copy)]
pub struct Directory<'a> {
    pub(crate) store: &'a Store,
}
