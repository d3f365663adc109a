//! As much of HTTP/1.1 as a provider for tests needs.

use super::Asked;
use serde_json::Value;
use std::io;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::tcp::{OwnedReadHalf, OwnedWriteHalf},
};

/// Most bytes of a request.
const MAX_REQUEST: usize = 64 * 1024 * 1024;

/// The requests of a connection.
pub(super) struct Requests {
    reader: OwnedReadHalf,
    /// What came and belongs to the next request.
    buffer: Vec<u8>,
}

impl Requests {
    pub(super) fn new(reader: OwnedReadHalf) -> Self {
        Self { reader, buffer: Vec::new() }
    }

    /// The next one; nothing when the other side left.
    pub(super) async fn next(&mut self, connection: usize) -> io::Result<Option<Asked>> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            if !self.read().await? {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let to_header =
            |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        let headers: Vec<(String, String)> = lines.filter_map(to_header).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        let whole = end + 4 + length;
        while self.buffer.len() < whole {
            if whole > MAX_REQUEST || !self.read().await? {
                return Ok(None);
            }
        }
        let body = serde_json::from_slice(&self.buffer[end + 4..whole]).unwrap_or(Value::Null);
        self.buffer.drain(..whole);
        Ok(Some(Asked { line, headers, body, connection }))
    }

    /// Returns once the other side left.
    pub(super) async fn wait_for_end(&mut self) {
        while self.buffer.len() < MAX_REQUEST && matches!(self.read().await, Ok(true)) {}
    }

    async fn read(&mut self) -> io::Result<bool> {
        let mut part = [0; 16 * 1024];
        let length = self.reader.read(&mut part).await?;
        self.buffer.extend_from_slice(&part[..length]);
        Ok(length > 0)
    }
}

/// The answers of a connection.
pub(super) struct Out(OwnedWriteHalf);

impl Out {
    pub(super) const fn new(writer: OwnedWriteHalf) -> Self {
        Self(writer)
    }

    /// A whole answer. `headers` are lines with their ends.
    pub(super) async fn whole(&mut self, status: u16, headers: &str, body: &[u8]) -> io::Result<()> {
        let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
        self.0.write_all(head.as_bytes()).await?;
        self.0.write_all(body).await
    }

    /// The beginning of a stream.
    pub(super) async fn begin(&mut self) -> io::Result<()> {
        let head =
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
        self.0.write_all(head).await
    }

    /// More of a stream.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(&chunk(bytes)).await
    }

    /// The last of a stream and its end, which leave together.
    pub(super) async fn end(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut last = chunk(bytes);
        last.extend_from_slice(b"0\r\n\r\n");
        self.0.write_all(&last).await
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
