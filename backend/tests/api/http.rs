//! A small HTTP client that hides nothing: what is compared byte for byte has to arrive byte for byte.

use shared::{ErrorCode, Problem};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Who a client says it is.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    Nobody,
    Session(String),
    Token(String),
}

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) credential: Credential,
    pub(crate) headers: Vec<(String, String)>,
}

/// An answer, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// The same client with one more header.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, Some(body.as_bytes()))
    }

    pub(crate) fn patch(&self, path: &str, body: &str) -> Answer {
        self.send("PATCH", path, Some(body.as_bytes()))
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&[u8]>) -> Answer {
        let mut head = self.head(method, path);
        if let Some(body) = body {
            if !self.has("content-type") {
                head.push_str("content-type: application/json\r\n");
            }
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        head.push_str("connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
        stream.write_all(head.as_bytes()).expect("the server reads");
        // A server that refuses a body does not read it to its end, so this may fail and the answer is there all the same.
        drop(stream.write_all(body.unwrap_or_default()));
        let mut reader = BufReader::new(stream);
        let (status, headers) = read_head(&mut reader);
        let length =
            headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
        let mut body = Vec::new();
        if status != 204 && status != 304 && method != "HEAD" {
            match length {
                Some(length) => {
                    body.resize(length, 0);
                    reader.read_exact(&mut body).expect("the body arrives whole");
                }
                None => drop(reader.read_to_end(&mut body).expect("the body arrives")),
            }
        }
        Answer { status, headers, body }
    }

    pub(crate) fn head(&self, method: &str, path: &str) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !self.has("host") {
            head.push_str(&format!("host: {}\r\n", self.address));
        }
        match &self.credential {
            Credential::Nobody => {}
            Credential::Session(secret) => head.push_str(&format!("cookie: theme=dark; bulkhead={secret}\r\n")),
            Credential::Token(secret) => head.push_str(&format!("authorization: Bearer {secret}\r\n")),
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(key, _)| key == name)
    }
}

pub(crate) fn read_head(reader: &mut BufReader<TcpStream>) -> (u16, Vec<(String, String)>) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("the head arrives");
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let status = lines.first().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status line");
    let pair = |line: &String| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    (status, lines.iter().skip(1).filter_map(pair).collect())
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text()))
    }

    /// The answer as the wanted type, which it can only be if it is a success.
    #[track_caller]
    pub(crate) fn ok<T: serde::de::DeserializeOwned>(&self) -> T {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        self.json()
    }

    /// Checks that it is a success without a body.
    #[track_caller]
    pub(crate) fn done(&self) {
        assert_eq!(self.status, 204, "{}", self.text());
    }

    /// The refusal. Every refusal has the right media type and says its own status.
    #[track_caller]
    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{} {}", self.status, self.text());
        let problem: Problem = self.json();
        assert_eq!(problem.status, self.status);
        problem
    }

    #[track_caller]
    pub(crate) fn refused(&self, code: ErrorCode) -> Problem {
        let problem = self.problem();
        assert_eq!(problem.code, code, "{}", self.text());
        assert_eq!(self.status, code.status());
        problem
    }

    /// All that an outsider could compare: everything but the date and the request's id.
    pub(crate) fn comparable(&self) -> (u16, Vec<(String, String)>, String) {
        let mut headers = self.headers.clone();
        headers.retain(|(name, _)| name != "date" && name != "x-request-id");
        headers.sort();
        (self.status, headers, self.text())
    }
}
