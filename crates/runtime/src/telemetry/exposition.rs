//! The OpenMetrics text that `/metrics` serves.
//!
//! Whoever has numbers adds them to families by name, in any order; [`Exposition::finish`] writes every family once,
//! sorted by name, with its type, its help and the closing `# EOF` that the format asks for. Names, units and labels
//! are the caller's; this file only knows how they are written.
//!
//! ```
//! use appia_runtime::telemetry::Exposition;
//! let mut exposition = Exposition::default();
//! exposition.gauge("appia_memory_bytes", "Memory in use.").add(&[("workload", "web")], 1024.0);
//! assert!(exposition.finish().ends_with("appia_memory_bytes{workload=\"web\"} 1024\n# EOF\n"));
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Label names and values of one sample. Names are the caller's constants; values may hold anything.
pub type Labels<'a> = [(&'a str, &'a str)];

/// All families of one answer.
#[derive(Debug, Default)]
pub struct Exposition {
    families: BTreeMap<String, Family>,
}

/// One metric with all its samples.
#[derive(Debug)]
pub struct Family {
    name: String,
    kind: Kind,
    help: String,
    samples: String,
}

/// The counts behind one histogram sample.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramSample {
    /// Upper bound and cumulative count; the last bound is infinite.
    pub buckets: Vec<(f64, u64)>,
    /// All observed values added up.
    pub sum: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Exposition {
    /// What to send as `Content-Type`.
    pub const CONTENT_TYPE: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// A count that only grows. `name` is without `_total`, which is added to each sample.
    pub fn counter(&mut self, name: &str, help: &str) -> &mut Family {
        self.family(name, Kind::Counter, help)
    }

    /// A value that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str) -> &mut Family {
        self.family(name, Kind::Gauge, help)
    }

    /// A distribution, in the unit that `name` ends with.
    pub fn histogram(&mut self, name: &str, help: &str) -> &mut Family {
        self.family(name, Kind::Histogram, help)
    }

    /// The whole text.
    pub fn finish(self) -> String {
        let mut text = String::new();
        for family in self.families.values() {
            let Family { name, kind, help, samples } = family;
            let kind = kind.name();
            let help = escaped(help);
            let _ = write!(text, "# TYPE {name} {kind}\n# HELP {name} {help}\n{samples}");
        }
        text.push_str("# EOF\n");
        text
    }

    fn family(&mut self, name: &str, kind: Kind, help: &str) -> &mut Family {
        let new = || Family { name: name.to_owned(), kind, help: help.to_owned(), samples: String::new() };
        self.families.entry(name.to_owned()).or_insert_with(new)
    }
}

impl Family {
    /// Adds one sample of a counter or a gauge.
    pub fn add(&mut self, labels: &Labels<'_>, value: f64) -> &mut Self {
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Gauge | Kind::Histogram => "",
        };
        self.sample(suffix, labels, value);
        self
    }

    /// Adds one sample of a histogram: its buckets, its sum and its count.
    pub fn add_histogram(&mut self, labels: &Labels<'_>, sample: &HistogramSample) -> &mut Self {
        for (bound, count) in &sample.buckets {
            let bound = number(*bound);
            let with_bound: Vec<_> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            self.sample("_bucket", &with_bound, *count as f64);
        }
        self.sample("_sum", labels, sample.sum);
        self.sample("_count", labels, sample.buckets.last().map_or(0, |(_, count)| *count) as f64);
        self
    }

    fn sample(&mut self, suffix: &str, labels: &Labels<'_>, value: f64) {
        self.samples.push_str(&self.name);
        self.samples.push_str(suffix);
        for (index, (name, value)) in labels.iter().enumerate() {
            let opening = if index == 0 { '{' } else { ',' };
            let _ = write!(self.samples, "{opening}{name}=\"{}\"", escaped(value));
        }
        let closing = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.samples, "{closing} {}", number(value));
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// OpenMetrics writes infinity with a sign and whole bounds with a decimal point or not; both read alike.
fn number(value: f64) -> String {
    if value == f64::INFINITY { "+Inf".to_owned() } else { value.to_string() }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_once_whoever_adds_to_them() {
        let mut exposition = Exposition::default();
        exposition.gauge("b_bytes", "Second.").add(&[], 2.5);
        exposition.counter("a", "First.").add(&[("w", "web")], 3.0);
        exposition.gauge("b_bytes", "Second.").add(&[("w", "a\"b\\c\nd")], 1.0);
        let text = exposition.finish();
        let expected = "# TYPE a counter\n# HELP a First.\na_total{w=\"web\"} 3\n\
             # TYPE b_bytes gauge\n# HELP b_bytes Second.\nb_bytes 2.5\nb_bytes{w=\"a\\\"b\\\\c\\nd\"} 1\n# EOF\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_histogram_ends_with_infinity_sum_and_count() {
        let mut exposition = Exposition::default();
        let sample = HistogramSample { buckets: vec![(0.5, 1), (f64::INFINITY, 3)], sum: 4.25 };
        exposition.histogram("d_seconds", "Time.").add_histogram(&[("w", "web")], &sample);
        let expected = "# TYPE d_seconds histogram\n# HELP d_seconds Time.\n\
             d_seconds_bucket{w=\"web\",le=\"0.5\"} 1\nd_seconds_bucket{w=\"web\",le=\"+Inf\"} 3\n\
             d_seconds_sum{w=\"web\"} 4.25\nd_seconds_count{w=\"web\"} 3\n# EOF\n";
        assert_eq!(exposition.finish(), expected);
    }
}
