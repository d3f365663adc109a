//! Server-sent events, as far as providers use them: the data of each event, out of pieces of any size.

use std::mem;

/// The stream is none, or no bearable one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SseError {
    /// A line or an event is longer than the limit.
    TooLong,
    /// The data of an event is not UTF-8.
    NotUtf8,
}

/// Takes a stream apart. Holds at most one line and one event, together no longer than its limit.
#[derive(Debug)]
pub struct Parser {
    limit: usize,
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last byte ended a line as CR; a LF right after it belongs to the same end.
    after_cr: bool,
    is_first_line: bool,
}

impl Parser {
    /// For lines and events of at most `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { limit, line: Vec::new(), data: Vec::new(), has_data: false, after_cr: false, is_first_line: true }
    }

    /// Takes from the front of `input` up to the end of the first event, and gives its data. Without one it takes all
    /// and waits for more. Comments and fields other than `data` are passed over.
    ///
    /// # Errors
    /// When a limit is exceeded or the data is not UTF-8. Nothing can be read after that.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<String>, SseError> {
        while let Some(&first) = input.first() {
            if mem::take(&mut self.after_cr) && first == b'\n' {
                *input = &input[1..];
                continue;
            }
            let end = input.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let (part, rest) = input.split_at(end.unwrap_or(input.len()));
            if self.line.len() + self.data.len() + part.len() > self.limit {
                return Err(SseError::TooLong);
            }
            self.line.extend_from_slice(part);
            *input = rest;
            if let [ended_by, rest @ ..] = rest {
                self.after_cr = *ended_by == b'\r';
                *input = rest;
                if let Some(data) = self.end_line()? {
                    return Ok(Some(data));
                }
            }
        }
        Ok(None)
    }

    /// What is left when the stream is over: an event without the blank line that should have followed it.
    ///
    /// # Errors
    /// When the data is not UTF-8.
    pub fn finish(&mut self) -> Result<Option<String>, SseError> {
        if !self.line.is_empty() {
            self.end_line()?;
        }
        self.end_line()
    }

    fn end_line(&mut self) -> Result<Option<String>, SseError> {
        let mut line = self.line.as_slice();
        if mem::take(&mut self.is_first_line) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            self.line.clear();
            return self.end_event();
        }
        let value = match line.strip_prefix(b"data") {
            Some([]) => Some(&[][..]),
            Some([b':', value @ ..]) => Some(value.strip_prefix(b" ").unwrap_or(value)),
            _ => None,
        };
        if let Some(value) = value {
            if mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
        }
        self.line.clear();
        Ok(None)
    }

    fn end_event(&mut self) -> Result<Option<String>, SseError> {
        let data = mem::take(&mut self.data);
        if !mem::take(&mut self.has_data) {
            return Ok(None);
        }
        String::from_utf8(data).map(Some).map_err(|_| SseError::NotUtf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of line end, a BOM, comments, other fields, empty data, several lines, characters of two to four bytes.
    const SAMPLE: &str = "\u{feff}data: one\n\n: a comment\r\n\r\ndata:two\r\n\r\nevent: x\rid: 1\rdata: thr\u{e9}\u{20ac}\u{1f980}\rdata\rdata:  e\r\r\
                          data: [DONE]\n\nretry: 5\n\ndatum: no\n\ndata:\n\n";
    const EVENTS: [&str; 5] = ["one", "two", "thr\u{e9}\u{20ac}\u{1f980}\n\n e", "[DONE]", ""];

    fn parse(pieces: &[&[u8]], limit: usize) -> Result<Vec<String>, SseError> {
        let mut parser = Parser::new(limit);
        let mut events = Vec::new();
        for piece in pieces {
            let mut input = *piece;
            while !input.is_empty() {
                events.extend(parser.next(&mut input)?);
                assert!(parser.line.len() + parser.data.len() <= limit, "it holds no more than it may");
            }
        }
        events.extend(parser.finish()?);
        Ok(events)
    }

    #[test]
    fn events_come_out_whole_wherever_the_stream_is_divided() {
        let sample = SAMPLE.as_bytes();
        for at in 0..=sample.len() {
            let (left, right) = sample.split_at(at);
            assert_eq!(parse(&[left, right], 1000).expect("a stream"), EVENTS, "divided at {at}");
        }
        for size in 1..8 {
            let pieces: Vec<&[u8]> = sample.chunks(size).collect();
            assert_eq!(parse(&pieces, 1000).expect("a stream"), EVENTS, "pieces of {size}");
        }
    }

    #[test]
    fn an_event_without_a_blank_line_after_it_is_found_at_the_end() {
        for text in ["data: a\n\ndata: b", "data: a\n\ndata: b\n", "data: a\r\rdata: b\r"] {
            assert_eq!(parse(&[text.as_bytes()], 100).expect("a stream"), ["a", "b"]);
        }
    }

    #[test]
    fn a_line_or_an_event_beyond_the_limit_is_refused_and_one_at_the_limit_is_not() {
        assert_eq!(parse(&[b"data: 4567\n\n"], 10).expect("at the limit"), ["4567"]);
        assert_eq!(parse(&[b"data: 45678\n\n"], 10), Err(SseError::TooLong));
        assert_eq!(parse(&[b"data: 456", b"78"], 10), Err(SseError::TooLong));
        assert_eq!(parse(&[b": a comment that is long\n"], 10), Err(SseError::TooLong));
        let many = "data: 4\n".repeat(20);
        assert_eq!(parse(&[many.as_bytes()], 10), Err(SseError::TooLong));
    }

    #[test]
    fn data_that_is_not_utf_8_is_refused() {
        assert_eq!(parse(&[b"data: \xff\xfe\n\n"], 100), Err(SseError::NotUtf8));
        assert_eq!(parse(&[b"data: \xc3", b"\n\n"], 100), Err(SseError::NotUtf8));
    }

    /// Marsaglia's xorshift: the same garbage in every run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).expect("31 bits") % end
        }
    }

    #[test]
    fn garbage_is_read_the_same_however_it_is_divided_and_never_beyond_the_limit() {
        const LETTERS: &[u8] = b"data::  \n\n\r\r\xc3\xa9\xff[DONE]{}";
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..5_000 {
            let length = random.below(120);
            let garbage: Vec<u8> = (0..length)
                .map(|_| if random.below(4) == 0 { b'\n' } else { LETTERS[random.below(LETTERS.len())] })
                .collect();
            let whole = parse(&[&garbage], 24);
            let mut pieces = Vec::new();
            let mut rest = garbage.as_slice();
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(1 + random.below(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            assert_eq!(parse(&pieces, 24), whole, "{garbage:?}");
        }
    }
}
