//! The browser as [`org_client::Platform`].

use futures_util::{
    FutureExt as _, StreamExt as _,
    future::LocalBoxFuture,
    stream::{self, LocalBoxStream},
};
use gloo_net::{
    http::RequestBuilder,
    websocket::{Message, futures::WebSocket},
};
use org_client::{Disconnected, FetchError, Method, Platform, Request, Response};
use shared::{Micros, endpoints::ORG_HEADER};
use web_sys::AbortController;

/// `fetch`, `WebSocket` and timers of the window.
#[derive(Debug)]
pub struct Browser;

/// Aborts a request when the future that waits for it is dropped.
pub(crate) struct AbortOnDrop(pub(crate) Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// What the browser keeps as long as the tab lives, and for this tab alone.
#[expect(
    clippy::disallowed_methods,
    reason = "what is behind `OrgStorage`, which names user and organization in each key"
)]
fn tab_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

pub(crate) async fn send(request: &Request, guard: &AbortOnDrop) -> Result<gloo_net::http::Response, FetchError> {
    let signal = guard.0.as_ref().map(AbortController::signal);
    let method = match request.method {
        Method::Get => gloo_net::http::Method::GET,
        Method::Post => gloo_net::http::Method::POST,
        Method::Put => gloo_net::http::Method::PUT,
        Method::Patch => gloo_net::http::Method::PATCH,
        Method::Delete => gloo_net::http::Method::DELETE,
    };
    let mut builder = RequestBuilder::new(&request.path).method(method).abort_signal(signal.as_ref());
    if let Some(tag) = &request.if_match {
        builder = builder.header("If-Match", tag);
    }
    let sent = match &request.body {
        Some(body) => builder.header("Content-Type", "application/json").body(body.as_str()),
        None => builder.build(),
    };
    sent.map_err(failed)?.send().await.map_err(failed)
}

pub(crate) fn failed(error: gloo_net::Error) -> FetchError {
    FetchError(error.to_string())
}

impl Platform for Browser {
    fn fetch(&self, request: Request) -> LocalBoxFuture<'static, Result<Response, FetchError>> {
        async move {
            let mut guard = AbortOnDrop(AbortController::new().ok());
            let answer = send(&request, &guard).await?;
            let response = Response {
                status: answer.status(),
                org: answer.headers().get(ORG_HEADER),
                body: answer.text().await.map_err(failed)?,
            };
            // It has ended: there is nothing left to abort.
            guard.0 = None;
            Ok(response)
        }
        .boxed_local()
    }

    fn connect(&self, path: String) -> LocalBoxStream<'static, Result<String, Disconnected>> {
        let location = web_sys::window().map(|window| window.location());
        let host = location.as_ref().and_then(|location| location.host().ok()).unwrap_or_default();
        let secure =
            location.and_then(|location| location.protocol().ok()).is_some_and(|protocol| protocol == "https:");
        let scheme = if secure { "wss" } else { "ws" };
        match WebSocket::open(&format!("{scheme}://{host}{path}")) {
            Ok(socket) => socket
                .filter_map(async |message| match message {
                    Ok(Message::Text(text)) => Some(Ok(text)),
                    // The server speaks text alone.
                    Ok(Message::Bytes(_)) => None,
                    Err(error) => Some(Err(Disconnected(error.to_string()))),
                })
                .boxed_local(),
            Err(error) => stream::iter([Err(Disconnected(error.to_string()))]).boxed_local(),
        }
    }

    fn sleep(&self, milliseconds: u32) -> LocalBoxFuture<'static, ()> {
        gloo_timers::future::TimeoutFuture::new(milliseconds).boxed_local()
    }

    fn keep(&self, key: &str, text: &str) {
        if let Some(storage) = tab_storage() {
            // Full or forbidden: then it is not kept.
            let _ = storage.set_item(key, text);
        }
    }

    fn kept(&self, key: &str) -> Option<String> {
        tab_storage()?.get_item(key).ok()?
    }

    fn forget(&self, key: &str) {
        if let Some(storage) = tab_storage() {
            let _ = storage.remove_item(key);
        }
    }

    fn kept_keys(&self) -> Vec<String> {
        let Some(storage) = tab_storage() else { return Vec::new() };
        (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok()?).collect()
    }

    fn now(&self) -> Micros {
        #[expect(clippy::cast_possible_truncation, reason = "microseconds of a clock that reads milliseconds")]
        let micros = (js_sys::Date::now() * 1_000.0) as Micros;
        micros
    }
}
