//! A provider that answers by a script, for tests: `POST {url}/chat/completions` on this machine, streamed.
//!
//! What it does is chosen by words in brackets in the last message of the person. Without one it says `You asked: ` and the
//! question.
//!
//! | word | what it does |
//! |---|---|
//! | `[say:TEXT]` | says TEXT |
//! | `[slow]`, `[slow:MS]` | says it one word at a time, every 200 ms or every MS |
//! | `[lookup:TOOL]`, `[lookup:TOOL {"a":1}]` | calls the tool, then quotes each `name` in the results; several words are several calls at once |
//! | `[foreign:ID]`, `[foreign:ID TOOL]` | calls the first tool that requires arguments, or TOOL, with ID for each required text, then quotes the result |
//! | `[again]` | calls the first tool in each round, until no tool is offered |
//! | `[stubborn]` | calls the first tool in each round, even then |
//! | `[many:N]` | calls the first tool N times at once |
//! | `[bad-arguments]`, `[endless-arguments]` | a call with arguments that are no JSON, or that do not end |
//! | `[inject]` | says Markdown with `javascript:` links, raw HTML, a picture and a link to another site |
//! | `[stall]`, `[stall-first]` | some words and then nothing, or nothing from the beginning; the connection stays |
//! | `[cut]`, `[cut-politely]` | some words, and the connection, or the response, ends in the middle |
//! | `[nonsense]`, `[bad-utf8]` | some words and then bad JSON, or bytes that are not UTF-8 |
//! | `[error]` | some words and then an error within the stream, which quotes the key |
//! | `[length]`, `[filtered]` | some words, and the provider ends the answer there, too long or held back |
//! | `[no-done]` | some words and a proper end, but no `[DONE]` |
//! | `[quiet]` | ends without a word |
//! | `[drip]` | nothing but comments, every 20 ms, for ever |
//! | `[babble]`, `[endless]` | words, or events without words, for ever |
//! | `[long-line]` | a line of 3 MB |
//! | `[html]`, `[json]` | a page, or an answer that is not streamed, of 3 MB |
//! | `[status:CODE]` | refuses with the status; the body quotes the key, and 429 says to come back in 7 s |
//! | `[echo-key]` | refuses with 500 and the key as the word for the error |
//! | `[huge-status:CODE]` | refuses with a body of 3 MB |
//! | `[redirect:URL]` | redirects |
//!
//! `cargo run -p assistant --example scripted-provider -- --listen 127.0.0.1:PORT` serves it on its own.

mod http;
mod script;

use serde_json::Value;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Builder,
    sync::{oneshot, watch},
    task::JoinSet,
};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The first line, such as `POST /v1/chat/completions HTTP/1.1`.
    pub line: String,
    /// The names, in small letters, and values of the header.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Value,
    /// Which connection it came on, from 1.
    pub connection: usize,
}

impl Asked {
    /// The first header of that name, which is given in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// How a scripted provider is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where it listens; any free port of this machine if nothing is said.
    pub listen: Option<SocketAddr>,
    /// Says this to a question without a word, instead of repeating the question.
    pub answer: Option<String>,
    /// Appends the body of each request to this file, one JSON document a line.
    pub log: Option<PathBuf>,
}

/// Connections that were made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// All so far.
    pub opened: usize,
    /// Those that are still there.
    pub open: usize,
}

/// A running provider. It has a thread of its own, so it can be used whatever the test runs on; dropping it ends it.
pub struct ScriptedProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

struct Shared {
    answer: Option<String>,
    log: Option<Mutex<File>>,
    asked: Mutex<Vec<Asked>>,
    connections: watch::Sender<Connections>,
}

impl ScriptedProvider {
    /// Starts one on a free port of this machine.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(Options::default()).expect("a free port")
    }

    /// Starts one.
    ///
    /// # Errors
    /// When it cannot listen, or cannot write to the log.
    pub fn start_with(options: Options) -> io::Result<Self> {
        let listen = options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = std::net::TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        let log = options.log.map(open).transpose()?.map(Mutex::new);
        let connections = watch::Sender::new(Connections::default());
        let shared = Arc::new(Shared { answer: options.answer, log, asked: Mutex::default(), connections });
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    _ = serve(listener, served) => {}
                }
            });
        });
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// What BULKHEAD_ASSISTANT_URL is set to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests so far. One is here before its answer begins.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The connections so far.
    #[must_use]
    pub fn connections(&self) -> Connections {
        *self.shared.connections.borrow()
    }

    /// Waits until there were connections and none is left. Runs on any runtime; give it a limit.
    pub async fn wait_until_all_left(&self) {
        let mut connections = self.shared.connections.subscribe();
        // The sender lives as long as `self`.
        let _ = connections.wait_for(|now| now.opened > 0 && now.open == 0).await;
    }
}

impl Drop for ScriptedProvider {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so already.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn keep(&self, asked: &Asked) {
        if let Some(log) = &self.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = writeln!(log, "{}", asked.body) {
                eprintln!("the log cannot be written: {error}");
            }
        }
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                shared.connections.send_modify(|now| {
                    now.opened += 1;
                    now.open += 1;
                });
                let number = shared.connections.borrow().opened;
                open.spawn(connection(stream, number, Arc::clone(&shared)));
            }
            Some(_) = open.join_next() => shared.connections.send_modify(|now| now.open -= 1),
        }
    }
}

/// Answers until the other side leaves, or the script ends the connection.
async fn connection(stream: TcpStream, number: usize, shared: Arc<Shared>) {
    // What cannot be written is what a client that left does not read.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let (mut requests, mut out) = (http::Requests::new(reader), http::Out::new(writer));
    while let Ok(Some(asked)) = requests.next(number).await {
        shared.keep(&asked);
        let goes_on = tokio::select! {
            biased;
            played = script::play(&asked, shared.answer.as_deref(), &mut out) => played.unwrap_or(false),
            () = requests.wait_for_end() => false,
        };
        if !goes_on {
            return;
        }
    }
}
