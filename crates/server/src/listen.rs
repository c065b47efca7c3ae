//! The listeners of the server: its unix socket, and an address on loopback when that was asked for.
//!
//! Called by `serve.rs`, which brings the routes. Keeps the limits that come before any route: who may connect, how long
//! a head may take and how large it may be. Knows nothing of what is asked; `http/admission.rs` does. Start at [`answer`].

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use appia_runtime::peer;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::http::Transport;
use crate::token::Token;

/// A head has to be there within this time.
const HEAD: Duration = Duration::from_secs(10);
/// No head is larger, and no line of it.
const MOST_HEAD_BYTES: usize = 64 << 10;
/// No head has more fields.
const MOST_FIELDS: usize = 64;
/// Connections over TCP at once: anybody on the machine can open one.
const MOST_CONNECTIONS: usize = 256;
/// A system that is out of descriptors has some again after a while.
const PAUSE: Duration = Duration::from_millis(100);

/// Where the server can be reached.
pub(crate) struct Listeners {
    pub(crate) unix_socket: UnixListener,
    pub(crate) loopback: Option<(TcpListener, Token)>,
}

/// Answers at every listener until it is told to end, and then until every answer is given.
pub(crate) async fn answer(listeners: Listeners, routes: Router, ended: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let loopback =
        listeners.loopback.map(|(listener, token)| (listener, Transport::Loopback(Arc::new(token))));
    tokio::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => break,
            stream = listeners.unix_socket.accept() => match stream {
                Ok((stream, _)) if peer::is_ours(&stream) => {
                    converse(stream, (routes.clone(), Transport::UnixSocket), &graceful, ());
                }
                Ok(_) => {}
                Err(error) => refused(&error).await,
            },
            stream = next(loopback.as_ref()) => match (stream, Arc::clone(&room).try_acquire_owned()) {
                (Ok((stream, transport)), Ok(seat)) => {
                    converse(stream, (routes.clone(), transport), &graceful, seat);
                }
                // Whoever has no seat is hung up on: those who are sitting go on.
                (Ok(_), Err(_)) => {}
                (Err(error), _) => refused(&error).await,
            },
        }
    }
    drop((listeners.unix_socket, loopback));
    graceful.shutdown().await;
}

/// The next connection over TCP; none ever where there is no such listener.
async fn next(loopback: Option<&(TcpListener, Transport)>) -> std::io::Result<(TcpStream, Transport)> {
    match loopback {
        Some((listener, transport)) => listener.accept().await.map(|(stream, _)| (stream, transport.clone())),
        None => std::future::pending().await,
    }
}

async fn refused(error: &std::io::Error) {
    tracing::error!(%error, "cannot accept a connection");
    tokio::time::sleep(PAUSE).await;
}

/// One connection; `seat` is held as long as it lasts.
fn converse<S, T>(stream: S, (routes, transport): (Router, Transport), graceful: &GracefulShutdown, seat: T)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(transport.clone());
        let routes = routes.clone();
        async move {
            let Ok(response) = routes.oneshot(request).await;
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.max_buf_size(MOST_HEAD_BYTES).max_header_size(MOST_HEAD_BYTES).max_headers(MOST_FIELDS);
    let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        let _ = connection.await;
        drop(seat);
    });
}
