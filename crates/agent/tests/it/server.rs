//! A server of a few lines, which answers as a test wants it to.

use shared::{
    ErrorCode, Micros, Problem,
    endpoints::INGEST_REPORTS,
    problem::PROBLEM_JSON,
    report::{ReportAck, ReportBatch},
};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, mpsc},
    thread,
    time::Duration,
};

/// Longest wait for something that must come. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the server does with a batch.
pub(crate) enum Reply {
    /// Keeps the reports and says so.
    Keep,
    /// Keeps the reports and says so, with these header lines.
    KeepWith(String),
    /// Keeps the reports, and the connection ends before it can say so.
    KeepAndVanish,
    /// Answers with this status, these header lines and this body, and keeps nothing.
    Say(u16, String, String),
}

impl Reply {
    pub(crate) fn problem(code: ErrorCode, headers: &str) -> Self {
        let body = serde_json::to_string(&Problem::new(code, "A title")).expect("serializes");
        Self::Say(code.status(), format!("content-type: {PROBLEM_JSON}\r\n{headers}"), body)
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) authorization: String,
    pub(crate) org: Option<String>,
    pub(crate) batch: ReportBatch,
}

impl Seen {
    pub(crate) fn times(&self) -> Vec<Micros> {
        self.batch.reports.iter().map(|report| report.taken_at).collect()
    }
}

#[derive(Default)]
struct Memory {
    kept: BTreeSet<Micros>,
    /// Each report that was kept and came again.
    duplicates: Vec<Micros>,
}

pub(crate) struct TestServer {
    pub(crate) url: String,
    seen: mpsc::Receiver<Seen>,
    memory: Arc<Mutex<Memory>>,
}

impl TestServer {
    /// A server that keeps everything.
    pub(crate) fn honest() -> Self {
        Self::start(|_| Reply::Keep)
    }

    /// A server with one organization for each token; its name is the end of the token.
    pub(crate) fn of_orgs(orgs: &'static [(&'static str, &'static str)]) -> Self {
        Self::start_seeing(move |seen| {
            let own = orgs.iter().find(|(token, _)| seen.authorization == format!("Bearer {token}"));
            let (_, own) = own.expect("a known token");
            let header = format!("x-org-id: {own}\r\n");
            if seen.org.as_deref().is_some_and(|named| named != *own) {
                return Reply::problem(ErrorCode::OrgMismatch, &header);
            }
            Reply::KeepWith(header)
        })
    }

    pub(crate) fn start(mut reply: impl FnMut(&ReportBatch) -> Reply + Send + 'static) -> Self {
        Self::start_seeing(move |seen| reply(&seen.batch))
    }

    pub(crate) fn start_seeing(reply: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let memory = Arc::new(Mutex::new(Memory::default()));
        let (tell, seen) = mpsc::channel();
        let mut reply = reply;
        let kept = Arc::clone(&memory);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                // Told first: once the agent has its answer, the test finds the request.
                if tell.send(request.clone()).is_err() {
                    return;
                }
                answer(&stream, &reply(&request), &request.batch, &kept);
            }
        });
        Self { url, seen, memory }
    }

    /// The next request; waits for it.
    pub(crate) fn next(&self) -> Seen {
        self.seen.recv_timeout(PATIENCE).expect("a request comes")
    }

    /// The requests that came until now.
    pub(crate) fn so_far(&self) -> Vec<Seen> {
        self.seen.try_iter().collect()
    }

    pub(crate) fn kept(&self) -> Vec<Micros> {
        self.memory().kept.iter().copied().collect()
    }

    pub(crate) fn duplicates(&self) -> Vec<Micros> {
        self.memory().duplicates.clone()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("no test panics while it holds this")
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let (mut authorization, mut org, mut length) = (String::new(), None, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.clone_into(&mut authorization),
            "x-org-id" => org = Some(value.to_owned()),
            "content-length" => length = value.parse().expect("a number"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let batch = serde_json::from_slice(&body).expect("the agent sends batches");
    assert!(line.starts_with(&format!("POST {INGEST_REPORTS} ")), "{line}");
    Some(Seen { line, authorization, org, batch })
}

fn answer(mut stream: &TcpStream, reply: &Reply, batch: &ReportBatch, memory: &Mutex<Memory>) {
    let (status, headers, body) = match reply {
        Reply::Say(status, headers, body) => (*status, headers.as_str(), body.clone()),
        Reply::Keep | Reply::KeepWith(_) | Reply::KeepAndVanish => {
            let ack = keep(batch, &mut memory.lock().expect("no test panics while it holds this"));
            let headers = if let Reply::KeepWith(headers) = reply { headers.as_str() } else { "" };
            (200, headers, serde_json::to_string(&ack).expect("serializes"))
        }
    };
    if !matches!(reply, Reply::KeepAndVanish) {
        let head =
            format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n", body.len());
        // The agent may be gone, which is then the point of the test.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    }
}

fn keep(batch: &ReportBatch, memory: &mut Memory) -> ReportAck {
    let mut ack = ReportAck { accepted: 0, duplicates: 0, rejected: Vec::new(), inventory_rejected: None };
    for report in &batch.reports {
        if memory.kept.insert(report.taken_at) {
            ack.accepted += 1;
        } else {
            ack.duplicates += 1;
            memory.duplicates.push(report.taken_at);
        }
    }
    ack
}
