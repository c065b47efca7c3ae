//! What every request passes before its route, and every answer after it.
//!
//! Over TCP: the name it asks for must be this machine's (a page of another name that resolves to 127.0.0.1 is turned
//! away), no page of a browser may ask, and the token has to be shown, but for [`routes::HEALTH`]. Everywhere: a body has
//! an end and comes in time. Whatever goes wrong is told as JSON. Start reading at [`admit`].

use std::sync::Arc;
use std::time::Duration;

use appia_api::{documents, routes};
use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{
    ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::token::Token;

/// The largest request: a plan of ten thousand services.
pub(super) const MOST_BYTES: usize = 256 << 20;

/// The whole body has to be there within this time.
const BODY: Duration = Duration::from_secs(60);

/// No more of a refusal that is no JSON is told.
const MOST_WORDS: usize = 4 << 10;

/// Where a request came in.
#[derive(Clone)]
pub(crate) enum Transport {
    /// The unix socket: the system said that it is us.
    UnixSocket,
    /// The address on loopback: anybody on the machine.
    Loopback(Arc<Token>),
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// The owner of this home, or somebody with the token.
    Owner,
    /// Anybody on this machine.
    Anybody,
}

/// Why a request goes no further.
struct Refusal {
    status: StatusCode,
    message: &'static str,
    help: &'static str,
}

/// Lets a request through, or says why not.
pub(super) async fn admit(request: Request, next: Next) -> Response {
    let caller = match caller(&request) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    match whole(request).await {
        Ok(mut request) => {
            request.extensions_mut().insert(caller);
            told_as_json(next.run(request).await).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn caller(request: &Request) -> Result<Caller, Refusal> {
    let headers = request.headers();
    // A request that does not say where it came in has not come through a listener of ours.
    let token = match request.extensions().get::<Transport>() {
        Some(Transport::UnixSocket) => return Ok(Caller::Owner),
        Some(Transport::Loopback(token)) => Some(token),
        None => None,
    };
    if !text(headers, HOST).is_some_and(is_this_machine) {
        return Err(OTHER_NAME);
    }
    if headers.contains_key(ORIGIN) {
        return Err(A_PAGE);
    }
    if token.is_some_and(|token| token.is_shown(text(headers, AUTHORIZATION))) {
        return Ok(Caller::Owner);
    }
    if request.uri().path() == routes::HEALTH { Ok(Caller::Anybody) } else { Err(NO_TOKEN) }
}

const OTHER_NAME: Refusal = Refusal {
    status: StatusCode::MISDIRECTED_REQUEST,
    message: "the host that was asked for is not this machine",
    help: "ask `127.0.0.1`, `[::1]` or `localhost`",
};
const A_PAGE: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    message: "pages of a browser may not ask",
    help: "ask from a program, without an `origin`",
};
const NO_TOKEN: Refusal = Refusal {
    status: StatusCode::UNAUTHORIZED,
    message: "the token is missing or wrong",
    help: "send `authorization: Bearer TOKEN`; the token stands in `server.token` in the home folder",
};
const TOO_LARGE: Refusal = Refusal {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    message: "the request is larger than 256 MiB",
    help: "a plan of ten thousand services is smaller than that",
};
const TOO_SLOW: Refusal = Refusal {
    status: StatusCode::REQUEST_TIMEOUT,
    message: "the request did not arrive within a minute",
    help: "try again",
};
const CUT: Refusal = Refusal {
    status: StatusCode::BAD_REQUEST,
    message: "the request ended before its end",
    help: "try again",
};

/// Whether a `host` names this machine, with or without a port.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    // Two of one kind are one too many: which one is meant?
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

/// The request with its whole body.
async fn whole(request: Request) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let announced = text(&parts.headers, CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MOST_BYTES) {
        return Err(TOO_LARGE);
    }
    match tokio::time::timeout(BODY, to_bytes(body, MOST_BYTES)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(error)) => Err(if is_too_large(&error) { TOO_LARGE } else { CUT }),
        Err(_) => Err(TOO_SLOW),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.any(|cause| cause.is::<http_body_util::LengthLimitError>())
}

/// What the framework says in plain words (no such route, another method, a body of another kind), as JSON.
async fn told_as_json(response: Response) -> Response {
    let is_json = |value: &str| value.starts_with("application/json");
    let told = text(response.headers(), CONTENT_TYPE).is_some_and(is_json);
    if told || !response.status().is_client_error() {
        return response;
    }
    let (status, allowed) = (response.status(), response.headers().get(ALLOW).cloned());
    let words: Bytes = to_bytes(response.into_body(), MOST_WORDS).await.unwrap_or_default();
    let message = match status {
        StatusCode::NOT_FOUND => "there is nothing at this path".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => "this path does not take this method".to_owned(),
        _ => String::from_utf8_lossy(&words).into_owned(),
    };
    let mut answer = refused(status, &message, &[]);
    if let Some(allowed) = allowed {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}

fn refused(status: StatusCode, message: &str, help: &[&str]) -> Response {
    let help = help.iter().map(|line| (*line).to_owned()).collect();
    let document =
        documents::Error { code: 2, message: message.to_owned(), help, causes: Vec::new(), changes: None };
    (status, Json(document)).into_response()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut answer = refused(self.status, self.message, &[self.help]);
        if self.status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine() {
        for host in ["127.0.0.1", "127.0.0.1:80", "localhost:8080", "localhost", "[::1]", "[::1]:80"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "127.0.0.1:80@evil",
            "::1",
            "0.0.0.0",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
