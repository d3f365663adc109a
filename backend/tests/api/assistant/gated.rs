//! A provider whose answers wait for the test. Each asks for the list of hosts.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\
\"function\":{\"name\":\"list_hosts\",\"arguments\":\"{}\"}}]},\"finish_reason\":null}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";

/// Ends with the test's process.
pub(super) struct Gated {
    pub(super) url: String,
    requests: mpsc::Receiver<String>,
    gate: mpsc::Sender<()>,
}

impl Gated {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("bound"));
        let (asked, requests) = mpsc::channel();
        let (gate, opened) = mpsc::channel();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let body = read(&stream);
                if asked.send(body).is_err() || opened.recv().is_err() {
                    return;
                }
                // Whoever left does not read it.
                drop((&stream).write_all(ANSWER.as_bytes()));
            }
        });
        Self { url, requests, gate }
    }

    /// What was asked next; none where nothing comes.
    pub(super) fn asked(&self) -> Option<String> {
        self.requests.recv_timeout(Duration::from_secs(1)).ok()
    }

    /// Answers what was asked last.
    pub(super) fn answer(&self) {
        self.gate.send(()).expect("it runs");
    }
}

fn read(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    String::from_utf8(body).expect("text")
}
