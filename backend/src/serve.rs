//! Starting and ending the server.

use crate::{
    cli::{ServeArgs, UsageError},
    demo,
    edge::edge,
    live::{self, Ending},
    local_agent, routes, setup_code,
    state::{State, now},
    store_errors::chain,
    web_app::WebApp,
};
use actix_web::{
    App, HttpServer,
    dev::Server,
    middleware::from_fn,
    rt::{self, System},
    web::{self, Data},
};
use shared::{ErrorCode, SECOND};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};
use store::{Store, StoreError};
use tokio::signal::unix::{SignalKind, signal};

/// History is kept for 48 hours.
const KEEP: i64 = 48 * 3_600 * SECOND;
/// How often old history, sessions and unused files are tidied away.
const TIDY_EVERY: Duration = Duration::from_secs(600);
/// Threads of each worker that may wait for a database. They end when there is nothing to do.
const WAITING_THREADS: usize = 8;

/// Why a server did not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A flag makes no sense.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] store::OpenError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The first run cannot be prepared.
    #[error(transparent)]
    Setup(#[from] setup_code::SetupCodeError),
    /// The simulated fleets cannot be made.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// The address cannot be used.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why, and what to do.
        why: String,
    },
    /// Another server serves the same data folder.
    #[error(
        "another server serves the data folder {folder}. End that one first: two would not tell each other what changes. To share the load of one installation, use PostgreSQL"
    )]
    FolderServed {
        /// The folder.
        folder: PathBuf,
    },
    /// The server's own machinery failed.
    #[error("the server ended with an error")]
    Io(#[from] io::Error),
}

/// Runs the server until a signal ends it.
///
/// # Errors
/// See [`ServeError`].
pub fn run(args: &ServeArgs) -> Result<(), ServeError> {
    let settings = args.settings()?;
    for variable in ["BULKHEAD_PAYMENTS_URL", "BULKHEAD_SHARING"] {
        if std::env::var_os(variable).is_some() {
            tracing::warn!("{variable} is set, but this version has no such feature yet");
        }
    }
    // The port first: who starts a second server by mistake shall not touch the first one's data.
    let listener = listen(args.listen, "--listen")?;
    let metrics_listener = args.metrics_listen.map(|address| listen(address, "--metrics-listen")).transpose()?;
    let web_app = WebApp::open(args.web_root.as_deref())?;
    let store = Store::open(args.store.config()?)?;
    // Held until this process ends.
    let _served = if settings.reads_inline() { Some(serve_alone(settings.data_dir())?) } else { None };
    let demo = if args.demo { Some(demo::prepare(&store, settings.data_dir())?) } else { None };
    if let Some(code) = setup_code::ensure(&store, settings.data_dir())? {
        let link = format!("{}/setup?code={code}", settings.public_url());
        println!("Make the first account, once: {link}");
        tracing::info!("no account yet; the first one is made at {link}");
    }
    let state = Data::new(State::new(store, settings));
    let workers = args.workers.map_or_else(|| thread::available_parallelism().map_or(2, usize::from), usize::from);
    System::new().block_on(serve_until_signal(args, state, web_app, listener, metrics_listener, workers, demo))
}

/// Takes the data folder for this server, as long as the file is open. Commands go on working beside it.
fn serve_alone(folder: &Path) -> Result<File, ServeError> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(".serving"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::FolderServed { folder: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

async fn serve_until_signal(
    args: &ServeArgs,
    state: Data<State>,
    web_app: WebApp,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    workers: usize,
    demo: Option<demo::Fleets>,
) -> Result<(), ServeError> {
    let port = listener.local_addr()?.port();
    let server = server(state.clone(), web_app, listener, workers)?;
    let metrics = metrics_listener.map(|listener| metrics_server(state.clone(), listener)).transpose()?;
    let handle = server.handle();
    rt::spawn(live::watch(state.clone()));
    rt::spawn(tidy(state.clone()));
    let metrics_handle = metrics.map(|server| {
        let handle = server.handle();
        rt::spawn(server);
        handle
    });
    if let Some(fleets) = demo {
        rt::spawn(demo::keep_reporting(state.clone(), fleets));
    }
    let local_agent = match &args.local_agent {
        Some(_) if args.demo => {
            tracing::info!("the local agent is not started: in a demo all hosts are simulated");
            None
        }
        Some(program) => Some(rt::spawn(local_agent::run(state.clone(), program.clone(), port))),
        None => None,
    };
    tracing::info!(
        "serving {} with {} from {}",
        state.settings().public_url(),
        state.store().backend_name(),
        state.settings().data_dir().display()
    );
    let mut serving = rt::spawn(server);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let ended = tokio::select! {
        ended = &mut serving => Some(ended),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    };
    tracing::info!("ending: telling open pages, finishing requests, writing what waits");
    if let Some(agent) = local_agent {
        // Dropping the task ends the child.
        agent.abort();
        drop(agent.await);
    }
    state.hub().close(&Ending {
        code: ErrorCode::Unavailable,
        detail: "The server is restarting. Your page reconnects by itself.".to_owned(),
    });
    if let Some(metrics) = metrics_handle {
        metrics.stop(false).await;
    }
    let ended = match ended {
        Some(ended) => ended,
        None => {
            handle.stop(true).await;
            serving.await
        }
    };
    drop(web::block(move || state.stop_ingest()).await);
    ended.map_err(io::Error::other)?.map_err(ServeError::from)
}

fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener, ServeError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "another program uses that port. End it, or choose another one: {flag} {}:{}",
                address.ip(),
                neighbour(address.port())
            ),
            io::ErrorKind::PermissionDenied => {
                format!("ports below 1024 take a privilege. Choose a higher one: {flag} {}:7700", address.ip())
            }
            io::ErrorKind::AddrNotAvailable => {
                format!("this machine has no such address. For all addresses: {flag} 0.0.0.0:{}", address.port())
            }
            _ => error.to_string(),
        };
        ServeError::Listen { address, why }
    })
}

const fn neighbour(port: u16) -> u16 {
    if port == u16::MAX { port - 1 } else { port + 1 }
}

/// The server on an open socket. Used by main and by the tests.
///
/// # Errors
/// The socket cannot be used.
pub fn server(state: Data<State>, web_app: WebApp, listener: TcpListener, workers: usize) -> io::Result<Server> {
    let web_app = Data::new(web_app);
    let server = HttpServer::new(move || {
        App::new().wrap(from_fn(edge)).configure(|config| routes::configure(config, state.clone(), web_app.clone()))
    });
    Ok(server
        .workers(workers)
        .worker_max_blocking_threads(WAITING_THREADS)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(15))
        // Who hangs up is gone: an answer of the assistant must not go on for nobody.
        .h1_allow_half_closed(false)
        .shutdown_timeout(5)
        .disable_signals()
        .listen(listener)?
        .run())
}

fn metrics_server(state: Data<State>, listener: TcpListener) -> io::Result<Server> {
    let server =
        HttpServer::new(move || App::new().configure(|config| routes::configure_metrics(config, state.clone())));
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

/// Removes what is over: history, sessions, tokens; closes files that nobody uses.
async fn tidy(state: Data<State>) {
    let mut ticks = rt::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        let state = Arc::clone(&state);
        let done = web::block(move || tidy_once(state.store())).await;
        if let Ok(Err(error)) = done {
            tracing::warn!("tidying was cut short: {}", chain(&error));
        }
    }
}

fn tidy_once(store: &Store) -> Result<(), StoreError> {
    let directory = store.directory();
    directory.prune_expired()?;
    for org in directory.list_active_orgs()? {
        if let Some(scope) = directory.system_scope(org, "remove history that is over")? {
            store.system(&scope).prune(now() - KEEP)?;
        }
    }
    store.close_idle_orgs(TIDY_EVERY);
    Ok(())
}
