//! Sizes that were computed by hand: intents and expectations are read from `docs/known-sizes.md`.

use super::promises::plan;
use appia_intent::Address;
use appia_plan::Plan;

/// A part of the page between a fence of this word and its end.
fn fenced<'a>(section: &'a str, word: &str) -> Option<&'a str> {
    let (_, rest) = section.split_once(&format!("```{word}\n"))?;
    rest.split_once("\n```").map(|(inside, _)| inside)
}

/// The figure that the plan has for `workloads.web.replicas`, `outcomes.availability` or `cost`.
fn found(plan: &Plan, what: &str) -> String {
    if what == "cost" {
        return plan.cost.as_ref().unwrap().monthly_usd.clone();
    }
    let outcome = plan.outcomes.iter().find(|outcome| outcome.address.as_str() == what);
    if let Some(outcome) = outcome {
        return outcome.computed.clone().unwrap().trim_end_matches('%').to_owned();
    }
    let (address, field) = what.rsplit_once('.').unwrap();
    let value = plan.node(&Address::parse(address)).unwrap().values.get(field).cloned().unwrap();
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Prices to the cent, other numbers to half a percent, words as they are.
fn agrees(what: &str, expected: &str, found: &str) -> bool {
    match (expected.parse::<f64>(), found.parse::<f64>()) {
        (Ok(expected), Ok(found)) if what == "cost" => (expected - found).abs() < 0.011,
        (Ok(expected), Ok(found)) => (expected - found).abs() <= 0.005 * expected.abs(),
        _ => expected == found,
    }
}

#[test]
fn known_sizes_are_found() {
    let page = include_str!("../../../../docs/known-sizes.md");
    let mut wrong = Vec::new();
    let mut count = 0;
    for section in page.split("\n## ").skip(1) {
        let (intent, expected) = (fenced(section, "yaml").unwrap(), fenced(section, "expect").unwrap());
        let (target, text) = intent.split_once('\n').unwrap();
        let plan = plan(&format!("{text}\n"), target.trim_start_matches("# "));
        for line in expected.lines() {
            let (what, expected) = line.split_once(" = ").unwrap();
            let found = found(&plan, what);
            if !agrees(what, expected, &found) {
                wrong.push(format!(
                    "{}: {what} is {found}, by hand {expected}",
                    section.lines().next().unwrap()
                ));
            }
        }
        count += 1;
    }
    assert!(count >= 10 && wrong.is_empty(), "{count} intents, {wrong:#?}");
}
