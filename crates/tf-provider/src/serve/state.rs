//! Values of objects, in MessagePack: what a provider would compute becomes unknown in a plan, and invented afterwards.
//!
//! Called by `answers.rs`. Start at [`planned`] and [`made`].

use rmpv::Value;

use crate::schema::{Block, NestedType, Nesting, Type};

/// How MessagePack says that a value is not known yet, in Terraform's words.
fn unknown() -> Value {
    Value::Ext(0, vec![0])
}

/// What is to come: of an attribute that has no value and that the provider computes.
type Comes<'a> = &'a dyn Fn(Option<&Type>) -> Value;

/// The state to be: what is computed is not known.
pub(super) fn planned(block: &Block, state: Value) -> Value {
    fill(block, state, &|_| unknown())
}

/// The state after: what was not known is invented.
pub(super) fn made(block: &Block, state: Value) -> Value {
    fill(block, state, &|kind| kind.map_or(Value::Nil, invented))
}

fn fill(block: &Block, state: Value, comes: Comes<'_>) -> Value {
    let Value::Map(entries) = state else { return state };
    let filled = entries.into_iter().map(|(key, value)| {
        let name = key.as_str().unwrap_or_default();
        let value = match (block.attributes.get(name), block.block_types.get(name)) {
            (Some(attribute), _) if is_open(&value) && attribute.computed => comes(attribute.kind.as_ref()),
            (Some(attribute), _) => match &attribute.nested_type {
                Some(nested) => inside(nested, value, comes),
                None => value,
            },
            (None, Some(nested)) => each(nested.nesting_mode, value, &|one| fill(&nested.block, one, comes)),
            (None, None) => value,
        };
        (key, value)
    });
    Value::Map(filled.collect())
}

/// Nobody gave it a value.
fn is_open(value: &Value) -> bool {
    matches!(value, Value::Nil | Value::Ext(..))
}

fn inside(nested: &NestedType, value: Value, comes: Comes<'_>) -> Value {
    let block = Block { attributes: nested.attributes.clone(), ..Block::default() };
    each(nested.nesting_mode, value, &|one| fill(&block, one, comes))
}

fn each(nesting: Nesting, value: Value, change: &dyn Fn(Value) -> Value) -> Value {
    match (nesting, value) {
        (Nesting::List | Nesting::Set, Value::Array(all)) => {
            Value::Array(all.into_iter().map(change).collect())
        }
        (Nesting::Map, Value::Map(all)) => {
            Value::Map(all.into_iter().map(|(key, one)| (key, change(one))).collect())
        }
        (Nesting::Single | Nesting::Group, one) => change(one),
        (_, other) => other,
    }
}

/// Some value of a type.
fn invented(kind: &Type) -> Value {
    match kind {
        Type::Plain(name) if name == "number" => Value::from(1),
        Type::Plain(name) if name == "bool" => Value::from(false),
        // A value of any type is told with its type.
        Type::Plain(name) if name == "dynamic" => {
            Value::Array(vec![Value::Binary(b"\"string\"".to_vec()), Value::from("stand-in")])
        }
        Type::Plain(_) => Value::from("stand-in"),
        Type::Of(collection, _) if collection == "map" => Value::Map(Vec::new()),
        // One of a list, since configurations ask for the first.
        Type::Of(_, of) => Value::Array(vec![invented(of)]),
        Type::Object(_, members) => Value::Map(
            members.iter().map(|(name, kind)| (Value::from(name.as_str()), invented(kind))).collect(),
        ),
        Type::Tuple(_, members) => Value::Array(members.iter().map(invented).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;

    fn toy() -> Block {
        let text = r#"{"provider_schemas": {"toy": {"provider": {}, "resource_schemas": {"toy_box": {"block": {
          "attributes": {"id": {"type": "string", "computed": true}, "size": {"type": "number", "optional": true}},
          "block_types": {"lid": {"nesting_mode": "list", "block": {"attributes": {"key": {"type": "number", "computed": true, "optional": true}}}}}}}}}}}"#;
        Schema::read(text).unwrap().resource_schemas["toy_box"].block.clone()
    }

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(entries.iter().map(|(name, value)| (Value::from(*name), value.clone())).collect())
    }

    #[test]
    fn what_is_computed_is_unknown_and_then_invented() {
        let lid = |key| Value::Array(vec![map(&[("key", key)])]);
        let asked = map(&[("id", Value::Nil), ("size", Value::Nil), ("lid", lid(Value::from(7)))]);
        let plan = planned(&toy(), asked);
        assert_eq!(plan, map(&[("id", unknown()), ("size", Value::Nil), ("lid", lid(Value::from(7)))]));
        assert_eq!(made(&toy(), plan)["id"], Value::from("stand-in"));
        let open = map(&[("lid", lid(Value::Nil))]);
        assert_eq!(planned(&toy(), open), map(&[("lid", lid(unknown()))]));
    }

    #[test]
    fn what_goes_stays_gone() {
        assert_eq!(planned(&toy(), Value::Nil), Value::Nil);
    }
}
