//! One HTTP exchange with the server.

use crate::token::Token;
use shared::{OrgId, Problem, endpoints, report::ReportBatch};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use ureq::{
    http::Uri,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

/// Most bytes of an answer that are read. The longest honest one refuses each report of a full batch.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    base: String,
    is_https: bool,
    is_loopback: bool,
}

/// The address of the server is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the address of a server: {why}. Give it as https://bulkhead.example.org")]
pub struct ServerError {
    text: String,
    why: &'static str,
}

impl std::str::FromStr for Server {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let no = |why| ServerError { text: text.to_owned(), why };
        let base = text.trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| no("it cannot be read"))?;
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) => return Err(no("it must begin with https:// or http://")),
            None => return Err(no("https:// is missing")),
        };
        let authority = uri.authority().ok_or_else(|| no("the host is missing"))?;
        if authority.as_str().contains('@') {
            return Err(no("it must not hold a user name or password"));
        }
        if uri.query().is_some() || base.contains('#') {
            return Err(no("it must end with the host or a path"));
        }
        let host = authority.host();
        if host.is_empty() {
            return Err(no("the host is missing"));
        }
        let is_loopback = matches!(host, "localhost" | "[::1]") || host.starts_with("127.");
        Ok(Self { base: base.to_owned(), is_https, is_loopback })
    }
}

impl Server {
    /// Where reports are posted.
    #[must_use]
    pub fn reports_url(&self) -> String {
        format!("{}{}", self.base, endpoints::INGEST_REPORTS)
    }

    /// As it was given, without slashes at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// What is unwise about the address, if anything.
    #[must_use]
    pub fn warning(&self) -> Option<&'static str> {
        (!self.is_https && !self.is_loopback).then_some(
            "the token and the reports travel unencrypted to another machine; use an https:// address of the server",
        )
    }
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds. A date in its place is not read; the agent then waits as it would without.
    pub retry_after_s: Option<u64>,
    /// The organization that the token is of, where the server names it.
    pub org: Option<OrgId>,
    /// `Location` of a redirect.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The refusal, where the body is one.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Nothing came back, so nobody knows whether the server took the batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// Posts a batch.
pub trait Transport {
    /// One attempt, which ends in bounded time. Named with `org`, the server takes the batch for that organization or
    /// for none.
    ///
    /// # Errors
    /// When no whole answer came back. Every status is an answer.
    fn post(&self, token: &Token, org: Option<OrgId>, batch: &ReportBatch) -> Result<Answer, TransportError>;
}

/// [`Transport`] over HTTP/1.1 and TLS.
#[derive(Debug)]
pub struct Http {
    agent: ureq::Agent,
    server: Server,
}

/// The certificates of `--ca-file` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The file cannot be read.
    #[error("cannot read the certificates in {path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// No certificate in it.
    #[error(
        "{path} holds no certificate: it must be in PEM form, with -----BEGIN CERTIFICATE----- at the beginning of a line"
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Http {
    /// A client for a server. `ca_file` holds the certificates to trust instead of the public ones, for a server whose
    /// certificate comes from an authority of one's own.
    ///
    /// # Errors
    /// When `ca_file` cannot be read or holds no certificate.
    pub fn new(server: Server, ca_file: Option<&Path>) -> Result<Self, CaError> {
        let roots = ca_file.map_or(Ok(RootCerts::WebPki), read_roots)?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A redirect is told and not followed: the token is for this server, and goes to no other.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(30)))
            .user_agent(concat!("bulkhead-agent/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.new_agent(), server })
    }
}

fn read_roots(path: &Path) -> Result<RootCerts, CaError> {
    let pem = fs::read(path).map_err(|cause| CaError::Unreadable { path: path.to_owned(), cause })?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(CaError::Empty { path: path.to_owned() });
    }
    Ok(RootCerts::from(certificates))
}

impl Transport for Http {
    fn post(&self, token: &Token, org: Option<OrgId>, batch: &ReportBatch) -> Result<Answer, TransportError> {
        let failed = |error: ureq::Error| TransportError(self.explain(&error));
        let request =
            self.agent.post(self.server.reports_url()).header("authorization", format!("Bearer {}", token.expose()));
        let request = match org {
            Some(org) => request.header(endpoints::ORG_HEADER, org.to_string()),
            None => request,
        };
        let mut response = request.send_json(batch).map_err(failed)?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let retry_after_s = header("retry-after").and_then(|text| text.trim().parse().ok());
        let location = header("location");
        let org = header(endpoints::ORG_HEADER).and_then(|text| text.parse().ok());
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec().map_err(failed)?;
        Ok(Answer { status, retry_after_s, org, location, body })
    }
}

impl Http {
    fn explain(&self, error: &ureq::Error) -> String {
        let server = self.server.as_str();
        match error {
            ureq::Error::HostNotFound => format!("the name of {server} is not known here; check --server and the DNS"),
            ureq::Error::Timeout(_) => format!("{server} did not answer in time"),
            ureq::Error::Io(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => {
                format!("nothing listens at {server}; is the server running, and is the port right?")
            }
            ureq::Error::Rustls(cause) => format!(
                "no secure connection to {server}: {cause}. If its certificate is from an authority of your own, name that with --ca-file"
            ),
            other => format!("no answer from {server}: {other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_the_endpoint() {
        for (text, url) in [
            ("http://127.0.0.1:7700", "http://127.0.0.1:7700/api/v1/ingest/reports"),
            ("https://b.example.org/", "https://b.example.org/api/v1/ingest/reports"),
            ("https://example.org/watch//", "https://example.org/watch/api/v1/ingest/reports"),
        ] {
            assert_eq!(text.parse::<Server>().expect("an address").reports_url(), url);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "example.org",
            "localhost:7700",
            "ftp://a",
            "https://",
            "https://me:pw@a",
            "https://a?b=c",
            "https://a#b",
        ] {
            let error = text.parse::<Server>().expect_err(text).to_string();
            assert!(error.contains("https://"), "{error}");
        }
    }

    #[test]
    fn an_unencrypted_way_to_another_machine_is_warned_of() {
        for (text, warned) in [
            ("http://10.0.0.1", true),
            ("https://10.0.0.1", false),
            ("http://127.0.0.1:7700", false),
            ("http://localhost", false),
            ("http://[::1]:7700", false),
        ] {
            assert_eq!(text.parse::<Server>().expect("an address").warning().is_some(), warned, "{text}");
        }
    }

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("ca.pem");
        let server: Server = "https://a".parse().expect("an address");
        let missing = Http::new(server.clone(), Some(&path)).expect_err("not there");
        assert!(matches!(missing, CaError::Unreadable { .. }));
        fs::write(&path, "nonsense").expect("written");
        assert!(matches!(Http::new(server, Some(&path)).expect_err("nonsense"), CaError::Empty { .. }));
    }
}
