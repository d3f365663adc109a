//! The stream that answers one request.

use super::before;
use crate::{
    calls::{Assembly, Requested},
    error::Error,
    limits::Limits,
    provider::Provider,
    sse::Parser,
    wire::{Choice, Chunk},
};
use bytes::{Buf as _, Bytes};
use reqwest::Response;
use std::{mem, time::Duration};
use tokio::time::{Instant, timeout};

/// Longest wait for the end of a response after the end of its stream. It comes with it, and then the connection serves
/// the next request; if it does not come, a new connection is no harm.
const SETTLE: Duration = Duration::from_millis(20);

pub(super) struct Reading {
    response: Response,
    limits: Limits,
    /// What came and was not looked at yet.
    chunk: Bytes,
    parser: Parser,
    bytes: usize,
    stalls_at: Option<Instant>,
    /// All text of this message, to be sent back when a tool was called.
    text: String,
    calls: Assembly,
    why: Option<Why>,
    is_done: bool,
    /// What was said in the same breath goes first.
    failed: Option<Error>,
}

/// What a stream is made of.
pub(super) enum Part {
    Text(String),
    End(Ending),
}

/// A message of the provider that is whole.
pub(super) struct Ending {
    pub(super) text: String,
    pub(super) calls: Vec<Requested>,
    pub(super) why: Why,
}

/// Why a message ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Why {
    Whole,
    Length,
    Filtered,
}

impl Why {
    fn new(reason: &str) -> Self {
        match reason {
            "length" => Self::Length,
            "content_filter" => Self::Filtered,
            _ => Self::Whole,
        }
    }

    /// What the person should know about it.
    pub(super) const fn mark(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Length => Some("\n\n*(The provider ended the answer here: it is too long.)*"),
            Self::Filtered => Some("\n\n*(The provider held back the rest of the answer.)*"),
        }
    }
}

impl Reading {
    pub(super) fn new(response: Response, limits: Limits) -> Self {
        Self {
            response,
            limits,
            chunk: Bytes::new(),
            parser: Parser::new(limits.line),
            bytes: 0,
            stalls_at: None,
            text: String::new(),
            calls: Assembly::default(),
            why: None,
            is_done: false,
            failed: None,
        }
    }

    /// All text that is there, or what comes next. May be dropped and called again.
    pub(super) async fn next(&mut self, deadline: Instant, provider: &Provider) -> Result<Part, Error> {
        let mut text = String::new();
        loop {
            if let Err(error) = self.take_events(&mut text, provider) {
                self.failed = Some(error);
            }
            if !text.is_empty() {
                self.text.push_str(&text);
                return Ok(Part::Text(text));
            }
            if let Some(error) = self.failed.clone() {
                return Err(error);
            }
            if self.is_done {
                // The connection is free for the next request once the response is read to its end.
                let _ = timeout(SETTLE, self.response.chunk()).await;
                return Ok(Part::End(Ending {
                    text: mem::take(&mut self.text),
                    calls: mem::take(&mut self.calls).finish(),
                    why: self.why.unwrap_or(Why::Whole),
                }));
            }
            let stalls_at = *self.stalls_at.get_or_insert_with(|| Instant::now() + self.limits.stall);
            match before(stalls_at, deadline, self.response.chunk()).await? {
                Ok(Some(chunk)) => self.take_chunk(chunk)?,
                Ok(None) => self.end(&mut text, provider),
                // Some end the connection as soon as they said that they are through.
                Err(_) if self.why.is_some() => self.is_done = true,
                Err(_) => return Err(Error::CutOff),
            }
        }
    }

    fn take_chunk(&mut self, chunk: Bytes) -> Result<(), Error> {
        self.stalls_at = None;
        self.bytes += chunk.len();
        if self.bytes > self.limits.stream {
            return Err(Error::TooLarge { what: "the stream" });
        }
        self.chunk = chunk;
        Ok(())
    }

    /// All events in what came.
    fn take_events(&mut self, text: &mut String, provider: &Provider) -> Result<(), Error> {
        while !self.is_done && self.failed.is_none() {
            let mut rest = &self.chunk[..];
            let event = self.parser.next(&mut rest);
            let taken = self.chunk.len() - rest.len();
            self.chunk.advance(taken);
            let Some(data) = event? else { break };
            self.take_event(&data, text, provider)?;
        }
        Ok(())
    }

    fn take_event(&mut self, data: &str, text: &mut String, provider: &Provider) -> Result<(), Error> {
        if data.trim() == "[DONE]" {
            self.is_done = true;
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_str(data)
            .map_err(|_| Error::Nonsense { what: "an event is not the JSON of an answer" })?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(Error::Reported { code: provider.code(&error) });
        }
        // One answer was asked for.
        let Some(Choice { delta, finish_reason }) = chunk.choices.and_then(|choices| choices.into_iter().next()) else {
            return Ok(());
        };
        let delta = delta.unwrap_or_default();
        for said in [delta.content, delta.refusal].into_iter().flatten() {
            text.push_str(&said);
        }
        for part in delta.tool_calls.unwrap_or_default() {
            self.calls.add(part, &self.limits)?;
        }
        if let Some(reason) = finish_reason.filter(|reason| !reason.is_empty()) {
            self.why = Some(Why::new(&reason));
        }
        Ok(())
    }

    /// The response is over. Without a word about it in the stream the answer is not whole.
    fn end(&mut self, text: &mut String, provider: &Provider) {
        let last = match self.parser.finish() {
            Ok(Some(data)) => self.take_event(&data, text, provider),
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        // Half an event is no nonsense: it was cut off.
        if last.is_err() || !self.is_done && self.why.is_none() {
            self.failed = Some(Error::CutOff);
        }
        self.is_done = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::answer;

    #[test]
    fn a_mark_fits_into_the_room_that_each_answer_leaves_for_one() {
        for why in [Why::Length, Why::Filtered] {
            let mark = why.mark().expect("a mark");
            assert!(mark.chars().count() <= answer::CUT.chars().count(), "{mark}");
        }
    }
}
