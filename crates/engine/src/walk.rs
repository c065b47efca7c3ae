//! Walks a graph of steps, as many at once as allowed, until it is through or something halts it.

use std::future::Future;

use futures::stream::{FuturesUnordered, StreamExt};

use crate::Interrupt;
use crate::ending::Halt;
use crate::graph::Frontier;

/// Does `work` for each step when its turn has come. The first `Err` (and `stop`, which it raises) lets nothing new
/// start; what runs is waited for, never dropped. Returns the gravest halt.
pub(crate) async fn walk<W>(
    mut frontier: Frontier<'_>,
    at_once: usize,
    stop: &Interrupt,
    work: impl Fn(usize) -> W,
) -> Option<Halt>
where
    W: Future<Output = (usize, Result<(), Halt>)>,
{
    let mut running = FuturesUnordered::new();
    let mut halt: Option<Halt> = None;
    loop {
        while running.len() < at_once.max(1) && !stop.is_raised() {
            let Some(step) = frontier.next() else { break };
            running.push(work(step));
        }
        match running.next().await {
            None => return halt,
            Some((step, Ok(()))) => frontier.done(step),
            Some((_, Err(new))) => {
                stop.raise();
                halt = Some(match halt.take() {
                    Some(known) => known.graver(new),
                    None => new,
                });
            }
        }
    }
}
