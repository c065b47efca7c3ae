//! Counts one request for its route and its instance, from the head that came in to the last byte that went out.
//!
//! Made by `forward.rs`, carried by the answer's body or by a tunnel, and read by nobody: dropping it records.

use std::sync::Arc;

use super::cancel::CancelSignal;
use super::instance::Ticket;
use super::link::Link;
use super::route::LiveRoute;
use crate::telemetry::{Clock, CodeClass, Outcome};

/// One request being counted.
pub(super) struct Meter {
    /// The route it belongs to, as it was when the request came in.
    pub(super) route: Arc<LiveRoute>,
    clock: Clock,
    ticket: Option<Ticket>,
    outcome: Outcome,
    /// When the request came in, by the gateway's clock.
    pub(super) began: u64,
    ended: Option<u64>,
}

impl Meter {
    /// A request for `route` came in.
    pub(super) fn begin(route: Arc<LiveRoute>, clock: &Clock) -> Self {
        route.red.begin();
        let began = clock.micros();
        // Unless somebody says otherwise, the client has gone away before there was an answer.
        let outcome = Outcome::Answered(CodeClass::ClientError);
        Self { route, clock: clock.clone(), ticket: None, outcome, began, ended: None }
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.micros()
    }

    /// An instance answered with this code.
    pub(super) fn answered(&mut self, ticket: Ticket, code: u16) {
        self.outcome = Outcome::Answered(CodeClass::of(code));
        self.ticket = Some(ticket);
    }

    /// The gateway answers itself, with this code.
    pub(super) fn failed(&mut self, code: u16) {
        self.outcome = Outcome::Failed(CodeClass::of(code));
    }

    /// The answer ended before it was complete.
    pub(super) fn broke_off(&mut self) {
        if let Outcome::Answered(class) = self.outcome {
            self.outcome = Outcome::Failed(class);
        }
    }

    /// Counts the time until now, not until the end: for answers that are meant never to end.
    pub(super) fn stop_watch(&mut self) {
        self.ended = Some(self.now());
    }

    /// Cancelled when the instance can wait no longer.
    pub(super) fn cut(&self) -> Option<CancelSignal> {
        self.ticket.as_ref().map(|ticket| ticket.instance.cut())
    }

    /// The connection is free for the next request.
    pub(super) fn give_back(&self, link: Box<Link>) {
        if let Some(ticket) = self.ticket.as_ref().filter(|ticket| !ticket.instance.is_draining()) {
            ticket.instance.links.put(link);
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let ended = self.ended.unwrap_or_else(|| self.clock.micros());
        self.route.red.record(self.outcome, self.began, ended);
        if let Some(ticket) = &mut self.ticket {
            ticket.end(self.outcome, ended);
        }
    }
}
