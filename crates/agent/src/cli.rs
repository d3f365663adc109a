//! The command line. Every option can also be set in the environment; the token is never an argument, because the
//! arguments of a process can be read by every account of the machine.

use crate::{
    inventory::{EnginePlace, HypervisorPlace, Places},
    run::Settings,
    token::{TOKEN_VARIABLE, TokenError, TokenSource},
    transport::Server,
};
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, time::Duration};

/// Measures this machine and reports to one organization of a Bulkhead server.
#[derive(Debug, Parser)]
#[command(name = "bulkhead-agent", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "The token is read from --token-file, or from the variable BULKHEAD_AGENT_TOKEN.\n\
    BULKHEAD_AGENT_LOG sets what is logged: error, warn, info (the default), debug.\n\
    Exit codes: 0 all well, 1 a failure that is said on standard error, 2 wrong use.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure and report until stopped.
    Run(ConnectArgs),
    /// Print what would be sent, as JSON, and send nothing.
    Once(MachineArgs),
    /// Look whether token, state folder and server are in order, and say what to do where they are not.
    Doctor(ConnectArgs),
}

/// About the machine.
#[derive(Debug, Clone, Args)]
pub struct MachineArgs {
    /// Folder of this agent: unsent reports, and the host id where the machine has none.
    #[arg(long, env = "BULKHEAD_AGENT_STATE_DIR", value_name = "DIR", default_value = "/var/lib/bulkhead-agent")]
    pub state_dir: PathBuf,
    /// What the machine is called in the console [default: its host name].
    #[arg(long, env = "BULKHEAD_AGENT_NAME", value_parser = parse_name)]
    pub name: Option<String>,
    /// Unix socket of Docker or podman, whose containers are reported; `none` for none [default: DOCKER_HOST where that
    /// is one, else /var/run/docker.sock or /run/podman/podman.sock].
    #[arg(long, env = "BULKHEAD_AGENT_DOCKER_SOCKET", value_name = "PATH", value_parser = parse_socket)]
    pub docker_socket: Option<String>,
    /// Connection URI of libvirt, whose guests are reported; `none` for none [default: qemu:///system where libvirt runs].
    #[arg(long, env = "BULKHEAD_AGENT_LIBVIRT_URI", value_name = "URI", value_parser = parse_uri)]
    pub libvirt_uri: Option<String>,
}

impl MachineArgs {
    /// Where to look for containers and guests.
    #[must_use]
    pub fn places(&self) -> Places {
        let docker_host = std::env::var("DOCKER_HOST").ok();
        Places {
            engine: EnginePlace::choose(self.docker_socket.as_deref(), docker_host.as_deref()),
            hypervisor: HypervisorPlace::choose(self.libvirt_uri.as_deref()),
        }
    }
}

/// About the machine and the server.
#[derive(Debug, Clone, Args)]
pub struct ConnectArgs {
    /// Address of the server, beginning with `https://`.
    #[arg(long, env = "BULKHEAD_AGENT_SERVER", value_name = "URL")]
    pub server: Server,
    /// File that holds the agent token and nothing else.
    #[arg(long, env = "BULKHEAD_AGENT_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificates (PEM) to trust instead of the public ones, for an authority of your own.
    #[arg(long, env = "BULKHEAD_AGENT_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Seconds between two reports, 1 to 3600.
    #[arg(long, env = "BULKHEAD_AGENT_INTERVAL_S", value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub interval_s: u64,
    /// About the machine.
    #[command(flatten)]
    pub machine: MachineArgs,
}

impl ConnectArgs {
    /// The settings that the arguments and the token's variable make.
    ///
    /// # Errors
    /// When there is no token, or the variable holds none.
    pub fn settings(self) -> Result<Settings, TokenError> {
        let variable = std::env::var(TOKEN_VARIABLE).ok();
        Ok(Settings {
            server: self.server,
            ca_file: self.ca_file,
            token: TokenSource::choose(self.token_file, variable.as_deref())?,
            interval: Duration::from_secs(self.interval_s),
            places: self.machine.places(),
            state_dir: self.machine.state_dir,
            name: self.machine.name,
        })
    }
}

/// A name that the server will take.
fn parse_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 253 || text.chars().any(char::is_control) {
        return Err("a name has 1 to 253 characters on one line".to_owned());
    }
    Ok(text.to_owned())
}

/// The path of a Unix socket, as it is or as Docker writes it.
fn parse_socket(text: &str) -> Result<String, String> {
    let path = text.strip_prefix("unix://").unwrap_or(text);
    if text == "none" || path.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err("give the whole path of a Unix socket, which begins with a slash, or none".to_owned())
}

/// A connection URI, such as `qemu:///system`.
fn parse_uri(text: &str) -> Result<String, String> {
    let has_scheme = text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    if text == "none" || has_scheme && !text.starts_with('-') && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err("give a connection URI such as qemu:///system or lxc:///, or none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed_and_takes_no_secret() {
        let command = Cli::command();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            for arg in sub.get_arguments() {
                let id = arg.get_id().as_str();
                assert!(!matches!(id, "token" | "secret" | "password"), "{id}");
                let is_ours = !matches!(id, "help" | "version");
                assert!(!is_ours || arg.get_env().is_some(), "{id} cannot be set in the environment");
            }
        }
    }

    #[test]
    fn wrong_use_is_refused() {
        let base = ["bulkhead-agent", "run", "--server", "http://localhost:7700"];
        Cli::try_parse_from(base).expect("is enough");
        for wrong in [
            ["--interval-s", "0"],
            ["--interval-s", "x"],
            ["--name", " "],
            ["--server", "localhost"],
            ["--docker-socket", "docker.sock"],
            ["--docker-socket", "tcp://10.0.0.1:2375"],
            ["--docker-socket", ""],
            ["--libvirt-uri", "localhost"],
            ["--libvirt-uri=--help", "x"],
        ] {
            Cli::try_parse_from(base.into_iter().chain(wrong)).expect_err("is refused");
        }
    }

    #[test]
    fn where_to_look_is_a_socket_a_uri_or_none() {
        for socket in ["/run/docker.sock", "unix:///run/docker.sock", "none"] {
            assert_eq!(parse_socket(socket).as_deref(), Ok(socket));
        }
        for uri in ["qemu:///system", "qemu+tls://host/system", "lxc:///", "test:///default", "none"] {
            assert_eq!(parse_uri(uri).as_deref(), Ok(uri));
        }
    }
}
