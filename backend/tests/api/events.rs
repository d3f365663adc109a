//! A reader of the assistant's stream, event by event.

use crate::http::{Answer, Client, read_head};
use serde_json::json;
use shared::{
    ChatId, OrgId,
    assistant::{Chat, ChatEvent, ChatMessage},
};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// Longest wait for an event that must come. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A stream under way. Dropping it is what a browser does whose page is left.
pub(crate) struct Events {
    pub(crate) headers: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
    /// What came and is no whole line yet.
    buffer: Vec<u8>,
    /// All that came, for whoever looks for something that must not be in it.
    pub(crate) bytes: Vec<u8>,
}

/// All of an answer.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) events: Vec<ChatEvent>,
    pub(crate) raw: String,
}

impl Client {
    /// The caller's conversation.
    #[track_caller]
    pub(crate) fn chat(&self, org: OrgId) -> Chat {
        self.get(&assistant(org)).ok()
    }

    /// Asks in the present conversation and reads to the end.
    #[track_caller]
    pub(crate) fn ask(&self, org: OrgId, text: &str) -> Told {
        self.begin(org, text).rest()
    }

    /// Asks in the present conversation.
    #[track_caller]
    pub(crate) fn begin(&self, org: OrgId, text: &str) -> Events {
        match self.ask_in(org, self.chat(org).id, text) {
            Ok(events) => events,
            Err(refused) => panic!("{} {}", refused.status, refused.text()),
        }
    }

    /// Asks in a conversation; the answer where it is refused.
    pub(crate) fn ask_in(&self, org: OrgId, chat: ChatId, text: &str) -> Result<Events, Answer> {
        let body = json!({ "chat": chat, "text": text }).to_string();
        let mut head = self.head("POST", &format!("{}/messages", assistant(org)));
        head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("the server reads");
        let mut reader = BufReader::new(stream);
        let (status, headers) = read_head(&mut reader);
        if status == 200 {
            return Ok(Events { headers, reader, buffer: Vec::new(), bytes: Vec::new() });
        }
        let length = headers.iter().find(|(name, _)| name == "content-length").expect("a refusal has a length");
        let mut body = vec![0; length.1.parse().expect("a number")];
        reader.read_exact(&mut body).expect("the body arrives whole");
        Err(Answer { status, headers, body })
    }
}

pub(crate) fn assistant(org: OrgId) -> String {
    format!("/api/v1/orgs/{org}/assistant")
}

impl Events {
    /// The next event; none at the end.
    #[track_caller]
    pub(crate) fn next(&mut self) -> Option<ChatEvent> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                if line.trim_ascii().is_empty() {
                    continue;
                }
                return Some(serde_json::from_slice(&line).expect("a line is an event"));
            }
            let mut size = String::new();
            self.reader.read_line(&mut size).expect("a chunk comes in time");
            let size = usize::from_str_radix(size.trim_end(), 16).expect("a chunk has a size");
            let mut chunk = vec![0; size + 2];
            self.reader.read_exact(&mut chunk).expect("a chunk comes whole");
            if size == 0 {
                assert!(self.buffer.is_empty(), "the stream ended in the middle of a line");
                return None;
            }
            self.buffer.extend_from_slice(&chunk[..size]);
            self.bytes.extend_from_slice(&chunk[..size]);
        }
    }

    /// Reads on to the first piece of the answer.
    #[track_caller]
    pub(crate) fn first_text(&mut self) -> String {
        while let Some(event) = self.next() {
            if let ChatEvent::Text { text } = event {
                return text;
            }
        }
        panic!("no text came");
    }

    /// Reads to the end.
    #[track_caller]
    pub(crate) fn rest(mut self) -> Told {
        let mut events = Vec::new();
        while let Some(event) = self.next() {
            events.push(event);
        }
        Told { events, raw: String::from_utf8(self.bytes).expect("text") }
    }
}

impl Told {
    /// The answer, which has to be whole.
    #[track_caller]
    pub(crate) fn done(&self) -> &ChatMessage {
        match self.events.last() {
            Some(ChatEvent::Done { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    }

    /// Why there is none, and what was kept.
    #[track_caller]
    pub(crate) fn failed(&self) -> (&shared::Problem, Option<&ChatMessage>) {
        match self.events.last() {
            Some(ChatEvent::Failed { problem, message }) => (problem, message.as_ref()),
            other => panic!("{other:?}"),
        }
    }
}
