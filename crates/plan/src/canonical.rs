//! Bytes that are the same on every machine, and their digest.
//!
//! Of a JSON tree here; of typed values without a tree in between in `canonical/writer.rs`. Both give the same text.

pub(crate) mod writer;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Bytes that are gathered before they are hashed.
const CHUNK: usize = 1 << 14;

/// `sha256:` and 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest::written(&Sha256::digest(bytes))
    }

    /// The digest of a value's canonical JSON.
    pub fn of_value(value: &Value) -> Digest {
        Digest::of(canonical_json(value).as_bytes())
    }

    fn written(hash: &[u8]) -> Digest {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or_default();
        let mut text = String::with_capacity("sha256:".len() + 2 * hash.len());
        text.push_str("sha256:");
        text.extend(hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        Digest(text)
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
    // A value has no key that is no text, so this never fails.
    serde_json::to_string(&Canonical(value)).unwrap_or_default()
}

/// A value that writes its keys in byte order, at every depth.
pub(crate) struct Canonical<'a>(pub(crate) &'a Value);

impl Serialize for Canonical<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Canonical)),
            Value::Object(entries) if entries.keys().is_sorted() => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, Canonical(value))))
            }
            Value::Object(entries) => {
                let sorted: BTreeMap<&String, Canonical<'_>> =
                    entries.iter().map(|(key, value)| (key, Canonical(value))).collect();
                serializer.collect_map(sorted)
            }
            scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                scalar.serialize(serializer)
            }
        }
    }
}

/// A hash that text goes into as it comes.
pub(crate) struct Hash {
    hash: Sha256,
    gathered: Vec<u8>,
}

impl Hash {
    pub(crate) fn new() -> Hash {
        Hash { hash: Sha256::new(), gathered: Vec::with_capacity(2 * CHUNK) }
    }

    /// Takes a text as it is.
    pub(crate) fn text(&mut self, text: &str) {
        self.gathered.extend_from_slice(text.as_bytes());
        if self.gathered.len() >= CHUNK {
            self.hash.update(&self.gathered);
            self.gathered.clear();
        }
    }

    /// Takes the JSON of something whose own keys are in byte order.
    pub(crate) fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        #[expect(clippy::expect_used, reason = "writing to memory cannot fail, and keys are texts")]
        serde_json::to_writer(&mut self.gathered, value).expect("a JSON form");
    }

    pub(crate) fn digest(mut self) -> Digest {
        self.hash.update(&self.gathered);
        Digest::written(&self.hash.finalize())
    }
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
    fn a_number_that_is_read_again_is_the_same_number() {
        for text in ["1.1111111111111109e+83", "0.1", "5e-324", "1.7976931348623157e308", "-0.0", "99.9"] {
            let number: serde_json::Value = serde_json::from_str(text).unwrap();
            let written = canonical_json(&number);
            let again: serde_json::Value = serde_json::from_str(&written).unwrap();
            assert_eq!((&again, canonical_json(&again)), (&number, written), "{text}");
        }
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
