//! Looks whether the agent could do its work, and says what to do where it could not.

use crate::{
    clock::{Clock, SystemClock},
    identity::{self, MACHINE_ID},
    inventory::{Look, Lookout},
    measure::Meter,
    run::{Settings, spool_dir},
    state,
    token::Token,
    transport::{Http, Transport},
    verdict::{Verdict, judge},
};
use shared::{HostId, report::ReportBatch};
use std::{fs, io::Write, path::Path};

/// Writes one line for each thing looked at, and tells whether all is well.
///
/// # Errors
/// When `out` cannot be written.
pub fn examine(settings: &Settings, out: &mut impl Write) -> std::io::Result<bool> {
    let token = token(settings);
    let host = identity::host_id(&settings.state_dir, Path::new(MACHINE_ID)).map_err(|error| error.to_string());
    let server = match (&token, &host) {
        (Ok((token, _)), Ok(host)) => server(settings, token, *host),
        _ => Err("not asked, because of what is above".to_owned()),
    };
    let checks = [
        ("token", token.map(|(_, said)| said)),
        ("state folder", state_folder(&settings.state_dir)),
        ("host id", host.map(|host| host.to_string())),
        ("server", server),
    ];
    let mut is_well = true;
    for (what, found) in checks {
        match found {
            Ok(said) => writeln!(out, "ok    {what}: {said}")?,
            Err(said) => {
                is_well = false;
                writeln!(out, "FAIL  {what}: {said}")?;
            }
        }
    }
    let look = Lookout::new(settings.places.clone()).map(|mut lookout| lookout.look());
    match look {
        Ok(look) => is_well &= what_runs(settings, look, out)?,
        Err(cause) => writeln!(out, "note  cannot look for containers and guests: {cause}")?,
    }
    for warning in [settings.token.warning(), settings.server.warning().map(str::to_owned)].into_iter().flatten() {
        writeln!(out, "note  {warning}")?;
    }
    Ok(is_well)
}

/// Whether containers and guests can be told. That they cannot is a fault only where a person said that there are some:
/// an engine that is there may be none of the agent's business.
fn what_runs(settings: &Settings, look: Look, out: &mut impl Write) -> std::io::Result<bool> {
    let counted = |engine: &str, count: usize, left_out: i64| {
        let more = if left_out > 0 { format!(", and {left_out} more that are not reported") } else { String::new() };
        format!("{engine} answers and has {count}{more}")
    };
    let containers = look.containers.map_err(|error| error.to_string());
    let containers =
        containers.map(|found| found.map(|found| counted(&found.engine, found.items.len(), found.left_out)));
    let guests = look.guests.map_err(|error| error.to_string());
    let guests = guests.map(|found| found.map(|found| counted(&found.engine, found.items.len(), found.left_out)));
    let mut is_well = true;
    for (what, found, is_named, absent) in [
        ("containers", containers, settings.places.engine.is_named(), "no container engine is here"),
        ("guests", guests, settings.places.hypervisor.is_named(), "no hypervisor is here"),
    ] {
        match found {
            Ok(Some(said)) => writeln!(out, "ok    {what}: {said}")?,
            Ok(None) => writeln!(out, "ok    {what}: {absent}, or it is switched off")?,
            Err(said) if is_named => {
                is_well = false;
                writeln!(out, "FAIL  {what}: {said}")?;
            }
            Err(said) => writeln!(out, "note  {what}: {said}")?,
        }
    }
    Ok(is_well)
}

fn token(settings: &Settings) -> Result<(Token, String), String> {
    let token = settings.token.read().map_err(|error| error.to_string())?;
    Ok((token, "readable, and an agent's by its form".to_owned()))
}

/// Writes and removes a file. The agent's lock is left alone, so that this can be asked while it runs.
fn state_folder(path: &Path) -> Result<String, String> {
    state::create(path).map_err(|error| error.to_string())?;
    let probe = path.join("doctor");
    let tried =
        state::write_atomically(&probe, b"can this folder be written?\n").and_then(|()| fs::remove_file(&probe));
    tried.map_err(|cause| {
        format!(
            "cannot write in {}: {cause}. Check its owner, and that the disk is not full or read-only",
            path.display()
        )
    })?;
    let waiting: u64 = fs::read_dir(spool_dir(path))
        .map(|files| files.flatten().filter_map(|file| Some(file.metadata().ok()?.len())).sum())
        .unwrap_or(0);
    Ok(format!("{} can be written; its spool takes {waiting} bytes", path.display()))
}

/// Posts a batch without reports, which the server answers as it would one with them.
fn server(settings: &Settings, token: &Token, host: HostId) -> Result<String, String> {
    let transport =
        Http::new(settings.server.clone(), settings.ca_file.as_deref()).map_err(|error| error.to_string())?;
    let (host, _) = Meter::new(host, settings.name.clone()).measure(SystemClock.now());
    let batch = ReportBatch { sent_at: SystemClock.now(), host, reports: Vec::new(), inventory: None };
    let answer = transport.post(token, None, &batch).map_err(|error| error.to_string())?;
    match judge(&answer, 0) {
        Verdict::Kept(_) => Ok(format!("{} takes reports with this token", settings.server.as_str())),
        Verdict::Stuck { why, .. } | Verdict::Later { why, .. } => Err(why),
        // None was named, so this does not come.
        Verdict::OtherOrg(org) => Err(format!("the token is of the organization {org}")),
        Verdict::Refused(why) | Verdict::TooLarge(why) => Err(format!(
            "it refuses what this machine says of itself ({why}); check --name, and that server and agent are of versions that go together"
        )),
    }
}
