//! One client connection over HTTP: which version it speaks, its requests, and when it ends.
//!
//! `listener.rs` starts [`serve`] for every connection it accepts. A connection ends when the client closes it, when
//! it was idle or slow for too long, or when its listener goes away and its last request is answered. One over HTTP/1
//! that has been idle for a moment rests: the HTTP library and its buffers are dropped and made again for the next
//! request, so that thousands of quiet connections take little room.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, Sleep, sleep, sleep_until};

use super::cancel::{CancelSignal, CancelWatch};
use super::core::{Core, ListenerHandle};
use super::forward::{self, Client};
use super::visit::{Look, Quiet, Tap, Visit};

/// What a client that speaks HTTP/2 from the start sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2";

/// Which version a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Http1,
    Http2,
}

/// Serves one connection to its end. `closing` is cancelled when its listener goes away.
pub(super) async fn serve(
    stream: TcpStream,
    listener: Arc<ListenerHandle>,
    closing: CancelSignal,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let peer = stream.peer_addr()?.ip().to_string();
    let address = HeaderValue::from_str(&peer).map_err(io::Error::other)?;
    let core = Arc::clone(&listener.core);
    let mut quiet = Quiet { stream, ahead: Bytes::new() };
    let mut patience = core.settings.header_timeout;
    loop {
        let greeting = tokio::time::timeout(patience, greeting(&quiet));
        let speaks = tokio::select! {
            speaks = greeting => speaks??,
            () = closing.cancelled() => return Ok(()),
        };
        let visit = Arc::new(match speaks {
            Speaks::Http1 => Visit::http1(&core.settings),
            Speaks::Http2 => Visit::http2(&core.settings),
        });
        let client =
            Client { listener: Arc::clone(&listener), visit: Arc::clone(&visit), address: address.clone() };
        let watch = Watch::new(visit, &core, closing.clone());
        // Boxed, so that a connection takes the room for requests only while it has some.
        let rested = match speaks {
            Speaks::Http1 => Box::pin(serve_http1(quiet, client, watch)).await,
            Speaks::Http2 => Box::pin(serve_http2(quiet, client, watch)).await,
        };
        let Some(resting) = rested else { return Ok(()) };
        (quiet, patience) = (resting, core.settings.keep_alive.saturating_sub(core.settings.rest_after));
    }
}

/// Gives the connection back when it rests.
async fn serve_http1(quiet: Quiet, client: Client, watch: Watch) -> Option<Quiet> {
    let (client, core) = (Arc::new(client), Arc::clone(&watch.core));
    let io = TokioIo::new(Tap::new(quiet, Arc::clone(&watch.visit)));
    let service = service_fn(move |request| Box::pin(forward::answer(Arc::clone(&client), request)));
    let mut connection = http1(&core).serve_connection(io, service).with_upgrades();
    match watch.over(&mut connection, |connection| connection.graceful_shutdown()).await {
        Ended::Over => None,
        Ended::Resting => {
            let parts = connection.into_parts()?;
            Some(Quiet { ahead: parts.read_buf, ..parts.io.into_inner().into_quiet() })
        }
    }
}

/// Never rests: its streams share compressed headers that only the library knows.
async fn serve_http2(quiet: Quiet, client: Client, watch: Watch) -> Option<Quiet> {
    let (client, core) = (Arc::new(client), Arc::clone(&watch.core));
    let io = TokioIo::new(Tap::new(quiet, Arc::clone(&watch.visit)));
    let service = service_fn(move |request| Box::pin(forward::answer(Arc::clone(&client), request)));
    let mut connection = http2(&core).serve_connection(io, service);
    watch.over(&mut connection, |connection| connection.graceful_shutdown()).await;
    None
}

/// Looks at the first bytes without taking them.
async fn greeting(Quiet { stream, ahead }: &Quiet) -> io::Result<Speaks> {
    if !ahead.is_empty() {
        return Ok(Speaks::Http1);
    }
    let mut first = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut first).await?;
        let seen = first.get(..count).unwrap_or_default();
        if count == 0 || !PREFACE.starts_with(seen) {
            return Ok(Speaks::Http1);
        }
        if count == PREFACE.len() {
            return Ok(Speaks::Http2);
        }
        // Readiness does not change while bytes that were only looked at wait, so ask again a little later.
        sleep(Duration::from_millis(5)).await;
    }
}

fn http1(core: &Core) -> http1::Builder {
    let mut builder = http1::Builder::new();
    let most = core.settings.max_header_bytes;
    // One write of everything is cheaper than a gathering one, also for large bodies.
    builder.writev(false).header_read_timeout(None).max_header_size(most).max_buf_size(most.max(64 * 1024));
    builder
}

fn http2(core: &Core) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .keep_alive_interval(core.settings.header_timeout)
        .max_header_list_size(u32::try_from(core.settings.max_header_bytes).unwrap_or(u32::MAX));
    builder
}

/// Drives a connection and ends it when it is time.
struct Watch {
    visit: Arc<Visit>,
    core: Arc<Core>,
    timer: Pin<Box<Sleep>>,
    closing: Option<CancelWatch>,
    cut: CancelWatch,
}

/// How the driving of a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The connection has ended or has to.
    Over,
    /// It is open, and there is nothing in it.
    Resting,
}

impl Watch {
    fn new(visit: Arc<Visit>, core: &Arc<Core>, closing: CancelSignal) -> Self {
        let timer = Box::pin(sleep(core.settings.rest_after));
        let closing = Some(closing.watch());
        Self { visit, core: Arc::clone(core), timer, closing, cut: core.cut.watch() }
    }

    /// Polls a connection until it ends or rests. `finish` tells it to take no further requests.
    async fn over<C: Future + Unpin>(mut self, connection: &mut C, finish: impl Fn(Pin<&mut C>)) -> Ended {
        let mut connection = Pin::new(connection);
        poll_fn(|context| {
            if connection.as_mut().poll(context).is_ready() || self.cut.poll_cancelled(context) {
                return Poll::Ready(Ended::Over);
            }
            if self.closing.as_mut().is_some_and(|closing| closing.poll_cancelled(context)) {
                self.closing = None;
                finish(connection.as_mut());
                if connection.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Ended::Over);
                }
            }
            self.look(context)
        })
        .await
    }

    /// Ready when the connection was idle or slow for too long, or rests.
    fn look(&mut self, context: &mut Context<'_>) -> Poll<Ended> {
        while self.timer.as_mut().poll(context).is_ready() {
            match self.visit.next_look(Instant::now()) {
                Look::At(at) => self.timer.set(sleep_until(at)),
                Look::Close => return Poll::Ready(Ended::Over),
                // A connection that is told to end is left to the library, which ends it.
                Look::Rest if self.closing.is_none() => self.timer.set(sleep(self.core.settings.rest_after)),
                Look::Rest => return Poll::Ready(Ended::Resting),
            }
        }
        Poll::Pending
    }
}
