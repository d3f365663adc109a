//! One run: the provider speaks and asks for data, until it is done, somebody stops it, or a right ends.

use super::{
    Behalf, problems,
    stream::{self, Out},
    text::printable,
    tools,
};
use crate::{live::Place, problem::Refusal};
use ::assistant::{Conversation, Provider, Run, Step};
use actix_web::{HttpResponse, rt};
use shared::{
    ChatId, Problem,
    assistant::{ChatEvent, Lookup, Outcome},
};
use std::time::{Duration, Instant};
use store::{KeptMessage, NewAnswer};
use tokio::time::{sleep, timeout};

/// Longest run, whatever the reader does: the provider's own limit does not count while nobody reads.
const LONGEST: Duration = Duration::from_secs(300);
/// How long keeping the answer may take.
const KEEP_WITHIN: Duration = Duration::from_secs(10);

/// A question that was kept, and all that it takes to answer it.
pub(crate) struct Question {
    /// On whose behalf.
    pub(crate) behalf: Behalf,
    /// In which conversation.
    pub(crate) chat: ChatId,
    /// As it was kept.
    pub(crate) asked: KeptMessage,
    /// What was said, the question last.
    pub(crate) conversation: Conversation,
    /// Who is asked.
    pub(crate) provider: Provider,
    /// Held until the answer is kept, so that the next question finds it.
    pub(crate) place: Place,
}

/// How a run ended.
enum End {
    Complete,
    /// Nobody reads any more.
    Stopped,
    /// Why, for the person and for the log.
    Failed(Box<Problem>, String),
}

/// What there is of an answer.
#[derive(Default)]
struct Said {
    text: String,
    lookups: Vec<Lookup>,
}

/// Begins to answer. The run goes on in a task of its own, which sees when the response is dropped.
pub(crate) fn answer(question: Question) -> HttpResponse {
    let (out, response) = stream::open();
    rt::spawn(drive(question, out));
    response
}

async fn drive(question: Question, out: Out) {
    let Question { behalf, chat, asked, conversation, provider, mut place } = question;
    let (org, started) = (behalf.org(), Instant::now());
    let mut said = Said::default();
    let mut run = provider.ask(conversation, tools::definitions());
    let asked = ChatEvent::Asked { message: asked.message };
    let end = tokio::select! {
        // First the end: whoever lost a right is told nothing more, even if more has come.
        biased;
        Ok(ending) = &mut place.ended => {
            let cause = ending.detail.clone();
            End::Failed(Box::new(problems::of_ending(ending, org)), cause)
        }
        () = out.closed() => End::Stopped,
        () = sleep(LONGEST) => {
            let error = ::assistant::Error::TooLong;
            End::Failed(Box::new(problems::of_provider(&error, org)), format!("{error:?}"))
        }
        () = out.beat() => End::Stopped,
        end = async {
            out.send(&asked).await;
            converse(&mut run, &behalf, &mut said, &out).await
        } => end,
    };
    let rounds = run.rounds();
    // Ends the connection to the provider, before anything else is waited for.
    drop(run);
    let last = close(&behalf, chat, said, end).await;
    drop(place);
    let millis = started.elapsed().as_millis();
    let Last { event, outcome, cause } = last;
    behalf.metrics().count_run(outcome);
    tracing::info!(%org, outcome = outcome.as_str(), rounds, millis, cause, "the assistant's run ended");
    out.end(&event).await;
}

/// Hands on what the provider says, and carries out what it asks for, until it is done.
async fn converse(run: &mut Run, behalf: &Behalf, said: &mut Said, out: &Out) -> End {
    loop {
        match run.next().await {
            Ok(Step::Text(text)) => {
                let text = printable(&text);
                if !text.is_empty() {
                    said.text.push_str(&text);
                    out.send(&ChatEvent::Text { text }).await;
                }
            }
            Ok(Step::Call(call)) => {
                let found = behalf.look(move |store, scope| tools::carry_out(&store.org(scope), call)).await;
                let found = match found {
                    Ok(found) => found,
                    Err(refusal) => return failed(&refusal),
                };
                if let Some(lookup) = found.lookup {
                    said.lookups.push(lookup.clone());
                    out.send(&ChatEvent::Looked { lookup }).await;
                }
                run.reply(found.result);
            }
            Ok(Step::Done) => return End::Complete,
            Err(error) => {
                let problem = problems::of_provider(&error, behalf.org());
                return End::Failed(Box::new(problem), format!("{error:?}"));
            }
        }
    }
}

fn failed(refusal: &Refusal) -> End {
    let cause = refusal.log_cause().map_or_else(|| refusal.to_string(), str::to_owned);
    End::Failed(Box::new(problems::of_refusal(refusal)), cause)
}

/// What is sent last, and logged.
struct Last {
    event: ChatEvent,
    outcome: Outcome,
    cause: Option<String>,
}

/// Keeps what was said by the end.
async fn close(behalf: &Behalf, chat: ChatId, said: Said, end: End) -> Last {
    let outcome = match &end {
        End::Complete => Outcome::Complete,
        End::Stopped => Outcome::Stopped,
        End::Failed(..) => Outcome::Failed,
    };
    let (kept, end) = match (keep(behalf, chat, said, outcome).await, end) {
        (Ok(kept), end) => (kept, end),
        // Why it failed first is what the person should know.
        (Err(refusal), End::Failed(problem, cause)) => {
            (None, End::Failed(problem, format!("{cause}; not kept: {refusal}")))
        }
        (Err(refusal), _) => (None, failed(&refusal)),
    };
    match (kept, end) {
        (Some(KeptMessage { message, used }), End::Complete) => {
            Last { event: ChatEvent::Done { message, used }, outcome: Outcome::Complete, cause: None }
        }
        (kept, End::Failed(problem, cause)) => {
            let message = kept.map(|kept| kept.message);
            Last { event: ChatEvent::Failed { problem, message }, outcome: Outcome::Failed, cause: Some(cause) }
        }
        // Nobody is there to read it.
        (kept, End::Stopped | End::Complete) => {
            let problem = problems::of_refusal(&Refusal::unavailable("stopped"));
            let message = kept.map(|kept| kept.message);
            Last {
                event: ChatEvent::Failed { problem: Box::new(problem), message },
                outcome: Outcome::Stopped,
                cause: None,
            }
        }
    }
}

/// None where nothing was said and nothing looked at.
async fn keep(behalf: &Behalf, chat: ChatId, said: Said, outcome: Outcome) -> Result<Option<KeptMessage>, Refusal> {
    let Said { text, lookups } = said;
    if text.is_empty() && lookups.is_empty() {
        return Ok(None);
    }
    let answer = NewAnswer { text, lookups, outcome };
    let kept = behalf.keep(move |store, scope| Ok(store.org(scope).answer(chat, answer)?));
    match timeout(KEEP_WITHIN, kept).await {
        Ok(kept) => kept.map(Some),
        Err(_) => Err(Refusal::unavailable("keeping an answer took too long")),
    }
}
