//! The edge: what happens to every request, whatever it is for. Request id, one log line, the headers that keep
//! answers out of caches and pages out of frames, and the last word on how an error looks.

use crate::{guard::ProvenOrg, problem::Refusal, state::State};
use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::{JsonPayloadError, PayloadError},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use shared::{ErrorCode, endpoints::ORG_HEADER};
use std::time::Instant;

/// Header under which the server's log has more about an answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const X_ORG_ID: HeaderName = HeaderName::from_static(ORG_HEADER);

/// Wraps every service of the app.
///
/// # Errors
/// Never in practice: an error of a handler or guard arrives as an answer and is written here.
pub async fn edge<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let started = Instant::now();
    let request_id = new_request_id();
    // A refused handler or guard is an answer with its error inside; nothing below returns a bare error.
    let answered = next.call(request).await?;
    let mut response = match answered.response().error().map(to_refusal) {
        Some(refusal) => refused(answered.into_parts().0, &refusal, &request_id),
        None => answered.map_into_left_body(),
    };
    let path = response.request().path();
    let api = path == "/api" || path.starts_with("/api/");
    let org = response.request().extensions().get::<ProvenOrg>().map(|ProvenOrg(org)| *org);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(org) = org
        && let Ok(value) = HeaderValue::from_str(&org.to_string())
    {
        headers.insert(X_ORG_ID, value);
    }
    protect(headers, api);
    log_line(&response, started);
    Ok(response)
}

/// An id that is unique enough to be found in a log: 80 random bits in hexadecimal.
fn new_request_id() -> String {
    let mut bytes = [0_u8; 10];
    if getrandom::fill(&mut bytes).is_err() {
        return "unknown".to_owned();
    }
    bytes.iter().fold(String::with_capacity(20), |mut id, byte| {
        use std::fmt::Write as _;
        write!(id, "{byte:02x}").expect("a string grows");
        id
    })
}

fn refused<B>(
    http: actix_web::HttpRequest,
    refusal: &Refusal,
    request_id: &str,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    if refusal.problem().status >= 500 && refusal.problem().code != ErrorCode::FeatureNotEnabled {
        let cause = refusal.log_cause().unwrap_or("no cause given");
        tracing::error!(request_id, code = ?refusal.problem().code, path = %http.match_pattern().unwrap_or_default(), "{cause}");
    }
    ServiceResponse::new(http, refusal.response(request_id)).map_into_right_body()
}

/// What any error that reaches the edge means for the client. Errors of the framework become problems too.
fn to_refusal(error: &Error) -> Refusal {
    if let Some(refusal) = error.as_error::<Refusal>() {
        return refusal.clone();
    }
    if matches!(
        error.as_error(),
        Some(JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. })
    ) || matches!(error.as_error(), Some(PayloadError::Overflow))
    {
        return Refusal::new(ErrorCode::TooLarge);
    }
    let response: &dyn ResponseError = error.as_response_error();
    match response.status_code() {
        StatusCode::NOT_FOUND => Refusal::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Refusal::new(ErrorCode::MethodNotAllowed),
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(ErrorCode::TooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Refusal::new(ErrorCode::UnsupportedMediaType),
        status if status.is_client_error() => Refusal::malformed(error.to_string()),
        _ => Refusal::internal(error),
    }
}

/// Answers of the API are for one caller and one moment; pages may load only what is theirs and stand in no frame.
fn protect(headers: &mut HeaderMap, api: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("cookie, authorization"));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The label is the pattern, never the path: what stands in a path belongs to somebody.
fn log_line<B>(response: &ServiceResponse<B>, started: Instant) {
    let (request, status) = (response.request(), response.status().as_u16());
    // Finding the pattern means matching the path once more, so nobody pays for a line that is not written.
    if tracing::enabled!(tracing::Level::DEBUG) {
        let route = request.match_pattern().unwrap_or_else(|| "-".to_owned());
        let micros = started.elapsed().as_micros();
        tracing::debug!(method = %request.method(), route, status, micros, "answered");
    }
    if let Some(state) = request.app_data::<Data<State>>() {
        state.metrics().count_answer(status);
    }
}
