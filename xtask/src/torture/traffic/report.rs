//! What the clients of each contender saw, as a table for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;

use super::clients::{Kind, Tally};

/// The p99 during deploys is at most so much of the p99 without.
const MOST: f64 = 1.5;

/// One contender's run.
pub(super) struct Outcome {
    pub(super) name: &'static str,
    /// How long each deploy took.
    pub(super) deploys: Vec<Duration>,
    pub(super) tallies: BTreeMap<Kind, Tally>,
    pub(super) time: Duration,
}

impl Outcome {
    /// Not one request failed, and nobody got a version that had been replaced.
    pub(super) fn is_flawless(&self) -> bool {
        self.tallies.values().all(|tally| tally.failed + tally.socket_errors + tally.stale == 0)
    }

    /// What is said when it is over.
    pub(super) fn line(&self) -> String {
        let sum = |of: fn(&Tally) -> u64| self.tallies.values().map(of).sum::<u64>();
        format!(
            "{}: {} requests in {} s, {} deploys (median {:.1} s), {} failed, {} socket errors, {} stale",
            self.name,
            sum(|tally| tally.requests),
            self.time.as_secs(),
            self.deploys.len(),
            median(&self.deploys).as_secs_f64(),
            sum(|tally| tally.failed),
            sum(|tally| tally.socket_errors),
            sum(|tally| tally.stale),
        )
    }

    fn rows(&self) -> Result<String> {
        let mut rows = String::new();
        let mut quick = Tally::new()?;
        for (kind, tally) in &self.tallies {
            rows.push_str(&row(self.name, kind.shown(), tally));
            if kind.is_quick() {
                quick.add(tally)?;
            }
        }
        rows.push_str(&row(self.name, "both quick kinds", &quick));
        for (reason, count) in self.tallies.values().flat_map(|tally| &tally.reasons) {
            let _ = writeln!(rows, "    {count} times {reason}");
        }
        Ok(rows)
    }
}

/// All contenders, a row for each kind of client.
pub(super) fn table(outcomes: &[Outcome]) -> Result<String> {
    let mut table = format!(
        "{:<8} {:<17} {:>9} {:>6} {:>6} {:>5}  {:>10} {:>10} {:>10} {:>10} {:>6}\n",
        "",
        "clients",
        "requests",
        "failed",
        "socket",
        "stale",
        "p50 ms",
        "p99 ms",
        "p50 dep.",
        "p99 dep.",
        "ratio"
    );
    for outcome in outcomes {
        table.push_str(&outcome.rows()?);
    }
    let _ = writeln!(
        table,
        "ratio: p99 of requests that began during a deploy to p99 of all others, at most {MOST}"
    );
    Ok(table)
}

fn row(name: &str, kind: &str, tally: &Tally) -> String {
    let at = |histogram: &hdrhistogram::Histogram<u64>, quantile| {
        Duration::from_micros(histogram.value_at_quantile(quantile)).as_secs_f64() * 1000.0
    };
    let (steady, deploying) = (at(&tally.steady, 0.99), at(&tally.deploying, 0.99));
    format!(
        "{name:<8} {kind:<17} {:>9} {:>6} {:>6} {:>5}  {:>10.2} {steady:>10.2} {:>10.2} {deploying:>10.2} {:>6.2}\n",
        tally.requests,
        tally.failed,
        tally.socket_errors,
        tally.stale,
        at(&tally.steady, 0.5),
        at(&tally.deploying, 0.5),
        deploying / steady.max(0.001),
    )
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_request_is_a_flaw_and_is_shown() -> Result<()> {
        let mut tally = Tally::new()?;
        tally.requests = 2;
        let outcome = |tally| Outcome {
            name: "Appia",
            deploys: vec![Duration::from_secs(2)],
            tallies: BTreeMap::from([(Kind::KeepAlive, tally)]),
            time: Duration::from_secs(9),
        };
        assert!(outcome(tally.clone()).is_flawless());
        tally.failed = 1;
        tally.reasons.insert("status 503".to_owned(), 1);
        let flawed = outcome(tally);
        assert!(!flawed.is_flawless());
        assert!(table(&[flawed])?.contains("1 times status 503"));
        Ok(())
    }
}
