//! Outcomes become numbers: what is chosen, why, and what is said when it cannot be.

use super::compile_text;
use appia_intent::Address;
use appia_plan::{Origin, Plan, explain};
use serde_json::Value;

/// A shop whose outcomes are `outcomes`, with more keys of the `api`.
pub(crate) fn shop(outcomes: &str, api: &str) -> String {
    format!(
        "app: shop
outcomes: {{ {outcomes} }}
workloads:
  web: {{ image: example/web@sha256:0, port: 3000, public: true, calls: {{ api: 2 }}, demand: 2ms }}
  api: {{ image: example/api@sha256:0, port: 8080, demand: 8ms{api}, env: {{ DB: \"${{resources.db.url}}\" }} }}
resources:
  db: {{ type: postgres }}
"
    )
}

pub(crate) fn plan(text: &str, target: &str) -> Plan {
    let (plan, found) = compile_text(text, target);
    plan.unwrap_or_else(|| panic!("{found:#?}"))
}

fn value(plan: &Plan, address: &str, name: &str) -> Value {
    plan.node(&Address::parse(address)).unwrap().values.get(name).cloned().unwrap_or(Value::Null)
}

/// `latency_p95 kept`, `budget broken`, `recovery_rpo open`.
fn promises(plan: &Plan) -> Vec<String> {
    let word = |met: Option<bool>| match met {
        Some(true) => "kept",
        Some(false) => "broken",
        None => "open",
    };
    plan.outcomes.iter().map(|result| format!("{} {}", result.address.last(), word(result.met))).collect()
}

const FEASIBLE: &str = "rps: 1000, availability: 99.5%, latency: { p95: 200ms }, budget: 2000 USD/month";

#[test]
fn numbers_follow_from_outcomes() {
    let plan = plan(&shop(FEASIBLE, ""), "kubernetes");
    assert_eq!(promises(&plan), ["rps kept", "availability kept", "latency_p95 kept", "budget kept"]);
    assert!(plan.infeasible.is_none());
    // 2,000 requests a second of 8 ms keep 16 processors busy, also with a third of the replicas lost.
    let (replicas, cpu) =
        (value(&plan, "workloads.api", "replicas"), value(&plan, "workloads.api", "cpu_millis"));
    let all = replicas.as_u64().unwrap() * cpu.as_u64().unwrap();
    assert!((24_000..40_000).contains(&all), "{replicas} x {cpu}");
    assert_eq!(value(&plan, "workloads.api", "offered_rps"), 2000.0);
    assert_eq!(value(&plan, "resources.db", "offered_rps"), 2000.0);
}

#[test]
fn the_same_load_as_users() {
    let users = shop("users: 7000, availability: 99.5%, latency: { p95: 200ms }", "");
    let rate = shop("rps: 1000, availability: 99.5%, latency: { p95: 200ms }", "");
    let numbers =
        |plan: &Plan| (value(plan, "workloads.api", "replicas"), value(plan, "workloads.web", "replicas"));
    assert_eq!(numbers(&plan(&users, "kubernetes")), numbers(&plan(&rate, "kubernetes")));
}

#[test]
fn without_outcomes_nothing_changes() {
    let text = shop("budget: 5 USD/month", "");
    for target in appia_targets::TARGETS {
        let plan = plan(&text, target.name());
        assert!(plan.model.is_none() && plan.infeasible.is_none() && plan.cost.is_none());
        assert_eq!(value(&plan, "workloads.api", "replicas"), 1);
        assert_eq!(value(&plan, "workloads.api", "offered_rps"), Value::Null);
    }
}

#[test]
fn the_chain_leads_to_what_was_written() {
    let plan = plan(&shop(FEASIBLE, ""), "kubernetes");
    let explanation = explain(&plan, &Address::parse("workloads.api.replicas")).unwrap();
    let lines: Vec<u32> = explanation
        .because
        .iter()
        .flat_map(|reason| &reason.inputs)
        .filter_map(|input| match &input.origin {
            Origin::Stated(span) => Some(span.start.line),
            Origin::Measured { .. } | Origin::Default(_) | Origin::Table { .. } | Origin::Computed(_) => None,
        })
        .collect();
    assert_eq!(lines, [4, 5, 2], "visits, demand and load: {explanation:#?}");
    let rejected = explanation.alternatives.first().unwrap();
    assert!(
        rejected.rejected.contains("p95 would be") || rejected.rejected.contains("never end"),
        "{rejected:?}"
    );
    assert!(rejected.monthly_usd.is_some());
}

#[test]
fn a_stated_number_is_kept_and_judged() {
    let plan = plan(&shop("rps: 1000, latency: { p95: 200ms }", ", replicas: 2, cpu: 1"), "kubernetes");
    assert_eq!(value(&plan, "workloads.api", "replicas"), 2);
    assert_eq!(promises(&plan), ["rps broken", "latency_p95 broken"]);
    let infeasible = plan.infeasible.unwrap();
    let cheapest = infeasible.cheapest.unwrap();
    let [change] = cheapest.changes.as_slice() else { panic!("{cheapest:?}") };
    assert_eq!(change.address.as_str(), "workloads.api.replicas");
    assert!(change.to.as_u64().unwrap() > 16, "{change:?}");
    // Two replicas of one processor serve 250 requests of 8 ms a second at the very most, and two come for each page.
    let load = infeasible.relaxations.iter().find(|change| change.address.last() == "rps").unwrap();
    assert!((50.0..125.0).contains(&load.to.as_f64().unwrap()), "{load:?}");
}

#[test]
fn what_cannot_be_is_said_with_what_would_help() {
    let cases = [
        // The service alone takes 2 + 2 x 8 ms on average.
        ("rps: 10, latency: { p95: 15ms }", "latency_p95", "latency_p95"),
        ("rps: 1000, latency: { p95: 200ms }, budget: 100 USD/month", "budget", "budget"),
        ("rps: 10, availability: 99.99%", "availability", "availability"),
        ("rps: 10, availability: 99%, recovery: { rpo: 5m }", "recovery_rpo", "recovery_rpo"),
    ];
    for (outcomes, binding, relaxed) in cases {
        let (plan, found) = compile_text(&shop(outcomes, ""), "kubernetes");
        let infeasible = plan.unwrap().infeasible.unwrap_or_else(|| panic!("{outcomes}"));
        assert_eq!(infeasible.binding.last(), binding, "{outcomes}");
        assert!(
            infeasible.relaxations.iter().any(|change| change.address.last() == relaxed),
            "{infeasible:?}"
        );
        assert!(infeasible.cheapest.is_some(), "{infeasible:?}");
        assert!(
            found.iter().any(|finding| finding.code.id == "APP0504" && finding.span.is_some()),
            "{outcomes}"
        );
    }
}

#[test]
fn connections_are_servers_of_a_database() {
    // 1,800 queries of a millisecond a second keep two connections busy.
    let outcomes = "rps: 900, latency: { p95: 500ms }";
    for (most, met) in [("1", "rps broken"), ("3", "rps kept")] {
        let params = format!("postgres, params: {{ max_connections: {most} }}");
        let plan =
            plan(&shop(outcomes, "").replace("type: postgres", &format!("type: {params}")), "kubernetes");
        assert_eq!(promises(&plan).first().map(String::as_str), Some(met));
        let servers = plan.model.as_ref().unwrap().stations.iter().find(|one| one.address.last() == "db");
        assert!(servers.unwrap().servers_per_replica <= most.parse().unwrap(), "{servers:?}");
    }
}

#[test]
fn faster_than_the_network_is_said_as_such() {
    // Two calls to the api and one to the database in each: four times a millisecond.
    for (time, expect) in [("4ms", true), ("9ms", false)] {
        let (plan, found) =
            compile_text(&shop(&format!("rps: 1, latency: {{ p95: {time} }}"), ""), "kubernetes");
        assert!(plan.unwrap().infeasible.is_some());
        let finding = found.iter().find(|finding| finding.code.id == "APP0504").unwrap();
        assert_eq!(finding.span.as_ref().unwrap().start.line, 2);
        assert_eq!(finding.message.contains("4.00ms on the network alone"), expect, "{}", finding.message);
    }
}

#[test]
fn a_relaxation_makes_it_possible() {
    let infeasible = |text: &str| plan(text, "kubernetes").infeasible;
    let hard = "rps: 1000, latency: { p95: 200ms }, budget: 480 USD/month";
    let found = infeasible(&shop(hard, "")).unwrap();
    assert_eq!(found.binding.last(), "budget");
    for change in &found.relaxations {
        let text = match (change.address.last(), &change.to) {
            ("budget", to) => hard.replace("480 USD/month", to.as_str().unwrap()),
            ("rps", to) => hard.replace("rps: 1000", &format!("rps: {}", to.as_f64().unwrap().floor())),
            ("latency_p95", to) => hard.replace("200ms", to.as_str().unwrap()),
            (other, _) => panic!("{other}"),
        };
        assert!(infeasible(&shop(&text, "")).is_none(), "{change:?}");
    }
}

#[test]
fn one_machine_promises_nothing_about_itself() {
    let plan = plan(
        &shop("rps: 100, availability: 99.9%, latency: { p95: 200ms }, recovery: { rpo: 5m }", ""),
        "local",
    );
    assert_eq!(promises(&plan), ["rps kept", "availability open", "latency_p95 kept", "recovery_rpo open"]);
    assert_eq!(value(&plan, "workloads.api", "replicas"), 1);
}

#[test]
fn promises_without_load_or_without_an_entry_are_noted() {
    let no_load = compile_text(&shop("availability: 99.9%", ""), "local").1;
    let no_entry = compile_text(&shop("rps: 5", "").replace(", public: true", ""), "local").1;
    for found in [no_load, no_entry] {
        assert!(found.iter().any(|finding| finding.code.id == "APP0503"), "{found:?}");
    }
}

#[test]
fn a_budget_in_another_currency_is_judged_at_a_dated_rate() {
    let price = |budget: &str| {
        let plan =
            plan(&shop(&format!("rps: 1000, latency: {{ p95: 200ms }}, budget: {budget}"), ""), "kubernetes");
        let found = plan.outcomes.into_iter().find(|found| found.address.last() == "budget").unwrap();
        (found.margin.unwrap(), found.met, found.computed.unwrap())
    };
    let (usd, euro) = (price("1150 USD/month"), price("1000 EUR/month"));
    assert_eq!((usd.0, usd.1), (euro.0, euro.1));
    assert!(
        euro.2.starts_with(&usd.2) && euro.2.contains("EUR at 1.15 USD of 2025-11-21, unconfirmed"),
        "{}",
        euro.2
    );
    assert_eq!(price("1 GBP/month").1, Some(false));
}

/// What leaves is paid for by the answer's size, stated or default, and the plan says which.
#[test]
fn answers_have_a_size() {
    let out = |payload: &str| {
        let text = shop("rps: 100", "").replace("public: true", &format!("public: true{payload}"));
        let plan = plan(&text, "aws");
        let items = plan.cost.as_ref().unwrap().items.clone();
        let gib: f64 =
            items.iter().filter(|item| item.sku == "transfer-internet").map(|item| item.quantity).sum();
        (gib, value(&plan, "workloads.web", "payload_bytes"))
    };
    let (default, stated) = (out(""), out(", payload: 60Ki"));
    assert_eq!((default.1.as_f64(), stated.1.as_f64()), (Some(4096.0), Some(61_440.0)));
    assert!((stated.0 / default.0 - 15.0).abs() < 1e-3, "{default:?} {stated:?}");
    assert!((default.0 - 50.0 * 2_628_000.0 * 4_096.0 / (1_u64 << 30) as f64).abs() < 1e-3, "{default:?}");
}
