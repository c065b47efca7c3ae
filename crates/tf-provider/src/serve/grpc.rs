//! gRPC in so far as one question and one answer ask for: a path, a message with its length before it, a status behind it.
//!
//! Called by `serve.rs` for each request. It knows no message. Start at [`call`].

use std::convert::Infallible;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::{HeaderMap, Request, Response};
use tokio::sync::Notify;

use super::answers::Provider;

/// The call is not known.
const UNIMPLEMENTED: u8 = 12;
/// The message cannot be understood.
const INVALID: u8 = 3;

/// Bytes before a message: whether it is packed, and its length.
const HEAD: usize = 5;

type Answer = Response<http_body_util::combinators::BoxBody<Bytes, Infallible>>;

/// Answers one call.
pub(super) async fn call(
    request: Request<Incoming>,
    provider: Arc<Provider>,
    end: Arc<Notify>,
) -> Result<Answer, hyper::Error> {
    let path = request.uri().path().to_owned();
    if path == "/plugin.GRPCController/Shutdown" {
        end.notify_one();
        return Ok(answer(Some(Vec::new()), 0));
    }
    let message = request.into_body().collect().await?.to_bytes();
    let message = message.get(HEAD..).unwrap_or_default();
    Ok(match provider.answer(&path, message) {
        None => answer(None, UNIMPLEMENTED),
        Some(None) => answer(None, INVALID),
        Some(found) => answer(found, 0),
    })
}

fn answer(message: Option<Vec<u8>>, status: u8) -> Answer {
    let data = message.map(|message| {
        let mut data = BytesMut::with_capacity(HEAD + message.len());
        data.put_u8(0);
        data.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
        data.extend_from_slice(&message);
        data.freeze()
    });
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", u16::from(status).into());
    let body = Full::new(data.unwrap_or_default()).with_trailers(async move { Some(Ok(trailers)) });
    let mut response = Response::new(boxed(body));
    response
        .headers_mut()
        .insert("content-type", hyper::header::HeaderValue::from_static("application/grpc"));
    response
}

fn boxed(
    body: impl Body<Data = Bytes, Error = Infallible> + Send + Sync + 'static,
) -> http_body_util::combinators::BoxBody<Bytes, Infallible> {
    body.boxed()
}
