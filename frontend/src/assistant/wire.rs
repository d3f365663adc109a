//! An answer as it comes: the browser as [`org_client::Streaming`].

use crate::browser::{AbortOnDrop, Browser, failed, send};
use futures_util::{
    StreamExt as _,
    stream::{self, LocalBoxStream},
};
use leptos::wasm_bindgen::JsCast as _;
use org_client::{FetchError, Request, Response, Streamed, Streaming};
use shared::endpoints::ORG_HEADER;
use web_sys::AbortController;

impl Streaming for Browser {
    fn stream(&self, request: Request) -> LocalBoxStream<'static, Result<Streamed, FetchError>> {
        // What holds the connection open, in the order in which it is dropped.
        let asked = async move {
            let guard = AbortOnDrop(AbortController::new().ok());
            match send(&request, &guard).await {
                Ok(answer) => answer_in_lines(answer, guard).await,
                Err(error) => stream::iter([Err(error)]).boxed_local(),
            }
        };
        stream::once(asked).flatten().boxed_local()
    }
}

/// Most bytes of one line. The server sends far less; without an end to it a line would grow for ever.
const MAX_LINE: usize = 1 << 20;

/// The head of an answer, and its lines as they come. A refusal is read whole.
async fn answer_in_lines(
    answer: gloo_net::http::Response,
    guard: AbortOnDrop,
) -> LocalBoxStream<'static, Result<Streamed, FetchError>> {
    let mut head = Response { status: answer.status(), org: answer.headers().get(ORG_HEADER), body: String::new() };
    let body = answer.body().filter(|_| answer.ok());
    let Some(body) = body else {
        let read = answer.text().await.map_err(failed).map(|body| {
            head.body = body;
            Streamed::Head(head)
        });
        return stream::iter([read]).boxed_local();
    };
    let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let lines = stream::unfold((reader, guard, Vec::new(), false), |(reader, guard, mut rest, over)| async move {
        let mut over = over;
        loop {
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                return Some((Ok(Streamed::Line(line)), (reader, guard, rest, over)));
            }
            if over {
                return None;
            }
            match next_bytes(&reader).await {
                Ok(Some(bytes)) if rest.len() + bytes.len() <= MAX_LINE => rest.extend(bytes),
                Ok(None) => {
                    over = true;
                    rest.push(b'\n');
                }
                Ok(Some(_)) => {
                    return Some((Err(FetchError("a line without end".to_owned())), (reader, guard, Vec::new(), true)));
                }
                Err(error) => return Some((Err(error), (reader, guard, Vec::new(), true))),
            }
        }
    });
    stream::iter([Ok(Streamed::Head(head))]).chain(lines).boxed_local()
}

/// The next bytes of a body; none at its end.
async fn next_bytes(reader: &web_sys::ReadableStreamDefaultReader) -> Result<Option<Vec<u8>>, FetchError> {
    let broken = |_| FetchError("the answer broke off".to_owned());
    let part = wasm_bindgen_futures::JsFuture::from(reader.read()).await.map_err(broken)?;
    let get = |name: &str| js_sys::Reflect::get(&part, &name.into()).map_err(broken);
    if get("done")?.is_truthy() {
        return Ok(None);
    }
    Ok(Some(js_sys::Uint8Array::new(&get("value")?).to_vec()))
}
