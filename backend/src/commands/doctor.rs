//! `bulkhead doctor`: looks at everything that keeps a server from starting, one line each, and says what to do.

use crate::{cli::ServeArgs, state::now, store_errors::chain, web_app::WebApp};
use shared::SECOND;
use std::{
    fs,
    io::{self, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::ExitCode,
    time::Duration,
};
use store::{Config, Store};

/// Times before this are a clock that was never set: 2025-01-01.
const PLAUSIBLE_FROM: i64 = 1_735_689_600 * SECOND;

type Finding = Result<String, String>;

/// Looks at everything. Exit code 1 where something needs doing.
pub(super) fn run(args: &ServeArgs) -> ExitCode {
    let mut findings = vec![("settings", settings(args)), ("data folder", data_folder(args))];
    findings.extend(database(args));
    findings.push(("port", port(args)));
    findings.push(("clock", clock()));
    findings.push(("console", console(args)));
    findings.extend(assistant(args).map(|finding| ("assistant", finding)));
    let mut healthy = true;
    for (what, finding) in findings {
        match finding {
            Ok(text) => println!("ok       {what:<12} {text}"),
            Err(text) => {
                healthy = false;
                println!("problem  {what:<12} {text}");
            }
        }
    }
    if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn settings(args: &ServeArgs) -> Finding {
    args.settings().map(|settings| format!("people open {}", settings.public_url())).map_err(|error| error.to_string())
}

fn data_folder(args: &ServeArgs) -> Finding {
    let folder = &args.store.data;
    let probe = folder.join(".doctor");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&probe, b"x"))
        .and_then(|()| fs::remove_file(&probe))
        .map(|()| format!("{} can be written", folder.display()))
        .map_err(|error| format!("{} cannot be written: {error}. Give it to the server's user.", folder.display()))
}

fn database(args: &ServeArgs) -> Vec<(&'static str, Finding)> {
    let config = match args.store.config() {
        Ok(config) => config,
        Err(error) => return vec![("database", Err(error.to_string()))],
    };
    let wall = match config {
        Config::Sqlite { .. } => "a file for each organization",
        Config::Postgres { .. } => "row-level security is forced and the role cannot bypass it",
    };
    match Store::open(config) {
        Ok(store) => {
            let alive = store.ping().map(|()| format!("{} answers, migrations are up to date", store.backend_name()));
            let orgs = store.operator("doctor").list_orgs().map(|orgs| format!("{wall}; {} organizations", orgs.len()));
            vec![("database", alive.map_err(|error| chain(&error))), ("walls", orgs.map_err(|error| chain(&error)))]
        }
        Err(error) => vec![("database", Err(chain(&error)))],
    }
}

fn port(args: &ServeArgs) -> Finding {
    match TcpListener::bind(args.listen) {
        Ok(_) => Ok(format!("{} is free", args.listen)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_alive(args.listen) => {
            Ok(format!("a server answers at {}", args.listen))
        }
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(format!("{} is in use by another program. End it, or choose another port with --listen.", args.listen))
        }
        Err(error) => Err(format!("{} cannot be used: {error}. Choose another with --listen.", args.listen)),
    }
}

/// Whether what listens there is a console: it gives the sign of life that ours gives.
fn is_alive(address: SocketAddr) -> bool {
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream
            .write_all(format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())?;
        io::read_to_string(stream)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"))
}

fn clock() -> Finding {
    if now() > PLAUSIBLE_FROM {
        Ok("plausible".to_owned())
    } else {
        Err("it is set to a time before 2025. Set it, or let NTP do so: sessions and history depend on it.".to_owned())
    }
}

fn console(args: &ServeArgs) -> Finding {
    match WebApp::open(args.web_root.as_deref()) {
        Ok(WebApp::None) => Err("this build has no console inside. Start it with --web-root FOLDER.".to_owned()),
        Ok(_) => Ok("its files are there".to_owned()),
        Err(error) => Err(format!("--web-root has no index.html: {error}. `cargo xtask build-web` makes it.")),
    }
}

/// None where its settings cannot be used: that is said of the settings already. Nobody is connected to.
fn assistant(args: &ServeArgs) -> Option<Finding> {
    let words = match args.assistant.provider().ok()? {
        Some(provider) => format!("asks {} at {}", provider.model(), provider.host()),
        None => "not set up; BULKHEAD_ASSISTANT_URL and BULKHEAD_ASSISTANT_MODEL do so".to_owned(),
    };
    Some(Ok(words))
}
