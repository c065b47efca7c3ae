//! Connections of the crowd: the one that was used last is used next, so that there are as few as are needed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Goal;

/// Whoever takes longer counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

type Connection = SendRequest<Empty<Bytes>>;

/// Connections that wait for the next request.
#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<BTreeMap<SocketAddr, Vec<Connection>>>,
}

impl Pool {
    /// The status of a whole answer; none when there is none.
    pub(super) async fn ask(&self, goal: &Goal) -> Option<StatusCode> {
        tokio::time::timeout(PATIENCE, self.try_ask(goal)).await.ok().flatten()
    }

    async fn try_ask(&self, goal: &Goal) -> Option<StatusCode> {
        let mut connection = match self.kept(goal.address) {
            Some(connection) => connection,
            None => open(goal.address).await?,
        };
        if connection.ready().await.is_err() {
            // It was closed while nobody used it, which is no failure of a request.
            connection = open(goal.address).await?;
        }
        let request = Request::get(&goal.path).header("host", goal.address.to_string());
        let response = connection.send_request(request.body(Empty::new()).ok()?).await.ok()?;
        let status = response.status();
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            frame.ok()?;
        }
        self.keep(goal.address, connection);
        Some(status)
    }

    fn kept(&self, address: SocketAddr) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = idle.get_mut(&address)?;
        std::iter::from_fn(|| connections.pop()).find(|connection| !connection.is_closed())
    }

    fn keep(&self, address: SocketAddr, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.entry(address).or_default().push(connection);
    }
}

async fn open(address: SocketAddr) -> Option<Connection> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}
