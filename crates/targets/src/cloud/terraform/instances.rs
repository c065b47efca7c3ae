//! Objects that are one resource with several instances: `KIND.NAME["a"]` and `KIND.NAME["b"]` become one block with
//! `for_each`.
//!
//! What all instances agree on is written once, also where each refers to the other resource's instance of its own key;
//! the rest goes to the map that is looped over. Called by `files`. Start reading at [`join`].

use std::collections::BTreeMap;

use appia_plan::ObjectId;
use serde_json::{Map, Value, json};

use super::marks::{expression, with_references};

/// The name of the resource, and the instance's key where it has several.
pub(super) fn parts(id: &ObjectId) -> (&str, Option<&str>) {
    let keyed = id.name.strip_suffix("\"]").and_then(|rest| rest.split_once("[\""));
    keyed.map_or((id.name.as_str(), None), |(name, key)| (name, Some(key)))
}

/// One body for all instances, by their keys.
pub(super) fn join(instances: &BTreeMap<String, Map<String, Value>>) -> Map<String, Value> {
    let mut rows: BTreeMap<String, Map<String, Value>> =
        instances.keys().map(|key| (key.clone(), Map::new())).collect();
    let mut joined = Map::new();
    let names = instances.values().flat_map(Map::keys).collect::<std::collections::BTreeSet<_>>();
    for name in names {
        match common(instances, name) {
            Some(value) => {
                joined.insert(name.clone(), value);
            }
            None => {
                for (key, body) in instances {
                    let value = body.get(name).cloned().unwrap_or(Value::Null);
                    rows.entry(key.clone()).or_default().insert(name.clone(), value);
                }
                joined.insert(name.clone(), json!(expression(&format!("each.value.{name}"))));
            }
        }
    }
    let keys = || rows.keys().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ");
    let over = if rows.values().all(Map::is_empty) {
        json!(expression(&format!("toset([{}])", keys())))
    } else {
        json!(rows)
    };
    joined.insert("for_each".to_owned(), over);
    joined
}

/// The value on which all agree; none: they differ.
fn common(instances: &BTreeMap<String, Map<String, Value>>, name: &str) -> Option<Value> {
    let as_is = same(instances.values().map(|body| body.get(name).cloned().unwrap_or(Value::Null)));
    as_is.or_else(|| {
        same(instances.iter().map(|(key, body)| {
            let own = format!("[\"{key}\"]");
            let value = body.get(name).cloned().unwrap_or(Value::Null);
            with_references(&value, &|text: &str| text.replace(&own, "[each.key]"))
        }))
    })
}

fn same(mut values: impl Iterator<Item = Value>) -> Option<Value> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_looped_over() {
        let body = |cidr: &str, table: &str| {
            let body =
                json!({"cidr": cidr, "vpc": "main", "table": {"$ref": format!("t.private[\"{table}\"].id")}});
            body.as_object().cloned().unwrap_or_default()
        };
        let joined =
            join(&BTreeMap::from([("a".to_owned(), body("10", "a")), ("b".to_owned(), body("11", "b"))]));
        assert_eq!(
            Value::Object(joined),
            json!({
                "for_each": {"a": {"cidr": "10"}, "b": {"cidr": "11"}},
                "cidr": {"$ref": "each.value.cidr"},
                "vpc": "main",
                "table": {"$ref": "t.private[each.key].id"},
            })
        );
    }
}
