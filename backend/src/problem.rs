//! Refusals: how every error of the server leaves it.
//!
//! A [`Refusal`] is a [`Problem`] of the wire plus what only the log may know. Handlers return it, the
//! [edge](crate::edge) writes it, and nothing else in the server makes an error body.

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use shared::{ErrorCode, OrgId, Problem, Role, feature::Feature, problem::PROBLEM_JSON};
use std::fmt;

/// A request that is answered with a problem.
#[derive(Debug, Clone)]
pub struct Refusal {
    problem: Box<Problem>,
    header: Option<(HeaderName, HeaderValue)>,
    /// What happened, for the log alone.
    cause: Option<String>,
}

/// What a handler returns.
pub type Answer<T = HttpResponse> = Result<T, Refusal>;

impl Refusal {
    /// A refusal of that kind with its usual title.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Problem::new(code, title(code)).into()
    }

    /// Not there, or not the caller's. Built here and nowhere else, so that both have the same bytes.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound).detail("It does not exist, or you have no access to it.")
    }

    /// Nobody is signed in, or the session or token ended.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated)
            .detail("Sign in again, or send a token that is still valid.")
            .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"bulkhead\""))
    }

    /// The request cannot be read.
    #[must_use]
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Malformed).detail(detail)
    }

    /// One field is not acceptable.
    #[must_use]
    pub fn invalid(pointer: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid)
            .detail("Correct the fields named in `errors` and send it again.")
            .field(pointer, message)
    }

    /// The server's fault. The cause goes to the log, never to the client.
    #[must_use]
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(ErrorCode::Internal).detail("The server's log has more under the request id.").cause(cause)
    }

    /// Not now. The cause goes to the log, never to the client.
    #[must_use]
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::new(ErrorCode::Unavailable)
            .detail("Nothing was changed. Try again in a few seconds.")
            .retry_after(2)
            .cause(cause)
    }

    /// A setting of the operator is missing.
    #[must_use]
    pub fn not_enabled(feature: Feature, setting: &str, detail: impl Into<String>) -> Self {
        let mut refusal = Self::new(ErrorCode::FeatureNotEnabled).detail(detail);
        refusal.problem.feature = Some(feature);
        refusal.problem.setting = Some(setting.to_owned());
        refusal
    }

    /// The role is too low.
    #[must_use]
    pub fn role_required(required: Role, actual: Role, who_can_change: Vec<String>) -> Self {
        let who = if required == Role::Owner { "an owner" } else { "an owner or admin" };
        let mut refusal = Self::new(ErrorCode::RoleRequired)
            .detail(format!("This takes the role {required}; yours is {actual}. Ask {who} of the organization."));
        refusal.problem.required_role = Some(required);
        refusal.problem.who_can_change = who_can_change;
        refusal
    }

    /// Too many; try again after so many seconds.
    #[must_use]
    pub fn rate_limited(detail: impl Into<String>, seconds: u64) -> Self {
        Self::new(ErrorCode::RateLimited).detail(detail).retry_after(seconds)
    }

    /// Says what to do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = detail.into();
        self
    }

    /// Adds a field that is not acceptable.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        *self.problem = self.problem.field(pointer, message);
        self
    }

    /// Names the organization. Only for callers who are, or were, its members.
    #[must_use]
    pub fn org(mut self, org: OrgId) -> Self {
        self.problem.org = Some(org);
        self
    }

    /// Changes the problem in place, for the fields that few refusals have.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Problem)) -> Self {
        change(&mut self.problem);
        self
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.problem.retry_after_s = Some(seconds);
        self.header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Adds a header; there is room for one.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The problem as it goes over the wire.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }

    /// What only the log may know.
    #[must_use]
    pub fn log_cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The answer under a request id. Only the server's faults carry the id in their body: all others stay equal
    /// byte for byte, so that a foreign thing cannot be told from a missing one.
    #[must_use]
    pub fn response(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Some(header) = &self.header {
            response.insert_header(header.clone());
        }
        response.content_type(PROBLEM_JSON);
        if self.problem.status >= 500 {
            let problem = Problem { request_id: request_id.to_owned(), ..(*self.problem).clone() };
            response.body(to_json(&problem))
        } else {
            response.body(to_json(&self.problem))
        }
    }
}

fn to_json(problem: &Problem) -> Vec<u8> {
    serde_json::to_vec(problem).expect("a problem has only texts and numbers")
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), header: None, cause: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.problem.code, self.problem.title)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.response("")
    }
}

/// One line for people for each code.
const fn title(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Malformed => "The request cannot be read",
        ErrorCode::Unauthenticated => "Not signed in",
        ErrorCode::WrongCredentials => "Address and password do not go together",
        ErrorCode::PlanRequired => "The plan does not include this",
        ErrorCode::PlanLimitReached => "The plan's limit is reached",
        ErrorCode::RoleRequired => "Your role does not allow this",
        ErrorCode::WrongSetupCode => "This is not the set-up code",
        ErrorCode::ForeignOrigin => "The request comes from another site",
        ErrorCode::TokenKind => "This token cannot do this",
        ErrorCode::NotFound => "Not found",
        ErrorCode::AccountNotFound => "No account that could be added",
        ErrorCode::MethodNotAllowed => "The path does not know this method",
        ErrorCode::OrgMismatch => "The request names two organizations",
        ErrorCode::Conflict => "The state of things does not allow it",
        ErrorCode::OrgDeleted => "The organization was deleted",
        ErrorCode::PreconditionFailed => "It was changed in the meantime",
        ErrorCode::TooLarge => "The body is too large",
        ErrorCode::UnsupportedMediaType => "The body is not JSON",
        ErrorCode::Invalid => "Some values are not acceptable",
        ErrorCode::OrgSuspended => "The organization is suspended",
        ErrorCode::PreconditionRequired => "The version that you read is missing",
        ErrorCode::RateLimited => "Too many requests",
        ErrorCode::FeatureNotEnabled => "Not set up on this installation",
        ErrorCode::Unavailable => "The server cannot answer just now",
        _ => "Something went wrong on the server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_faults_carry_the_request_id_in_their_body() {
        let mine = Refusal::not_found();
        assert_eq!(mine.response("one").status(), 404);
        let body = |refusal: &Refusal, id: &str| {
            let response = refusal.response(id);
            let bytes = actix_web::body::MessageBody::try_into_bytes(response.into_body());
            bytes.expect("a problem is in memory")
        };
        assert_eq!(body(&mine, "one"), body(&mine, "two"));
        let fault = Refusal::internal("disk I/O error at /var/lib/x");
        let text = String::from_utf8(body(&fault, "req-7").to_vec()).expect("JSON");
        assert!(text.contains("req-7") && !text.contains("disk"), "{text}");
    }
}
