//! What gateway and supervisor have counted of one application, read from their metrics.

use std::collections::BTreeMap;

use appia_compile::measure::Counted;
use appia_intent::Address;

/// A sum of squares begins again at 0 when it is beyond 64 bits of microseconds squared.
const WRAPS: f64 = 18_446_744.073_709_55;

/// Everything counted since each thing began.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counters {
    things: BTreeMap<Address, Counted>,
    /// Seconds of processor of each instance: one that came or went meanwhile says nothing.
    cpu: BTreeMap<(Address, String), f64>,
}

impl Counters {
    /// From the text of `/metrics`.
    pub(super) fn read(text: &str, (app, environment): (&str, &str)) -> Counters {
        let mut counters = Counters::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, rest)) = line.split_once('{') else { continue };
            let Some((labels, value)) = rest.rsplit_once("} ") else { continue };
            let label = |name: &str| label(labels, name);
            let ours = label("app") == Some(app) && label("environment") == Some(environment);
            let (true, Some(unit), Ok(value)) = (ours, label("workload"), value.parse::<f64>()) else {
                continue;
            };
            let address = address(unit);
            let thing = counters.things.entry(address.clone()).or_default();
            match name {
                "appia_requests_total" => thing.requests += value,
                "appia_request_duration_seconds_sum" => thing.time += value,
                "appia_request_duration_squared_total" => thing.squares += value,
                "appia_cpu_seconds_total" => {
                    counters.cpu.insert((address, label("instance").unwrap_or_default().to_owned()), value);
                }
                _ => {}
            }
        }
        counters
    }

    /// What happened since an earlier reading.
    pub(super) fn since(&self, before: &Counters) -> BTreeMap<Address, Counted> {
        let mut happened = BTreeMap::new();
        for (address, now) in &self.things {
            let then = before.things.get(address).copied().unwrap_or_default();
            let squares = now.squares - then.squares;
            let counted = Counted {
                cpu: 0.0,
                requests: now.requests - then.requests,
                time: now.time - then.time,
                squares: if squares < 0.0 { squares + WRAPS } else { squares },
            };
            happened.insert(address.clone(), counted);
        }
        for (instance, now) in &self.cpu {
            if let (Some(then), Some(thing)) = (before.cpu.get(instance), happened.get_mut(&instance.0)) {
                thing.cpu += (now - then).max(0.0);
            }
        }
        happened
    }

    /// True when the same instances run.
    pub(super) fn has_instances_of(&self, before: &Counters) -> bool {
        self.cpu.keys().eq(before.cpu.keys())
    }
}

/// The supervisor names workloads by their name, and resources by their address.
fn address(unit: &str) -> Address {
    if unit.starts_with("resources.") {
        Address::parse(unit)
    } else {
        Address::parse(&format!("workloads.{unit}"))
    }
}

/// Names of applications, workloads and instances hold nothing that would be escaped.
fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    let pairs = labels.split("\",");
    let found = pairs.filter_map(|pair| pair.split_once("=\"")).find(|(known, _)| *known == name)?;
    Some(found.1.trim_end_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::{Counters, address};

    #[test]
    fn adds_up_what_belongs_together() {
        let text = |cpu: f64, requests: u32, squares: f64| {
            format!(
                "# TYPE appia_requests counter
appia_requests_total{{app=\"shop\",environment=\"local\",workload=\"api\",route=\"a\",code_class=\"2xx\"}} {requests}
appia_requests_total{{app=\"shop\",environment=\"local\",workload=\"api\",route=\"a\",code_class=\"5xx\"}} 1
appia_requests_total{{app=\"other\",environment=\"local\",workload=\"api\",route=\"a\",code_class=\"2xx\"}} 99
appia_request_duration_squared_total{{app=\"shop\",environment=\"local\",workload=\"api\",route=\"a\"}} {squares}
appia_cpu_seconds_total{{app=\"shop\",environment=\"local\",workload=\"api\",instance=\"api-1\"}} {cpu}
appia_cpu_seconds_total{{app=\"shop\",environment=\"local\",workload=\"resources.db\",instance=\"db-1\"}} 2.5
# EOF
"
            )
        };
        let read = |text: &str| Counters::read(text, ("shop", "local"));
        let (before, after) = (read(&text(1.0, 10, 18_446_744.0)), read(&text(1.5, 30, 2.0)));
        let happened = after.since(&before);
        let api = happened[&address("api")];
        assert_eq!((api.cpu, api.requests), (0.5, 20.0));
        assert!((api.squares - 2.073_709_55).abs() < 1e-6, "{api:?}");
        assert_eq!(happened[&address("resources.db")].cpu, 0.0);
        assert!(after.has_instances_of(&before));
        assert!(!after.has_instances_of(&read(&text(1.0, 1, 1.0).replace("api-1", "api-2"))));
    }
}
