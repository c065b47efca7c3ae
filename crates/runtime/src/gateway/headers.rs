//! What changes in the head of a message on its way through.
//!
//! Headers that speak of one connection only are taken out, the client's address, scheme and host are noted, and a
//! request that has no id or trace gets one. Everything else, `Host` included, passes untouched. A request that two
//! servers could read differently is refused here.

use bytes::BytesMut;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Uri, Version};

use super::ids::RequestIds;
use super::problem::Problem;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

/// Whether a request asks to speak something else from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// An ordinary request.
    Plain,
    /// A WebSocket or the like.
    Upgrade,
}

/// The host that a request is for, without port: of the request line if it is there, else of `Host`.
pub(super) fn host(parts: &Parts) -> Result<&str, Problem> {
    if let Some(host) = parts.uri.host() {
        return Ok(host);
    }
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let host = host.to_str().map_err(|_| Problem::Malformed("the `Host` header is not text"))?;
            Ok(without_port(host))
        }
        (Some(_), Some(_)) => Err(Problem::Malformed("there are two `Host` headers")),
        (None, _) if parts.version == Version::HTTP_10 => Ok(""),
        (None, _) => Err(Problem::Malformed("there is no `Host` header")),
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Refuses what is not safe to pass on.
pub(super) fn inspect(parts: &Parts) -> Result<(), Problem> {
    if parts.method == Method::CONNECT {
        return Err(Problem::Malformed(
            "`CONNECT` is for proxies that reach other machines; this one does not",
        ));
    }
    let mut codings = parts.headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => Err(Problem::Malformed("`Transfer-Encoding` may only say `chunked`, once")),
    }
}

/// Makes the head of a client's request that of the request to an instance.
pub(super) fn to_instance(parts: &mut Parts, client: &HeaderValue, ids: &RequestIds) -> Intent {
    let intent = intent(parts);
    origin_form(parts);
    parts.version = Version::HTTP_11;
    let headers = &mut parts.headers;
    headers.reserve(6);
    // Only an HTTP/1.0 client may leave it out.
    headers.entry(header::HOST).or_insert(HeaderValue::from_static("localhost"));
    strip(headers);
    headers.remove(header::EXPECT);
    headers.remove(HTTP2_SETTINGS);
    if headers.get(header::TE).is_some_and(|te| te != "trailers") {
        headers.remove(header::TE);
    }
    match intent {
        Intent::Upgrade => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        }
        Intent::Plain => {
            headers.remove(header::UPGRADE);
        }
    }
    forwarded(headers, client);
    identify(headers, ids);
    intent
}

/// Makes the head of an instance's answer that of the answer to the client.
pub(super) fn to_client(headers: &mut HeaderMap) {
    strip(headers);
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::UPGRADE);
}

/// Takes a head out of the buffer it was read into, so that the buffer is free while the request waits.
pub(super) fn detach<B>(request: &mut Request<B>) {
    if let Some(Ok(path)) = request.uri().path_and_query().map(|path| path.as_str().parse::<PathAndQuery>()) {
        *request.uri_mut() = Uri::from(path);
    }
    let mut all = BytesMut::with_capacity(request.headers().values().map(HeaderValue::len).sum());
    request.headers().values().for_each(|value| all.extend_from_slice(value.as_bytes()));
    let mut all = all.freeze();
    for value in request.headers_mut().values_mut() {
        let own = all.split_to(value.len());
        // What was a value stays one.
        if let Ok(mut own) = HeaderValue::from_maybe_shared(own) {
            own.set_sensitive(value.is_sensitive());
            *value = own;
        }
    }
}

/// Puts the header back that completes an upgrade.
pub(super) fn upgraded(headers: &mut HeaderMap, protocol: Option<HeaderValue>) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    if let Some(protocol) = protocol {
        headers.insert(header::UPGRADE, protocol);
    }
}

/// HTTP/2 is spoken from the first byte or not at all, so `h2c` is not passed on: it would be a tunnel past us.
fn intent(parts: &Parts) -> Intent {
    let asks = parts.version == Version::HTTP_11
        && parts.headers.get(header::UPGRADE).is_some_and(|upgrade| !names(upgrade, "h2c"))
        && parts.headers.get_all(header::CONNECTION).iter().any(|value| names(value, "upgrade"));
    if asks { Intent::Upgrade } else { Intent::Plain }
}

fn names(value: &HeaderValue, token: &str) -> bool {
    value.to_str().is_ok_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
}

/// `http://host/path` and `:authority` become `Host` and `/path`.
fn origin_form(parts: &mut Parts) {
    if parts.uri.authority().is_none() {
        return;
    }
    if let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.insert(header::HOST, host);
    }
    let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    parts.uri = Uri::from(path);
}

/// Takes out what speaks of one connection, and what `Connection` says does.
fn strip(headers: &mut HeaderMap) {
    let simple = |value: &HeaderValue| value == "keep-alive" || value == "close";
    if headers.get_all(header::CONNECTION).iter().all(simple) {
        headers.remove(header::CONNECTION);
    } else {
        strip_listed(headers);
    }
    headers.remove(KEEP_ALIVE);
    headers.remove(PROXY_CONNECTION);
}

fn strip_listed(headers: &mut HeaderMap) {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let listed: Vec<_> = values.flat_map(|text| text.split(',')).map(|name| name.trim().to_owned()).collect();
    headers.remove(header::CONNECTION);
    for name in listed.iter().filter(|name| !is_framing(name)) {
        headers.remove(name.as_str());
    }
}

/// Headers that say where a message ends and for whom it is; nobody may have those taken out.
fn is_framing(name: &str) -> bool {
    ["host", "content-length", "transfer-encoding", "upgrade", "te", "close", "keep-alive"]
        .iter()
        .any(|kept| name.eq_ignore_ascii_case(kept))
}

fn forwarded(headers: &mut HeaderMap, client: &HeaderValue) {
    let whole = match headers.get(FORWARDED_FOR) {
        Some(before) => {
            let list = [before.as_bytes(), b", ", client.as_bytes()].concat();
            HeaderValue::from_bytes(&list).unwrap_or_else(|_| client.clone())
        }
        None => client.clone(),
    };
    headers.insert(FORWARDED_FOR, whole);
    headers.entry(FORWARDED_PROTO).or_insert(HeaderValue::from_static("http"));
    if !headers.contains_key(FORWARDED_HOST)
        && let Some(host) = headers.get(header::HOST).cloned()
    {
        headers.insert(FORWARDED_HOST, host);
    }
}

fn identify(headers: &mut HeaderMap, ids: &RequestIds) {
    headers.entry(REQUEST_ID).or_insert_with(|| ids.request_id());
    headers.entry(TRACEPARENT).or_insert_with(|| ids.traceparent());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_out_of_its_buffer_says_the_same() {
        let mut request = Request::new(());
        *request.uri_mut() = "/a?b=c".parse().unwrap();
        for (name, value) in [("host", "shop"), ("accept", "a"), ("accept", ""), ("x-none", "b")] {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        }
        let before = (request.uri().clone(), request.headers().clone());
        detach(&mut request);
        assert_eq!((request.uri().clone(), request.headers().clone()), before);
    }
}
