//! Proofs: values that show who asks and in which organization they may act.
//!
//! Their fields are private and nothing outside this crate can make one. None of them has a `Default`, none can be
//! deserialized. What they prove was true when they were made, so they live as long as one request and no longer;
//! whatever lives longer asks again (see [`Directory::reidentify`](crate::Directory::reidentify)).

use crate::StoreError;
use authz::{AtLeast, Level};
use shared::{Micros, OrgId, Role, SessionId, TokenId, UserId, account::Account, token::TokenKind};
use std::{fmt, marker::PhantomData, str::FromStr};

/// "This request comes from this account's session, or from this token." Made by
/// [`Directory::identify_session`](crate::Directory::identify_session) and
/// [`Directory::identify_token`](crate::Directory::identify_token) alone.
#[derive(Debug, Clone)]
pub struct Identity(pub(crate) Who);

/// The two kinds of callers.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    Session { account: Account, session: SessionId, expires_at: Micros },
    Token { token: TokenId, org: OrgId, kind: TokenKind, role: Role, expires_at: Option<Micros>, plan_key: String },
}

impl Identity {
    /// The account, if a person asks.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match &self.0 {
            Who::Session { account, .. } => Some(account),
            Who::Token { .. } => None,
        }
    }

    /// The session, if a person asks.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match &self.0 {
            Who::Session { session, .. } => Some(*session),
            Who::Token { .. } => None,
        }
    }

    /// The token, if a program asks.
    #[must_use]
    pub fn token(&self) -> Option<TokenId> {
        match &self.0 {
            Who::Session { .. } => None,
            Who::Token { token, .. } => Some(*token),
        }
    }

    /// What the token is for, if a program asks.
    #[must_use]
    pub fn token_kind(&self) -> Option<TokenKind> {
        match &self.0 {
            Who::Session { .. } => None,
            Who::Token { kind, .. } => Some(*kind),
        }
    }

    /// The organization that the token is bound to, if a program asks. For messages and rate limits; it proves nothing.
    #[must_use]
    pub fn token_org(&self) -> Option<OrgId> {
        match &self.0 {
            Who::Session { .. } => None,
            Who::Token { org, .. } => Some(*org),
        }
    }

    /// When the session or token ends by itself.
    #[must_use]
    pub fn expires_at(&self) -> Option<Micros> {
        match &self.0 {
            Who::Session { expires_at, .. } => Some(*expires_at),
            Who::Token { expires_at, .. } => *expires_at,
        }
    }
}

/// Who acts in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A member.
    User {
        /// The account.
        user: UserId,
        /// The session it acts through.
        session: SessionId,
    },
    /// An organization-bound token.
    Token(TokenId),
}

/// The proof that a caller may act in one organization with at least role `R`. Made by
/// [`Directory::enter`](crate::Directory::enter) alone.
pub struct OrgScope<R: Level> {
    org: OrgId,
    role: Role,
    actor: Actor,
    level: PhantomData<fn() -> R>,
}

impl<R: Level> OrgScope<R> {
    /// None where the role is too low: there is no scope that claims more than its role.
    pub(crate) fn prove(org: OrgId, role: Role, actor: Actor) -> Option<Self> {
        (role >= R::ROLE).then_some(Self { org, role, actor, level: PhantomData })
    }

    /// The organization.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// The caller's role, which may be higher than `R`.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The same for a lower role, for functions that ask for no more.
    #[must_use]
    pub fn lower<S: Level>(&self) -> OrgScope<S>
    where
        R: AtLeast<S>,
    {
        OrgScope { org: self.org, role: self.role, actor: self.actor, level: PhantomData }
    }

    /// The same for a higher role, if the caller has it.
    ///
    /// # Errors
    /// The caller's role is below `S`.
    pub fn raise<S: Level>(&self) -> Result<OrgScope<S>, RoleTooLow> {
        OrgScope::prove(self.org, self.role, self.actor).ok_or(RoleTooLow {
            org: self.org,
            required: S::ROLE,
            actual: self.role,
        })
    }
}

impl<R: Level> fmt::Debug for OrgScope<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrgScope<{}>({}, {}, {:?})", R::ROLE, self.org, self.role, self.actor)
    }
}

/// A member whose role does not suffice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("This takes the role {required} or a higher one; yours is {actual}.")]
pub struct RoleTooLow {
    /// The organization.
    pub org: OrgId,
    /// What it takes.
    pub required: Role,
    /// What the caller has.
    pub actual: Role,
}

/// Why a caller may not act in an organization. The only place where 404, 403, 410 and 423 are told apart.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// There is no such organization for this caller: 404. Whether one exists for others is not said.
    #[error("There is no such organization, or you are not a member of it.")]
    NotFound,
    /// A member, but with too low a role: 403.
    #[error("This takes the role {required} or a higher one; yours is {actual}.")]
    RoleTooLow {
        /// The organization.
        org: OrgId,
        /// What it takes.
        required: Role,
        /// What the caller has.
        actual: Role,
        /// Names of members who can give it, at most five.
        who_can_change: Vec<String>,
    },
    /// Suspended, told to members only: 423.
    #[error("The organization {name} is suspended. Nothing is deleted; the operator of this server can resume it.")]
    Suspended {
        /// The organization.
        org: OrgId,
        /// Its name.
        name: String,
    },
    /// Deleted, told to those who were members only: 410.
    #[error("The organization {name} was deleted.")]
    Deleted {
        /// The organization.
        org: OrgId,
        /// The name it had.
        name: String,
    },
    /// The token is of a kind that cannot do this: an agent's uses no API, and an API token reports no machines: 403.
    #[error("A token of this kind cannot do this.")]
    TokenKind {
        /// What the token is for.
        kind: TokenKind,
    },
    /// The directory could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What stands in a URL's path for an organization: its id, its slug, or a slug that it had before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OrgRef {
    /// Its id.
    Id(OrgId),
    /// Its slug or a former one.
    Slug(String),
}

impl FromStr for OrgRef {
    type Err = std::convert::Infallible;

    /// Never fails: a text that is neither an id nor a slug names no organization, and is answered so.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Slug(text.to_owned()), Self::Id))
    }
}

impl From<OrgId> for OrgRef {
    fn from(org: OrgId) -> Self {
        Self::Id(org)
    }
}

/// The proof that reports may be appended in one organization: an agent's token was shown. Made by
/// [`Directory::enter_ingest`](crate::Directory::enter_ingest) alone.
#[derive(Debug)]
pub struct IngestScope {
    pub(crate) org: OrgId,
    pub(crate) token: TokenId,
    pub(crate) plan_key: String,
}

impl IngestScope {
    /// The token's organization.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> TokenId {
        self.token
    }

    /// Key of the organization's plan.
    #[must_use]
    pub fn plan_key(&self) -> &str {
        &self.plan_key
    }
}

/// The right of background work in one organization, with the reason. Made by
/// [`Directory::system_scope`](crate::Directory::system_scope) alone.
#[derive(Debug)]
pub struct SystemScope {
    pub(crate) org: OrgId,
    pub(crate) why: &'static str,
}

impl SystemScope {
    /// The organization.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// The reason.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }
}
