//! Probes: as stated, with defaults for what is not, and a connection to the port where nothing is stated at all.

use appia_intent::units::Duration;
use appia_intent::{Probe as Stated, ProbeCheck, Probes};

use super::manifest::{Check, HttpGet, HttpHeader, Probe};

/// Kubernetes' own default for `periodSeconds`.
const PERIOD: u64 = 10;

/// Kubernetes' own default is 1 s, which a busy node misses now and then.
const TIMEOUT: u64 = 2;

/// Kubernetes' own default for `failureThreshold`.
const FAILURES: u64 = 3;

/// Slow starters (a JVM, a first migration) are up within a minute.
const START_WITHIN: u64 = 60;

/// Room for a recovery from a crash on slow storage.
const RECOVER_WITHIN: u64 = 300;

/// Start, readiness and liveness of a container.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    pub(super) startup: Option<Probe>,
    pub(super) readiness: Option<Probe>,
    pub(super) liveness: Option<Probe>,
}

/// Lowers what is stated; `port` is where a check without one goes.
pub(super) fn probes(stated: &Probes, port: Option<u16>) -> Lowered {
    let readiness = stated.readiness.as_ref().map(|stated| &stated.value);
    let liveness = stated.liveness.as_ref().map(|stated| &stated.value);
    // A program that may be restarted for being unwell first gets the time to come up.
    let waits = readiness.filter(|probe| probe.start_within.is_some());
    Lowered {
        startup: liveness.or(waits).and_then(|probe| startup(probe, port)),
        readiness: readiness.and_then(|stated| probe(stated, port)),
        liveness: liveness.and_then(|stated| probe(stated, port)),
    }
}

/// A connection that is accepted.
pub(super) fn accepts(port: u16) -> Probe {
    with_defaults(Check::TcpSocket { port })
}

/// A command that ends with status 0.
pub(super) fn succeeds(command: &[&str]) -> Probe {
    with_defaults(Check::Exec { command: command.iter().map(|word| (*word).to_owned()).collect() })
}

/// The same check with a minute to pass for the first time.
pub(super) fn first(probe: &Probe) -> Probe {
    Probe { failure_threshold: START_WITHIN / PERIOD, ..probe.clone() }
}

/// The same check with five minutes for the first time: a database that is restarted while it sets itself up or
/// recovers from a crash may never come up.
pub(super) fn patient(probe: &Probe) -> Probe {
    Probe { failure_threshold: RECOVER_WITHIN / PERIOD, ..probe.clone() }
}

fn with_defaults(check: Check) -> Probe {
    Probe { check, period_seconds: PERIOD, timeout_seconds: TIMEOUT, failure_threshold: FAILURES }
}

fn startup(stated: &Stated, port: Option<u16>) -> Option<Probe> {
    let within = stated.start_within.as_ref().map_or(START_WITHIN, |within| seconds(within.value));
    let probe = probe(stated, port)?;
    Some(Probe { failure_threshold: within.div_ceil(probe.period_seconds).max(1), ..probe })
}

fn probe(stated: &Stated, port: Option<u16>) -> Option<Probe> {
    let time = |time: &Option<appia_diag::Spanned<Duration>>, default: u64| {
        time.as_ref().map_or(default, |time| seconds(time.value))
    };
    Some(Probe {
        check: check(&stated.check, port)?,
        period_seconds: time(&stated.interval, PERIOD),
        timeout_seconds: time(&stated.timeout, TIMEOUT),
        failure_threshold: stated
            .failures
            .as_ref()
            .map_or(FAILURES, |failures| u64::from(failures.value.max(1))),
    })
}

/// `None` when it has to go to a port and the workload has none.
fn check(stated: &ProbeCheck, default: Option<u16>) -> Option<Check> {
    match stated {
        ProbeCheck::Http { path, port, scheme, host, headers } => Some(Check::HttpGet(HttpGet {
            path: path.clone(),
            port: port.or(default)?,
            scheme: scheme.to_uppercase(),
            host: host.clone(),
            http_headers: headers
                .iter()
                .map(|(name, value)| HttpHeader { name: name.clone(), value: value.clone() })
                .collect(),
        })),
        ProbeCheck::Tcp { port } => Some(Check::TcpSocket { port: port.or(default)? }),
        ProbeCheck::Exec { command } => Some(Check::Exec { command: command.clone() }),
    }
}

/// Kubernetes counts whole seconds, at least one.
fn seconds(time: Duration) -> u64 {
    time.micros().div_ceil(1_000_000).max(1)
}
