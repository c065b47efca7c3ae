//! The document of changes.

use std::collections::BTreeSet;

use appia_api::documents::{self, StepAction};
use appia_plan::{Changes, DataFate, Retention, Step, Verb};

/// The document of changes; `desired` are the plan's addresses, to tell which of them stay as they are.
pub fn changes(changes: &Changes, desired: &[String]) -> documents::Changes {
    let touched: BTreeSet<&str> = changes.steps.iter().map(|step| step.address.as_str()).collect();
    documents::Changes {
        digest: changes.digest.to_string(),
        base_generation: changes.base_generation,
        steps: changes.steps.iter().map(step).collect(),
        kept: desired.iter().filter(|address| !touched.contains(address.as_str())).cloned().collect(),
    }
}

fn step(step: &Step) -> documents::Step {
    let holds_data = step.before.as_ref().is_some_and(|object| object.retention == Retention::Data);
    documents::Step {
        address: step.address.to_string(),
        action: action(step.verb),
        object: step.object.to_string(),
        why: differences(step),
        keeps_data: step.verb == Verb::Delete && holds_data && step.data == DataFate::Kept,
    }
}

fn action(verb: Verb) -> StepAction {
    match verb {
        Verb::Create => StepAction::Create,
        Verb::Change => StepAction::Change,
        Verb::Replace => StepAction::Replace,
        Verb::Adopt => StepAction::Adopt,
        Verb::Pause => StepAction::Pause,
        Verb::Resume => StepAction::Resume,
        Verb::Delete => StepAction::Delete,
    }
}

/// Which fields differ, by path.
fn differences(step: &Step) -> Vec<String> {
    let (Some(before), Some(desired)) = (&step.before, &step.desired) else { return Vec::new() };
    let mut found = Vec::new();
    compare("", &before.body.to_value(), &desired.body.to_value(), &mut found);
    found
}

fn compare(path: &str, before: &serde_json::Value, after: &serde_json::Value, found: &mut Vec<String>) {
    use serde_json::Value::Object;
    match (before, after) {
        (Object(left), Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let null = serde_json::Value::Null;
                compare(&path, left.get(key).unwrap_or(&null), right.get(key).unwrap_or(&null), found);
            }
        }
        (left, right) if left == right => {}
        (left, right) => found.push(format!("{path}: {} -> {}", short(left), short(right))),
    }
}

fn short(value: &serde_json::Value) -> String {
    const MOST: usize = 40;
    let text = match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain("...".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::compare;
    use serde_json::json;

    #[test]
    fn names_the_fields_that_differ() {
        let mut found = Vec::new();
        compare("", &json!({"a": {"b": 1, "c": 2}, "d": "x"}), &json!({"a": {"b": 1, "c": 3}}), &mut found);
        assert_eq!(found, ["a.c: 2 -> 3", "d: x -> none"]);
    }
}
