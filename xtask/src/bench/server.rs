//! Programs under measurement, and the console's API as the benchmark uses it.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::{Connection, request};
use super::{Programs, idle, text};
use crate::shell::{Failure, IoContext, Result};

const READY_WITHIN: Duration = Duration::from_secs(60);

/// Who is signed in. Not a secret: the account lives as long as its folder does.
pub(super) const EMAIL: &str = "bench@example.org";
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// A running program that listens. It is killed, not asked to end: what it acknowledged has to survive that.
pub(super) struct Running {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Running {
    /// Starts `program` on a free port; `arguments` says how to tell it the address.
    fn start(program: &Path, arguments: impl FnOnce(SocketAddr) -> Vec<String>, log: &Path) -> Result<Self> {
        Self::start_with(program, arguments, &[], log)
    }

    fn start_with(
        program: &Path,
        arguments: impl FnOnce(SocketAddr) -> Vec<String>,
        settings: &[(&str, &str)],
        log: &Path,
    ) -> Result<Self> {
        let address = free_address()?;
        let out = File::create(log).or_cannot("write", log)?;
        let err = out.try_clone().or_cannot("write", log)?;
        let child = Command::new(program)
            .args(arguments(address))
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .or_cannot("start", program)?;
        let mut running = Self { child, address };
        let started_at = Instant::now();
        while Connection::open(address).is_err() {
            let ended = running.child.try_wait().is_ok_and(|status| status.is_some());
            if ended || started_at.elapsed() > READY_WITHIN {
                let said = fs::read_to_string(log).unwrap_or_default();
                return Err(Failure::new(format!(
                    "{} does not serve. It said:\n{}",
                    program.display(),
                    said.trim_end()
                )));
            }
            idle(Duration::from_millis(10));
        }
        Ok(running)
    }

    /// Resident memory in megabytes of 1,000,000 bytes, pages of the program's own file included.
    pub(super) fn resident_mb(&self) -> Result<f64> {
        let file = PathBuf::from(format!("/proc/{}/status", self.child.id()));
        let status = fs::read_to_string(&file).or_cannot("read", &file)?;
        resident_kib(&status)
            .map(|kib| kib * 1_024.0 / 1_000_000.0)
            .ok_or_else(|| Failure::new(format!("{} has no VmRSS", file.display())))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resident_kib(status: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
}

/// A port that was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| Failure::new(format!("no free port on the loopback address: {error}")))
}

/// The baseline, which answers everything with the bytes of a file.
pub(super) fn start_bare(programs: &Programs, file: &Path) -> Result<Running> {
    Running::start(&programs.bare, |address| vec![text(file), address.to_string()], &file.with_extension("log"))
}

/// The provider that answers by a script.
pub(super) fn start_provider(programs: &Programs, dir: &Path) -> Result<Running> {
    let listen = |address: SocketAddr| vec!["--listen".to_owned(), address.to_string()];
    Running::start(&programs.provider, listen, &dir.join("provider.log"))
}

/// A data folder with one account.
pub(super) struct Data<'a> {
    programs: &'a Programs,
    dir: PathBuf,
}

impl<'a> Data<'a> {
    pub(super) fn create(programs: &'a Programs, dir: &Path) -> Result<Self> {
        let data = Self { programs, dir: dir.join("data") };
        let mut child = Command::new(&programs.server)
            .args(["user", "create", "--email", EMAIL, "--name", "Bench", "--password-file", "-"])
            .args(["--data", &text(&data.dir)])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .or_cannot("start", &programs.server)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(PASSWORD.as_bytes()).or_cannot("write to", &programs.server)?;
        }
        if child.wait().is_ok_and(|status| status.success()) {
            Ok(data)
        } else {
            Err(Failure::new("`bulkhead user create` failed: see above"))
        }
    }

    /// Serves it with the settings of an unmodified installation.
    pub(super) fn serve(&self) -> Result<Running> {
        self.serve_with(&[])
    }

    /// With settings of its environment.
    pub(super) fn serve_with(&self, settings: &[(&str, &str)]) -> Result<Running> {
        let serve = |address: SocketAddr| {
            ["serve", "--data", &text(&self.dir), "--listen", &address.to_string()].map(str::to_owned).to_vec()
        };
        Running::start_with(&self.programs.server, serve, settings, &self.dir.with_extension("log"))
    }
}

/// An organization with an agent's token.
pub(super) struct Org {
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) token: String,
}

/// The account's session with a running server.
pub(super) struct Session {
    connection: Connection,
    pub(super) cookie: String,
}

impl Session {
    pub(super) fn sign_in(server: &Running) -> Result<Self> {
        let connection = Connection::open(server.address).map_err(lost)?;
        let mut session = Self { connection, cookie: String::new() };
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let bytes = request("POST", "/api/v1/sessions", &[], Some(&body.to_string()));
        session.connection.send(&bytes).map_err(lost)?;
        let answer = session.connection.receive().map_err(lost)?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or_else(|| Failure::new(format!("signing in was answered {}", answer.status)))?;
        session.cookie = cookie.to_owned();
        Ok(session)
    }

    /// A request of this session as bytes.
    pub(super) fn request(&self, method: &str, path: &str, body: Option<&str>) -> Vec<u8> {
        request(method, path, &[("Cookie", &self.cookie)], body)
    }

    /// The bytes of the answer, which has to be a success.
    pub(super) fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Vec<u8>> {
        let body = body.map(Value::to_string);
        let bytes = self.request(method, path, body.as_deref());
        exchange(&mut self.connection, &bytes, path)
    }

    pub(super) fn create_org(&mut self, name: &str) -> Result<Org> {
        let org = parsed(&self.ask("POST", "/api/v1/orgs", Some(&json!({ "name": name })))?)?;
        let field = |field: &str| org[field].as_str().unwrap_or_default().to_owned();
        let (id, slug) = (field("id"), field("slug"));
        let token = json!({ "name": "agents", "kind": "agent" });
        let token = parsed(&self.ask("POST", &format!("/api/v1/orgs/{id}/tokens"), Some(&token))?)?;
        let token = token["secret"].as_str().unwrap_or_default().to_owned();
        Ok(Org { id, slug, name: name.to_owned(), token })
    }
}

/// Sends a request and returns the body of the answer, which has to be a success.
pub(super) fn exchange(connection: &mut Connection, bytes: &[u8], path: &str) -> Result<Vec<u8>> {
    connection.send(bytes).map_err(lost)?;
    let answer = connection.receive().map_err(lost)?;
    if (200..300).contains(&answer.status) {
        return Ok(answer.body.to_vec());
    }
    let said = String::from_utf8_lossy(answer.body);
    Err(Failure::new(format!("{path} was answered {}: {said}", answer.status)))
}

pub(super) fn parsed(body: &[u8]) -> Result<Value> {
    serde_json::from_slice(body).map_err(|error| Failure::new(format!("the server's answer is no JSON: {error}")))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is mapped")]
fn lost(error: std::io::Error) -> Failure {
    Failure::new(format!("the connection to the server broke: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_kernels_page_about_a_process() {
        assert_eq!(resident_kib("VmHWM:\t    9999 kB\nVmRSS:\t   12345 kB\nRssAnon:\t 1 kB\n"), Some(12_345.0));
        assert_eq!(resident_kib("VmHWM:\t    9999 kB\n"), None);
    }
}
