//! What a request carries besides its path: body and query.
//!
//! Both are parameters that hold what came and read it only when the handler asks. A handler runs once its guards have
//! passed, so nobody learns from a complaint about a body that something exists behind it.

use crate::problem::{Answer, Refusal};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    web,
};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use shared::ErrorCode;
use std::{
    convert::Infallible,
    future::{Ready, ready},
    marker::PhantomData,
};

/// Most bytes of an ordinary body.
pub const BODY_LIMIT: usize = 64 * 1024;
/// Most bytes of a batch of reports.
pub const INGEST_LIMIT: usize = 4 * 1024 * 1024;

/// A JSON body that has not been read.
pub struct Body<T> {
    payload: web::Payload,
    request: HttpRequest,
    kind: PhantomData<T>,
}

impl<T> FromRequest for Body<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload).into_inner().expect("taking a payload cannot fail");
        ready(Ok(Self { payload, request: request.clone(), kind: PhantomData }))
    }
}

impl<T: DeserializeOwned> Body<T> {
    /// Reads it, up to [`BODY_LIMIT`].
    ///
    /// # Errors
    /// 400, 413, 415.
    pub async fn read(self) -> Answer<T> {
        self.read_up_to(BODY_LIMIT).await
    }

    /// Reads it, up to so many bytes.
    ///
    /// # Errors
    /// 400, 413, 415.
    pub async fn read_up_to(mut self, limit: usize) -> Answer<T> {
        let headers = self.request.headers();
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") || headers.contains_key(CONTENT_ENCODING) {
            return Err(Refusal::new(ErrorCode::UnsupportedMediaType)
                .detail("Send JSON with the header content-type: application/json and without content-encoding."));
        }
        let announced = headers.get(CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let mut bytes = BytesMut::with_capacity(announced.unwrap_or(0));
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|error| Refusal::malformed(format!("The body did not arrive whole: {error}")))?;
            if bytes.len() + chunk.len() > limit {
                return Err(too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&bytes).map_err(|error| Refusal::malformed(format!("The body cannot be read: {error}.")))
    }
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(ErrorCode::TooLarge).detail(format!("At most {} kB are read.", limit / 1024))
}

/// Query parameters that have not been read.
pub struct Params<T> {
    request: HttpRequest,
    kind: PhantomData<T>,
}

impl<T> FromRequest for Params<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), kind: PhantomData }))
    }
}

impl<T: DeserializeOwned> Params<T> {
    /// Reads them.
    ///
    /// # Errors
    /// 400.
    pub fn read(&self) -> Answer<T> {
        web::Query::<T>::from_query(self.request.query_string())
            .map(web::Query::into_inner)
            .map_err(|error| Refusal::malformed(format!("The query cannot be read: {error}.")))
    }
}
