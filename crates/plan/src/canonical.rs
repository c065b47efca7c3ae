//! Bytes that are the same on every machine, and their digest.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// `sha256:` and 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Digest(format!("sha256:{hex}"))
    }

    /// The digest of a value's canonical JSON.
    pub fn of_value(value: &Value) -> Digest {
        Digest::of(canonical_json(value).as_bytes())
    }

    /// With the `sha256:` in front.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 hexadecimal digits: enough for people.
    pub fn short(&self) -> &str {
        self.0.get("sha256:".len()..).and_then(|hex| hex.get(..12)).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// JSON with keys in byte order and no white space, whatever map type the JSON library was built with.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string())
        }
        Value::Array(items) => write_list(items.iter(), ('[', ']'), text, write),
        Value::Object(entries) => {
            let mut sorted: Vec<(&String, &Value)> = entries.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            write_list(sorted.into_iter(), ('{', '}'), text, |(key, value), text| {
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                write(value, text);
            });
        }
    }
}

fn write_list<T>(
    items: impl Iterator<Item = T>,
    ends: (char, char),
    text: &mut String,
    each: impl Fn(T, &mut String),
) {
    text.push(ends.0);
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        each(item, text);
    }
    text.push(ends.1);
}

#[cfg(test)]
mod tests {
    use super::{Digest, canonical_json};
    use serde_json::json;

    #[test]
    fn sorts_keys_at_every_depth() {
        let value = json!({"b": [{"z": 1, "a": null}], "a": "x\"y", "c": 1.5});
        assert_eq!(canonical_json(&value), r#"{"a":"x\"y","b":[{"a":null,"z":1}],"c":1.5}"#);
    }

    #[test]
    fn digests_the_empty_text_as_published() {
        // FIPS 180-4 test vector.
        assert_eq!(
            Digest::of(b"").as_str(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(Digest::of(b"").short(), "e3b0c44298fc");
    }
}
