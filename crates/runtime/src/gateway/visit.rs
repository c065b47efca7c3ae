//! One client connection: what it has sent of the next head, whether it is idle, and when it has to be closed.
//!
//! [`Tap`] is the socket; it keeps a copy of the head that is being read, because the HTTP library hides two things
//! that matter: how long a head has been on its way, and that it held `Content-Length` beside `Transfer-Encoding`.
//! [`Busy`] marks a request that has not been answered to the end. `connection.rs` asks [`Visit::next_look`].

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::config::Settings;

/// What a look at a connection says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// All is well; look again then.
    At(Instant),
    /// It was idle or slow for too long.
    Close,
    /// There is nothing in it, neither coming nor going.
    Rest,
}

/// What is known of one client connection.
#[derive(Debug)]
pub(super) struct Visit {
    state: Mutex<State>,
    header_timeout: Duration,
    keep_alive: Duration,
    rest_after: Duration,
    most_kept: usize,
}

#[derive(Debug)]
struct State {
    head: Vec<u8>,
    head_began: Option<Instant>,
    requests: usize,
    idle_since: Instant,
    /// The client takes what is written to it no quicker than its socket's buffer empties.
    is_stuck: bool,
}

/// A request on its way; the connection is not idle until it is dropped.
pub(super) struct Busy(Arc<Visit>);

impl Visit {
    /// A connection whose heads are looked at as they come in.
    pub(super) fn http1(settings: &Settings) -> Self {
        Self::new(settings, settings.max_header_bytes)
    }

    /// A connection of many streams, which has no such thing as the next head.
    pub(super) fn http2(settings: &Settings) -> Self {
        Self::new(settings, 0)
    }

    fn new(settings: &Settings, most_kept: usize) -> Self {
        let (head, idle_since) = (Vec::new(), Instant::now());
        let state = State { head, head_began: None, requests: 0, idle_since, is_stuck: false };
        let Settings { header_timeout, keep_alive, rest_after, .. } = *settings;
        Self { state: Mutex::new(state), header_timeout, keep_alive, rest_after, most_kept }
    }

    /// The head of a request has been read.
    pub(super) fn enter(self: &Arc<Self>) -> Busy {
        let mut state = self.lock();
        state.requests += 1;
        state.head_began = None;
        Busy(Arc::clone(self))
    }

    /// Whether the head just read held a `Content-Length`, and forgets that head. What follows it stays: the next head
    /// if the client did not wait, the body otherwise, which `has_body` tells.
    pub(super) fn take_content_length(&self, has_body: bool) -> bool {
        let mut state = self.lock();
        let end = head_end(&state.head);
        let head = state.head.get(..end).unwrap_or_default();
        let found = head.split(|byte| *byte == b'\n').any(is_content_length);
        if has_body {
            state.head.clear();
        } else {
            state.head.drain(..end);
        }
        found
    }

    /// Forgets the head just read, as most requests need no second look at it.
    pub(super) fn forget_head(&self, has_body: bool) {
        let mut state = self.lock();
        if has_body || state.head.ends_with(b"\r\n\r\n") {
            state.head.clear();
        } else {
            let end = head_end(&state.head);
            state.head.drain(..end);
        }
    }

    /// Whether it has to be closed now, may rest, or when to look again.
    pub(super) fn next_look(&self, now: Instant) -> Look {
        let state = self.lock();
        let (since, patience) = match state.head_began {
            _ if state.requests > 0 => return Look::At(now + self.rest_after),
            Some(began) => (began, self.header_timeout),
            None => (state.idle_since, self.keep_alive),
        };
        let limit = since + patience;
        let may_rest = state.head_began.is_none() && !state.is_stuck && self.most_kept > 0;
        let rests = state.idle_since + self.rest_after;
        match (limit > now, may_rest) {
            (false, _) => Look::Close,
            (true, true) if rests <= now => Look::Rest,
            (true, true) => Look::At(limit.min(rests)),
            (true, false) => Look::At(limit.min(now + self.rest_after)),
        }
    }

    fn note(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if bytes.is_empty() || state.requests > 0 || self.most_kept == 0 {
            return;
        }
        state.head_began.get_or_insert_with(Instant::now);
        let room = self.most_kept.saturating_sub(state.head.len());
        state.head.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    /// The library writes until the socket takes no more, so what was taken last is all there is.
    fn wrote(&self, was_taken: bool) {
        self.lock().is_stuck = !was_taken;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.requests -= 1;
        state.idle_since = Instant::now();
        if !state.head.is_empty() {
            state.head_began = Some(state.idle_since);
        }
    }
}

/// Where the first head ends: behind its empty line.
fn head_end(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4)
}

fn is_content_length(line: &[u8]) -> bool {
    const NAME: &[u8] = b"content-length";
    line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME))
}

/// A connection with no library that drives it: new, or at rest.
pub(super) struct Quiet {
    pub(super) stream: TcpStream,
    /// The beginning of the next head, where the client did not wait for its last answer.
    pub(super) ahead: Bytes,
}

/// A client's socket that tells its [`Visit`] what comes in.
pub(super) struct Tap {
    quiet: Quiet,
    visit: Arc<Visit>,
}

impl Tap {
    pub(super) fn new(quiet: Quiet, visit: Arc<Visit>) -> Self {
        Self { quiet, visit }
    }

    pub(super) fn into_quiet(self) -> Quiet {
        self.quiet
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().quiet.stream)
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let ahead = &mut this.quiet.ahead;
        let read = if ahead.is_empty() {
            Pin::new(&mut this.quiet.stream).poll_read(context, buffer)
        } else {
            buffer.put_slice(&ahead.split_to(ahead.len().min(buffer.remaining())));
            Poll::Ready(Ok(()))
        };
        if read.is_ready() {
            this.visit.note(buffer.filled().get(before..).unwrap_or_default());
        }
        read
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.as_mut().stream().poll_write(context, bytes);
        self.visit.wrote(written.is_ready());
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.as_mut().stream().poll_write_vectored(context, parts);
        self.visit.wrote(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.quiet.stream.is_write_vectored()
    }
}
