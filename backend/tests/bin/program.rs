//! Runs `bulkhead` in a folder of its own.

use crate::http::{Client, Credential};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// An installation.
pub(crate) struct Installation {
    pub(crate) folder: TempDir,
}

/// What a command left behind.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Installation {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder") }
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead"));
        // Variables of the developer's own installation must not reach a test's.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BULKHEAD_")) {
            command.env_remove(name);
        }
        command.args(arguments).env("BULKHEAD_DATA", self.data()).current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Done {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        Done {
            code: output.status.code().expect("no signal ended it"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// The same, for a command that has to work; what it answered.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str], input: &str) -> String {
        let done = self.run(arguments, input);
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
        done.out
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        self.start(arguments, Stdio::null())
    }

    /// The same with all that it has to say written to a file.
    pub(crate) fn serve_with_log(&self, arguments: &[&str], log: &Path) -> Server {
        self.start(arguments, std::fs::File::create(log).expect("a new file").into())
    }

    fn start(&self, arguments: &[&str], log: Stdio) -> Server {
        let address = free_address();
        let mut all = vec!["serve".to_owned(), "--listen".to_owned(), address.to_string()];
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let mut child = self
            .command(&all)
            .env("BULKHEAD_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("it starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut server = Server { address, child, first_line: String::new() };
        wait_until("the server listens", || TcpStream::connect(address).is_ok());
        wait_until("the server is ready", || server.client().get("/readyz").status == 200);
        if self.data().join("setup-code").exists() || arguments.contains(&"--demo") {
            out.read_line(&mut server.first_line).expect("it says how to begin");
        }
        server
    }
}

/// A running server; ended with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) first_line: String,
    child: Child,
}

impl Server {
    pub(crate) fn client(&self) -> Client {
        Client { address: self.address, credential: Credential::Nobody, headers: Vec::new() }
    }

    /// Asks it to end, as a service manager does, and waits.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(asked.success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port")
}

#[track_caller]
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < until, "it never came: {what}");
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// The mode of a file: who may read it.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}
