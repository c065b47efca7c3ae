//! Samples, medians, ratios and the table of a benchmark run.
//!
//! Pure arithmetic and text; `bench.rs` prints it. Start at `Measure`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::setup;

/// One number of ours, with every sample, beside a peer's.
#[derive(Serialize)]
pub(super) struct Measure {
    pub(super) what: String,
    pub(super) unit: &'static str,
    pub(super) ours: Vec<f64>,
    pub(super) peer: Option<Peer>,
    pub(super) target: Option<Target>,
}

/// The same work done by something else in the same run.
#[derive(Serialize)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) samples: Vec<f64>,
}

/// What we want to reach.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Target {
    AtMost(f64),
    /// In the unit of the measure, above the peer's median.
    AtMostMoreThanPeer(f64),
    RatioAtLeast(f64),
    RatioAtMost(f64),
}

impl Measure {
    fn ratio(&self) -> Option<f64> {
        Some(median(&self.ours)? / median(&self.peer.as_ref()?.samples)?)
    }

    /// Whether the target is reached; nothing without a target.
    fn met(&self) -> Option<bool> {
        let ours = median(&self.ours)?;
        match self.target? {
            Target::AtMost(limit) => Some(ours <= limit),
            Target::AtMostMoreThanPeer(more) => Some(ours - median(&self.peer.as_ref()?.samples)? <= more),
            Target::RatioAtLeast(ratio) => Some(self.ratio()? >= ratio),
            Target::RatioAtMost(ratio) => Some(self.ratio()? <= ratio),
        }
    }

    fn row(&self) -> String {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        let peer = self.peer.as_ref().map(|peer| peer.name).unwrap_or("-");
        let their = self.peer.as_ref().and_then(|peer| median(&peer.samples));
        let ratio = self.ratio().map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let target = match self.target {
            None => "-".to_owned(),
            Some(Target::AtMost(limit)) => format!("<= {limit}"),
            Some(Target::AtMostMoreThanPeer(more)) => format!("<= peer + {more}"),
            Some(Target::RatioAtLeast(ratio)) => format!("ratio >= {ratio}"),
            Some(Target::RatioAtMost(ratio)) => format!("ratio <= {ratio}"),
        };
        let met = self.met().map_or("", |met| if met { "met" } else { "MISSED" });
        let (what, unit, ours) = (&self.what, self.unit, number(median(&self.ours)));
        format!(
            "{what:<44} {unit:<6} {ours:>10} {:>10}  {peer:<14} {ratio:>6}  {target:<16} {met}\n",
            number(their)
        )
    }
}

/// The table that people read.
pub(super) fn table(measures: &[Measure]) -> String {
    let head = format!(
        "{:<44} {:<6} {:>10} {:>10}  {:<14} {:>6}  {:<16}\n",
        "median of", "unit", "ours", "peer", "peer is", "ratio", "target"
    );
    std::iter::once(head).chain(measures.iter().map(Measure::row)).collect()
}

/// The middle of the samples, or the mean of the middle two.
pub(super) fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*sorted.get(middle - 1)?, upper))
}

/// What one run of a program took.
pub(super) struct Cost {
    pub(super) time: Duration,
    pub(super) peak_mib: f64,
}

/// Runs a program to its end with its output thrown away; time by our clock, peak memory by GNU time.
pub(super) fn cost(program: &Command) -> Result<Cost> {
    let report = std::env::temp_dir().join(format!("appia-bench-{}", std::process::id()));
    let mut timed = Command::new(setup::program("time")?);
    timed
        .args(["--format", "%M", "--output"])
        .arg(&report)
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    let start = Instant::now();
    let output = timed.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output()?;
    let time = start.elapsed();
    let peak = std::fs::read_to_string(&report).context("GNU time wrote no report");
    let _ = std::fs::remove_file(&report);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}", program.get_program().display(), said.trim());
    }
    let kib: f64 =
        peak?.lines().last().unwrap_or_default().trim().parse().context("GNU time told no memory")?;
    Ok(Cost { time, peak_mib: kib / 1024.0 })
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(ours: f64, peer: f64, target: Target) -> Measure {
        let peer = Some(Peer { name: "them", samples: vec![peer] });
        Measure { what: "a thing".into(), unit: "ms", ours: vec![ours], peer, target: Some(target) }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_target_is_met_or_missed() {
        let met = |ours, target| measure(ours, 100.0, target).met();
        assert_eq!(met(160.0, Target::AtMostMoreThanPeer(60.0)), Some(true));
        assert_eq!(met(161.0, Target::AtMostMoreThanPeer(60.0)), Some(false));
        assert_eq!(met(75.0, Target::RatioAtLeast(0.75)), Some(true));
        assert_eq!(met(74.0, Target::RatioAtLeast(0.75)), Some(false));
        assert_eq!(met(36.0, Target::AtMost(35.0)), Some(false));
        assert_eq!(met(1201.0, Target::RatioAtMost(12.0)), Some(false));
    }

    #[test]
    fn a_missed_target_is_loud() {
        let row = table(&[measure(200.0, 100.0, Target::AtMostMoreThanPeer(60.0))]);
        assert!(row.contains("200.0") && row.contains("2.00") && row.contains("MISSED"), "{row}");
    }

    #[test]
    fn the_cost_of_a_program_is_measured() -> Result<()> {
        let cost = cost(Command::new("ls").arg("/"))?;
        assert!(cost.time > Duration::ZERO && cost.peak_mib > 0.1);
        assert!(super::cost(&Command::new("false")).is_err());
        Ok(())
    }
}
