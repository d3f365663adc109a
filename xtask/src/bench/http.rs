//! As much HTTP/1.1 as a load generator needs: one request after another on a connection that stays open.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take. Far above anything that is worth a figure.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of an answer's head.
const MAX_HEAD: usize = 64 * 1024;

/// A connection that stays open.
pub(super) struct Connection {
    stream: TcpStream,
    answers: Answers<TcpStream>,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        // Small requests go out at once instead of waiting for the answer to the one before.
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let answers = Answers::new(stream.try_clone()?);
        Ok(Self { stream, answers })
    }

    pub(super) fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request)
    }

    pub(super) fn receive(&mut self) -> io::Result<Answer<'_>> {
        self.answers.next()
    }
}

/// A request as it goes over the wire. A body is JSON.
pub(super) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body.unwrap_or_default());
    text.into_bytes()
}

/// One answer. Valid until the next one is read.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    /// The head, for who wants a header of it.
    head: &'a str,
    pub(super) body: &'a [u8],
}

impl Answer<'_> {
    /// The value of the first header of that name, whatever its case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n").skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Cuts a stream of bytes into answers. Keeps its buffer, so that reading costs next to nothing.
struct Answers<R> {
    source: R,
    buffer: Vec<u8>,
    /// Bytes of the buffer that belong to the answer that was handed out last.
    used: usize,
}

impl<R: Read> Answers<R> {
    fn new(source: R) -> Self {
        Self { source, buffer: Vec::with_capacity(16 * 1024), used: 0 }
    }

    /// The next answer.
    fn next(&mut self) -> io::Result<Answer<'_>> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let mut searched: usize = 0;
        let head = loop {
            // The end may lie across the border between two reads.
            let from = searched.saturating_sub(3);
            if let Some(at) = self.buffer[from..].windows(4).position(|four| four == b"\r\n\r\n") {
                break from + at;
            }
            searched = self.buffer.len();
            if searched > MAX_HEAD {
                return Err(invalid("the head of an answer has no end"));
            }
            self.fill()?;
        };
        let (status, length) = parse(&self.buffer[..head])?;
        let end = head + 4 + length;
        while self.buffer.len() < end {
            self.fill()?;
        }
        self.used = end;
        let text =
            std::str::from_utf8(&self.buffer[..head]).map_err(|_| invalid("the head of an answer is no text"))?;
        Ok(Answer { status, head: text, body: &self.buffer[head + 4..end] })
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0_u8; 16 * 1024];
        match self.source.read(&mut chunk)? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed the connection within an answer")),
            read => {
                self.buffer.extend_from_slice(&chunk[..read]);
                Ok(())
            }
        }
    }
}

/// Status and length of the body.
fn parse(head: &[u8]) -> io::Result<(u16, usize)> {
    let head = std::str::from_utf8(head).map_err(|_| invalid("the head of an answer is no text"))?;
    let status = head
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or_else(|| invalid("the answer is not HTTP/1.1"))?;
    if header(head, "transfer-encoding").is_some() {
        return Err(invalid("the answer comes in chunks, which nothing that is measured does"));
    }
    let length = match header(head, "content-length") {
        Some(length) => length.parse().map_err(|_| invalid("the length of an answer is no number"))?,
        None if matches!(status, 204 | 304) => 0,
        None => return Err(invalid("the answer does not say how long it is")),
    };
    Ok((status, length))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

/// Reads one answer from these bytes, for the tests of who takes answers.
#[cfg(test)]
pub(super) fn with_answer<T>(bytes: &[u8], take: impl FnOnce(&Answer<'_>) -> T) -> T {
    take(&Answers::new(bytes).next().expect("the bytes are an answer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that hands out so many bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    const TWO: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\nSet-Cookie: a=b\r\n\r\nhelloHTTP/1.1 204 No Content\r\n\r\n";

    #[test]
    fn answers_are_told_apart_however_the_bytes_arrive() {
        for step in [1, 2, 3, 7, TWO.len()] {
            let mut answers = Answers::new(Drip(TWO, step));
            let first = answers.next().expect("the first answer");
            assert_eq!((first.status, first.body), (200, b"hello".as_slice()), "{step} bytes at a time");
            assert_eq!(first.header("set-cookie"), Some("a=b"));
            let second = answers.next().expect("the second answer");
            assert_eq!((second.status, second.body), (204, b"".as_slice()), "{step} bytes at a time");
            assert_eq!(answers.next().expect_err("there is no third").kind(), ErrorKind::UnexpectedEof);
        }
    }

    #[test]
    fn half_an_answer_is_none() {
        let half = &TWO[..TWO.len() - 30];
        let mut answers = Answers::new(Drip(&half[..50], 64));
        assert_eq!(answers.next().expect_err("the body is cut off").kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_cannot_be_measured_is_an_error_and_not_a_number() {
        for answer in [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n\r\n",
        ] {
            let error = Answers::new(Drip(answer.as_bytes(), 1024)).next().expect_err(answer);
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{answer}");
        }
    }

    #[test]
    fn a_request_says_how_long_its_body_is() {
        let bytes = request("POST", "/x", &[("Cookie", "a=b")], Some("{}"));
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(
            text,
            "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: a=b\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        );
    }
}
