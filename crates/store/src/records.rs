//! What goes into the directory and comes out of it, where the wire has no type for it.

use crate::StoreError;
use shared::{Role, UserId, org::Org};

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its address; kept in lower case.
    pub email: String,
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// The password's hash in PHC form; the store never sees a password.
    pub password_hash: String,
    /// May use the operator's commands of the API.
    pub is_operator: bool,
}

/// An organization to be made.
#[derive(Debug, Clone, Default)]
pub struct NewOrgRecord {
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// Its slug; made from the name where absent, with a number behind it where that is taken.
    pub slug: Option<String>,
    /// What it is for, up to 500 characters.
    pub description: String,
    /// One of [`shared::org::COLOURS`]; chosen from the id where absent.
    pub colour: Option<String>,
    /// Key of its plan in the operator's catalogue.
    pub plan_key: String,
}

/// What is needed to check a password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: UserId,
    /// The hash in PHC form.
    pub password_hash: String,
}

/// How many members and tokens an organization has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Members.
    pub members: i64,
    /// Tokens that still work.
    pub tokens: i64,
}

/// An organization as the operator lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRecord {
    /// The organization.
    pub org: Org,
    /// Key of its plan.
    pub plan_key: String,
    /// How many members it has.
    pub members: i64,
}

/// A value that is not acceptable, and where it stood: 422.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// JSON pointer into the body, such as `/slug`.
    pub pointer: &'static str,
    /// What is wrong, as a sentence for the person who typed it.
    pub message: String,
}

/// The set-up was not completed; nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The code is not the server's.
    #[error("It stands in the server's log.")]
    WrongCode,
    /// There is an account already.
    #[error("This server has been set up already. Sign in.")]
    AlreadyDone,
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// No organization was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateOrgError {
    /// Another organization has that slug.
    #[error("The slug {0} is taken.")]
    SlugTaken(String),
    /// A token asked; only people make organizations.
    #[error("A token cannot create organizations.")]
    TokenKind,
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The organization was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// It was changed since it was read; this is what it is now.
    #[error("The organization was changed by somebody else since you read it.")]
    VersionMismatch(Box<Org>),
    /// Another organization has that slug.
    #[error("The slug {0} is taken.")]
    SlugTaken(String),
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// There are as many as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("There are {used}, and {limit} are included.")]
pub struct OverLimit {
    /// How many there may be.
    pub limit: i64,
    /// How many there are.
    pub used: i64,
}

/// The members were not changed.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// There is no account with that address that could be added.
    #[error("There is no account with that address that could be added.")]
    AccountNotFound,
    /// No more are included.
    #[error(transparent)]
    Limit(#[from] OverLimit),
    /// It is a member already.
    #[error("That account is a member already.")]
    AlreadyMember,
    /// Nobody gives a role above their own, or touches a member above them.
    #[error("Your role is {own}: you cannot give or change the role {role}.")]
    RoleAboveOwn {
        /// The caller's role.
        own: Role,
        /// The role in question.
        role: Role,
    },
    /// An organization always has an owner.
    #[error("That is the last owner. Make somebody else an owner first.")]
    LastOwner,
    /// There is no such member.
    #[error("There is no such member.")]
    NotFound,
    /// A token asked for what only a person can do: it is no member, so it cannot leave.
    #[error("A token is not a member.")]
    TokenKind,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The tokens were not changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody makes a token with a role above their own.
    #[error("Your role is {own}: you cannot make or revoke a token with the role {role}.")]
    RoleAboveOwn {
        /// The caller's role.
        own: Role,
        /// The role in question.
        role: Role,
    },
    /// There is no such token.
    #[error("There is no such token.")]
    NotFound,
    /// No more are included.
    #[error(transparent)]
    Limit(#[from] OverLimit),
    /// A token asked; only people make tokens, so that each dies with a membership.
    #[error("A token cannot make tokens.")]
    TokenKind,
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A thing of an organization was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// It is not there: 404.
    #[error("There is no such thing in this organization.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is noted about a thing was not changed.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// There is no such thing: 404.
    #[error("There is no such thing in this organization.")]
    NotFound,
    /// It was changed since it was read.
    #[error("Somebody else has changed it meanwhile.")]
    VersionMismatch,
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An operator's command failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no organization with that slug.
    #[error("There is no organization with the slug {0}. `bulkhead org list` shows all.")]
    NoSuchOrg(String),
    /// There is no account with that address.
    #[error("There is no account with the address {0}. `bulkhead user list` shows all.")]
    NoSuchUser(String),
    /// An account has that address already.
    #[error("An account with the address {0} exists already.")]
    EmailTaken(String),
    /// Another organization has that slug.
    #[error("The slug {0} is taken.")]
    SlugTaken(String),
    /// It is a member already.
    #[error("{0} is a member already.")]
    AlreadyMember(String),
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
