//! Requests and streams of lines over the server's socket.

use appia_api::documents;
use appia_runtime::home::Home;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use crate::exit::{Exit, Failure};

/// Asks for a document.
pub(super) async fn get<T: DeserializeOwned>(home: &Home, path: &str) -> Result<T, Failure> {
    let response = send(home, Method::GET, path, Bytes::new()).await?;
    read(response).await
}

/// Asks for plain text.
pub(super) async fn text(home: &Home, path: &str) -> Result<String, Failure> {
    let response = send(home, Method::GET, path, Bytes::new()).await?;
    if !response.status().is_success() {
        return Err(refusal(response).await);
    }
    let body = response.into_body().collect().await.map_err(anyhow::Error::from)?;
    Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
}

/// Sends a document and gets one back.
pub(super) async fn post<B: Serialize, T: DeserializeOwned>(
    home: &Home,
    path: &str,
    body: &B,
) -> Result<T, Failure> {
    let response = send(home, Method::POST, path, encode(body)?).await?;
    read(response).await
}

/// Sends a document and gets lines back.
pub(super) async fn stream<B: Serialize>(home: &Home, path: &str, body: &B) -> Result<Lines, Failure> {
    let response = send(home, Method::POST, path, encode(body)?).await?;
    if !response.status().is_success() {
        return Err(refusal(response).await);
    }
    Ok(Lines { body: response.into_body(), rest: Vec::new(), ended: false })
}

/// A body read line by line.
pub(super) struct Lines {
    body: Incoming,
    rest: Vec<u8>,
    ended: bool,
}

impl Lines {
    /// The next line; `None` at the end. May be dropped between two frames without losing a line.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Failure> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return decode(&line).map(Some);
            }
            if self.ended {
                return Ok(None);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => self.rest.extend(frame.into_data().unwrap_or_default()),
                Some(Err(_)) | None => self.ended = true,
            }
        }
    }
}

/// An error of the server as a failure of the command.
pub(crate) fn failure(error: documents::Error) -> Failure {
    Failure {
        help: error.help,
        causes: error.causes,
        ..Failure::new(Exit::from_code(error.code), error.message)
    }
}

async fn send(home: &Home, method: Method, path: &str, body: Bytes) -> Result<Response<Incoming>, Failure> {
    let gone = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Failed, "the server does not answer")
            .cause(error.to_string())
            .help("`appia server status` shows how it is, its log is in the home folder as `server.log`")
    };
    let socket = UnixStream::connect(home.server_socket()).await.map_err(|error| gone(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(socket)).await.map_err(|error| gone(&error))?;
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "appia")
        .header("content-type", "application/json")
        .body(Full::new(body))
        .map_err(|error| gone(&error))?;
    sender.send_request(request).await.map_err(|error| gone(&error))
}

async fn read<T: DeserializeOwned>(response: Response<Incoming>) -> Result<T, Failure> {
    if !response.status().is_success() {
        return Err(refusal(response).await);
    }
    let body = response.into_body().collect().await.map_err(anyhow::Error::from)?;
    decode(&body.to_bytes())
}

async fn refusal(response: Response<Incoming>) -> Failure {
    let status = response.status();
    let body =
        response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    match serde_json::from_slice::<documents::Error>(&body) {
        Ok(error) => failure(error),
        Err(_) => Failure::new(Exit::Failed, format!("the server answered {status}"))
            .help("`appia server stop` and try again: the server may be of another version"),
    }
}

fn encode<B: Serialize>(body: &B) -> Result<Bytes, Failure> {
    let text = serde_json::to_vec(body).map_err(anyhow::Error::from)?;
    Ok(text.into())
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::new(Exit::Failed, "the server's answer cannot be read")
            .cause(error.to_string())
            .help("`appia server stop` and try again: the server may be of another version")
    })
}
