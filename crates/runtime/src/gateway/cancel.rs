//! A signal to many connections that they should end: given once, seen by all.
//!
//! A connection is polled several times for every request, and asking a cancellation token each time costs a lock.
//! A [`CancelWatch`] asks once, and from then on only reads a flag.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// The signal.
#[derive(Clone, Debug, Default)]
pub(super) struct CancelSignal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    waiting: Arc<Notify>,
}

/// One task that wants to see it. It must be polled by that task alone, as only its first waker is kept.
pub(super) struct CancelWatch {
    signal: CancelSignal,
    notified: Option<Pin<Box<OwnedNotified>>>,
}

impl CancelSignal {
    pub(super) fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        self.0.waiting.notify_waiters();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    pub(super) fn watch(&self) -> CancelWatch {
        CancelWatch { signal: self.clone(), notified: None }
    }

    /// Waits for it.
    pub(super) async fn cancelled(&self) {
        let mut watch = self.watch();
        std::future::poll_fn(
            |context| if watch.poll_cancelled(context) { Poll::Ready(()) } else { Poll::Pending },
        )
        .await;
    }
}

impl CancelWatch {
    /// Whether it was given; if not, the task will be woken when it does.
    pub(super) fn poll_cancelled(&mut self, context: &mut Context<'_>) -> bool {
        if self.notified.is_none() {
            let mut notified = Box::pin(Arc::clone(&self.signal.0.waiting).notified_owned());
            let _ = notified.as_mut().poll(context);
            self.notified = Some(notified);
        }
        self.signal.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_seen_before_and_after() {
        let signal = CancelSignal::default();
        let waiting = tokio::spawn({
            let signal = signal.clone();
            async move { signal.cancelled().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        signal.cancel();
        waiting.await.unwrap();
        signal.cancelled().await;
    }
}
