//! Where the socket of the engine is, and whether it opens.

use crate::inventory::access;
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::net::UnixStream;

/// Where an engine is by default: Docker's, then podman's.
const USUAL: [&str; 2] = ["/var/run/docker.sock", "/run/podman/podman.sock"];

/// Where the engine is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EnginePlace {
    /// Where Docker and podman are by default; the first socket that exists.
    #[default]
    Usual,
    /// At this socket.
    At(PathBuf),
    /// Nowhere: containers are not reported.
    Nowhere,
}

impl EnginePlace {
    /// What a person set, else what `DOCKER_HOST` says where that is a Unix socket: the agent looks at its own machine
    /// alone. Both may begin with `unix://`.
    #[must_use]
    pub fn choose(set: Option<&str>, docker_host: Option<&str>) -> Self {
        let from_host = || docker_host.filter(|host| host.starts_with("unix://"));
        match set.or_else(from_host) {
            None => Self::Usual,
            Some("none") => Self::Nowhere,
            Some(text) => Self::At(PathBuf::from(text.strip_prefix("unix://").unwrap_or(text))),
        }
    }

    /// Whether a person said where it is, and so expects one there.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        matches!(self, Self::At(_))
    }

    /// The socket to ask now; none where there is no engine. One that is installed later is found without a restart.
    #[must_use]
    pub fn socket(&self) -> Option<PathBuf> {
        match self {
            Self::Usual => USUAL.iter().map(PathBuf::from).find(|path| path.exists()),
            Self::At(path) => Some(path.clone()),
            Self::Nowhere => None,
        }
    }
}

/// The engine does not tell its containers.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No socket where one is expected.
    #[error("there is no {path}: is the container engine running? For podman: systemctl enable --now podman.socket")]
    Missing {
        /// The socket.
        path: PathBuf,
    },
    /// The agent's account may not open the socket.
    #[error("may not open {path}: {help}, or set --docker-socket none")]
    Denied {
        /// The socket.
        path: PathBuf,
        /// What to do.
        help: String,
    },
    /// Nothing answers behind the socket.
    #[error("nothing answers at {path}: {cause}. Is the container engine running?")]
    Dead {
        /// The socket.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// It takes too long.
    #[error("the container engine at {path} does not answer in time")]
    Late {
        /// The socket.
        path: PathBuf,
    },
    /// It answers, but not with containers.
    #[error("the container engine at {path} does not tell its containers: {cause}")]
    Failed {
        /// The socket.
        path: PathBuf,
        /// What it said.
        cause: String,
    },
}

/// Opens the socket and closes it again, because the operating system says best why it does not open.
pub(super) async fn knock(path: &Path) -> Result<(), EngineError> {
    let path_buf = || path.to_owned();
    match UnixStream::connect(path).await {
        Ok(_) => Ok(()),
        Err(cause) => Err(match cause.kind() {
            io::ErrorKind::NotFound => EngineError::Missing { path: path_buf() },
            io::ErrorKind::PermissionDenied => EngineError::Denied { path: path_buf(), help: access::help(path) },
            _ => EngineError::Dead { path: path_buf(), cause },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_set_goes_before_what_docker_is_told() {
        let at = |path: &str| EnginePlace::At(PathBuf::from(path));
        for (set, host, place) in [
            (None, None, EnginePlace::Usual),
            (Some("/run/a.sock"), Some("unix:///run/b.sock"), at("/run/a.sock")),
            (Some("unix:///run/a.sock"), None, at("/run/a.sock")),
            (None, Some("unix:///run/b.sock"), at("/run/b.sock")),
            (None, Some("tcp://elsewhere:2375"), EnginePlace::Usual),
            (None, Some("none"), EnginePlace::Usual),
            (Some("none"), Some("unix:///run/b.sock"), EnginePlace::Nowhere),
        ] {
            assert_eq!(EnginePlace::choose(set, host), place, "{set:?} {host:?}");
        }
    }
}
