//! What each failure of the store means for a client. The sources go to the log, never over the wire.

use crate::{credential::wrong_kind, problem::Refusal};
use shared::{ErrorCode, Problem, token::TokenKind};
use std::error::Error;
use store::{
    ChatError, CreateOrgError, GetError, IngestError, Invalid, MemberError, MetadataError, OverLimit, PatchError,
    SetupError, StoreError, TokenError,
};

/// An error and all that is behind it, in one line for the log.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn conflict(error: &dyn Error) -> Refusal {
    Refusal::new(ErrorCode::Conflict).detail(error.to_string())
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::DiskFull(_) | StoreError::ReadOnly(_) => {
                Self::unavailable(chain(&error))
            }
            StoreError::Conflict(_) => conflict(&error),
            StoreError::OrgGone => Self::not_found(),
            _ => Self::internal(chain(&error)),
        }
    }
}

impl From<Invalid> for Refusal {
    fn from(error: Invalid) -> Self {
        Self::invalid(error.pointer, error.message)
    }
}

impl From<GetError> for Refusal {
    fn from(error: GetError) -> Self {
        match error {
            GetError::NotFound => Self::not_found(),
            GetError::Store(error) => error.into(),
        }
    }
}

impl From<MetadataError> for Refusal {
    fn from(error: MetadataError) -> Self {
        match error {
            MetadataError::NotFound => Self::not_found(),
            MetadataError::VersionMismatch => changed_meanwhile(),
            MetadataError::Invalid(error) => error.into(),
            MetadataError::Store(error) => error.into(),
        }
    }
}

impl From<ChatError> for Refusal {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::TokenKind => wrong_kind(TokenKind::Api),
            ChatError::AnotherChat => conflict(&error),
            ChatError::Limit(over) => over.into(),
            ChatError::Invalid(error) => error.into(),
            ChatError::Store(error) => error.into(),
        }
    }
}

fn changed_meanwhile() -> Refusal {
    Refusal::new(ErrorCode::PreconditionFailed)
        .detail("Somebody changed it since you read it. Read it again, then decide about your change.")
}

impl From<CreateOrgError> for Refusal {
    fn from(error: CreateOrgError) -> Self {
        match error {
            CreateOrgError::SlugTaken(_) => conflict(&error).field("/slug", error.to_string()),
            CreateOrgError::TokenKind => Self::new(ErrorCode::TokenKind).detail(error.to_string()),
            CreateOrgError::Invalid(error) => error.into(),
            CreateOrgError::Store(error) => error.into(),
        }
    }
}

impl From<PatchError> for Refusal {
    fn from(error: PatchError) -> Self {
        match error {
            PatchError::VersionMismatch(_) => changed_meanwhile(),
            PatchError::SlugTaken(_) => conflict(&error).field("/slug", error.to_string()),
            PatchError::Invalid(error) => error.into(),
            PatchError::Store(error) => error.into(),
        }
    }
}

impl From<OverLimit> for Refusal {
    fn from(error: OverLimit) -> Self {
        Self::new(ErrorCode::PlanLimitReached).detail(error.to_string()).with(|problem: &mut Problem| {
            problem.limit = Some(error.limit);
            problem.used = Some(error.used);
        })
    }
}

impl From<MemberError> for Refusal {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::AccountNotFound => Self::new(ErrorCode::AccountNotFound).detail(
                "Ask the person to sign in here once, or the operator to create the account, and check the address.",
            ),
            MemberError::Limit(over) => over.into(),
            MemberError::AlreadyMember => conflict(&error).field("/email", error.to_string()),
            MemberError::LastOwner => conflict(&error),
            MemberError::RoleAboveOwn { own, role } => above_own(own, role, &error),
            MemberError::NotFound => Self::not_found(),
            MemberError::TokenKind => Self::new(ErrorCode::TokenKind).detail(error.to_string()),
            MemberError::Store(error) => error.into(),
        }
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::RoleAboveOwn { own, role } => above_own(own, role, &error),
            TokenError::Limit(over) => over.into(),
            TokenError::NotFound => Self::not_found(),
            TokenError::TokenKind => Self::new(ErrorCode::TokenKind).detail(error.to_string()),
            TokenError::Invalid(error) => error.into(),
            TokenError::Store(error) => error.into(),
        }
    }
}

fn above_own(own: shared::Role, role: shared::Role, error: &dyn Error) -> Refusal {
    Refusal::role_required(role, own, Vec::new()).detail(error.to_string())
}

impl From<SetupError> for Refusal {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::WrongCode => Self::new(ErrorCode::WrongSetupCode).detail(error.to_string()),
            SetupError::AlreadyDone => conflict(&error),
            SetupError::Invalid(error) => error.into(),
            SetupError::Store(error) => error.into(),
        }
    }
}

impl From<IngestError> for Refusal {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::HostLimit { limit, used } => {
                Self::new(ErrorCode::PlanLimitReached).detail(error.to_string()).with(|problem: &mut Problem| {
                    problem.limit = Some(limit);
                    problem.used = Some(used);
                })
            }
            IngestError::Busy => Self::unavailable(&error),
            IngestError::Store(error) => error.into(),
        }
    }
}
