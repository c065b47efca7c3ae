//! What can go wrong with one request, and what the client is told: which workload, what is wrong, what to type next.
//!
//! A browser gets a page, everything else JSON. Made by `forward.rs`; nothing here decides anything.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::body::ResponseBody;

/// Why the gateway answers itself.
#[derive(Debug)]
pub(super) enum Problem {
    /// The request could be understood in two ways, or in none.
    Malformed(&'static str),
    /// No route has this host name.
    UnknownHost(String),
    /// The route has no instance that may be used.
    NoInstance,
    /// No connection could be made.
    Unreachable { addr: SocketAddr, error: io::Error },
    /// The connection ended before the answer came.
    Broken { addr: SocketAddr, error: String },
    /// The answer was 101 to a client that had not asked for another protocol.
    UnaskedUpgrade,
    /// The client began to send a body and stopped.
    Stalled,
    /// The answer did not come in time.
    Silent { addr: SocketAddr, after: Duration },
}

/// The words of one answer.
struct Words {
    title: String,
    detail: String,
    next: String,
}

impl Problem {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::UnknownHost(_) => StatusCode::NOT_FOUND,
            Self::NoInstance => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreachable { .. } | Self::Broken { .. } | Self::UnaskedUpgrade => StatusCode::BAD_GATEWAY,
            Self::Stalled => StatusCode::REQUEST_TIMEOUT,
            Self::Silent { .. } => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The answer, in the form that the client's `Accept` asks for.
    pub(super) fn answer(
        &self,
        workload: Option<&str>,
        accept: Option<&HeaderValue>,
    ) -> Response<ResponseBody> {
        let words = self.words(workload.unwrap_or_default());
        let status = self.status();
        let browser = accept.is_some_and(wants_html);
        let (kind, text) = if browser {
            ("text/html; charset=utf-8", html(status, &words))
        } else {
            ("application/json", json(self.code(), workload, &words))
        };
        let mut response = Response::new(ResponseBody::page(Bytes::from(text)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self, Self::NoInstance) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if matches!(self, Self::Malformed(_) | Self::Stalled) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// What programs match on.
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_request",
            Self::UnknownHost(_) => "unknown_host",
            Self::NoInstance => "no_instance",
            Self::Unreachable { .. } => "unreachable",
            Self::Broken { .. } => "broken_answer",
            Self::UnaskedUpgrade => "unasked_upgrade",
            Self::Stalled => "stalled_request",
            Self::Silent { .. } => "no_answer",
        }
    }

    fn words(&self, workload: &str) -> Words {
        let (title, detail) = match self {
            Self::Malformed(why) => ("this request is not valid HTTP".to_owned(), (*why).to_owned()),
            Self::UnknownHost(host) => (
                format!("nothing is served at `{host}`"),
                "no running application has this host name".to_owned(),
            ),
            Self::NoInstance => (
                format!("`{workload}` is not running"),
                "it has no instance that can take requests".to_owned(),
            ),
            Self::Unreachable { addr, error } => (
                format!("`{workload}` does not accept connections"),
                format!("connecting to {addr}: {error}"),
            ),
            Self::Broken { addr, error } => (
                format!("`{workload}` closed the connection before it answered"),
                format!("waiting for the answer of {addr}: {error}"),
            ),
            Self::UnaskedUpgrade => (
                format!("`{workload}` switched protocols unasked"),
                "it answered 101 to a request that did not ask for an upgrade".to_owned(),
            ),
            Self::Stalled => (
                "the request never ended".to_owned(),
                "its body stopped coming before it was complete".to_owned(),
            ),
            Self::Silent { addr, after } => (
                format!("`{workload}` did not answer in time"),
                format!("{addr} sent nothing for {} s", after.as_secs_f64()),
            ),
        };
        Words { title, detail, next: self.next(workload) }
    }

    /// What to type to learn more.
    fn next(&self, workload: &str) -> String {
        match self {
            Self::Malformed(_) | Self::Stalled => "curl -v".to_owned(),
            Self::UnknownHost(_) => "appia status".to_owned(),
            Self::NoInstance
            | Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::UnaskedUpgrade
            | Self::Silent { .. } => format!("appia logs {workload}"),
        }
    }
}

fn wants_html(accept: &HeaderValue) -> bool {
    accept.to_str().is_ok_and(|text| text.contains("text/html"))
}

fn json(code: &str, workload: Option<&str>, words: &Words) -> String {
    let Words { title, detail, next } = words;
    let body = json!({
        "appia": 1, "kind": "Error", "code": code, "message": format!("{title}: {detail}"),
        "workload": workload, "help": [next],
    });
    format!("{body}\n")
}

fn html(status: StatusCode, words: &Words) -> String {
    let (code, title, detail) = (status.as_u16(), escaped(&words.title), escaped(&words.detail));
    let next = escaped(&words.next);
    let style = "body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1.5rem;\
                 color-scheme:light dark}h1{font-size:1.4rem}p{opacity:.8}code{background:#8883;\
                 padding:.15rem .4rem;border-radius:.3rem}";
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{code} {title}</title>\
         <style>{style}</style>\n<h1>{title}</h1>\n<p>{detail}</p>\n\
         <p>Next: <code>{next}</code></p>\n<p><small>{code}, answered by the Appia gateway</small></p>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' | '>' | '&' | '"' | '\'' => {
                let _ = write!(escaped, "&#{};", u32::from(letter));
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}
