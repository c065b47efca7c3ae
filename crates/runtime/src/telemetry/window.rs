//! The last five minutes of requests, in thirty slots of ten seconds that are reused in a ring.
//!
//! Recording is a few relaxed atomic additions; only the first request of a new slot takes a lock, to empty it.
//! A slot gets its counters when it is first used, so that an idle instance costs next to nothing.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::latency;

const SLOT_MICROS: u64 = 10_000_000;
const SLOTS: usize = 30;
const NEVER: u64 = u64::MAX;

/// A sliding window over latencies and errors.
#[derive(Debug)]
pub(super) struct Window {
    created: u64,
    slots: Vec<Slot>,
    turning: Mutex<()>,
}

#[derive(Debug)]
struct Slot {
    /// Which ten seconds since the clock began this slot holds, or [`NEVER`].
    epoch: AtomicU64,
    errors: AtomicU32,
    counts: OnceLock<Box<[AtomicU32]>>,
}

/// What a window holds at one moment.
pub(super) struct Reading {
    pub(super) seconds: f64,
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) counts: Vec<u64>,
}

impl Window {
    pub(super) fn new(now: u64) -> Self {
        let slot =
            || Slot { epoch: AtomicU64::new(NEVER), errors: AtomicU32::new(0), counts: OnceLock::new() };
        Self {
            created: now,
            slots: std::iter::repeat_with(slot).take(SLOTS).collect(),
            turning: Mutex::new(()),
        }
    }

    /// Counts one request that took `micros` and ended at `now`.
    pub(super) fn record(&self, now: u64, micros: u64, failed: bool) {
        let epoch = now / SLOT_MICROS;
        let place = usize::try_from(epoch % SLOTS as u64).unwrap_or(0);
        let Some(slot) = self.slots.get(place) else { return };
        if slot.epoch.load(Ordering::Acquire) != epoch {
            self.turn(slot, epoch);
        }
        if let Some(count) = slot.counters().get(latency::bucket(micros)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if failed {
            slot.errors.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Adds up the slots that belong to the five minutes before `now`.
    pub(super) fn read(&self, now: u64) -> Reading {
        let epoch = now / SLOT_MICROS;
        let oldest = epoch.saturating_sub(SLOTS as u64 - 1);
        let start = (oldest * SLOT_MICROS).max(self.created);
        let seconds = (now.saturating_sub(start) as f64 / 1e6).max(1.0);
        let mut reading = Reading { seconds, requests: 0, errors: 0, counts: vec![0; latency::BUCKETS] };
        for slot in &self.slots {
            let held = slot.epoch.load(Ordering::Acquire);
            if held != NEVER && (oldest..=epoch).contains(&held) {
                slot.add_to(&mut reading);
            }
        }
        reading
    }

    /// Empties a slot for its new ten seconds; whoever comes second finds it done.
    fn turn(&self, slot: &Slot, epoch: u64) {
        let _turn = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.epoch.load(Ordering::Acquire) == epoch {
            return;
        }
        for count in slot.counters() {
            count.store(0, Ordering::Relaxed);
        }
        slot.errors.store(0, Ordering::Relaxed);
        slot.epoch.store(epoch, Ordering::Release);
    }
}

impl Slot {
    fn counters(&self) -> &[AtomicU32] {
        self.counts
            .get_or_init(|| std::iter::repeat_with(AtomicU32::default).take(latency::BUCKETS).collect())
    }

    fn add_to(&self, reading: &mut Reading) {
        reading.errors += u64::from(self.errors.load(Ordering::Relaxed));
        for (sum, count) in reading.counts.iter_mut().zip(self.counters()) {
            let count = u64::from(count.load(Ordering::Relaxed));
            *sum += count;
            reading.requests += count;
        }
    }
}
