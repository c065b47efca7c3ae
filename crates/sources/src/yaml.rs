//! YAML as it was written: a tree in which each key and each value knows its place.
//!
//! Every YAML source reads through [`parse`], which keeps a scalar's own text and whether it was quoted, so that
//! `1.10` and `NO` stay what the person typed. Duplicate keys, broken syntax and inputs beyond [`LIMITS`] become
//! diagnostics; no bytes make it panic. It never gives meaning to a key. Start reading at [`Node`].

mod parse;
mod scalar;

use appia_diag::{Span, Spanned};

pub use parse::{LIMITS, Limits, parse};
pub use scalar::{Class, Scalar, Style};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it is written; a list or mapping from its first to its last character.
    pub span: Span,
    /// What is written.
    pub value: Value,
}

/// The three shapes of YAML.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text, number, boolean or nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order written, each key once.
    Map(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value under a key, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Key and value, when this is a mapping that has the key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.value == key)
    }

    /// The entries of a mapping; empty for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar(_) | Value::List(_) => &[],
        }
    }

    /// The items of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(_) | Value::Map(_) => &[],
        }
    }

    /// The scalar, when this is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The text of a scalar as written; `None` for lists, mappings and nothing.
    pub fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| scalar.class() != Class::Null).map(|scalar| scalar.text.as_str())
    }

    /// True for `key:` without a value, `~` and `null`.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.class() == Class::Null)
    }

    /// The value as JSON, places forgotten. Numbers that JSON cannot hold become texts.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar(scalar) => scalar.to_json(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.key.value.clone(), entry.value.to_json()));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    /// How many nodes it holds, itself included.
    fn size(&self) -> usize {
        1 + match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => items.iter().map(Node::size).sum(),
            Value::Map(entries) => entries.iter().map(|entry| 1 + entry.value.size()).sum(),
        }
    }

    /// How many bytes its keys and texts hold.
    fn text_bytes(&self) -> usize {
        match &self.value {
            Value::Scalar(scalar) => scalar.text.len(),
            Value::List(items) => items.iter().map(Node::text_bytes).sum(),
            Value::Map(entries) => {
                entries.iter().map(|entry| entry.key.value.len() + entry.value.text_bytes()).sum()
            }
        }
    }

    /// How deep it nests: 1 for a scalar.
    fn depth(&self) -> usize {
        1 + match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => items.iter().map(Node::depth).max().unwrap_or(0),
            Value::Map(entries) => entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        }
    }
}
