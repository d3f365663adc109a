//! A small WebSocket client.

use crate::http::{Client, read_head};
use shared::live::{LiveEvent, LiveFrame};
use std::{
    io::{BufReader, ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

/// An open live channel.
pub(crate) struct Socket {
    reader: BufReader<TcpStream>,
}

impl Client {
    /// Opens a live channel; the answer's status where it is refused.
    pub(crate) fn open(&self, path: &str) -> Result<Socket, u16> {
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        let mut head = self.head("GET", path);
        head.push_str("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n");
        head.push_str("sec-websocket-key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("the server reads");
        let mut reader = BufReader::new(stream);
        let (status, _) = read_head(&mut reader);
        if status == 101 { Ok(Socket { reader }) } else { Err(status) }
    }

    /// The same from a page of the server itself, which is what a browser's cookie takes.
    pub(crate) fn open_from_page(&self, path: &str) -> Result<Socket, u16> {
        self.with("origin", &format!("http://{}", self.address)).open(path)
    }
}

impl Socket {
    /// The next frame within a time; none when there is none, or the channel is closed.
    pub(crate) fn next(&mut self, within: Duration) -> Option<LiveFrame> {
        let until = Instant::now() + within;
        loop {
            let (kind, payload) = self.frame(until)?;
            match kind {
                1 => return Some(serde_json::from_slice(&payload).expect("a frame is JSON")),
                8 => return None,
                _ => {}
            }
        }
    }

    /// Frames until one fits.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, what: &str, fits: impl Fn(&LiveEvent) -> bool) -> LiveFrame {
        let until = Instant::now() + Duration::from_secs(5);
        while let Some(frame) = self.next(until.saturating_duration_since(Instant::now())) {
            if fits(&frame.event) {
                return frame;
            }
        }
        panic!("no frame came: {what}");
    }

    fn frame(&mut self, until: Instant) -> Option<(u8, Vec<u8>)> {
        let mut head = [0_u8; 2];
        self.read(&mut head, until)?;
        let length = match head[1] & 0x7f {
            126 => {
                let mut bytes = [0_u8; 2];
                self.read(&mut bytes, until)?;
                usize::from(u16::from_be_bytes(bytes))
            }
            127 => {
                let mut bytes = [0_u8; 8];
                self.read(&mut bytes, until)?;
                usize::try_from(u64::from_be_bytes(bytes)).expect("a frame fits into memory")
            }
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.read(&mut payload, until)?;
        Some((head[0] & 0x0f, payload))
    }

    fn read(&mut self, buffer: &mut [u8], until: Instant) -> Option<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            let wait = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.reader.get_ref().set_read_timeout(Some(wait)).expect("a timeout can be set");
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => return None,
                Ok(read) => filled += read,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if Instant::now() >= until {
                        assert_eq!(filled, 0, "the time was over in the middle of a frame");
                        return None;
                    }
                }
                Err(_) => return None,
            }
        }
        Some(())
    }
}
