//! What the operator sets, checked before anything is asked.

use crate::address::{Reach, Refused};
use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    net::IpAddr,
    path::{Path, PathBuf},
};
use url::{Host, Url};

/// Most characters of the name of a model.
const MAX_MODEL: usize = 200;
/// Most bytes of a key.
const MAX_KEY: usize = 4096;

/// The operator's key at the provider. It has no `Display`, and its `Debug` does not show it, so that it cannot get into a
/// log by chance.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key: blanks around it do not count.
    ///
    /// # Errors
    /// When it is empty, too long or does not fit into a header.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ConfigError::Key("it is empty"));
        }
        if text.len() > MAX_KEY {
            return Err(ConfigError::Key("it is too long for a key"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ConfigError::Key("a key is one word on one line; it stands alone in the file"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes the key out of a file that holds nothing else.
    ///
    /// # Errors
    /// When the file cannot be read, or as for [`Secret::parse`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |cause| ConfigError::KeyFile { path: path.to_owned(), cause };
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_KEY).unwrap_or(u64::MAX) + 16;
        File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|_| ConfigError::Key("it is not text"))?;
        Self::parse(&text)
    }

    /// For the `Authorization` header, and for nothing else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A setting that cannot be used. Its text names the setting and says what to do; it never holds the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The address is none.
    #[error(
        "BULKHEAD_ASSISTANT_URL: {0}. Give the address of an OpenAI-compatible provider up to its version, as in https://api.example.org/v1"
    )]
    Url(&'static str),
    /// Unencrypted, and not said to be within a private network.
    #[error(
        "BULKHEAD_ASSISTANT_URL: what people ask, the data that is looked up for it and the key would travel unencrypted. Use https://, \
         or set BULKHEAD_ASSISTANT_ALLOW_PRIVATE for a provider on this machine or in your own network"
    )]
    Unencrypted,
    /// The host is an address that must not be connected to.
    #[error("BULKHEAD_ASSISTANT_URL: {0}")]
    Address(Refused),
    /// The model is none.
    #[error("BULKHEAD_ASSISTANT_MODEL: {0}. Give the name of the model as the provider calls it")]
    Model(&'static str),
    /// The key cannot be used.
    #[error("BULKHEAD_ASSISTANT_KEY_FILE: the key in it cannot be used: {0}")]
    Key(&'static str),
    /// The file of the key cannot be read.
    #[error("BULKHEAD_ASSISTANT_KEY_FILE: cannot read {path}: {cause}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A switch that is neither on nor off.
    #[error("BULKHEAD_ASSISTANT_ALLOW_PRIVATE: {0:?} is neither true nor false")]
    AllowPrivate(String),
    /// Settings for an assistant without a provider.
    #[error("{0} is set, but BULKHEAD_ASSISTANT_URL is not: there is no assistant without a provider")]
    NoUrl(&'static str),
    /// The means of the machine to connect safely cannot be set up.
    #[error("the assistant cannot be set up: {0}")]
    Client(String),
}

/// The settings as they stand in the environment, with the names that [`ConfigError`] uses. An empty one is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct RawSettings<'a> {
    /// `BULKHEAD_ASSISTANT_URL`.
    pub url: Option<&'a str>,
    /// `BULKHEAD_ASSISTANT_MODEL`.
    pub model: Option<&'a str>,
    /// `BULKHEAD_ASSISTANT_KEY_FILE`. A provider of one's own may need no key.
    pub key_file: Option<&'a Path>,
    /// `BULKHEAD_ASSISTANT_ALLOW_PRIVATE`: `true` or `false`.
    pub allow_private: Option<&'a str>,
}

/// Which provider is asked, and how. Checked: whoever holds one may connect.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    endpoint: Url,
    model: String,
    key: Option<Secret>,
    reach: Reach,
}

impl ProviderConfig {
    /// Checks the settings together. Over `http://` only addresses that are not of the internet are connected to, and only
    /// with `allow_private`.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn new(url: &str, model: &str, key: Option<Secret>, allow_private: bool) -> Result<Self, ConfigError> {
        let (endpoint, reach) = check_url(url.trim(), allow_private)?;
        let model = model.trim();
        if model.is_empty() {
            return Err(ConfigError::Model("it is missing"));
        }
        if model.chars().count() > MAX_MODEL || model.chars().any(char::is_control) {
            return Err(ConfigError::Model("it is no name of a model"));
        }
        Ok(Self { endpoint, model: model.to_owned(), key, reach })
    }

    /// The same from the environment's text; none where nothing is set.
    ///
    /// # Errors
    /// The first setting that cannot be used, or that is set without an address.
    pub fn from_settings(raw: RawSettings<'_>) -> Result<Option<Self>, ConfigError> {
        let set = |text: Option<&'_ str>| text.is_some_and(|text| !text.trim().is_empty());
        let allow_private = match raw.allow_private.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "false" | "no" | "off" | "0") => false,
            Some("true" | "yes" | "on" | "1") => true,
            Some(other) => return Err(ConfigError::AllowPrivate(other.chars().take(40).collect())),
        };
        let key_file = raw.key_file.filter(|path| !path.as_os_str().is_empty());
        let Some(url) = raw.url.filter(|url| set(Some(url))) else {
            return match (set(raw.model), key_file) {
                (true, _) => Err(ConfigError::NoUrl("BULKHEAD_ASSISTANT_MODEL")),
                (false, Some(_)) => Err(ConfigError::NoUrl("BULKHEAD_ASSISTANT_KEY_FILE")),
                (false, None) => Ok(None),
            };
        };
        let key = key_file.map(Secret::read).transpose()?;
        Self::new(url, raw.model.unwrap_or_default(), key, allow_private).map(Some)
    }

    /// The name of the model, as the provider calls it.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The host that is asked, for people who want to know where their data goes.
    #[must_use]
    pub fn host(&self) -> &str {
        self.endpoint.host_str().unwrap_or_default()
    }

    pub(crate) fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    pub(crate) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    pub(crate) const fn reach(&self) -> Reach {
        self.reach
    }
}

/// The address of the answers, and what may be connected to on the way there.
fn check_url(text: &str, allow_private: bool) -> Result<(Url, Reach), ConfigError> {
    if text.is_empty() {
        return Err(ConfigError::Url("it is missing"));
    }
    let mut url = Url::parse(text).map_err(|_| ConfigError::Url("it is no address"))?;
    let is_https = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(ConfigError::Url("it must begin with https:// or http://")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ConfigError::Url("it must not hold a user name or password: the key belongs in a file"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(ConfigError::Url("it must end with the path, without ? or #"));
    }
    if url.path().trim_end_matches('/').ends_with("/chat/completions") {
        return Err(ConfigError::Url("it must end before /chat/completions, which is added to it"));
    }
    if !is_https && !allow_private {
        return Err(ConfigError::Unencrypted);
    }
    let reach = Reach { private: allow_private, public: is_https };
    let literal = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        Some(Host::Domain(_)) => None,
        None => return Err(ConfigError::Url("the host is missing")),
    };
    // A name is judged when it is resolved; an address never is.
    if let Some(ip) = literal {
        reach.check(ip).map_err(ConfigError::Address)?;
    }
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["chat", "completions"]);
    }
    Ok((url, reach))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str, allow_private: bool) -> String {
        ProviderConfig::new(url, "m", None, allow_private).expect_err(url).to_string()
    }

    #[test]
    fn the_address_of_the_answers_is_below_the_one_that_is_set() {
        for (text, endpoint) in [
            ("https://api.example.org/v1", "https://api.example.org/v1/chat/completions"),
            (" https://api.example.org/v1/ ", "https://api.example.org/v1/chat/completions"),
            ("https://api.example.org", "https://api.example.org/chat/completions"),
            ("https://8.8.8.8:8443/a/b", "https://8.8.8.8:8443/a/b/chat/completions"),
        ] {
            let config = ProviderConfig::new(text, "m", None, false).expect(text);
            assert_eq!(config.endpoint().as_str(), endpoint);
        }
    }

    #[test]
    fn what_is_no_address_of_a_provider_is_refused_and_the_setting_named() {
        for text in [
            "",
            "api.example.org",
            "ftp://a",
            "https://",
            "https://me:pw@a",
            "https://a?key=1",
            "https://a#b",
            "https://a/v1/chat/completions",
        ] {
            let said = refusal(text, true);
            assert!(said.starts_with("BULKHEAD_ASSISTANT_URL: ") && said.contains("https://"), "{text}: {said}");
            assert!(!said.contains("pw"), "{said}");
        }
    }

    #[test]
    fn an_address_of_a_private_network_takes_the_operators_word_however_it_is_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "10.1.2.3",
            "169.254.1.1",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:a00:1::]",
            "[fd00::1]",
        ] {
            let url = format!("https://{host}/v1");
            assert!(refusal(&url, false).contains("BULKHEAD_ASSISTANT_ALLOW_PRIVATE"), "{url}");
            assert!(ProviderConfig::new(&url, "m", None, true).is_ok(), "{url}");
        }
        for host in ["169.254.169.254", "[::ffff:169.254.169.254]", "2852039166", "0.0.0.0", "[::]", "255.255.255.255"]
        {
            for scheme in ["http", "https"] {
                assert!(refusal(&format!("{scheme}://{host}/v1"), true).contains("no provider"), "{host}");
            }
        }
    }

    #[test]
    fn nothing_goes_unencrypted_to_the_internet_and_only_by_the_operators_word_to_a_private_network() {
        for host in ["api.example.org", "8.8.8.8", "10.0.0.1", "127.0.0.1", "localhost"] {
            let key = Secret::parse("sk-hush").expect("a key");
            let error = ProviderConfig::new(&format!("http://{host}/v1"), "m", Some(key), false).expect_err(host);
            assert!(matches!(error, ConfigError::Unencrypted), "{host}: {error}");
            assert!(error.to_string().contains("BULKHEAD_ASSISTANT_ALLOW_PRIVATE"));
        }
        assert!(refusal("http://8.8.8.8/v1", true).contains("https://"));
        let own =
            ProviderConfig::new("http://ollama.internal:11434/v1", "m", None, true).expect("a provider of one's own");
        assert_eq!(own.reach(), Reach { private: true, public: false }, "the name must not lead to the internet");
    }

    #[test]
    fn a_key_is_in_nothing_that_is_printed() {
        let key = Secret::parse(" sk-hush\n").expect("a key");
        assert_eq!(key.expose(), "sk-hush");
        let config = ProviderConfig::new("https://a/v1", "m", Some(key), false).expect("a config");
        assert!(!format!("{config:?}").contains("hush"));
        for text in ["sk-hush sk-hush", "sk-hush\nsk-hush", "sk-hush\u{e9}"] {
            let error = Secret::parse(text).expect_err(text);
            assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
        }
    }

    #[test]
    fn a_key_comes_out_of_its_file_or_the_file_is_named() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("key");
        let missing = Secret::read(&path).expect_err("not there").to_string();
        assert!(missing.starts_with("BULKHEAD_ASSISTANT_KEY_FILE: ") && missing.contains("key:"), "{missing}");
        std::fs::write(&path, "sk-hush\r\n").expect("written");
        assert_eq!(Secret::read(&path).expect("a key").expose(), "sk-hush");
        for bad in [vec![], vec![b'a'; 10_000], b"\xff\xfe".to_vec()] {
            std::fs::write(&path, bad).expect("written");
            let said = Secret::read(&path).expect_err("no key").to_string();
            assert!(said.starts_with("BULKHEAD_ASSISTANT_KEY_FILE: "), "{said}");
        }
    }

    #[test]
    fn without_settings_there_is_no_assistant_and_half_of_them_is_refused() {
        let none = RawSettings::default();
        assert!(ProviderConfig::from_settings(none).expect("nothing is set").is_none());
        let empty =
            RawSettings { url: Some(" "), model: Some(""), key_file: Some(Path::new("")), allow_private: Some("") };
        assert!(ProviderConfig::from_settings(empty).expect("nothing is set").is_none());
        let url = Some("https://a/v1");
        for (raw, setting) in [
            (RawSettings { url, ..none }, "BULKHEAD_ASSISTANT_MODEL"),
            (RawSettings { url, model: Some("a\nb"), ..none }, "BULKHEAD_ASSISTANT_MODEL"),
            (RawSettings { model: Some("m"), ..none }, "BULKHEAD_ASSISTANT_URL"),
            (RawSettings { key_file: Some(Path::new("/k")), ..none }, "BULKHEAD_ASSISTANT_URL"),
            (
                RawSettings { url, model: Some("m"), allow_private: Some("perhaps"), ..none },
                "BULKHEAD_ASSISTANT_ALLOW_PRIVATE",
            ),
            (
                RawSettings { url, model: Some("m"), key_file: Some(Path::new("/no/such")), ..none },
                "BULKHEAD_ASSISTANT_KEY_FILE",
            ),
        ] {
            let said = ProviderConfig::from_settings(raw).expect_err(setting).to_string();
            assert!(said.contains(setting), "{said}");
        }
        let config =
            ProviderConfig::from_settings(RawSettings { url, model: Some(" m "), allow_private: Some("On"), ..none })
                .expect("all is set")
                .expect("a provider");
        assert_eq!((config.model(), config.host(), config.reach().private), ("m", "a", true));
    }
}
