//! The command line. Every flag has an environment variable; secrets come from files, standard input or the
//! environment, never from arguments, which every user of the machine can read.

use crate::settings::{License, Settings};
use ::assistant::{Limits, ProviderConfig, RawSettings};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use shared::{Role, token::TokenKind};
use std::{
    ffi::OsString,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use store::Config;

/// A console in which many organizations watch their infrastructure.
#[derive(Debug, Parser)]
#[command(name = "bulkhead", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(Box<ServeArgs>),
    /// Accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Organizations
    #[command(subcommand)]
    Org(OrgCommand),
    /// Members of organizations
    #[command(subcommand)]
    Member(MemberCommand),
    /// Organization-bound tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Check data folder, database, walls, clock, port, console and assistant, and say what to do about each
    Doctor(Box<ServeArgs>),
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct StoreArgs {
    /// Folder of everything that the server keeps; created when missing
    #[arg(long, env = "BULKHEAD_DATA", default_value = "./data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Use PostgreSQL, with the restricted role of this URL; without it, SQLite in the data folder
    #[arg(long, env = "BULKHEAD_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// A file with that URL
    #[arg(long, env = "BULKHEAD_DATABASE_URL_FILE", value_name = "FILE", conflicts_with = "database_url")]
    pub database_url_file: Option<PathBuf>,
    /// The role that owns the tables and migrates them; not needed while migrations are up to date
    #[arg(long, env = "BULKHEAD_DATABASE_OWNER_URL", value_name = "URL", hide_env_values = true)]
    pub database_owner_url: Option<String>,
    /// A file with that URL
    #[arg(long, env = "BULKHEAD_DATABASE_OWNER_URL_FILE", value_name = "FILE", conflicts_with = "database_owner_url")]
    pub database_owner_url_file: Option<PathBuf>,
    /// Most PostgreSQL connections
    #[arg(long, env = "BULKHEAD_DATABASE_POOL", default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_pool: u32,
    /// Most organizations whose SQLite files are kept open: each costs about 0.35 MB, one that has to be opened again costs time
    #[arg(long, env = "BULKHEAD_MAX_OPEN_ORGS", default_value_t = 32, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_open_orgs: u32,
}

/// A flag or variable that makes no sense: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl StoreArgs {
    /// What to open.
    ///
    /// # Errors
    /// A file cannot be read, or a URL is none.
    pub fn config(&self) -> Result<Config, UsageError> {
        let url = secret(self.database_url.as_ref(), self.database_url_file.as_ref(), "--database-url-file")?;
        let owner_url = secret(
            self.database_owner_url.as_ref(),
            self.database_owner_url_file.as_ref(),
            "--database-owner-url-file",
        )?;
        match url {
            Some(app_url) => Ok(Config::Postgres { app_url, owner_url, pool_size: self.database_pool }),
            None if owner_url.is_some() => {
                Err(UsageError("--database-owner-url needs --database-url, the restricted role's URL.".to_owned()))
            }
            None => Ok(Config::Sqlite { data_dir: self.data.clone(), max_open_orgs: self.max_open_orgs as usize }),
        }
    }
}

fn secret(given: Option<&String>, file: Option<&PathBuf>, flag: &str) -> Result<Option<String>, UsageError> {
    let url = match (given, file) {
        (Some(url), _) => url.clone(),
        (None, Some(file)) => fs::read_to_string(file)
            .map_err(|error| UsageError(format!("{flag} {} cannot be read: {error}.", file.display())))?,
        (None, None) => return Ok(None),
    };
    let url = url.trim().to_owned();
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Some(url))
    } else {
        Err(UsageError("a database URL has to start with postgres:// or postgresql://".to_owned()))
    }
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is on.
    On,
    /// It is off.
    Off,
}

/// Flags of `bulkhead serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Where the data is.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Where to listen
    #[arg(long, env = "BULKHEAD_LISTEN", default_value = "127.0.0.1:7700", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// Where people open the console, such as `https://watch.example.org`; the listening address without TLS by default
    #[arg(long, env = "BULKHEAD_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Folder of the console's files; the files inside the binary by default
    #[arg(long, env = "BULKHEAD_WEB_ROOT", value_name = "FOLDER")]
    pub web_root: Option<PathBuf>,
    /// Run this agent for the machine that the server runs on, in the first organization
    #[arg(long, env = "BULKHEAD_LOCAL_AGENT", value_name = "PROGRAM")]
    pub local_agent: Option<PathBuf>,
    /// Fill an empty data folder with three organizations whose fleets are simulated, and keep simulating them
    #[arg(long, env = "BULKHEAD_DEMO", action = ArgAction::SetTrue, value_parser = clap::builder::BoolishValueParser::new())]
    pub demo: bool,
    /// Serve metrics here, for instance on 127.0.0.1:7701; off by default
    #[arg(long, env = "BULKHEAD_METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<SocketAddr>,
    /// Where people get a larger plan; named in refusals
    #[arg(long, env = "BULKHEAD_UPGRADE_URL", value_name = "URL", value_parser = web_url)]
    pub upgrade_url: Option<String>,
    /// Whether there may be more than one organization
    #[arg(long, env = "BULKHEAD_MULTI_TENANT", value_enum, default_value_t = Switch::On, value_name = "ON|OFF")]
    pub multi_tenant: Switch,
    /// The installation's licence
    #[arg(long, env = "BULKHEAD_LICENSE", value_enum, default_value_t = License::Full, value_name = "NAME")]
    pub license: License,
    /// A proxy stands in front and names the client in X-Forwarded-For
    #[arg(long, env = "BULKHEAD_BEHIND_PROXY", action = ArgAction::SetTrue, value_parser = clap::builder::BoolishValueParser::new())]
    pub behind_proxy: bool,
    /// Threads that serve requests; one for each core by default
    #[arg(long, env = "BULKHEAD_WORKERS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
    /// Which provider the assistant asks.
    #[command(flatten)]
    pub assistant: AssistantArgs,
}

/// Flags of the assistant. What is set to nothing is not set. The key comes from a file alone.
#[derive(Debug, Clone, Default, Args)]
pub struct AssistantArgs {
    /// Have the assistant ask this OpenAI-compatible provider, such as `https://api.example.org/v1`; no assistant by default
    #[arg(long, env = "BULKHEAD_ASSISTANT_URL", value_name = "URL")]
    pub assistant_url: Option<String>,
    /// The model, as the provider calls it
    #[arg(long, env = "BULKHEAD_ASSISTANT_MODEL", value_name = "NAME")]
    pub assistant_model: Option<String>,
    /// A file with the key at the provider; a provider of one's own may need none
    #[arg(long, env = "BULKHEAD_ASSISTANT_KEY_FILE", value_name = "FILE")]
    pub assistant_key_file: Option<OsString>,
    /// Let the provider be on this machine or in a private network, also without TLS
    #[arg(long, env = "BULKHEAD_ASSISTANT_ALLOW_PRIVATE", value_name = "TRUE|FALSE", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub assistant_allow_private: Option<String>,
}

impl AssistantArgs {
    /// The provider, if one is set up.
    ///
    /// # Errors
    /// A setting cannot be used; the text names it and never holds the key.
    pub fn provider(&self) -> Result<Option<ProviderConfig>, UsageError> {
        let raw = RawSettings {
            url: self.assistant_url.as_deref(),
            model: self.assistant_model.as_deref(),
            key_file: self.assistant_key_file.as_deref().map(Path::new),
            allow_private: self.assistant_allow_private.as_deref(),
        };
        ProviderConfig::from_settings(raw).map_err(|error| UsageError(error.to_string()))
    }
}

impl ServeArgs {
    /// The checked settings.
    ///
    /// # Errors
    /// A combination makes no sense.
    pub fn settings(&self) -> Result<Settings, UsageError> {
        if self.metrics_listen == Some(self.listen) {
            return Err(UsageError(
                "--metrics-listen needs an address of its own; leave it out to switch metrics off.".to_owned(),
            ));
        }
        if let Some(root) = &self.web_root
            && !root.join("index.html").is_file()
        {
            return Err(UsageError(format!(
                "--web-root {} has no index.html. `cargo xtask build-web` makes one.",
                root.display()
            )));
        }
        if let Some(agent) = &self.local_agent
            && !agent.is_file()
        {
            return Err(UsageError(format!("--local-agent {} is no program.", agent.display())));
        }
        Ok(Settings {
            data_dir: self.store.data.clone(),
            listen: self.listen,
            public_url: self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen)),
            upgrade_url: self.upgrade_url.clone(),
            multi_tenant: self.multi_tenant == Switch::On,
            license: self.license,
            demo: self.demo,
            behind_proxy: self.behind_proxy,
            reads_inline: matches!(self.store.config()?, Config::Sqlite { .. }),
            assistant: self.assistant.provider()?,
            assistant_limits: Limits::default(),
        })
    }
}

fn web_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') && !text.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        _ => Err("expected a URL such as https://watch.example.org".to_owned()),
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let url = web_url(text)?;
    let url = url.trim_end_matches('/').to_owned();
    if url.splitn(4, '/').count() > 3 {
        return Err(
            "expected scheme and host without a path: the console has to stand at the root of its host".to_owned()
        );
    }
    Ok(url)
}

/// `bulkhead user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create an account
    Create {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Its address
        #[arg(long)]
        email: String,
        /// Its name
        #[arg(long)]
        name: String,
        /// File with the password, - for standard input; one is made up and printed where this is left out
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// May use the operator's commands of the API
        #[arg(long)]
        operator: bool,
    },
    /// Give an account a new password and end its sessions
    SetPassword {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Its address
        #[arg(long)]
        email: String,
        /// File with the password, - for standard input; one is made up and printed where this is left out
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// List all accounts
    List {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `bulkhead org …`
#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    /// Create an organization
    Create {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Its name
        #[arg(long)]
        name: String,
        /// Its slug; made from the name where this is left out
        #[arg(long)]
        slug: Option<String>,
        /// Address of the account that owns it
        #[arg(long, value_name = "EMAIL")]
        owner: String,
    },
    /// List all organizations
    List {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Give an organization a plan of the catalogue
    SetPlan {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Its slug
        slug: String,
        /// community, team, business or enterprise
        plan: String,
    },
    /// Close an organization for the time being; nothing is deleted
    Suspend {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Its slug
        slug: String,
    },
    /// Open a suspended organization again
    Resume {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Its slug
        slug: String,
    },
}

/// `bulkhead member …`
#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// Add an account to an organization
    Add {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Slug of the organization
        #[arg(long, value_name = "SLUG")]
        org: String,
        /// Address of the account
        #[arg(long)]
        email: String,
        /// viewer, editor, admin or owner
        #[arg(long, value_parser = parse_role)]
        role: Role,
    },
}

/// `bulkhead token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; its secret is printed, alone, on standard output
    Create {
        /// Where the data is.
        #[command(flatten)]
        store: StoreArgs,
        /// Slug of the organization
        #[arg(long, value_name = "SLUG")]
        org: String,
        /// Its name
        #[arg(long)]
        name: String,
        /// agent or api
        #[arg(long, value_parser = parse_kind)]
        kind: TokenKind,
        /// Role of an API token
        #[arg(long, value_parser = parse_role, default_value = "viewer")]
        role: Role,
        /// When it ends: a number with s, m, h or d behind it
        #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
        expires_in: Option<i64>,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: shared::role::ParseRoleError| error.to_string())
}

fn parse_kind(text: &str) -> Result<TokenKind, String> {
    [TokenKind::Agent, TokenKind::Api]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| "expected agent or api".to_owned())
}

/// Seconds of a time such as `90s`, `15m`, `1h` or `30d`.
fn parse_seconds(text: &str) -> Result<i64, String> {
    let unit = text.chars().last().ok_or("expected a time such as 1h")?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err("expected a number with s, m, h or d behind it, such as 1h".to_owned()),
    };
    let number: i64 =
        text[..text.len() - 1].parse().map_err(|_| "expected a number before the unit, such as 1h".to_owned())?;
    match number.checked_mul(factor) {
        Some(seconds) if seconds > 0 => Ok(seconds),
        _ => Err("expected a time that is longer than nothing and shorter than for ever".to_owned()),
    }
}

/// Reads a password from a file or from standard input; without the line break at its end.
///
/// # Errors
/// It cannot be read.
pub fn read_password(file: &std::path::Path) -> io::Result<String> {
    let text = if file.as_os_str() == "-" { io::read_to_string(io::stdin())? } else { fs::read_to_string(file)? };
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nonsense_is_refused_with_exit_code_2() {
        for line in [
            "serve --listen here",
            "serve --listen 127.0.0.1:99999",
            "serve --public-url watch.example",
            "serve --public-url https://watch.example/console",
            "serve --multi-tenant maybe",
            "serve --workers 0",
            "serve --database-url x --database-url-file y",
            "token create --org a --name b --kind robot",
            "token create --org a --name b --kind api --expires-in 1w",
            "token create --org a --name b --kind api --expires-in -1h",
            "member add --org a --email b --role boss",
            "dance",
        ] {
            let error = Cli::try_parse_from(format!("bulkhead {line}").split(' ')).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn every_flag_of_serve_has_a_variable() {
        let cli = Cli::command();
        let serve = cli.find_subcommand("serve").expect("there is one");
        for flag in serve.get_arguments().filter(|flag| !matches!(flag.get_id().as_str(), "help" | "version")) {
            let variable = flag.get_env().and_then(|name| name.to_str()).unwrap_or_default();
            assert!(variable.starts_with("BULKHEAD_"), "{} has none", flag.get_id());
        }
    }

    #[test]
    fn a_time_is_a_number_with_a_unit() {
        assert_eq!(parse_seconds("90s"), Ok(90));
        assert_eq!(parse_seconds("30d"), Ok(2_592_000));
        assert!(parse_seconds("9223372036854775807d").is_err());
        assert!(parse_seconds("").is_err());
    }
}
