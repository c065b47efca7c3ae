//! One running instance as the gateway sees it: its health, its open connections and the requests on their way.
//!
//! Instances outlive reloads: `table.rs` reuses the one with the same id and address. Requests hold a [`Ticket`];
//! draining waits until no ticket is left.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::cancel::CancelSignal;
use super::config::{Stage, Upstream};
use super::health::Health;
use super::pool::LinkPool;
use super::status::ServingState;
use crate::telemetry::{Clock, CodeClass, Outcome, Red};

static NEXT_SERIAL: AtomicU64 = AtomicU64::new(1);

/// The state of one instance.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) addr: SocketAddr,
    /// Unique in the process; cheaper to compare than the id.
    pub(super) serial: u64,
    pub(super) health: Health,
    pub(super) links: LinkPool,
    pub(super) red: Red,
    clock: Clock,
    /// Requests on trial that it could not answer.
    unanswered: AtomicU64,
    draining: AtomicBool,
    idle: Notify,
    cut: Mutex<CancelSignal>,
}

/// The right to send one request to an instance, counted until it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) instance: Arc<Instance>,
    pub(super) outcome: Outcome,
    /// That of the deployment it was taken from.
    pub(super) stage: Stage,
    began: u64,
    ended: Option<u64>,
}

impl Instance {
    pub(super) fn new(upstream: &Upstream, clock: &Clock) -> Self {
        Self {
            id: upstream.id.clone(),
            addr: upstream.addr,
            serial: NEXT_SERIAL.fetch_add(1, Ordering::Relaxed),
            health: Health::default(),
            links: LinkPool::default(),
            red: Red::new(clock.clone()),
            clock: clock.clone(),
            unanswered: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            idle: Notify::new(),
            cut: Mutex::default(),
        }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Not draining, and neither requests nor checks say otherwise.
    pub(super) fn is_available(&self) -> bool {
        !self.is_draining() && !self.health.fails_checks() && !self.health.is_ejected(|| self.clock.micros())
    }

    /// Whether it gets requests, for people.
    pub(super) fn standing(&self) -> ServingState {
        if self.is_draining() {
            ServingState::Draining
        } else if self.health.fails_checks() {
            ServingState::Unhealthy
        } else if self.health.is_ejected(|| self.clock.micros()) {
            ServingState::Ejected
        } else {
            ServingState::Serving
        }
    }

    /// Takes a ticket, unless the instance is draining. The count goes up before draining is looked at, and `drain`
    /// looks at the count after it says so: one of the two always sees the other.
    pub(super) fn ticket(self: &Arc<Self>, began: u64, stage: Stage) -> Option<Ticket> {
        self.red.begin();
        if self.is_draining() {
            self.red.cancel();
            self.idle.notify_waiters();
            return None;
        }
        let outcome = Outcome::Answered(CodeClass::ClientError);
        Some(Ticket { instance: Arc::clone(self), outcome, stage, began, ended: None })
    }

    /// On trial it could not answer a request that a proven instance then got.
    pub(super) fn fell_short(&self) {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn unanswered(&self) -> u64 {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// Gives no more tickets, then waits until all are back.
    pub(super) async fn drained(&self) {
        self.draining.store(true, Ordering::SeqCst);
        loop {
            let back = self.idle.notified();
            if self.red.in_flight() == 0 {
                self.links.clear();
                return;
            }
            back.await;
        }
    }

    /// Cancelled when tunnels to it have to end.
    pub(super) fn cut(&self) -> CancelSignal {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives tickets again, and tunnels a signal that was not given.
    pub(super) fn resume(&self) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = CancelSignal::default();
        self.draining.store(false, Ordering::SeqCst);
    }
}

impl Ticket {
    /// The request ended with this, at this reading of the clock.
    pub(super) fn end(&mut self, outcome: Outcome, at: u64) {
        self.outcome = outcome;
        self.ended = Some(at);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let instance = &self.instance;
        let ended = self.ended.unwrap_or_else(|| instance.clock.micros());
        instance.red.record(self.outcome, self.began, ended);
        if instance.is_draining() {
            instance.idle.notify_waiters();
        }
    }
}
