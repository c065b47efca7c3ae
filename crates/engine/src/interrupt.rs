//! A switch that goes one way: a person wants the operation to end. Clones share it.

use std::sync::Arc;

use tokio::sync::watch;

/// Asks an operation to stop and to take back what it did.
///
/// ```
/// use appia_engine::Interrupt;
/// let interrupt = Interrupt::default();
/// let from_the_terminal = interrupt.clone();
/// from_the_terminal.raise();
/// assert!(interrupt.is_raised());
/// ```
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<watch::Sender<bool>>);

impl Default for Interrupt {
    fn default() -> Interrupt {
        Interrupt(Arc::new(watch::Sender::new(false)))
    }
}

impl Interrupt {
    /// Asks; asking again changes nothing.
    pub fn raise(&self) {
        self.0.send_replace(true);
    }

    /// True once asked.
    pub fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once asked.
    pub async fn raised(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|raised| *raised).await;
    }
}
