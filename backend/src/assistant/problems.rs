//! Why there is no answer, as the person reads it at the end of the stream.

use crate::{live::Ending, problem::Refusal};
use ::assistant::Error;
use shared::{ErrorCode, OrgId, Problem};

/// What the provider did.
pub(super) fn of_provider(error: &Error, org: OrgId) -> Problem {
    let (code, retry_after_s) = match error {
        Error::RateLimited { retry_after_s, .. } => (ErrorCode::RateLimited, *retry_after_s),
        _ => (ErrorCode::Unavailable, None),
    };
    let mut problem = Problem::new(code, "The assistant could not answer").detail(error.to_string());
    problem.org = Some(org);
    problem.retry_after_s = retry_after_s;
    problem.setting = setting(error).map(str::to_owned);
    problem
}

/// The setting that the operator has to look at.
const fn setting(error: &Error) -> Option<&'static str> {
    match error {
        Error::KeyRefused { .. } => Some("BULKHEAD_ASSISTANT_KEY_FILE"),
        Error::Redirected { .. } | Error::NotAStream { .. } | Error::AddressRefused(_) => {
            Some("BULKHEAD_ASSISTANT_URL")
        }
        Error::Status { status: 404, .. } => Some("BULKHEAD_ASSISTANT_MODEL"),
        _ => None,
    }
}

/// A right that ended, or a server that ends.
pub(super) fn of_ending(Ending { code, detail }: Ending, org: OrgId) -> Problem {
    Refusal::new(code).detail(detail).org(org).problem().clone()
}

/// What could not be looked at or kept.
pub(super) fn of_refusal(refusal: &Refusal) -> Problem {
    let mut problem = refusal.problem().clone();
    if problem.code == ErrorCode::Internal {
        // A stream has no request id of its own.
        "The server's log has more.".clone_into(&mut problem.detail);
    }
    problem
}
