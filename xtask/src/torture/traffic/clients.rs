//! The crowd: clients that keep their connection, clients that open one for each request, slow ones and long polls.
//!
//! Each client is a thread that asks at moments of its own, fixed before it starts, whether or not the last answer was
//! quick: a request that had to wait for the one before it is counted from the moment at which it was due. Every failed
//! request is counted, nothing is tried again. Start at [`Crowd::start`].

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;

use super::http::{Connection, Failure, Keep};
use crate::torture::chance::Chance;

/// Latencies are kept from a microsecond to a minute with three digits.
const HIGHEST_MICROS: u64 = 60_000_000;

/// How a client behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::torture) enum Kind {
    KeepAlive,
    NewConnection,
    Slow,
    LongPoll,
}

/// How many there are of each, and how often each asks.
pub(super) const CROWD: [(Kind, usize, Duration); 4] = [
    (Kind::KeepAlive, 32, Duration::from_millis(10)),
    (Kind::NewConnection, 32, Duration::from_millis(20)),
    (Kind::Slow, 8, Duration::ZERO),
    (Kind::LongPoll, 8, Duration::ZERO),
];

impl Kind {
    pub(super) fn shown(self) -> &'static str {
        match self {
            Kind::KeepAlive => "kept connections",
            Kind::NewConnection => "new connections",
            Kind::Slow => "slow (1 s)",
            Kind::LongPoll => "long polls (3 s)",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Kind::KeepAlive | Kind::NewConnection => "/",
            Kind::Slow => "/slow",
            Kind::LongPoll => "/poll",
        }
    }

    fn keep(self) -> Keep {
        match self {
            Kind::KeepAlive => Keep::Open,
            Kind::NewConnection | Kind::Slow | Kind::LongPoll => Keep::Close,
        }
    }

    /// Whether its latency says something: the others wait on purpose.
    pub(super) fn is_quick(self) -> bool {
        matches!(self, Kind::KeepAlive | Kind::NewConnection)
    }
}

/// What goes on while a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Steady,
    Deploying,
}

/// What one kind of client saw.
#[derive(Clone)]
pub(in crate::torture) struct Tally {
    pub(in crate::torture) requests: u64,
    pub(in crate::torture) failed: u64,
    pub(in crate::torture) socket_errors: u64,
    /// Answers of a version that had been replaced before the question was sent.
    pub(super) stale: u64,
    /// The failures by what they were.
    pub(in crate::torture) reasons: BTreeMap<String, u64>,
    pub(super) steady: Histogram<u64>,
    pub(super) deploying: Histogram<u64>,
}

impl Tally {
    pub(super) fn new() -> Result<Tally> {
        let histogram = Histogram::new_with_bounds(1, HIGHEST_MICROS, 3).context("a histogram")?;
        Ok(Tally {
            requests: 0,
            failed: 0,
            socket_errors: 0,
            stale: 0,
            reasons: BTreeMap::new(),
            steady: histogram.clone(),
            deploying: histogram,
        })
    }

    pub(super) fn add(&mut self, other: &Tally) -> Result<()> {
        self.requests += other.requests;
        self.failed += other.failed;
        self.socket_errors += other.socket_errors;
        self.stale += other.stale;
        for (reason, count) in &other.reasons {
            *self.reasons.entry(reason.clone()).or_default() += count;
        }
        self.steady.add(&other.steady).context("latencies")?;
        self.deploying.add(&other.deploying).context("latencies")
    }

    fn note(&mut self, phase: Phase, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(HIGHEST_MICROS);
        match phase {
            Phase::Steady => self.steady.saturating_record(micros),
            Phase::Deploying => self.deploying.saturating_record(micros),
        }
    }

    fn fail(&mut self, failure: &Failure) {
        let reason = match failure {
            Failure::Socket(why) => {
                self.socket_errors += 1;
                why.clone()
            }
            Failure::Status(code) => {
                self.failed += 1;
                format!("status {code}")
            }
        };
        *self.reasons.entry(reason).or_default() += 1;
    }
}

/// What all clients share.
struct Shared {
    address: SocketAddr,
    over: AtomicBool,
    deploying: AtomicBool,
    /// The version that everybody gets from now on.
    version: AtomicU32,
    requests: AtomicU64,
}

/// All clients of one run.
pub(in crate::torture) struct Crowd {
    shared: Arc<Shared>,
    clients: Vec<(Kind, JoinHandle<Tally>)>,
}

impl Crowd {
    /// Starts them all; the seed decides when each asks first.
    pub(in crate::torture) fn start(address: SocketAddr, seed: u64) -> Result<Crowd> {
        let shared = Arc::new(Shared {
            address,
            over: AtomicBool::new(false),
            deploying: AtomicBool::new(false),
            version: AtomicU32::new(0),
            requests: AtomicU64::new(0),
        });
        let mut chance = Chance::seeded(seed);
        let mut clients = Vec::new();
        for (kind, count, every) in CROWD {
            for _ in 0..count {
                let first = chance.moment(every.max(Duration::from_millis(500)));
                let (shared, tally) = (Arc::clone(&shared), Tally::new()?);
                let thread = std::thread::Builder::new().stack_size(256 * 1024);
                let client = Client { kind, every, shared, tally };
                clients.push((kind, thread.spawn(move || client.run(first))?));
            }
        }
        Ok(Crowd { shared, clients })
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.shared.deploying.store(phase == Phase::Deploying, Ordering::SeqCst);
    }

    /// From now on nobody may get an older version.
    pub(super) fn expect(&self, version: u32) {
        self.shared.version.store(version, Ordering::SeqCst);
    }

    /// Requests that have ended.
    pub(super) fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// Ends all clients after the request each is at, and says what they saw.
    pub(in crate::torture) fn end(self) -> Result<BTreeMap<Kind, Tally>> {
        self.shared.over.store(true, Ordering::SeqCst);
        let mut tallies = BTreeMap::new();
        for (kind, client) in self.clients {
            let tally = client.join().map_err(|_| anyhow::anyhow!("a client died"))?;
            match tallies.entry(kind) {
                std::collections::btree_map::Entry::Vacant(empty) => drop(empty.insert(tally)),
                std::collections::btree_map::Entry::Occupied(mut sum) => sum.get_mut().add(&tally)?,
            }
        }
        Ok(tallies)
    }
}

struct Client {
    kind: Kind,
    /// Nothing: as soon as the last answer is there.
    every: Duration,
    shared: Arc<Shared>,
    tally: Tally,
}

impl Client {
    fn run(mut self, first: Duration) -> Tally {
        let mut due = Instant::now() + first;
        let mut kept = None;
        while !self.shared.over.load(Ordering::Relaxed) {
            let now = Instant::now();
            // One that is late is counted from when it was due, one that woke up late is not.
            let began = if due > now {
                std::thread::sleep(due - now);
                Instant::now()
            } else {
                due
            };
            self.ask(&mut kept, began);
            due = if self.every.is_zero() { Instant::now() } else { due + self.every };
        }
        self.tally
    }

    fn ask(&mut self, kept: &mut Option<Connection>, began: Instant) {
        let shared = &self.shared;
        let phase = if shared.deploying.load(Ordering::SeqCst) { Phase::Deploying } else { Phase::Steady };
        let expected = shared.version.load(Ordering::SeqCst);
        let answer = match kept.take() {
            Some(connection) => Ok(connection),
            None => Connection::open(shared.address),
        };
        let answer = answer.and_then(|mut connection| {
            let answer = connection.request("GET", self.kind.path(), self.kind.keep())?;
            if self.kind.keep() == Keep::Open && !answer.last {
                *kept = Some(connection);
            }
            Ok(answer)
        });
        self.tally.requests += 1;
        shared.requests.fetch_add(1, Ordering::Relaxed);
        match answer {
            Ok(answer) => {
                let is_stale = answer.body.parse::<u32>().is_ok_and(|version| version < expected);
                self.tally.stale += u64::from(is_stale);
                self.tally.note(phase, began.elapsed());
            }
            Err(failure) => self.tally.fail(&failure),
        }
    }
}
