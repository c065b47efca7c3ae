//! Having an instance answer a request: choose one, send, and choose again where that is safe.
//!
//! A request is sent again only if it never left (no connection, or a kept one that closed in that moment) or if it
//! changes nothing by its method and has no body. Trying another instance is paid from the route's retry budget.
//!
//! A deployment on trial gets only requests that may be sent again, and what it cannot answer a proven one is asked,
//! which costs nothing: no request goes from a proven one to one on trial.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::{Request, Response, StatusCode};

use super::balance::Asked;
use super::body::RequestBody;
use super::config::Stage;
use super::core::Core;
use super::headers::{self, Intent};
use super::instance::Ticket;
use super::link::{Link, Lost};
use super::meter::Meter;
use super::problem::Problem;
use super::route::LiveRoute;
use super::tunnel;
use crate::telemetry::{CodeClass, Outcome};

/// How many instances one request may be sent to.
const MOST_INSTANCES: usize = 3;

/// An answer, and the connection that its body will come over unless that has a task of its own.
pub(super) struct Opened {
    pub(super) response: Response<Incoming>,
    pub(super) link: Option<Box<Link>>,
}

/// Why an instance gave no answer, and the request if it may be sent again.
pub(super) struct Missed {
    pub(super) problem: Problem,
    pub(super) again: Again,
}

/// Whether a request may be sent again, and at what cost.
pub(super) enum Again {
    /// It may not, and the client is at fault.
    ClientFault,
    /// It may not.
    Never,
    /// A kept connection closed in the moment of its use: ask the same instance over a new one.
    SameInstance(Request<RequestBody>),
    /// The instance is at fault: ask another one if the budget allows.
    OtherInstance(Request<RequestBody>),
}

/// Sends a request to one instance after the other until one answers or nothing more may be tried.
pub(super) async fn exchange(
    meter: &mut Meter,
    core: &Core,
    mut request: Request<RequestBody>,
    intent: Intent,
) -> Result<Opened, Problem> {
    meter.route.budget.deposit();
    let mut tried = Tried::of(&request, intent);
    let mut last = Problem::NoInstance;
    while let Some(mut ticket) = choose(meter, core, tried.serials(), tried.prefers) {
        let route = &meter.route;
        let spare = (ticket.stage == Stage::Trial).then(|| replayable(&request)).flatten();
        let result = match intent {
            Intent::Plain => attempt(&ticket, route, request).await,
            // Boxed like the other rare ways, so that the common one does not carry their room.
            Intent::Upgrade => Box::pin(tunnel::attempt(&ticket, route, request, core)).await,
        };
        match (result, spare) {
            (Ok(opened), Some(spare)) if is_failure(opened.response.status()) => {
                tried.blame(&mut ticket, meter);
                let proven = Box::pin(from_proven(meter, core, spare, tried.serials())).await;
                return Ok(proven.unwrap_or_else(|| accept(opened, ticket, meter)));
            }
            (Ok(opened), _) => {
                judge(&ticket, opened.response.status(), meter);
                return Ok(accept(opened, ticket, meter));
            }
            (Err(Missed { problem, again }), _) => match tried.next(&mut ticket, meter, again) {
                Some(same) => (request, last) = (same, problem),
                None => return Err(problem),
            },
        }
    }
    Err(last)
}

fn accept(opened: Opened, ticket: Ticket, meter: &mut Meter) -> Opened {
    meter.answered(ticket, opened.response.status().as_u16());
    opened
}

/// The answer of a proven instance to a request that one on trial failed; nothing when it fails as well, for then it
/// is not the trial's fault.
async fn from_proven(
    meter: &mut Meter,
    core: &Core,
    request: Request<RequestBody>,
    tried: &[u64],
) -> Option<Opened> {
    let ticket = choose(meter, core, tried, Stage::Proven).filter(|ticket| ticket.stage == Stage::Proven)?;
    let opened = attempt(&ticket, &meter.route, request).await.ok()?;
    let status = opened.response.status();
    judge(&ticket, status, meter);
    if is_failure(status) {
        return None;
    }
    if let Some(fell_short) = tried.last() {
        let instances = meter.route.groups.iter().flat_map(|group| &group.instances);
        instances.filter(|one| one.serial == *fell_short).for_each(|one| one.fell_short());
    }
    Some(accept(opened, ticket, meter))
}

/// The next instance. A reload may have come between finding the route and looking at its instances, which then may
/// all be draining; so when there is none, the route as it is now is asked.
pub(super) fn choose(meter: &mut Meter, core: &Core, tried: &[u64], prefers: Stage) -> Option<Ticket> {
    loop {
        if let Some(ticket) = meter.route.pick(&Asked { tried, began: meter.began, prefers }) {
            return Some(ticket);
        }
        let now = core.table.load().by_id(&meter.route.config.id)?;
        let is_new = !Arc::ptr_eq(&now, &meter.route) && Arc::ptr_eq(&now.red, &meter.route.red);
        if !is_new {
            return None;
        }
        meter.route = now;
    }
}

/// What one request has tried so far.
struct Tried {
    serials: [u64; MOST_INSTANCES],
    count: usize,
    closed: usize,
    /// Who is asked next where a deployment is on trial.
    prefers: Stage,
}

impl Tried {
    fn of(request: &Request<RequestBody>, intent: Intent) -> Self {
        let prefers =
            if intent == Intent::Plain && may_be_repeated(request) { Stage::Trial } else { Stage::Proven };
        Self { serials: [0; MOST_INSTANCES], count: 0, closed: 0, prefers }
    }

    fn serials(&self) -> &[u64] {
        self.serials.get(..self.count).unwrap_or_default()
    }

    /// The request to send next, if there may be a next time.
    fn next(&mut self, ticket: &mut Ticket, meter: &Meter, again: Again) -> Option<Request<RequestBody>> {
        match again {
            Again::SameInstance(request) => {
                ticket.end(Outcome::Answered(CodeClass::Success), meter.now());
                ticket.instance.links.clear();
                self.closed += 1;
                (self.closed <= MOST_INSTANCES).then_some(request)
            }
            Again::OtherInstance(request) if ticket.stage == Stage::Trial => {
                self.blame(ticket, meter);
                ticket.instance.fell_short();
                self.prefers = Stage::Proven;
                Some(request)
            }
            Again::OtherInstance(request) => {
                self.blame(ticket, meter);
                (self.count < MOST_INSTANCES && meter.route.budget.withdraw()).then_some(request)
            }
            Again::ClientFault => None,
            Again::Never => {
                self.blame(ticket, meter);
                None
            }
        }
    }

    fn blame(&mut self, ticket: &mut Ticket, meter: &Meter) {
        let now = meter.now();
        ticket.instance.health.failed(&meter.route.config.ejection, now);
        ticket.end(Outcome::Failed(CodeClass::ServerError), now);
        if let Some(place) = self.serials.get_mut(self.count) {
            *place = ticket.instance.serial;
            self.count += 1;
        }
    }
}

/// Notes how an instance answered.
fn judge(ticket: &Ticket, status: StatusCode, meter: &Meter) {
    let health = &ticket.instance.health;
    if is_failure(status) {
        health.failed(&meter.route.config.ejection, meter.now());
    } else {
        health.succeeded();
    }
}

/// Whether an answer says that it is the instance which fails, and not the request.
fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

/// One try: over a kept connection if there is one, else over a new one.
async fn attempt(
    ticket: &Ticket,
    route: &LiveRoute,
    mut request: Request<RequestBody>,
) -> Result<Opened, Missed> {
    let (addr, timeouts) = (ticket.instance.addr, &route.config.timeouts);
    let kept = kept(ticket, &mut request).await;
    let was_kept = kept.is_some();
    let mut link = match kept {
        Some(link) => link,
        None => match Box::pin(Link::open(addr, timeouts.connect, ticket.instance.links.share())).await {
            Ok(link) => link,
            Err(error) => return Err(unreachable(addr, error, request)),
        },
    };
    let copy = replayable(&request);
    match link.exchange(request, timeouts.response).await {
        Ok(response) => Ok(Opened { response, link: Some(link) }),
        Err(lost) => {
            let missed = missed(lost, copy, addr, timeouts.response);
            Err(if was_kept { missed.excuse() } else { missed })
        }
    }
}

/// A kept connection, or the next one that comes back where there are many already.
async fn kept(ticket: &Ticket, request: &mut Request<RequestBody>) -> Option<Box<Link>> {
    let links = &ticket.instance.links;
    match links.take() {
        None if links.is_crowded() => {
            headers::detach(request);
            Box::pin(links.next_back()).await
        }
        link => link,
    }
}

/// No connection could be made, so nothing was sent.
pub(super) fn unreachable(addr: SocketAddr, error: io::Error, request: Request<RequestBody>) -> Missed {
    Missed { problem: Problem::Unreachable { addr, error }, again: Again::OtherInstance(request) }
}

fn missed(lost: Lost, copy: Option<Request<RequestBody>>, addr: SocketAddr, patience: Duration) -> Missed {
    let other = |request: Option<_>| request.map_or(Again::Never, Again::OtherInstance);
    match lost {
        Lost::Unsent(request) => {
            let error = "the connection was closed".to_owned();
            Missed { problem: Problem::Broken { addr, error }, again: Again::OtherInstance(*request) }
        }
        Lost::Broken(error) => {
            Missed { problem: Problem::Broken { addr, error: error.to_string() }, again: other(copy) }
        }
        Lost::Stalled => Missed { problem: Problem::Stalled, again: Again::ClientFault },
        Lost::Silent => Missed { problem: Problem::Silent { addr, after: patience }, again: Again::Never },
    }
}

impl Missed {
    /// A kept connection that broke says nothing about the instance.
    fn excuse(self) -> Self {
        let again = match self.again {
            Again::OtherInstance(request) => Again::SameInstance(request),
            again @ (Again::SameInstance(_) | Again::ClientFault | Again::Never) => again,
        };
        Self { again, ..self }
    }
}

/// Whether the method says that twice is as good as once, and there is no body.
fn may_be_repeated(request: &Request<RequestBody>) -> bool {
    request.method().is_idempotent() && request.body().is_end_stream()
}

/// A copy to send again, if it may be.
fn replayable(request: &Request<RequestBody>) -> Option<Request<RequestBody>> {
    if !may_be_repeated(request) {
        return None;
    }
    let mut copy = Request::new(RequestBody::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}
