//! The table as a JSON Schema, draft 2020-12, with descriptions and examples so that editors complete.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Format, Key, Kind, Need, Object, Others, Rule, Schema};
use crate::yaml::Class;

/// The schema of a file that holds `root`.
pub(crate) fn of(root: &'static Object) -> Value {
    let mut definitions = BTreeMap::new();
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(root.name));
    if let Value::Object(body) = object(root, &mut definitions) {
        schema.extend(body);
    }
    schema.insert("$defs".to_owned(), json!(definitions));
    Value::Object(schema)
}

type Definitions = BTreeMap<String, Value>;

fn object(object: &'static Object, definitions: &mut Definitions) -> Value {
    let mut properties = Map::new();
    for key in object.keys() {
        properties.insert(key.name.to_owned(), property(key, definitions));
    }
    let required: Vec<&str> =
        object.keys().filter(|key| key.need == Need::Required).map(|key| key.name).collect();
    let mut schema = json!({
        "description": object.about,
        "type": "object",
        "properties": properties,
        "additionalProperties": object.others == Others::Free,
    });
    if let Value::Object(map) = &mut schema {
        if !required.is_empty() {
            map.insert("required".to_owned(), json!(required));
        }
        let rules: Vec<Value> = object.rules.iter().map(rule).collect();
        if !rules.is_empty() {
            map.insert("allOf".to_owned(), json!(rules));
        }
    }
    schema
}

fn rule(rule: &Rule) -> Value {
    match rule {
        Rule::Exclusive(first, second) => json!({ "not": { "required": [first, second] } }),
        Rule::AnyOf(names) => {
            let each: Vec<Value> = names.iter().map(|name| json!({ "required": [name] })).collect();
            json!({ "anyOf": each })
        }
    }
}

fn property(key: &'static Key, definitions: &mut Definitions) -> Value {
    let mut schema = kind(&key.kind, definitions);
    if let Value::Object(map) = &mut schema {
        map.insert("description".to_owned(), json!(key.about));
        if let Some(example) = example(key) {
            map.insert("examples".to_owned(), json!([example]));
        }
    }
    schema
}

/// The key's example as JSON.
pub(crate) fn example(key: &Key) -> Option<Value> {
    let node = crate::yaml::parse(key.name, key.example.as_bytes(), &mut appia_diag::Diagnostics::new())?;
    Some(node.to_json())
}

fn kind(kind_of: &'static Kind, definitions: &mut Definitions) -> Value {
    match kind_of {
        Kind::Scalar(format) => scalar(format),
        Kind::Object(body) => {
            let name = body.title().replace(' ', "_");
            if !definitions.contains_key(&name) {
                definitions.insert(name.clone(), Value::Null);
                let schema = object(body, definitions);
                definitions.insert(name.clone(), schema);
            }
            json!({ "$ref": format!("#/$defs/{name}") })
        }
        Kind::Map { keys, values } => {
            let mut schema = json!({ "type": "object", "additionalProperties": kind(values, definitions) });
            if let (Value::Object(map), Schema::Pattern(pattern)) = (&mut schema, &keys.schema) {
                map.insert("propertyNames".to_owned(), json!({ "pattern": pattern }));
            }
            schema
        }
        Kind::List(item) => json!({ "type": "array", "items": kind(item, definitions) }),
        Kind::Either(kinds) => {
            let each: Vec<Value> = kinds.iter().map(|one| kind(one, definitions)).collect();
            json!({ "anyOf": each })
        }
        Kind::Free => json!({}),
    }
}

fn scalar(format: &Format) -> Value {
    let types: Vec<&str> = format
        .classes
        .iter()
        .map(|class| match class {
            Class::Null => "null",
            Class::Bool => "boolean",
            Class::Number => "number",
            Class::Text => "string",
        })
        .collect();
    match &format.schema {
        Schema::Open => json!({ "type": types }),
        Schema::Pattern(pattern) => json!({ "type": types, "pattern": pattern }),
        Schema::Words(words) => json!({ "enum": words }),
        Schema::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Schema::Number(above, most) => {
            json!({ "type": "number", "exclusiveMinimum": above, "maximum": most })
        }
        Schema::True => json!({ "const": true }),
    }
}
