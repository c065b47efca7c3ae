//! What happens next: events in the order of their time, first in first out among equals.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Something that happens at a time.
#[derive(Debug, Clone, Copy)]
struct Event<T> {
    at: f64,
    number: u64,
    what: T,
}

/// Events to come.
#[derive(Debug)]
pub(super) struct Events<T> {
    heap: BinaryHeap<Reverse<Event<T>>>,
    number: u64,
}

impl<T: Copy> Events<T> {
    pub(super) fn new() -> Events<T> {
        Events { heap: BinaryHeap::new(), number: 0 }
    }

    pub(super) fn add(&mut self, at: f64, what: T) {
        self.number += 1;
        self.heap.push(Reverse(Event { at, number: self.number, what }));
    }

    /// The next event and its time.
    pub(super) fn next(&mut self) -> Option<(f64, T)> {
        self.heap.pop().map(|Reverse(event)| (event.at, event.what))
    }
}

impl<T> Ord for Event<T> {
    fn cmp(&self, other: &Event<T>) -> Ordering {
        self.at.total_cmp(&other.at).then(self.number.cmp(&other.number))
    }
}

impl<T> PartialOrd for Event<T> {
    fn partial_cmp(&self, other: &Event<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Event<T> {
    fn eq(&self, other: &Event<T>) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Event<T> {}
