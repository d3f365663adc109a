//! The program as a person or a service manager runs it.

use crate::server::{Reply, TestServer};
use shared::{
    ErrorCode, Micros,
    report::{Report, ReportBatch},
};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

const TOKEN: &str = "bh_agt_0123abcd";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead-agent"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BULKHEAD_AGENT") {
            command.env_remove(name);
        }
    }
    command
}

/// A machine with a token file and a state folder.
pub(crate) struct Machine {
    dir: tempfile::TempDir,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::write(dir.path().join("token"), format!("{TOKEN}\n")).expect("written");
        Self { dir }
    }

    fn command(&self, sub: &str, url: &str) -> Command {
        self.command_at(sub, url, "none")
    }

    fn command_at(&self, sub: &str, url: &str, libvirt: &str) -> Command {
        let mut command = program();
        command.arg(sub).args(["--server", url, "--token-file"]).arg(self.dir.path().join("token"));
        command.arg("--state-dir").arg(self.dir.path().join("state"));
        // Whatever runs here is none of the tests' business.
        command.args(["--docker-socket", "none", "--libvirt-uri", libvirt]);
        command
    }

    fn run(&self, url: &str) -> Running {
        Running::start(&mut self.command("run", url))
    }

    /// Runs with further options, and looks for guests.
    pub(crate) fn run_with(&self, url: &str, options: &[&str], libvirt: &str) -> Running {
        Running::start(self.command_at("run", url, libvirt).args(options))
    }

    /// Times of the reports in the spool's files.
    fn spooled(&self) -> Vec<Micros> {
        let mut times = Vec::new();
        for file in fs::read_dir(self.dir.path().join("state/spool")).expect("readable").flatten() {
            if file.path().extension().is_some_and(|ext| ext == "log") {
                let text = fs::read_to_string(file.path()).expect("readable");
                times.extend(text.lines().map(|line| {
                    let json = line.splitn(3, ' ').nth(2).expect("checksum, number, report");
                    serde_json::from_str::<Report>(json).expect("a report").taken_at
                }));
            }
        }
        times
    }
}

pub(crate) struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let log = BufReader::new(child.stderr.take().expect("piped"));
        Self { child, log }
    }

    /// Reads the log up to a line that has these words.
    fn wait_for_log(&mut self, words: &str) -> String {
        let mut log = String::new();
        while !log.contains(words) {
            assert_ne!(self.log.read_line(&mut log).expect("readable"), 0, "it ended without {words:?}: {log}");
        }
        log
    }

    pub(crate) fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill runs").success());
        let mut log = String::new();
        while self.log.read_line(&mut log).expect("readable") > 0 {}
        (self.child.wait().expect("it ends").code(), log)
    }
}

/// A test that fails must not leave an agent behind.
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address at which nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("bound"))
}

fn text(output: &Output) -> (Option<i32>, String) {
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said.into_owned())
}

#[test]
fn it_reports_at_once_and_ends_with_0_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let (machine, server) = (Machine::new(), TestServer::honest());
        let running = machine.run(&server.url);
        let seen = server.next();
        assert_eq!(seen.times().len(), 1);
        assert_eq!(seen.authorization, format!("Bearer {TOKEN}"));
        let (code, log) = running.end(signal);
        assert_eq!(code, Some(0), "{log}");
        assert!(!log.contains("0123abcd"), "the token is in the log: {log}");
    }
}

#[test]
fn what_could_not_be_sent_outlives_a_stop_and_a_kill() {
    let machine = Machine::new();
    for signal in ["-TERM", "-KILL"] {
        let mut running = machine.run(&nowhere());
        running.wait_for_log("nothing listens");
        let (code, log) = running.end(signal);
        assert_eq!(code, (signal == "-TERM").then_some(0), "{log}");
    }
    let spooled = machine.spooled();
    assert!(spooled.len() >= 2, "at least one of each run: {spooled:?}");
    let server = TestServer::honest();
    let running = machine.run(&server.url);
    let seen = server.next();
    assert_eq!(seen.times()[..spooled.len()], spooled);
    assert_eq!(running.end("-TERM").0, Some(0));
    assert_eq!(server.duplicates(), [0; 0]);
}

#[test]
fn the_host_stays_the_same_when_it_is_renamed_and_restarted() {
    let (machine, server) = (Machine::new(), TestServer::honest());
    let mut hosts = Vec::new();
    for name in ["one", "two"] {
        let mut child = machine.command("run", &server.url).args(["--name", name]).spawn().expect("it starts");
        hosts.push(server.next().batch.host);
        child.kill().expect("killed");
        child.wait().expect("it ends");
    }
    let [one, two] = <[_; 2]>::try_from(hosts).expect("two");
    assert_eq!([one.name.as_str(), two.name.as_str()], ["one", "two"]);
    assert_eq!(one.id, two.id);
}

#[test]
fn a_second_agent_on_the_same_folder_says_so_and_ends_with_1() {
    let (machine, server) = (Machine::new(), TestServer::honest());
    let running = machine.run(&server.url);
    server.next();
    let (code, said) = text(&machine.command("run", &server.url).output().expect("it runs"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("already running"), "{said}");
    assert_eq!(running.end("-TERM").0, Some(0));
}

#[test]
fn a_token_that_cannot_work_is_said_at_the_start() {
    let machine = Machine::new();
    for (content, words) in [("bh_org_0123abcd", "agent"), ("", "empty")] {
        fs::write(machine.dir.path().join("token"), content).expect("written");
        let (code, said) = text(&machine.command("run", "http://127.0.0.1:9").output().expect("it runs"));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(words) && !said.contains("0123abcd"), "{said}");
    }
}

#[test]
fn wrong_use_ends_with_2() {
    for args in [vec![], vec!["run"], vec!["run", "--server", "example.org"], vec!["dance"]] {
        assert_eq!(program().args(args).output().expect("it runs").status.code(), Some(2));
    }
}

#[test]
fn once_prints_what_would_be_sent() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut once = program();
    once.args(["once", "--docker-socket", "none", "--libvirt-uri", "none", "--state-dir"]).arg(dir.path());
    let output = once.output().expect("it runs");
    let batch: ReportBatch = serde_json::from_slice(&output.stdout).expect("a batch");
    assert_eq!(batch.reports.len(), 1);
    assert!(batch.reports[0].cpu_percent.is_some(), "{batch:?}");
    assert_eq!(output.status.code(), Some(0));
}

fn doctor(machine: &Machine, url: &str) -> (Option<i32>, String) {
    text(&machine.command("doctor", url).output().expect("it runs"))
}

#[test]
fn the_doctor_finds_a_healthy_agent_healthy_and_reports_nothing() {
    let (machine, server) = (Machine::new(), TestServer::honest());
    let (code, said) = doctor(&machine, &server.url);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("ok ")).count(), 6, "{said}");
    assert_eq!(server.next().times(), [0; 0]);
    let left: Vec<_> = fs::read_dir(machine.dir.path().join("state")).expect("readable").flatten().collect();
    assert!(left.iter().all(|file| file.path().ends_with(Path::new("host-id"))), "{left:?}");
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let machine = Machine::new();
    let refusing = TestServer::start(|_| Reply::problem(ErrorCode::Unauthenticated, ""));
    for (url, words) in [(refusing.url.clone(), "make a new one"), (nowhere(), "nothing listens")] {
        let (code, said) = doctor(&machine, &url);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("FAIL  server") && said.contains(words), "{said}");
    }
}

#[test]
fn the_doctor_goes_on_after_the_first_thing_that_is_wrong() {
    let (machine, server) = (Machine::new(), TestServer::honest());
    fs::remove_file(machine.dir.path().join("token")).expect("removed");
    fs::write(machine.dir.path().join("state"), "a file is in the way").expect("written");
    let (code, said) = doctor(&machine, &server.url);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("FAIL  token") && said.contains("FAIL  state folder"), "{said}");
}

#[test]
fn the_doctor_misses_an_engine_that_a_person_named() {
    let (machine, server) = (Machine::new(), TestServer::honest());
    let missing = machine.dir.path().join("no.sock");
    let mut command = program();
    command.args(["doctor", "--server", &server.url, "--libvirt-uri", "none", "--docker-socket"]).arg(&missing);
    command.arg("--token-file").arg(machine.dir.path().join("token"));
    command.arg("--state-dir").arg(machine.dir.path().join("state"));
    let (code, said) = text(&command.output().expect("it runs"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("FAIL  containers: there is no") && said.contains("ok    guests"), "{said}");
}
