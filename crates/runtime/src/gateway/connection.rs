//! One client connection over HTTP: which version it speaks, its requests, and when it ends.
//!
//! `listener.rs` starts [`serve`] for every connection it accepts. A connection ends when the client closes it, when
//! it was idle or slow for too long, or when its listener goes away and its last request is answered.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::header::HeaderValue;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, Sleep, sleep, sleep_until};

use super::bell::{Bell, Ear};
use super::core::{Core, Door};
use super::forward::{self, Client};
use super::visit::{Tap, Visit};

/// What a client that speaks HTTP/2 from the start sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2";

/// Which version a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Http1,
    Http2,
}

/// Serves one connection to its end. `closing` is rung when its listener goes away.
pub(super) async fn serve(stream: TcpStream, door: Arc<Door>, closing: Bell) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let peer = stream.peer_addr()?.ip().to_string();
    let address = HeaderValue::from_str(&peer).map_err(io::Error::other)?;
    let core = Arc::clone(&door.core);
    let settings = &core.settings;
    let greeting = tokio::time::timeout(settings.header_timeout, greeting(&stream));
    let speaks = tokio::select! {
        speaks = greeting => speaks??,
        () = closing.heard() => return Ok(()),
    };
    let visit = Arc::new(match speaks {
        Speaks::Http1 => Visit::http1(settings),
        Speaks::Http2 => Visit::http2(settings),
    });
    let client = Arc::new(Client { door, visit: Arc::clone(&visit), address });
    let io = TokioIo::new(Tap::new(stream, Arc::clone(&visit)));
    // Boxed, so that a connection takes the room for a request only while it has one.
    let service = service_fn(move |request| Box::pin(forward::answer(Arc::clone(&client), request)));
    let watch = Watch::new(visit, &core, closing);
    match speaks {
        Speaks::Http1 => {
            let connection = http1(&core).serve_connection(io, service).with_upgrades();
            Box::pin(watch.over(connection, |connection| connection.graceful_shutdown())).await;
        }
        Speaks::Http2 => {
            let connection = http2(&core).serve_connection(io, service);
            Box::pin(watch.over(connection, |connection| connection.graceful_shutdown())).await;
        }
    }
    Ok(())
}

/// Looks at the first bytes without taking them.
async fn greeting(stream: &TcpStream) -> io::Result<Speaks> {
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
    timer: Pin<Box<Sleep>>,
    closing: Option<Ear>,
    cut: Ear,
}

impl Watch {
    fn new(visit: Arc<Visit>, core: &Core, closing: Bell) -> Self {
        let timer = Box::pin(sleep(core.settings.header_timeout));
        let closing = Some(closing.ear());
        Self { visit, timer, closing, cut: core.cut.ear() }
    }

    /// Polls a connection to its end. `finish` tells it to take no further requests.
    async fn over<C: Future>(mut self, connection: C, finish: impl Fn(Pin<&mut C>)) {
        let mut connection = pin!(connection);
        poll_fn(|context| {
            if connection.as_mut().poll(context).is_ready() || self.cut.hears(context) {
                return Poll::Ready(());
            }
            if self.closing.as_mut().is_some_and(|closing| closing.hears(context)) {
                self.closing = None;
                finish(connection.as_mut());
                if connection.as_mut().poll(context).is_ready() {
                    return Poll::Ready(());
                }
            }
            self.is_late(context)
        })
        .await;
    }

    /// Ready when the connection was idle or slow for too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.timer.as_mut().poll(context).is_ready() {
            match self.visit.close_at(Instant::now()) {
                Some(at) => self.timer.set(sleep_until(at)),
                None => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }
}
