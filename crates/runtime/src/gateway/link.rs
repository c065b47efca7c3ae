//! One HTTP/1.1 connection to an instance, driven by whoever uses it.
//!
//! A connection has no task of its own: the request that uses it polls it, then the body of the answer does, then it
//! rests in the pool. That saves two task switches a request, which is most of what a proxy costs beside system calls.
//! Upgrades are the exception: `tunnel.rs` gives their connection a task.
//!
//! The two halves of a connection wake each other through channels. As one task polls both, such a wake-up would only
//! make it run once more for nothing; so whatever is fed by the driver is polled with a waker that does nothing, right
//! after the driver, which alone waits for the outside world.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::body::{Progress, RequestBody};

pub(super) type Sender = http1::SendRequest<RequestBody>;
pub(super) type Driver = http1::Connection<TokioIo<TcpStream>, RequestBody>;

/// A connection to an instance.
pub(super) struct Link {
    sender: Sender,
    /// Gone once the connection has ended.
    driver: Option<Driver>,
    deadline: Pin<Box<Sleep>>,
    rested: Instant,
    /// Counts it among the open ones of its instance.
    _share: Arc<()>,
}

/// Why a request on a link got no answer.
pub(super) enum Lost {
    /// Nothing of it was sent; here it is again.
    Unsent(Box<Request<RequestBody>>),
    /// It may have been sent, and the connection ended.
    Broken(hyper::Error),
    /// The client stopped in the middle of its request.
    Stalled,
    /// Nothing came back in time.
    Silent,
}

/// Opens a connection.
pub(super) async fn dial(addr: SocketAddr, patience: Duration) -> std::io::Result<TcpStream> {
    let stream = tokio::time::timeout(patience, TcpStream::connect(addr)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Opens a connection for HTTP, in two halves: one takes requests, the other moves bytes when polled.
pub(super) async fn connect(addr: SocketAddr, patience: Duration) -> std::io::Result<(Sender, Driver)> {
    let stream = dial(addr, patience).await?;
    http1::Builder::new().writev(false).handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)
}

impl Link {
    pub(super) async fn open(
        addr: SocketAddr,
        patience: Duration,
        share: Arc<()>,
    ) -> std::io::Result<Box<Self>> {
        let (sender, driver) = connect(addr, patience).await?;
        let rested = Instant::now();
        let deadline = Box::pin(tokio::time::sleep_until(rested));
        Ok(Box::new(Self { sender, driver: Some(driver), deadline, rested, _share: share }))
    }

    /// Sends a request and waits for the head of its answer; `patience` begins anew whenever a piece of the request's
    /// body is sent.
    pub(super) async fn exchange(
        &mut self,
        request: Request<RequestBody>,
        patience: Duration,
    ) -> Result<Response<Incoming>, Lost> {
        let progress = request.body().progress();
        let Self { sender, driver, deadline, .. } = self;
        deadline.as_mut().reset(Instant::now() + patience);
        let mut answer = pin!(sender.try_send_request(request));
        poll_fn(move |context| {
            drive(driver, context);
            if let Poll::Ready(result) = answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return Poll::Ready(result.map_err(Lost::from));
            }
            while deadline.as_mut().poll(context).is_ready() {
                let progress = progress.as_ref();
                if !progress.is_some_and(Progress::has_moved) {
                    let stalled = progress.is_some_and(|progress| !progress.has_ended());
                    return Poll::Ready(Err(if stalled { Lost::Stalled } else { Lost::Silent }));
                }
                deadline.as_mut().reset(Instant::now() + patience);
            }
            Poll::Pending
        })
        .await
    }

    /// Moves whatever bytes can be moved.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) {
        drive(&mut self.driver, context);
    }

    /// Whether the next request can be sent on it. Wakes nobody when that changes.
    pub(super) fn is_usable(&mut self) -> bool {
        self.poll(&mut Context::from_waker(Waker::noop()));
        self.driver.is_some() && self.sender.is_ready()
    }

    pub(super) fn rest(&mut self) {
        self.rested = Instant::now();
    }

    pub(super) fn idle_for(&self) -> Duration {
        self.rested.elapsed()
    }
}

/// Polls a driver until it has ended; dropping it then makes every waiting request learn of it.
fn drive(driver: &mut Option<Driver>, context: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(context).is_ready()) {
        *driver = None;
    }
}

impl From<TrySendError<Request<RequestBody>>> for Lost {
    fn from(mut error: TrySendError<Request<RequestBody>>) -> Self {
        match error.take_message() {
            Some(request) => Self::Unsent(Box::new(request)),
            None => Self::Broken(error.into_error()),
        }
    }
}
