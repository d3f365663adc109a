//! A private PostgreSQL cluster for one run of the tests: in a temporary folder, on a free port of the loopback address, gone afterwards.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::shell::{self, Failure, IoContext, Result};
use crate::tools;

/// Debian keeps the server's commands off PATH, one folder for each version.
const DEBIAN_HOME: &str = "/usr/lib/postgresql";
const SUPERUSER: &str = "postgres";

/// Waits for the end of its input, which is when xtask is done or died of whatever, a SIGKILL included. Then it stops the cluster and
/// removes the folder. A signal handler in xtask could do less.
const GUARDIAN: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
"$@" stop --pgdata "$CLUSTER/data" --mode immediate --silent >/dev/null 2>&1
rm -rf "$CLUSTER"
"#;

/// A running cluster. It stops when this value goes.
pub(crate) struct Cluster {
    url: String,
    guardian: Child,
}

impl Cluster {
    /// Creates and starts the cluster.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, cannot create its files or does not start; the message carries its log.
    pub(crate) fn start() -> Result<Self> {
        let bin = find_bin_dir().ok_or_else(|| Failure::new("PostgreSQL's commands initdb and pg_ctl are nowhere"))?;
        let progress = shell::Progress::start("start a PostgreSQL for the tests");
        let outcome = Self::create(&bin);
        progress.finish(outcome.is_ok());
        outcome
    }

    /// The address for a superuser of the cluster.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn create(bin: &Path) -> Result<Self> {
        // Not under `target`: as root the server runs as another user, who may not be able to walk there; and the path of a
        // Unix socket must be short.
        let home = std::env::temp_dir().join(format!("bulkhead-pg-{}", std::process::id()));
        fs::create_dir(&home).or_cannot("create", &home)?;
        let account = Account::of_server();
        // From here on the guardian cleans up, whatever happens.
        let guardian = start_guardian(&home, &account.command(&bin.join("pg_ctl")))?;

        // Whoever reaches the port as superuser can run commands as the server's user: so there is a password, even for tests.
        let password = random_password()?;
        let password_file = home.join("password");
        fs::write(&password_file, &password).or_cannot("write", &password_file)?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).or_cannot("protect", &home)?;
        account.give(&home)?;

        let data = home.join("data");
        let log = home.join("log");
        shell::output(
            account
                .command(&bin.join("initdb"))
                .args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"])
                .args(["--no-sync", "--pwfile"])
                .arg(&password_file)
                .arg("--pgdata")
                .arg(&data)
                .current_dir(&home),
        )?;

        let port = free_port()?;
        // Nobody needs the data of a test after a power cut.
        let settings = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=300 \
             -c fsync=off -c synchronous_commit=off -c full_page_writes=off",
            home.display()
        );
        let started = account
            .command(&bin.join("pg_ctl"))
            .args(["start", "--wait", "--timeout", "60", "--options", &settings, "--log"])
            .arg(&log)
            .arg("--pgdata")
            .arg(&data)
            .current_dir(&home)
            // The server inherits these streams: pipes would stay open for as long as it lives.
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|error| Failure::new(format!("cannot start pg_ctl: {error}")))?;
        if !started.success() {
            let log = fs::read_to_string(&log).unwrap_or_default();
            return Err(Failure::new(format!("PostgreSQL did not start:\n{log}")));
        }
        Ok(Self {
            url: format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"),
            guardian: guardian.keep(),
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        end_guardian(&mut self.guardian);
    }
}

/// The newest server that is installed, or the one on PATH.
pub(crate) fn find_bin_dir() -> Option<PathBuf> {
    let has_server = |bin: &PathBuf| bin.join("initdb").exists() && bin.join("pg_ctl").exists();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN_HOME)
        .ok()
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| has_server(bin))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.pop().map(|(_, bin)| bin).or_else(|| std::env::split_paths(&path).find(has_server))
}

/// Under which account the server runs.
enum Account {
    /// Ours.
    Own,
    /// PostgreSQL refuses to run as root: the account that its package made.
    Postgres,
}

impl Account {
    fn of_server() -> Self {
        if tools::is_root() { Self::Postgres } else { Self::Own }
    }

    fn command(&self, program: &Path) -> Command {
        match self {
            Self::Own => Command::new(program),
            Self::Postgres => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
        }
    }

    fn give(&self, path: &Path) -> Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Postgres => shell::output(Command::new("chown").args(["-R", "postgres:"]).arg(path)).map(drop),
        }
    }
}

/// A guardian that ends with this value unless it is kept.
struct Guarded(Option<Child>);

impl Guarded {
    fn keep(mut self) -> Child {
        self.0.take().expect("the guardian is only taken once, here")
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(guardian) = &mut self.0 {
            end_guardian(guardian);
        }
    }
}

fn start_guardian(home: &Path, pg_ctl: &Command) -> Result<Guarded> {
    let child = Command::new("sh")
        .args(["-c", GUARDIAN, "guardian"])
        .arg(pg_ctl.get_program())
        .args(pg_ctl.get_args())
        .env("CLUSTER", home)
        .current_dir("/")
        // A group of its own: Ctrl-C reaches the whole group of the terminal and must not reach this one.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Failure::new(format!("cannot start sh: {error}")))?;
    Ok(Guarded(Some(child)))
}

fn end_guardian(guardian: &mut Child) {
    // Closing its input is the signal. Waiting makes sure that the next run finds a free port and folder.
    drop(guardian.stdin.take());
    let _ = guardian.wait();
}

fn free_port() -> Result<u16> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Failure::new(format!("no free port on the loopback address: {error}")))
}

fn random_password() -> Result<String> {
    use std::io::Read;
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 16];
    fs::File::open(source).and_then(|mut file| file.read_exact(&mut bytes)).or_cannot("read", source)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Needs an installed PostgreSQL, which `cargo xtask test` makes sure of.
    #[test]
    fn a_cluster_starts_answers_and_leaves_nothing_behind() {
        let Some(bin) = find_bin_dir() else {
            assert!(
                std::env::var_os("BULKHEAD_TEST_PG").is_none(),
                "a PostgreSQL is promised but its commands are nowhere"
            );
            return;
        };
        let cluster = Cluster::start().expect("the cluster starts");
        let answer = shell::output(Command::new(bin.join("psql")).args(["-tAc", "select 40 + 2", cluster.url()]));
        let home = std::env::temp_dir().join(format!("bulkhead-pg-{}", std::process::id()));
        assert!(home.exists());
        drop(cluster);
        assert_eq!(answer.expect("psql runs").trim(), "42");
        assert!(!home.exists(), "{} is still there", home.display());
    }
}
