//! `assistant_first_token_added_ms`: what the server adds before the first word of an answer, beside asking the provider
//! directly.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::http::request;
use super::outcome::Outcome;
use super::server::{self, Data, Session, parsed};
use super::{Programs, stats};
use crate::shell::{Failure, Result};

/// Questions that are counted; some more before them fill caches and open connections.
const QUESTIONS: usize = 40;
const WARM_UP: usize = 5;
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(20);

const QUESTION: &str = "[say:one two three]";

pub(super) fn measure(programs: &Programs, dir: &Path, outcome: &mut Outcome) -> Result<()> {
    let provider = server::start_provider(programs, dir)?;
    let base = format!("http://{}/v1", provider.address);
    let data = Data::create(programs, dir)?;
    let server = data.serve_with(&[
        ("BULKHEAD_ASSISTANT_URL", base.as_str()),
        ("BULKHEAD_ASSISTANT_MODEL", "scripted"),
        ("BULKHEAD_ASSISTANT_ALLOW_PRIVATE", "true"),
    ])?;
    let mut session = Session::sign_in(&server)?;
    let org = session.create_org("Assistant")?;
    let chat = parsed(&session.ask("GET", &format!("/api/v1/orgs/{}/assistant", org.id), None)?)?;
    let question = json!({ "chat": chat["id"], "text": QUESTION });
    let ours =
        session.request("POST", &format!("/api/v1/orgs/{}/assistant/messages", org.id), Some(&question.to_string()));
    let messages = json!([{ "role": "user", "content": QUESTION }]);
    let direct = json!({ "model": "scripted", "stream": true, "messages": messages }).to_string();
    let direct = request("POST", "/v1/chat/completions", &[], Some(&direct));

    let (mut added_to, mut alone) = (Vec::new(), Vec::new());
    for number in 0..QUESTIONS + WARM_UP {
        let through = first_word(server.address, &ours, b"\"type\":\"text\"", b"\"type\":\"done\"")?;
        let itself = first_word(provider.address, &direct, b"\"content\":\"", b"[DONE]")?;
        if number >= WARM_UP {
            added_to.push(stats::millis(through));
            alone.push(stats::millis(itself));
        }
    }
    let (through, itself) = (stats::median(&mut added_to), stats::median(&mut alone));
    outcome.add("assistant_first_token_ms", through, "ms");
    outcome.add("provider_first_token_ms", itself, "ms");
    outcome.add("assistant_first_token_added_ms", (through - itself).max(0.0), "ms");
    outcome.condition(format!(
        "Assistant: from sending a question to the first word, through the server and from the provider itself; medians of {QUESTIONS}, \
         in turn, on new connections."
    ));
    Ok(())
}

/// How long it takes until the answer holds `word`. The answer is read up to `last`, so that nothing of it is left.
fn first_word(address: SocketAddr, bytes: &[u8], word: &[u8], last: &[u8]) -> Result<Duration> {
    let broken = |error: std::io::Error| Failure::new(format!("a connection of the benchmark broke: {error}"));
    let holds = |said: &[u8], part: &[u8]| said.windows(part.len()).any(|window| window == part);
    let mut stream = TcpStream::connect(address).map_err(broken)?;
    stream.set_nodelay(true).map_err(broken)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(broken)?;
    let asked_at = Instant::now();
    stream.write_all(bytes).map_err(broken)?;
    let (mut said, mut part, mut took) = (Vec::new(), [0_u8; 8_192], None);
    loop {
        let read = stream.read(&mut part).map_err(broken)?;
        said.extend_from_slice(&part[..read]);
        if took.is_none() && holds(&said, word) {
            took = Some(asked_at.elapsed());
        }
        match took {
            Some(took) if holds(&said, last) => return Ok(took),
            _ if read == 0 => {
                let said = String::from_utf8_lossy(&said);
                return Err(Failure::new(format!("there was no answer to a question: {said}")));
            }
            _ => {}
        }
    }
}
