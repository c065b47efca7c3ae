//! What JSON cannot say of HCL, said in the types: a nested block, a value of another object, a variable, a text made of
//! parts, a text that holds JSON.
//!
//! Objects of clouds are made of structs; a field of type [`Block`] becomes a nested block, any other an attribute. Each
//! mark is a JSON object with one key that begins with `$`, which no attribute does. Read back by `expression` and `body`.

use std::fmt;

use appia_plan::ObjectId;
use serde::{Serialize, Serializer};
use serde_json::Value;

const BLOCK: &str = "$block";
const COMPACT: &str = "$compact";
const JSON: &str = "$json";
const REFERENCE: &str = "$ref";
const TEXT: &str = "$text";
const VARIABLE: &str = "$var";

/// A nested block, or several of the same name when it holds a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Block<T>(pub(crate) T);

impl<T: Serialize> Serialize for Block<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(BLOCK, &self.0)])
    }
}

/// A text that holds JSON: `jsonencode(...)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(JSON, &self.0)])
    }
}

/// A list without what is empty: `compact([...])`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compact(pub(crate) Vec<Part>);

impl Serialize for Compact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(COMPACT, &self.0)])
    }
}

/// A value of another object, known once it is there: `KIND.NAME.ATTRIBUTE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference(String);

/// A value of an object.
pub(crate) fn refer(object: &ObjectId, attribute: &str) -> Reference {
    Reference(format!("{}.{}.{attribute}", object.kind, object.name))
}

/// Any expression: a function of the language, a loop's own value.
pub(crate) fn expression(text: &str) -> Reference {
    Reference(text.to_owned())
}

impl Reference {
    /// The object that it leads to.
    pub(crate) fn object(&self) -> Option<ObjectId> {
        let (object, _) = self.0.rsplit_once('.')?;
        let (kind, name) = object.rsplit_once('.')?;
        Some(ObjectId::new(kind, name))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(REFERENCE, &self.0)])
    }
}

/// Something that is given when the files are applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// What to give, for people.
    pub(crate) why: String,
    /// What it has to look like, as a regular expression, and how to say so.
    pub(crate) form: Option<(&'static str, &'static str)>,
    /// What it is when nothing is given; none: it has to be given.
    pub(crate) default: Option<&'static str>,
}

/// A text, or what becomes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Reference(Reference),
    Variable(Variable),
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Part::Text(text) => serializer.serialize_str(text),
            Part::Reference(reference) => reference.serialize(serializer),
            Part::Variable(variable) => serializer.collect_map([(VARIABLE, variable)]),
        }
    }
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part::Text(text)
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Part {
        Part::Text(text.to_owned())
    }
}

impl From<Reference> for Part {
    fn from(reference: Reference) -> Part {
        Part::Reference(reference)
    }
}

/// A text made of parts: `"${KIND.NAME.arn}/*"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Vec<Part>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [] => serializer.serialize_str(""),
            [part] => part.serialize(serializer),
            parts => serializer.collect_map([(TEXT, parts)]),
        }
    }
}

/// A value that was read back, by what it becomes.
pub(super) enum Mark<'a> {
    Block(&'a Value),
    Compact(&'a Value),
    Json(&'a Value),
    Reference(&'a str),
    Text(&'a [Value]),
    Variable(&'a Value),
    /// What JSON says already.
    Plain,
}

/// Reads the mark of a value.
pub(super) fn mark(value: &Value) -> Mark<'_> {
    let only = value.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
    match only.map(|(key, inside)| (key.as_str(), inside)) {
        Some((BLOCK, inside)) => Mark::Block(inside),
        Some((COMPACT, inside)) => Mark::Compact(inside),
        Some((JSON, inside)) => Mark::Json(inside),
        Some((VARIABLE, inside)) => Mark::Variable(inside),
        Some((REFERENCE, inside)) => Mark::Reference(inside.as_str().unwrap_or_default()),
        Some((TEXT, inside)) => Mark::Text(inside.as_array().map_or(&[], Vec::as_slice)),
        _ => Mark::Plain,
    }
}

/// The value with every reference changed.
pub(super) fn with_references(value: &Value, change: &impl Fn(&str) -> String) -> Value {
    if let Mark::Reference(text) = mark(value) {
        return serde_json::json!({ REFERENCE: change(text) });
    }
    match value {
        Value::Array(all) => all.iter().map(|one| with_references(one, change)).collect(),
        Value::Object(all) => {
            let change = |(key, one): (&String, &Value)| (key.clone(), with_references(one, change));
            Value::Object(all.iter().map(change).collect())
        }
        other => other.clone(),
    }
}

/// Every reference and variable in a value, in order.
pub(super) fn each<'a>(value: &'a Value, told: &mut impl FnMut(Mark<'a>)) {
    match mark(value) {
        Mark::Plain => {}
        found @ (Mark::Reference(_) | Mark::Variable(_)) => return told(found),
        Mark::Block(inside) | Mark::Compact(inside) | Mark::Json(inside) => return each(inside, told),
        Mark::Text(parts) => return parts.iter().for_each(|part| each(part, told)),
    }
    match value {
        Value::Array(all) => all.iter().for_each(|one| each(one, told)),
        Value::Object(all) => all.values().for_each(|one| each(one, told)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The value as if blocks were attributes, for whoever reads figures from it.
pub(crate) fn without_blocks(value: &Value) -> Value {
    if let Mark::Block(inside) = mark(value) {
        return without_blocks(inside);
    }
    match value {
        Value::Array(all) => all.iter().map(without_blocks).collect(),
        Value::Object(all) => all.iter().map(|(key, one)| (key.clone(), without_blocks(one))).collect(),
        other => other.clone(),
    }
}
