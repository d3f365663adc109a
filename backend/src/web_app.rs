//! The console's files: from a folder while developing, from the binary itself where it is deployed.
//!
//! Files with a hash in their name never change and are kept by browsers for a year; the page itself is asked for each
//! time. Compressed copies (`.br`) are made by the build, so the server never compresses anything.

use crate::problem::Refusal;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, HeaderMap, IF_NONE_MATCH,
            VARY,
        },
    },
    web::Data,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

/// Where the console's files come from.
#[derive(Debug, Clone)]
pub enum WebApp {
    /// This build has none.
    None,
    /// A folder, read at each request.
    Folder(PathBuf),
    /// The binary.
    #[cfg(feature = "embed")]
    Embedded,
}

#[cfg(feature = "embed")]
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/web"]
struct Embedded;

const PAGE: &str = "index.html";

impl WebApp {
    /// The files of a folder, or those that were built in.
    ///
    /// # Errors
    /// The folder has no page.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        if let Some(folder) = folder {
            fs::metadata(folder.join(PAGE))?;
            return Ok(Self::Folder(folder.to_owned()));
        }
        #[cfg(feature = "embed")]
        return Ok(Self::Embedded);
        #[cfg(not(feature = "embed"))]
        Ok(Self::None)
    }

    fn load(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        match self {
            Self::None => None,
            Self::Folder(folder) => is_plain(name).then(|| fs::read(folder.join(name)).ok())?.map(Cow::Owned),
            #[cfg(feature = "embed")]
            Self::Embedded => Embedded::get(name).map(|file| file.data),
        }
    }
}

/// Whether a name stays inside the folder: words of ordinary letters, none of them starting with a dot.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    })
}

/// Answers whatever is no route: a file, or the page where the console has one.
pub async fn serve(request: HttpRequest, app: Data<WebApp>) -> Result<HttpResponse, Refusal> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Refusal::not_found());
    }
    let path = request.path();
    if is_page(path) {
        return page(&app, request.headers());
    }
    file(&app, path.trim_start_matches('/'), request.headers()).ok_or_else(Refusal::not_found)
}

/// Paths that the console shows a page for. All others that are no file do not exist.
fn is_page(path: &str) -> bool {
    matches!(path, "/" | "/login" | "/setup" | "/orgs" | "/ui") || path.starts_with("/o/")
}

fn page(app: &WebApp, headers: &HeaderMap) -> Result<HttpResponse, Refusal> {
    let Some(html) = app.load(PAGE) else {
        let text = "This build has no console inside. Start it with --web-root FOLDER, or build it with the feature `embed`.\n";
        return Ok(HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body(text));
    };
    let compressed = accepts_brotli(headers).then(|| app.load("index.html.br")).flatten();
    let tag = format!("\"{}{}\"", &hex(&Sha256::digest(&html))[..32], if compressed.is_some() { "-br" } else { "" });
    let policy = content_security_policy(&String::from_utf8_lossy(&html));
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((VARY, "accept-encoding"))
        .insert_header((CONTENT_SECURITY_POLICY, policy));
    if known {
        return Ok(response.finish());
    }
    response.content_type("text/html; charset=utf-8");
    Ok(match compressed {
        Some(compressed) => response.insert_header((CONTENT_ENCODING, "br")).body(compressed.into_owned()),
        None => response.body(html.into_owned()),
    })
}

fn file(app: &WebApp, name: &str, headers: &HeaderMap) -> Option<HttpResponse> {
    if name == PAGE || name.ends_with(".br") {
        return None;
    }
    let compressed = accepts_brotli(headers).then(|| app.load(&format!("{name}.br"))).flatten();
    let is_compressed = compressed.is_some();
    let bytes = compressed.or_else(|| app.load(name))?;
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let caching = if has_hash(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = HttpResponse::Ok();
    response
        .content_type(if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() })
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((VARY, "accept-encoding"));
    if is_compressed {
        response.insert_header((CONTENT_ENCODING, "br"));
    }
    Some(match bytes {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    })
}

/// Whether a file's name carries a hash of what is in it: at least eight hexadecimal digits after a hyphen.
fn has_hash(name: &str) -> bool {
    let stem = name.rsplit('/').next().unwrap_or(name);
    stem.split(['-', '.', '_']).skip(1).any(|part| {
        part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit()) && part.bytes().any(|b| b.is_ascii_digit())
    })
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT_ENCODING).filter_map(|header| header.to_str().ok()).flat_map(|header| header.split(',')).any(
        |part| {
            let mut words = part.split(';').map(str::trim);
            let coding = words.next().unwrap_or_default();
            let refused =
                words.any(|word| word.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)));
            coding.eq_ignore_ascii_case("br") && !refused
        },
    )
}

/// What the page may load: its own files, and the inline scripts and styles that stand in it, by their hashes.
fn content_security_policy(html: &str) -> String {
    let scripts = inline_hashes(html, "script");
    let styles = inline_hashes(html, "style");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src-elem 'self'{styles}; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn inline_hashes(html: &str, tag: &str) -> String {
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut hashes = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(&open) {
        rest = &rest[at + open.len()..];
        let Some(end) = rest.find('>') else { break };
        let (attributes, after) = (&rest[..end], &rest[end + 1..]);
        let Some(length) = after.find(&close) else { break };
        let is_inline = !attributes.split_ascii_whitespace().any(|word| word.starts_with("src="));
        if is_inline && attributes.chars().next().is_none_or(char::is_whitespace) && length > 0 {
            let digest = STANDARD.encode(Sha256::digest(&after.as_bytes()[..length]));
            hashes.push_str(&format!(" 'sha256-{digest}'"));
        }
        rest = &after[length..];
    }
    hashes
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string grows");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_the_inline_scripts_that_stand_in_the_page_and_no_other() {
        let policy =
            content_security_policy("<script type=\"module\">alert(1)</script><script src=\"/x.js\"></script>");
        let own = STANDARD.encode(Sha256::digest(b"alert(1)"));
        assert!(policy.contains(&format!("'wasm-unsafe-eval' 'sha256-{own}';")), "{policy}");
        assert_eq!(policy.matches("sha256-").count(), 1);
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        for name in ["../secret", "a/../../b", "/etc/passwd", "a//b", ".env", "a/.git/config", "a%2fb", "a\\b", ""] {
            assert!(!is_plain(name), "{name:?}");
        }
        assert!(is_plain("frontend-1a2b3c4d5e6f_bg.wasm"));
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_a_year() {
        assert!(has_hash("frontend-1a2b3c4d5e6f7788_bg.wasm"));
        assert!(has_hash("style-9f8e7d6c5b4a3921.css"));
        assert!(!has_hash("favicon.svg"));
        assert!(!has_hash("manifest.json"));
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        let with = |value: &str| {
            let request = actix_web::test::TestRequest::get().insert_header((ACCEPT_ENCODING, value)).to_http_request();
            accepts_brotli(request.headers())
        };
        assert!(with("gzip, deflate, br, zstd"));
        assert!(with("br;q=0.5"));
        assert!(!with("gzip, br;q=0"));
        assert!(!with("gzip"));
    }
}
