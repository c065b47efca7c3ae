//! What JSON cannot say of a configuration: an object with one key that says what it stands for.
//!
//! The targets write these; here they are only read. Start at [`Mark::of`].

use serde_json::Value;

/// What a value stands for.
pub(super) enum Mark<'a> {
    /// A nested block, or several: `{"$block": ...}`.
    Block(&'a Value),
    /// A list without what is empty: `{"$compact": [...]}`.
    Compact(&'a Value),
    /// A text that holds JSON: `{"$json": ...}`.
    Json(&'a Value),
    /// An expression, most often a value of another object: `{"$ref": "TYPE.NAME.ATTRIBUTE"}`.
    Reference(&'a str),
    /// A text of parts: `{"$text": [...]}`.
    Text(&'a [Value]),
    /// What is given when the files are applied: `{"$var": ...}`.
    Variable,
    /// Itself.
    Plain,
}

impl<'a> Mark<'a> {
    pub(super) fn of(value: &'a Value) -> Mark<'a> {
        let mut only = value.as_object().into_iter().flatten();
        let (Some((word, inside)), None) = (only.next(), only.next()) else { return Mark::Plain };
        match (word.as_str(), inside) {
            ("$block", inside) => Mark::Block(inside),
            ("$compact", inside) => Mark::Compact(inside),
            ("$json", inside) => Mark::Json(inside),
            ("$ref", Value::String(to)) => Mark::Reference(to),
            ("$text", Value::Array(parts)) => Mark::Text(parts),
            ("$var", _) => Mark::Variable,
            _ => Mark::Plain,
        }
    }
}
