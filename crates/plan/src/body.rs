//! What an object shall be, in the words of its target, as canonical JSON.
//!
//! Targets make it, drivers read it. It is kept as the text that digests are of: an application of ten thousand
//! services holds seventy thousand of them, and each is written once, compared and digested as bytes, and read only by
//! whoever acts on it. Start reading at [`BodyText`].

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::canonical::writer::{self, Unset};
use crate::{Digest, canonical_json};

/// The canonical JSON of what an object shall be. Equal when, and only when, they say the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyText(Arc<str>);

impl BodyText {
    /// A value's canonical JSON.
    pub fn of_value(value: &Value) -> BodyText {
        BodyText(canonical_json(value).into())
    }

    /// The canonical JSON of anything that has a JSON form; `null` for what has none.
    ///
    /// ```
    /// use appia_plan::BodyText;
    /// assert_eq!(BodyText::of(&[("b", 1)]).as_str(), r#"[["b",1]]"#);
    /// ```
    pub fn of<T: Serialize>(value: &T) -> BodyText {
        BodyText::written(writer::text(value, Unset::Kept))
    }

    /// As [`BodyText::of`], without the fields that are null: they are not set.
    ///
    /// ```
    /// use appia_plan::BodyText;
    /// assert_eq!(BodyText::of_set(&serde_json::json!({"b": null, "a": 1})).as_str(), r#"{"a":1}"#);
    /// ```
    pub fn of_set<T: Serialize>(value: &T) -> BodyText {
        BodyText::written(writer::text(value, Unset::LeftOut))
    }

    fn written(text: Result<String, serde_json::Error>) -> BodyText {
        BodyText(text.map_or_else(|_| "null".into(), Arc::from))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Changes when, and only when, the body does.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The body as a tree, to look into or to change.
    pub fn to_value(&self) -> Value {
        // It was written by the same library, so it always reads.
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The body in the words of its target.
    ///
    /// # Errors
    /// When it is in the words of another one.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl fmt::Debug for BodyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// In files and on the wire it is JSON within JSON, not a text.
impl Serialize for BodyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BodyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BodyText, D::Error> {
        Value::deserialize(deserializer).map(|value| BodyText::of_value(&value))
    }
}

impl From<Value> for BodyText {
    fn from(value: Value) -> BodyText {
        BodyText::of_value(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::BodyText;
    use serde_json::json;

    #[test]
    fn is_canonical_whatever_order_it_was_written_in() {
        let one: BodyText =
            serde_json::from_str(r#"{"b": [1, {"z": 1.0, "a": null}], "a": "\u00e9"}"#).unwrap();
        let other = BodyText::of(&json!({"a": "é", "b": [1, {"a": null, "z": 1.0}]}));
        assert_eq!(one, other);
        assert_eq!(one.as_str(), r#"{"a":"é","b":[1,{"a":null,"z":1.0}]}"#);
        assert_eq!(serde_json::to_value(&one).unwrap(), one.to_value());
        assert_eq!(one.digest(), crate::Digest::of_value(&one.to_value()));
    }
}
