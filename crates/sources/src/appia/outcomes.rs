//! `outcomes` and `constraints`.

use appia_diag::{Diagnostic, Spanned, codes};
use appia_intent::units::Duration;
use appia_intent::{
    Carbon, Compliance, Constraints, DataClass, Demand, Latency, Outcomes, Recovery, RegionName,
};

use super::Reader;
use crate::value;
use crate::yaml::Node;

impl Reader<'_> {
    pub(super) fn outcomes(&mut self, node: Option<&Node>) -> Outcomes {
        let Some(node) = node else { return Outcomes::default() };
        Outcomes {
            demand: demand(node),
            think_time: value::parsed(node.get("think_time")),
            peak_to_mean: value::parsed(node.get("peak_to_mean")),
            availability: by(node.get("availability"), |text| value::availability(text).ok()),
            latency: self.latency(node.get("latency")),
            budget: by(node.get("budget"), |text| value::budget(text).ok()),
            recovery: Recovery {
                point: node.get("recovery").and_then(|node| value::parsed(node.get("rpo"))),
                time: node.get("recovery").and_then(|node| value::parsed(node.get("rto"))),
            },
            carbon: carbon(node.get("carbon")),
        }
    }

    fn latency(&mut self, node: Option<&Node>) -> Latency {
        let percentile = |key| node.and_then(|node| value::parsed(node.get(key)));
        let latency = Latency { p50: percentile("p50"), p95: percentile("p95"), p99: percentile("p99") };
        let stated: Vec<(&str, &Spanned<Duration>)> =
            [("p50", &latency.p50), ("p95", &latency.p95), ("p99", &latency.p99)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_ref()?)))
                // Zero was refused where it stands.
                .filter(|(_, time)| time.value != Duration::default())
                .collect();
        for (lower, higher) in stated.iter().zip(stated.iter().skip(1)) {
            if lower.1.value > higher.1.value {
                let message = format!(
                    "`{}` is {}, below `{}`, which is {}",
                    higher.0, higher.1.value, lower.0, lower.1.value
                );
                self.sink.push(
                    Diagnostic::new(codes::BAD_OUTCOME, message)
                        .at(&higher.1.span)
                        .related(&lower.1.span, "the lower percentile")
                        .help("a higher percentile is never faster: swap them or raise it"),
                );
            }
        }
        latency
    }
}

fn demand(node: &Node) -> Option<Spanned<Demand>> {
    let users = value::integer(node.get("users")).map(|users| users.map(Demand::Users));
    users.or_else(|| value::parsed(node.get("rps")).map(|rate| rate.map(Demand::Rate)))
}

fn carbon(node: Option<&Node>) -> Option<Spanned<Carbon>> {
    let node = node?;
    match node.get("max") {
        Some(max) => value::parsed(Some(max)).map(|mass| mass.map(Carbon::Max)),
        None => value::word(Some(node), &[("prefer-low", Carbon::PreferLow)]),
    }
}

pub(super) fn constraints(node: Option<&Node>) -> Constraints {
    let Some(node) = node else { return Constraints::default() };
    let texts = |key| -> Vec<Spanned<String>> {
        let items = node.get(key).map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| value::text(Some(item))).collect()
    };
    Constraints {
        regions: texts("regions").into_iter().map(|word| word.map(|text| RegionName::new(&text))).collect(),
        data: value::word(node.get("data"), DataClass::ALL),
        compliance: texts("compliance")
            .into_iter()
            .map(|word| word.map(|text| Compliance::new(&text)))
            .collect(),
    }
}

fn by<T>(node: Option<&Node>, read: impl Fn(&str) -> Option<T>) -> Option<Spanned<T>> {
    let node = node?;
    Some(Spanned::new(read(node.text()?)?, node.span.clone()))
}
