//! One HTTP request, from its head to the head of its answer: find the route, have an instance answer, and say what
//! is wrong where none does.
//!
//! Start reading at [`answer`], which `connection.rs` calls for every request of every client. Choosing an instance
//! and trying again is `attempt.rs`. Nothing here waits for a body: those flow by themselves afterwards (`body.rs`).

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode, Version};

use super::attempt::{self, Opened};
use super::body::{Relay, RequestBody, ResponseBody};
use super::core::ListenerHandle;
use super::headers::{self, Intent};
use super::meter::Meter;
use super::problem::Problem;
use super::route::LiveRoute;
use super::tunnel;
use super::visit::Visit;

/// Who asks, for every request of one connection.
pub(super) struct Client {
    pub(super) listener: Arc<ListenerHandle>,
    pub(super) visit: Arc<Visit>,
    /// The client's address as `X-Forwarded-For` writes it.
    pub(super) address: HeaderValue,
}

/// Answers one request, whatever happens.
pub(super) async fn answer(
    client: Arc<Client>,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Infallible> {
    let busy = client.visit.enter();
    let (parts, body) = request.into_parts();
    let response = match admit(&client, &parts, &body) {
        Ok(route) => relay(&client, route, Request::from_parts(parts, body)).await,
        Err(problem) => problem.answer(None, parts.headers.get(header::ACCEPT)),
    };
    Ok(response.map(|body| body.with_busy(busy)))
}

/// Checks that the request is safe to pass on, and finds its route.
fn admit(client: &Client, parts: &Parts, body: &Incoming) -> Result<Arc<LiveRoute>, Problem> {
    if parts.version < Version::HTTP_2 {
        one_framing(client, parts, !body.is_end_stream())?;
    }
    headers::inspect(parts)?;
    let host = headers::host(parts)?;
    client.listener.route(host, parts.uri.path()).ok_or_else(|| Problem::UnknownHost(host.to_owned()))
}

/// The HTTP library lets `Transfer-Encoding` win over `Content-Length` and ends the connection behind the answer; the
/// standard calls that an attack, so it is refused wherever the head was seen whole.
fn one_framing(client: &Client, parts: &Parts, has_body: bool) -> Result<(), Problem> {
    if !parts.headers.contains_key(header::TRANSFER_ENCODING) {
        client.visit.forget_head(has_body);
        return Ok(());
    }
    if client.visit.take_content_length(has_body) {
        return Err(Problem::Malformed("it has both `Content-Length` and `Transfer-Encoding`"));
    }
    Ok(())
}

async fn relay(client: &Client, route: Arc<LiveRoute>, request: Request<Incoming>) -> Response<ResponseBody> {
    let core = &client.listener.core;
    let mut meter = Meter::begin(route, &core.settings.clock);
    let accept = request.headers().get(header::ACCEPT).cloned();
    let (mut parts, body) = request.into_parts();
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let intent = headers::to_instance(&mut parts, &client.address, &core.ids);
    let request = Request::from_parts(parts, RequestBody::new(body));
    match attempt::exchange(&mut meter, core, request, intent).await {
        Ok(opened) if opened.response.status() == StatusCode::SWITCHING_PROTOCOLS => match upgrade {
            Some(client) if intent == Intent::Upgrade => {
                tunnel::deliver(opened.response, client, meter, core)
            }
            _ => refuse(&Problem::UnaskedUpgrade, accept.as_ref(), meter),
        },
        Ok(opened) => deliver(opened, meter),
        Err(problem) => refuse(&problem, accept.as_ref(), meter),
    }
}

/// Answers in place of the workload, and counts that as a failure.
fn refuse(problem: &Problem, accept: Option<&HeaderValue>, mut meter: Meter) -> Response<ResponseBody> {
    meter.failed(problem.status().as_u16());
    problem.answer(Some(&meter.route.config.owner.workload), accept)
}

/// Hands an answer on, and its connection back at once when there is no body to wait for.
fn deliver(opened: Opened, mut meter: Meter) -> Response<ResponseBody> {
    let (mut parts, incoming) = opened.response.into_parts();
    // Each leg speaks its own version; a client of HTTP/1.0 is still answered in that by the library.
    parts.version = Version::HTTP_11;
    headers::to_client(&mut parts.headers);
    if is_event_stream(&parts.headers) {
        meter.stop_watch();
    }
    let mut relay = Relay::new(incoming, opened.link, meter);
    if relay.is_over() {
        relay.settle();
    }
    Response::from_parts(parts, ResponseBody::relay(relay))
}

/// Whether an answer is one that is meant never to end.
fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}
