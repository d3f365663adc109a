//! One provider, and the requests to it.

use crate::{
    address::GuardedResolver,
    config::{ConfigError, ProviderConfig, Secret},
    error::Error,
    limits::Limits,
    run::{Conversation, Run, Tool},
    wire,
};
use reqwest::{
    Client, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    redirect,
};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// How long a connection is kept for the next question.
const KEEP: Duration = Duration::from_secs(60);
/// Most connections that are kept.
const MAX_KEPT: usize = 4;
/// Longest wait that a provider may ask for with `Retry-After`, in seconds.
const MAX_RETRY_AFTER_S: u64 = 24 * 60 * 60;

/// A provider that can be asked. Clones share its connections.
///
/// A connection that is kept is driven by the runtime that opened it: with several runtimes, as actix has them, give each
/// one a provider of its own, or an answer waits for another thread.
#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    config: ProviderConfig,
    limits: Limits,
    client: Client,
    authorization: Option<HeaderValue>,
}

impl Provider {
    /// A provider with the usual limits. Reads the certificates that the machine trusts; connects to nobody.
    ///
    /// # Errors
    /// When the means to connect cannot be set up.
    pub fn new(config: ProviderConfig) -> Result<Self, ConfigError> {
        Self::with_limits(config, Limits::default())
    }

    /// A provider with other limits.
    ///
    /// # Errors
    /// As [`Provider::new`].
    pub fn with_limits(config: ProviderConfig, limits: Limits) -> Result<Self, ConfigError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(GuardedResolver(config.reach()))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(limits.connect)
            .pool_idle_timeout(KEEP)
            .pool_max_idle_per_host(MAX_KEPT)
            .user_agent("bulkhead")
            .build()
            .map_err(|error| ConfigError::Client(error.to_string()))?;
        let authorization = config.key().map(authorization).transpose()?;
        Ok(Self { inner: Arc::new(Inner { config, limits, client, authorization }) })
    }

    /// What it was made with.
    #[must_use]
    pub fn config(&self) -> &ProviderConfig {
        &self.inner.config
    }

    /// Asks. Nothing is sent before the first [`Run::next`]; the time of the run begins now.
    #[must_use]
    pub fn ask(&self, conversation: Conversation, tools: Vec<Tool>) -> Run {
        Run::new(self.clone(), conversation, tools)
    }

    /// The provider's word for an error, unless it is made of the key.
    pub(crate) fn code(&self, error: &Value) -> Option<String> {
        self.inner.code(error)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// One request, up to where the stream of its answer begins.
    pub(crate) fn send(
        &self,
        messages: &[wire::Message],
        tools: &[wire::ToolDefinition],
        must_answer: bool,
    ) -> impl Future<Output = Result<Response, Error>> + Send + use<> {
        let request = wire::Request {
            model: self.inner.config.model(),
            messages,
            stream: true,
            tools,
            tool_choice: (must_answer && !tools.is_empty()).then_some("none"),
        };
        let body = serde_json::to_vec(&request);
        let inner = Arc::clone(&self.inner);
        async move {
            let body = body.map_err(|_| Error::Nonsense { what: "the question cannot be written down" })?;
            let mut request = inner
                .client
                .post(inner.config.endpoint().clone())
                .header(CONTENT_TYPE, "application/json")
                .header(ACCEPT, "text/event-stream");
            if let Some(authorization) = &inner.authorization {
                request = request.header(AUTHORIZATION, authorization.clone());
            }
            let response = request.body(body).send().await.map_err(|error| Error::of_request(&error))?;
            inner.check(response).await
        }
    }
}

fn authorization(key: &Secret) -> Result<HeaderValue, ConfigError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
        .map_err(|_| ConfigError::Key("it does not fit into a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Trusts the public authorities and those of this machine, among which an operator puts one of their own.
fn tls() -> Result<ClientConfig, ConfigError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl Inner {
    /// Lets a stream of events pass, and says what everything else is.
    async fn check(&self, response: Response) -> Result<Response, Error> {
        let status = response.status();
        if status.is_redirection() {
            return Err(Error::Redirected { status: status.as_u16() });
        }
        match status.as_u16() {
            200 => {}
            status @ (401 | 403) => return Err(Error::KeyRefused { status }),
            429 => {
                let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                let retry_after_s =
                    header.and_then(|text| text.trim().parse().ok()).map(|s: u64| s.min(MAX_RETRY_AFTER_S));
                return Err(Error::RateLimited { retry_after_s, code: self.read_code(response).await });
            }
            status => return Err(Error::Status { status, code: self.read_code(response).await }),
        }
        let header = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "text/event-stream" {
            return Err(Error::NotAStream { content_type: kind.chars().take(60).collect() });
        }
        Ok(response)
    }

    /// The provider's word for its refusal, if the body is short and has one.
    async fn read_code(&self, mut response: Response) -> Option<String> {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > self.limits.error_body {
                return None;
            }
            body.extend_from_slice(&chunk);
        }
        let body: Value = serde_json::from_slice(&body).ok()?;
        self.code(body.get("error").unwrap_or(&body))
    }

    fn code(&self, error: &Value) -> Option<String> {
        let code = wire::error_code(error)?;
        let key = self.config.key().map(Secret::expose);
        key.is_none_or(|key| !key.contains(&code) && !code.contains(key)).then_some(code)
    }
}
