//! One question, up to the end of its answer: requests, looking things up, more requests.

mod answer;
mod reading;

use crate::{calls::Requested, error::Error, provider::Provider, wire};
use answer::Answer;
use reading::{Ending, Part, Reading};
use reqwest::Response;
use serde_json::{Map, Value};
use shared::assistant::Speaker;
use std::{collections::VecDeque, pin::Pin};
use tokio::time::{Instant, timeout_at};

/// Stands at the end of a result that was longer than what is sent.
const RESULT_CUT: &str = "\n[cut off here: the result is longer than what can be sent]";

/// What was said, and what the assistant is told beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// What the assistant is told before anything else; nothing when it is empty.
    pub instructions: String,
    /// What was said, oldest first; the last one is the question.
    pub turns: Vec<Turn>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who said it.
    pub speaker: Speaker,
    /// What.
    pub text: String,
}

/// What the provider may ask to be looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it is for, for the provider to read.
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub parameters: Value,
}

/// A call of one of the tools that were offered. Its arguments are the provider's, thus anything.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// [`Tool::name`].
    pub name: String,
    /// Not checked against the schema.
    pub arguments: Map<String, Value>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// More of the answer.
    Text(String),
    /// To be carried out and answered with [`Run::reply`] before the next step.
    Call(ToolCall),
    /// The answer is whole.
    Done,
}

/// A question under way. Dropping it ends the connection to the provider at once.
pub struct Run {
    provider: Provider,
    tools: Vec<wire::ToolDefinition>,
    messages: Vec<wire::Message>,
    deadline: Instant,
    rounds: usize,
    calls: usize,
    answer: Answer,
    phase: Phase,
}

type Sending = Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>;

enum Phase {
    /// The next request is to be sent.
    Ready,
    /// No byte of its answer has come.
    Sending {
        request: Sending,
        until: Instant,
    },
    /// Its answer comes.
    Reading(Box<Reading>),
    /// What the provider asked for is carried out.
    Calling {
        waiting: VecDeque<Requested>,
        handed_out: Option<String>,
    },
    /// There is nothing more.
    Ended,
    Failed(Error),
}

impl Run {
    pub(crate) fn new(provider: Provider, conversation: Conversation, tools: Vec<Tool>) -> Self {
        let limits = *provider.limits();
        let define =
            |Tool { name, description, parameters }| wire::ToolDefinition::Function { name, description, parameters };
        Self {
            tools: tools.into_iter().map(define).collect(),
            messages: to_messages(conversation, limits.conversation),
            deadline: Instant::now() + limits.run,
            rounds: 0,
            calls: 0,
            answer: Answer::new(limits.answer),
            phase: Phase::Ready,
            provider,
        }
    }

    /// Waits for the next step. May be dropped and called again: nothing is lost. After [`Step::Done`] or an error it says
    /// the same again.
    ///
    /// # Errors
    /// When the provider cannot be reached, refuses, or does anything that a provider should not. What was said before
    /// stands.
    pub async fn next(&mut self) -> Result<Step, Error> {
        let step = self.advance().await;
        match &step {
            // Either drops the response, which ends the connection.
            Err(error) => self.phase = Phase::Failed(error.clone()),
            Ok(Step::Done) => self.phase = Phase::Ended,
            Ok(_) => {}
        }
        step
    }

    /// How many requests were sent so far.
    #[must_use]
    pub const fn rounds(&self) -> usize {
        self.rounds
    }

    /// Answers the call that was handed out last. What is longer than [`crate::limits::MAX_RESULT`] is cut off. A call that
    /// is not answered before the next step has no result.
    pub fn reply(&mut self, result: impl Into<String>) {
        let most = self.provider.limits().result;
        if let Phase::Calling { handed_out, .. } = &mut self.phase
            && let Some(id) = handed_out.take()
        {
            self.messages.push(wire::Message::Tool { tool_call_id: id, content: cut(result.into(), most) });
        }
    }

    async fn advance(&mut self) -> Result<Step, Error> {
        loop {
            if Instant::now() >= self.deadline {
                return Err(Error::TooLong);
            }
            match &mut self.phase {
                Phase::Ready => self.begin_round(),
                Phase::Sending { request, until } => {
                    let response = before(*until, self.deadline, request).await??;
                    self.phase = Phase::Reading(Box::new(Reading::new(response, *self.provider.limits())));
                }
                Phase::Reading(reading) => match reading.next(self.deadline, &self.provider).await? {
                    Part::Text(text) => {
                        let (text, is_full) = self.answer.add(&text);
                        if is_full {
                            self.phase = Phase::Ended;
                        }
                        if !text.is_empty() {
                            return Ok(Step::Text(text));
                        }
                    }
                    Part::End(ending) => {
                        if let Some(step) = self.end_round(ending)? {
                            return Ok(step);
                        }
                    }
                },
                Phase::Calling { .. } => {
                    if let Some(call) = self.next_call() {
                        return Ok(Step::Call(call));
                    }
                }
                Phase::Ended => return Ok(Step::Done),
                Phase::Failed(error) => return Err(error.clone()),
            }
        }
    }

    /// Whether the provider has to answer now, without looking anything up.
    fn must_answer(&self) -> bool {
        let limits = self.provider.limits();
        self.rounds >= limits.rounds || self.calls >= limits.calls
    }

    fn begin_round(&mut self) {
        self.rounds += 1;
        self.answer.begin_part();
        let request = Box::pin(self.provider.send(&self.messages, &self.tools, self.must_answer()));
        self.phase = Phase::Sending { request, until: Instant::now() + self.provider.limits().stall };
    }

    fn end_round(&mut self, ending: Ending) -> Result<Option<Step>, Error> {
        let Ending { text, calls, why } = ending;
        if calls.is_empty() {
            if self.answer.is_empty() {
                return Err(Error::Empty);
            }
            self.phase = Phase::Ended;
            return Ok(Some(why.mark().map_or(Step::Done, |mark| Step::Text(mark.to_owned()))));
        }
        if self.must_answer() {
            return Err(Error::Endless);
        }
        let content = (!text.is_empty()).then_some(text);
        let tool_calls = calls.iter().map(Requested::to_wire).collect();
        self.messages.push(wire::Message::Assistant { content, tool_calls });
        self.phase = Phase::Calling { waiting: calls.into(), handed_out: None };
        Ok(None)
    }

    /// The next call that is to be carried out. What cannot be is answered here.
    fn next_call(&mut self) -> Option<ToolCall> {
        self.reply("There is no result.");
        let Phase::Calling { waiting, handed_out } = &mut self.phase else { return None };
        let Some(Requested { id, name, arguments }) = waiting.pop_front() else {
            self.phase = Phase::Ready;
            return None;
        };
        *handed_out = Some(id);
        let is_offered = self.tools.iter().any(|wire::ToolDefinition::Function { name: offered, .. }| *offered == name);
        if self.calls >= self.provider.limits().calls {
            self.reply("No more can be looked up for this question: answer with what there is.");
            return None;
        }
        self.calls += 1;
        match arguments {
            _ if !is_offered => self.reply("There is no such tool."),
            None => self.reply("The arguments are no JSON object."),
            Some(arguments) => return Some(ToolCall { name, arguments }),
        }
        None
    }
}

/// Waits until `until`, which is a stall, or until the end of the run's time.
async fn before<T>(until: Instant, deadline: Instant, future: impl Future<Output = T>) -> Result<T, Error> {
    let why = if deadline <= until { Error::TooLong } else { Error::Stalled };
    timeout_at(until.min(deadline), future).await.map_err(|_| why)
}

/// The conversation as it is sent: the latest that fits, beginning with a question. The last one always fits.
fn to_messages(conversation: Conversation, most: usize) -> Vec<wire::Message> {
    let mut room = most;
    let mut turns: VecDeque<Turn> = VecDeque::new();
    // Providers refuse empty messages; a failed answer may be one.
    for turn in conversation.turns.into_iter().rev().filter(|turn| !turn.text.is_empty()) {
        let length = turn.text.chars().count();
        if length > room && !turns.is_empty() {
            break;
        }
        room = room.saturating_sub(length);
        turns.push_front(turn);
    }
    while turns.len() > 1 && turns[0].speaker == Speaker::Assistant {
        turns.pop_front();
    }
    let instructions = Some(conversation.instructions).filter(|text| !text.is_empty());
    let instructions = instructions.map(|content| wire::Message::System { content });
    let to_message = |turn: Turn| match turn.speaker {
        Speaker::Person => wire::Message::User { content: turn.text },
        Speaker::Assistant => wire::Message::Assistant { content: Some(turn.text), tool_calls: Vec::new() },
    };
    instructions.into_iter().chain(turns.into_iter().map(to_message)).collect()
}

/// At most so many bytes of a text, with a mark where something is missing.
fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most.saturating_sub(RESULT_CUT.len())));
        text.push_str(RESULT_CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(speaker: Speaker, text: &str) -> Turn {
        Turn { speaker, text: text.to_owned() }
    }

    fn sent(turns: Vec<Turn>, most: usize) -> String {
        let conversation = Conversation { instructions: "be kind".to_owned(), turns };
        let show = |message: &wire::Message| match message {
            wire::Message::System { content } => format!("s:{content}"),
            wire::Message::User { content } => format!("u:{content}"),
            wire::Message::Assistant { content, .. } => format!("a:{}", content.clone().unwrap_or_default()),
            wire::Message::Tool { .. } => String::new(),
        };
        to_messages(conversation, most).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    /// Not called: it need only compile.
    fn is_send(run: &mut Run) -> impl Future<Output = Result<Step, Error>> + Send {
        run.next()
    }

    #[test]
    fn a_run_can_go_on_in_any_thread() {
        let _ = is_send;
    }

    #[test]
    fn of_a_long_conversation_the_latest_is_sent_and_begins_with_a_question() {
        let turns = vec![
            turn(Speaker::Person, "one"),
            turn(Speaker::Assistant, "two"),
            turn(Speaker::Person, "thr\u{e9}"),
            turn(Speaker::Assistant, ""),
            turn(Speaker::Person, "four"),
        ];
        assert_eq!(sent(turns.clone(), 100), "s:be kind u:one a:two u:thr\u{e9} u:four");
        assert_eq!(sent(turns.clone(), 11), "s:be kind u:thr\u{e9} u:four");
        assert_eq!(sent(turns.clone(), 8), "s:be kind u:thr\u{e9} u:four");
        assert_eq!(sent(turns.clone(), 7), "s:be kind u:four");
        assert_eq!(sent(turns, 1), "s:be kind u:four");
    }

    #[test]
    fn a_long_result_is_cut_between_characters_and_says_so() {
        let most = RESULT_CUT.len() + 3;
        let fits = "\u{e9}".repeat(most / 2);
        assert_eq!(cut(fits.clone(), most), fits);
        assert_eq!(cut("\u{e9}".repeat(most), most), format!("\u{e9}{RESULT_CUT}"));
        assert!(cut("x".repeat(1000), most).len() <= most);
    }
}
