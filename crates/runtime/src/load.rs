//! A crowd for measuring: requests over HTTP at moments that are fixed before the first of them is sent.
//!
//! Open loop: whoever is slow to answer does not slow down who comes next, and each time counts from the moment at which
//! a request was due, not from when it could be sent (G. Tene's "coordinated omission"). Called by `appia measure`; it
//! decides nothing and writes nothing. Start reading at [`drive`].

mod client;
mod schedule;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::Instant;

use client::Pool;
pub use schedule::{Arrival, schedule};

/// Requests that can be on their way at the same time; further ones are sent late and count from when they were due.
const CROWD: usize = 512;

/// Latencies are kept from a microsecond to a minute, with three digits.
const HIGHEST_MICROS: u64 = 60_000_000;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Where.
    pub address: SocketAddr,
    /// The path, beginning with `/`.
    pub path: String,
}

/// What came of a schedule.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Requests that were answered, whatever the answer.
    pub answered: u64,
    /// Answers with 5xx, and requests without an answer.
    pub errors: u64,
    /// Answers with 4xx.
    pub refused: u64,
    /// From the moment each was due, in microseconds.
    pub latencies: Histogram<u64>,
    /// From the first moment to the last answer.
    pub took: Duration,
}

/// Why nothing can be driven.
#[derive(Debug, thiserror::Error)]
#[error("latencies cannot be kept")]
pub struct LoadError(#[source] hdrhistogram::CreationError);

/// Sends each request when it is due, and waits for all answers.
///
/// # Errors
/// When there is no room for latencies.
pub async fn drive(goals: &[Goal], arrivals: Vec<Arrival>) -> Result<Heard, LoadError> {
    let empty = Histogram::new_with_bounds(1, HIGHEST_MICROS, 3).map_err(LoadError)?;
    let began = Instant::now();
    let crowd = arrivals.len().min(CROWD);
    let plan = Arc::new(Plan {
        goals: goals.to_vec(),
        arrivals,
        next: AtomicUsize::new(0),
        began,
        pool: Pool::default(),
    });
    let tasks: Vec<_> =
        (0..crowd).map(|_| tokio::spawn(Arc::clone(&plan).take_turns(empty.clone()))).collect();
    let mut heard = Heard { answered: 0, errors: 0, refused: 0, latencies: empty, took: Duration::ZERO };
    for task in tasks {
        if let Ok(one) = task.await {
            heard.answered += one.answered;
            heard.errors += one.errors;
            heard.refused += one.refused;
            // The same bounds, so nothing can be out of them.
            let _ = heard.latencies.add(&one.latencies);
        }
    }
    heard.took = began.elapsed();
    Ok(heard)
}

/// What all clients share.
struct Plan {
    goals: Vec<Goal>,
    arrivals: Vec<Arrival>,
    next: AtomicUsize,
    began: Instant,
    pool: Pool,
}

impl Plan {
    /// Takes the next request, as long as there is one, and sends it when it is due.
    async fn take_turns(self: Arc<Self>, latencies: Histogram<u64>) -> Heard {
        let mut heard = Heard { answered: 0, errors: 0, refused: 0, latencies, took: Duration::ZERO };
        while let Some(arrival) = self.arrivals.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let Some(goal) = self.goals.get(arrival.goal) else { continue };
            let due = self.began + arrival.due;
            tokio::time::sleep_until(due).await;
            match self.pool.ask(goal).await {
                Some(status) => {
                    heard.answered += 1;
                    heard.errors += u64::from(status.is_server_error());
                    heard.refused += u64::from(status.is_client_error());
                }
                None => heard.errors += 1,
            }
            let micros = u64::try_from(due.elapsed().as_micros()).unwrap_or(HIGHEST_MICROS);
            heard.latencies.saturating_record(micros.max(1));
        }
        heard
    }
}
