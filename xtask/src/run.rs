//! `cargo xtask run`: from a clone to a served console with this machine's live data.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::build_web::{self, Mode};
use crate::shell::{self, Failure, Result};
use crate::{tools, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build what one would deploy: optimized, one binary with the app inside
    #[arg(long)]
    release: bool,
    /// Add three organizations with simulated fleets, labelled as a demo everywhere
    #[arg(long)]
    demo: bool,
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 7700)]
    port: u16,
    /// Where the server keeps everything; created when missing. Default: ./data, and ./data-demo for the demo, which never mixes with
    /// real data
    #[arg(long)]
    data: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct AnnounceArgs {
    #[arg(long)]
    port: u16,
    /// The process id of the server
    #[arg(long)]
    server: u32,
}

impl Args {
    fn data_dir(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from(if self.demo { "./data-demo" } else { "./data" }))
    }
}

/// How long a server may take to answer before we say that something is wrong. Opening a large data folder takes seconds.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Builds and starts the server. Returns only when that fails: this process becomes the server, so that Ctrl-C, a signal and the exit
/// code are the server's own and nothing stays behind.
///
/// # Errors
/// When the port is taken, something does not build, or the server cannot be started.
pub(crate) fn run(args: &Args) -> Result<()> {
    let started_at = Instant::now();
    // First what fails at once, before minutes of building.
    check_port(args.port)?;
    tools::ensure_system_packages(&[&tools::OPENSSL])?;
    build_web::build(if args.release { Mode::Release } else { Mode::Dev })?;
    let bin = build_binaries(args.release)?;

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    println!("\n  built in {}; starting the server on {address}, Ctrl-C ends it\n", shell::human(started_at.elapsed()));
    start_announcer(args.port)?;
    let mut server = Command::new(bin.join("bulkhead"));
    server.arg("serve").arg("--data").arg(args.data_dir()).args(["--listen", &address.to_string()]);
    server.arg("--local-agent").arg(bin.join("bulkhead-agent"));
    if !args.release {
        server.arg("--web-root").arg(workspace::web_root());
    }
    if args.demo {
        server.arg("--demo");
    }
    let error = server.exec();
    Err(Failure::new(format!("cannot start {}: {error}", bin.join("bulkhead").display())))
}

/// Builds the server and the agent. Returns the folder in which they are.
pub(crate) fn build_binaries(release: bool) -> Result<PathBuf> {
    let mut command = Command::new(shell::cargo());
    command.args(["build", "--locked", "--package", "backend", "--package", "agent"]).current_dir(workspace::root());
    let profile = if release {
        command.args(["--release", "--features", "backend/embed"]);
        "release"
    } else {
        "debug"
    };
    shell::step("build the server and the agent", &mut command)?;
    workspace::bin_dir(profile)
}

fn check_port(port: u16) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Err(error) = TcpListener::bind(address) else { return Ok(()) };
    Err(Failure::new(match error.kind() {
        ErrorKind::AddrInUse if status_of(address, "/healthz") == Some(200) => format!(
            "port {port} is in use: a server answers at http://{address}, perhaps a console that is still running. \
             End that one, or choose another port: cargo xtask run --port {}",
            neighbour(port)
        ),
        ErrorKind::AddrInUse => format!(
            "port {port} is in use by another program. Choose another one: cargo xtask run --port {}",
            neighbour(port)
        ),
        ErrorKind::PermissionDenied => {
            format!("port {port} is reserved for root. Choose one above 1023: cargo xtask run --port 7700")
        }
        _ => format!("cannot listen on {address}: {error}"),
    }))
}

fn neighbour(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(7700)
}

/// Starts `cargo xtask announce` beside the server that this process is about to become. The shell in between lets it go at once, so
/// that the server has no child that it knows nothing of.
fn start_announcer(port: u16) -> Result<()> {
    let own = std::env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let status = Command::new("sh")
        .args(["-c", r#""$0" "$@" &"#])
        .arg(own)
        .args(["announce", "--port", &port.to_string(), "--server", &std::process::id().to_string()])
        .stdin(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("cannot start a second xtask: {status}"))),
        Err(error) => Err(Failure::new(format!("cannot start sh: {error}"))),
    }
}

/// Waits until the server is ready and says so. Silent when the server has ended: it has said why.
///
/// # Errors
/// When the server is alive but not ready in time.
pub(crate) fn announce(args: &AnnounceArgs) -> Result<()> {
    let started_at = Instant::now();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let server = PathBuf::from(format!("/proc/{}", args.server));
    while started_at.elapsed() < READY_WITHIN {
        if !is_alive(&server) {
            return Ok(());
        }
        if status_of(address, "/readyz") == Some(200) {
            println!(
                "\n  the console is served at http://{address} (ready after {})\n",
                shell::human(started_at.elapsed())
            );
            return Ok(());
        }
        pause();
    }
    Err(Failure::new(format!(
        "the server runs, but http://{address}/readyz did not say 200 within {}: see its log above",
        shell::human(READY_WITHIN)
    )))
}

#[expect(clippy::disallowed_methods, reason = "another process becomes ready, and nothing but asking again tells")]
fn pause() {
    thread::sleep(Duration::from_millis(50));
}

fn is_alive(process: &Path) -> bool {
    process.exists()
}

/// The status code of a GET, if an HTTP server answers at all.
fn status_of(address: SocketAddr, path: &str) -> Option<u16> {
    let patience = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).ok()?;
    let mut answer = Vec::new();
    // A server that closes early has still sent its status line.
    let _ = stream.take(1024).read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    answer.strip_prefix("HTTP/1.1 ")?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers one request with the given status line.
    fn one_answer(status: &'static str) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("one visitor");
            let mut request = [0_u8; 1024];
            let _ = stream.read(&mut request).expect("a request");
            stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).expect("answer");
        });
        address
    }

    #[test]
    fn the_demo_has_a_folder_of_its_own_unless_one_is_named() {
        let dir = |demo, data: Option<&str>| {
            Args { release: false, demo, port: 7700, data: data.map(PathBuf::from) }.data_dir()
        };
        assert_eq!(dir(false, None), Path::new("./data"));
        assert_eq!(dir(true, None), Path::new("./data-demo"));
        assert_eq!(dir(true, Some("/srv/x")), Path::new("/srv/x"));
    }

    #[test]
    fn the_status_of_an_answer_is_read() {
        assert_eq!(status_of(one_answer("200 OK"), "/readyz"), Some(200));
        assert_eq!(status_of(one_answer("503 Service Unavailable"), "/readyz"), Some(503));
    }

    /// A port that was free a moment ago. Another program may take it at any time, so whoever needs one asks several times.
    fn freed_port() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.local_addr().expect("its address")
    }

    #[test]
    fn a_port_on_which_nobody_listens_has_no_status() {
        assert!((0..20).any(|_| status_of(freed_port(), "/readyz").is_none()));
    }

    #[test]
    fn a_taken_port_says_so_and_offers_another() {
        // Something that holds the port and speaks no HTTP: it closes each connection at once.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        thread::spawn(move || listener.incoming().for_each(drop));
        let failure = check_port(port).expect_err("the port is taken").to_string();
        assert!(failure.contains(&format!("port {port} is in use")), "{failure}");
        assert!(failure.contains(&format!("--port {}", neighbour(port))), "{failure}");
    }

    #[test]
    fn a_free_port_is_fine() {
        assert!((0..20).any(|_| check_port(freed_port().port()).is_ok()));
    }
}
