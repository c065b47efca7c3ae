//! Moments at which a process may die or stand still: before and after each journal write, before, amid and after each
//! effect. The world and the journal pass them; a test chooses one and stops the engine there.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

/// Counts moments and stops whoever passes the chosen one. Clones share the count.
#[derive(Debug, Clone)]
pub struct Moments(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    passed: AtomicU64,
    stop_at: AtomicU64,
    stopped: watch::Sender<bool>,
}

impl Default for Moments {
    fn default() -> Moments {
        Moments(Arc::new(Shared {
            passed: AtomicU64::new(0),
            stop_at: AtomicU64::new(u64::MAX),
            stopped: watch::Sender::new(false),
        }))
    }
}

impl Moments {
    /// Begins to count anew and stops at that moment (0 is the first); `None`: nowhere. Whoever stands still goes on.
    pub fn restart(&self, stop_at: Option<u64>) {
        self.0.passed.store(0, Ordering::Relaxed);
        self.0.stop_at.store(stop_at.unwrap_or(u64::MAX), Ordering::Relaxed);
        self.0.stopped.send_replace(false);
    }

    /// How many moments were passed since the last restart.
    pub fn passed(&self) -> u64 {
        self.0.passed.load(Ordering::Relaxed)
    }

    /// Passes a moment. At the chosen one, and after it, this returns only after [`Moments::restart`].
    pub async fn pass(&self) {
        let moment = self.0.passed.fetch_add(1, Ordering::Relaxed);
        if moment == self.0.stop_at.load(Ordering::Relaxed) {
            self.0.stopped.send_replace(true);
        }
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.stopped.subscribe().wait_for(|stopped| !*stopped).await;
    }

    /// Runs a process until it ends or reaches the chosen moment: then it stands still, is not polled any more, and
    /// `None` is returned. Drop it: it crashed. Restart and await it: it only slept.
    pub async fn run<T>(&self, process: &mut Pin<Box<impl Future<Output = T>>>) -> Option<T> {
        let mut stopped = self.0.stopped.subscribe();
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => None,
            output = process => Some(output),
        }
    }
}
