//! Where a request comes from. A write that a page of another site makes with the visitor's cookie is refused.

use crate::problem::{Answer, Refusal};
use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{HOST, ORIGIN},
    },
};
use shared::ErrorCode;

/// Refuses a request that changes something on behalf of a page of another origin.
///
/// Browsers name the origin of every request that is not a plain read, so a request without `Origin` and without
/// `Sec-Fetch-Site` comes from a program, which has to be given the cookie by hand.
///
/// # Errors
/// 403 `foreign_origin`.
pub fn refuse_foreign_write(request: &HttpRequest, public_url: &str) -> Answer<()> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) || is_own(request, public_url, true) {
        return Ok(());
    }
    Err(foreign())
}

/// Refuses a WebSocket handshake that does not come from a page of this origin. The cookie rides along with every
/// handshake and no browser leaves `Origin` out, so a missing one is refused as well.
///
/// # Errors
/// 403 `foreign_origin`.
pub fn refuse_foreign_handshake(request: &HttpRequest, public_url: &str) -> Answer<()> {
    if is_own(request, public_url, false) { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Refusal {
    Refusal::new(ErrorCode::ForeignOrigin).detail(
        "Open the console at its own address. If a proxy stands in front of it, the operator sets --public-url to that address.",
    )
}

fn is_own(request: &HttpRequest, public_url: &str, without_origin: bool) -> bool {
    let headers = request.headers();
    let mut origins = headers.get_all(ORIGIN);
    match (origins.next(), origins.next()) {
        (Some(origin), None) => origin.to_str().is_ok_and(|origin| names_this_server(origin, request, public_url)),
        (Some(_), Some(_)) => false,
        (None, _) => match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
            Some(b"same-origin" | b"none") => true,
            Some(_) => false,
            None => without_origin,
        },
    }
}

fn names_this_server(origin: &str, request: &HttpRequest, public_url: &str) -> bool {
    if origin == origin_of(public_url) {
        return true;
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let same_host = origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host);
    // Behind TLS the same host without TLS is another site: whoever is on the network could speak for it.
    same_host && (!public_url.starts_with("https:") || origin.starts_with("https:"))
}

/// Scheme and authority of a URL, as a browser writes them in `Origin`.
fn origin_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const HERE: &str = "https://watch.example/console";

    fn write(headers: &[(&str, &str)]) -> bool {
        let mut request = TestRequest::post().insert_header(("host", "10.0.0.1:7700"));
        for header in headers {
            request = request.append_header(*header);
        }
        refuse_foreign_write(&request.to_http_request(), HERE).is_ok()
    }

    #[test]
    fn a_write_from_a_page_of_another_origin_is_refused() {
        for origin in [
            "https://evil.example",
            "null",
            "https://watch.example.evil.example",
            "https://sub.watch.example",
            "http://watch.example",
            "https://watch.example:444",
            "http://10.0.0.1:7700",
            "",
        ] {
            assert!(!write(&[("origin", origin)]), "{origin:?} was accepted");
        }
        assert!(!write(&[("sec-fetch-site", "cross-site")]));
        assert!(!write(&[("sec-fetch-site", "same-site")]));
        assert!(!write(&[("origin", "https://watch.example"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn a_write_from_a_page_of_this_server_or_from_a_program_is_not() {
        assert!(write(&[("origin", "https://watch.example")]));
        assert!(write(&[("origin", "https://10.0.0.1:7700")]));
        assert!(write(&[("sec-fetch-site", "same-origin")]));
        assert!(write(&[]));
    }

    #[test]
    fn a_handshake_has_to_name_its_origin() {
        let bare = TestRequest::get().insert_header(("host", "watch.example")).to_http_request();
        assert!(refuse_foreign_handshake(&bare, HERE).is_err());
        let own = TestRequest::get().insert_header(("origin", "https://watch.example")).to_http_request();
        assert!(refuse_foreign_handshake(&own, HERE).is_ok());
    }
}
