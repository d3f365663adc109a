//! The agent of the machine that the server runs on, so that a first start shows something at once.
//!
//! Its token is one of the first organization like any other: it stands in the list, and whoever revokes it there has
//! said that this machine shall not report. The server does not make another one behind their back.

use crate::{files::write_private, state::State, store_errors::chain};
use actix_web::{
    rt::time::sleep,
    web::{self, Data},
};
use shared::{
    Role,
    token::{NewToken, TokenKind},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use store::Store;

/// How often it is looked whether there is an organization, or whether the agent still runs.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// An agent that ran for so long was well; the next failure starts over.
const WELL_AFTER: Duration = Duration::from_secs(60);

/// A child process that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs the agent for as long as the server runs. Dropping the future ends it.
pub async fn run(state: Data<State>, program: PathBuf, port: u16) {
    let folder = state.settings().data_dir().join("local-agent");
    let token = folder.join("token");
    while !has_token(&state, &folder, &token).await {
        sleep(LOOK_EVERY).await;
    }
    let mut wait = FIRST_WAIT;
    loop {
        let started = Instant::now();
        match start(&program, port, &folder, &token) {
            Ok(child) => {
                let mut child = Running(child);
                let status = loop {
                    match child.0.try_wait() {
                        Ok(None) => sleep(LOOK_EVERY).await,
                        Ok(Some(status)) => break status.to_string(),
                        Err(error) => break error.to_string(),
                    }
                };
                if started.elapsed() > WELL_AFTER {
                    wait = FIRST_WAIT;
                }
                tracing::warn!("the local agent ended ({status}); it is started again in {} s", wait.as_secs());
            }
            Err(error) => tracing::warn!(
                "the local agent {} cannot be started: {error}; next try in {} s",
                program.display(),
                wait.as_secs()
            ),
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

fn start(program: &Path, port: u16, folder: &Path, token: &Path) -> std::io::Result<Child> {
    Command::new(program)
        .args(["run", "--server", &format!("http://127.0.0.1:{port}"), "--token-file"])
        .arg(token)
        .arg("--state-dir")
        .arg(folder)
        .stdin(Stdio::null())
        .spawn()
}

/// Whether there is a token to run with; makes one for the first organization where there never was.
async fn has_token(state: &Data<State>, folder: &Path, token: &Path) -> bool {
    let (state, folder, token) = (state.clone(), folder.to_owned(), token.to_owned());
    match web::block(move || ensure_token(state.store(), &folder, &token)).await {
        Ok(Ok(ready)) => ready,
        Ok(Err(error)) => {
            tracing::warn!("the local agent has no token yet: {error}");
            false
        }
        Err(_) => false,
    }
}

fn ensure_token(store: &Store, folder: &Path, token: &Path) -> Result<bool, String> {
    let said = |error: &dyn std::error::Error| chain(error);
    if let Ok(secret) = fs::read_to_string(token) {
        if store.directory().identify_token(secret.trim()).map_err(|error| said(&error))?.is_none() {
            tracing::warn!(
                "the local agent's token does not work any more: somebody revoked it, or its organization is gone. This machine \
                 does not report. To let it report again, delete {} and restart the server",
                token.display()
            );
        }
        return Ok(true);
    }
    if store.directory().list_active_orgs().map_err(|error| said(&error))?.is_empty() {
        return Ok(false);
    }
    let operator = store.operator("connect the machine of the server to the first organization");
    let Some(org) = operator.first_org().map_err(|error| said(&error))? else { return Ok(false) };
    let slug = operator.list_orgs().map_err(|error| said(&error))?.into_iter().find(|record| record.org.id == org);
    let Some(slug) = slug.map(|record| record.org.slug) else { return Ok(false) };
    let new = NewToken { name: machine_name(), kind: TokenKind::Agent, role: Role::Viewer, expires_in_s: None };
    let created = operator.create_token(&slug, new).map_err(|error| said(&error))?;
    fs::create_dir_all(folder).map_err(|error| said(&error))?;
    write_private(token, &format!("{}\n", created.secret)).map_err(|error| said(&error))?;
    tracing::info!("this machine reports to {slug} with the token {}", created.token.name);
    Ok(true)
}

fn machine_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(80).collect();
    if name.is_empty() { "this machine".to_owned() } else { name }
}
