//! A signal to many connections that they should end: rung once, heard by all.
//!
//! A connection is polled several times for every request, and asking a cancellation token each time costs a lock.
//! An [`Ear`] asks once, and from then on only reads a flag.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// The signal.
#[derive(Clone, Debug, Default)]
pub(super) struct Bell(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    rung: AtomicBool,
    waiting: Arc<Notify>,
}

/// One task that wants to hear it. It must be polled by that task alone, as only its first waker is kept.
pub(super) struct Ear {
    bell: Bell,
    notified: Option<Pin<Box<OwnedNotified>>>,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.0.rung.store(true, Ordering::SeqCst);
        self.0.waiting.notify_waiters();
    }

    pub(super) fn has_rung(&self) -> bool {
        self.0.rung.load(Ordering::SeqCst)
    }

    pub(super) fn ear(&self) -> Ear {
        Ear { bell: self.clone(), notified: None }
    }

    /// Waits for it.
    pub(super) async fn heard(&self) {
        let mut ear = self.ear();
        std::future::poll_fn(|context| if ear.hears(context) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }
}

impl Ear {
    /// Whether it has rung; if not, the task will be woken when it does.
    pub(super) fn hears(&mut self, context: &mut Context<'_>) -> bool {
        if self.notified.is_none() {
            let mut notified = Box::pin(Arc::clone(&self.bell.0.waiting).notified_owned());
            let _ = notified.as_mut().poll(context);
            self.notified = Some(notified);
        }
        self.bell.has_rung()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_heard_before_and_after() {
        let bell = Bell::default();
        let waiting = tokio::spawn({
            let bell = bell.clone();
            async move { bell.heard().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        bell.ring();
        waiting.await.unwrap();
        bell.heard().await;
    }
}
