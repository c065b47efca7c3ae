//! The bodies that pass through, in both directions, frame by frame and never collected.
//!
//! [`RequestBody`] goes to an instance, [`ResponseBody`] to a client. The latter carries along what must live until
//! the last byte is out: the connection it comes from, the counters it ends up in.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::link::Link;
use super::meter::Meter;
use super::visit::Busy;

/// What a client sends.
pub(super) enum RequestBody {
    /// Nothing.
    Empty,
    /// A stream, and where its progress is noted.
    Stream(Incoming, Progress),
}

/// How far a client's body has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<Steps>);

#[derive(Debug, Default)]
struct Steps {
    moved: AtomicBool,
    ended: AtomicBool,
}

impl Progress {
    /// Whether a piece of it has been sent since this was last asked.
    pub(super) fn has_moved(&self) -> bool {
        self.0.moved.swap(false, Ordering::Relaxed)
    }

    /// Whether all of it has been sent.
    pub(super) fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming) -> Self {
        if incoming.is_end_stream() { Self::Empty } else { Self::Stream(incoming, Progress::default()) }
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        match self {
            Self::Empty => None,
            Self::Stream(_, progress) => Some(progress.clone()),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Stream(incoming, progress) => {
                let frame = Pin::new(&mut *incoming).poll_frame(context);
                if let Poll::Ready(piece) = &frame {
                    progress.0.moved.store(true, Ordering::Relaxed);
                    progress.0.ended.store(piece.is_none() || incoming.is_end_stream(), Ordering::Relaxed);
                }
                frame
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Stream(incoming, _) => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Stream(incoming, _) => incoming.size_hint(),
        }
    }
}

/// What a client gets.
pub(super) struct ResponseBody {
    source: Source,
    /// The client's connection is not idle while this lives.
    _busy: Option<Busy>,
}

enum Source {
    Page(Option<Bytes>),
    Relay(Relay),
}

/// An answer on its way from an instance.
pub(super) struct Relay {
    incoming: Incoming,
    link: Option<Box<Link>>,
    meter: Meter,
}

impl ResponseBody {
    /// Bytes that the gateway itself wrote.
    pub(super) fn page(bytes: Bytes) -> Self {
        Self { source: Source::Page(Some(bytes).filter(|bytes| !bytes.is_empty())), _busy: None }
    }

    pub(super) fn relay(relay: Relay) -> Self {
        Self { source: Source::Relay(relay), _busy: None }
    }

    /// Ties the client's connection to this body.
    pub(super) fn with_busy(mut self, busy: Busy) -> Self {
        self._busy = Some(busy);
        self
    }
}

impl Relay {
    /// An answer that comes over `link`, or over a connection that has its own task.
    pub(super) fn new(incoming: Incoming, link: Option<Box<Link>>, meter: Meter) -> Self {
        Self { incoming, link, meter }
    }

    /// Whether there is no body.
    pub(super) fn is_over(&self) -> bool {
        self.incoming.is_end_stream()
    }

    /// Gives the connection back once nothing more will come over it.
    pub(super) fn settle(&mut self) {
        if let Some(mut link) = self.link.take()
            && link.is_usable()
        {
            self.meter.give_back(link);
        }
    }

    fn poll_incoming(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(link) = &mut self.link else {
            return Pin::new(&mut self.incoming).poll_frame(context);
        };
        // Fed by the link alone, so nobody needs to be woken (see `link.rs`).
        let mut asleep = Context::from_waker(Waker::noop());
        let first = Pin::new(&mut self.incoming).poll_frame(&mut asleep);
        if first.is_ready() {
            return first;
        }
        link.poll(context);
        Pin::new(&mut self.incoming).poll_frame(&mut asleep)
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = self.poll_incoming(context);
        match &frame {
            Poll::Ready(Some(Err(_))) => {
                self.link = None;
                self.meter.broke_off();
            }
            Poll::Ready(None) => self.settle(),
            Poll::Ready(Some(Ok(_))) if self.incoming.is_end_stream() => self.settle(),
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        frame
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.get_mut().source {
            Source::Page(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Relay(relay) => relay.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Page(bytes) => bytes.is_none(),
            Source::Relay(relay) => relay.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Page(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Source::Relay(relay) => relay.incoming.size_hint(),
        }
    }
}
