//! What the server was told by its operator, once it is checked.

use ::assistant::{Limits, ProviderConfig};
use std::{net::SocketAddr, path::PathBuf};

/// The installation's licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum License {
    /// Everything.
    #[default]
    Full,
    /// Everything but more than one organization.
    SingleOrg,
}

impl License {
    /// The word in settings and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::SingleOrg => "single-org",
        }
    }
}

/// The checked settings of a running server. [`Settings::default`] is what tests start from.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) data_dir: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
    pub(crate) upgrade_url: Option<String>,
    pub(crate) multi_tenant: bool,
    pub(crate) license: License,
    pub(crate) demo: bool,
    pub(crate) behind_proxy: bool,
    pub(crate) reads_inline: bool,
    pub(crate) assistant: Option<ProviderConfig>,
    pub(crate) assistant_limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 7700)),
            public_url: "http://127.0.0.1:7700".to_owned(),
            upgrade_url: None,
            multi_tenant: true,
            license: License::Full,
            demo: false,
            behind_proxy: false,
            reads_inline: true,
            assistant: None,
            assistant_limits: Limits::default(),
        }
    }
}

impl Settings {
    /// The folder of everything that the server keeps.
    #[must_use]
    pub fn data_dir(&self) -> &std::path::Path {
        &self.data_dir
    }

    /// Where the server listens.
    #[must_use]
    pub const fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Where people open the console, without a slash at its end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Whether people reach the console over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https:")
    }

    /// The session's cookie. The prefix makes browsers insist on TLS, this host and the path `/`, so it can only be
    /// used over TLS.
    #[must_use]
    pub fn cookie_name(&self) -> &'static str {
        if self.is_https() { "__Host-bulkhead" } else { "bulkhead" }
    }

    /// Where to get a larger plan, if the operator set such a page.
    #[must_use]
    pub fn upgrade_url(&self) -> Option<String> {
        self.upgrade_url.clone()
    }

    /// Whether the operator allows more than one organization.
    #[must_use]
    pub const fn multi_tenant(&self) -> bool {
        self.multi_tenant
    }

    /// The licence.
    #[must_use]
    pub const fn license(&self) -> License {
        self.license
    }

    /// Whether the fleets are simulated.
    #[must_use]
    pub const fn demo(&self) -> bool {
        self.demo
    }

    /// Whether a proxy stands in front and names the client in `X-Forwarded-For`.
    #[must_use]
    pub const fn behind_proxy(&self) -> bool {
        self.behind_proxy
    }

    /// Whether reads run where the request runs. True for SQLite, where a read is some tens of microseconds from the
    /// page cache and a hop to another thread would cost as much again; false where a read waits for a network.
    #[must_use]
    pub const fn reads_inline(&self) -> bool {
        self.reads_inline
    }

    /// The assistant's provider, if the operator set one up.
    #[must_use]
    pub const fn assistant(&self) -> Option<&ProviderConfig> {
        self.assistant.as_ref()
    }

    /// How much that provider may take and send.
    #[must_use]
    pub const fn assistant_limits(&self) -> Limits {
        self.assistant_limits
    }

    /// The same with a provider for the assistant.
    #[must_use]
    pub fn with_assistant(self, provider: ProviderConfig, limits: Limits) -> Self {
        Self { assistant: Some(provider), assistant_limits: limits, ..self }
    }

    /// The same with another data folder.
    #[must_use]
    pub fn in_folder(self, folder: &std::path::Path) -> Self {
        Self { data_dir: folder.to_owned(), ..self }
    }

    /// The same at another address, under which people open the console as well.
    #[must_use]
    pub fn at(self, listen: SocketAddr) -> Self {
        Self { listen, public_url: format!("http://{listen}"), ..self }
    }

    /// The same with reads on the threads that may wait, or inline.
    #[must_use]
    pub const fn reading_inline(mut self, reads_inline: bool) -> Self {
        self.reads_inline = reads_inline;
        self
    }

    /// The same with multi-tenancy on or off.
    #[must_use]
    pub const fn with_multi_tenancy(mut self, multi_tenant: bool) -> Self {
        self.multi_tenant = multi_tenant;
        self
    }

    /// The same with another licence.
    #[must_use]
    pub const fn with_license(mut self, license: License) -> Self {
        self.license = license;
        self
    }

    /// The same with a page where people get a larger plan.
    #[must_use]
    pub fn with_upgrade_url(self, url: &str) -> Self {
        Self { upgrade_url: Some(url.to_owned()), ..self }
    }
}
