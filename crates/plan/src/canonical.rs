//! Bytes that are the same on every machine, and their digest.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufWriter, Write};

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

    /// The digest of something's JSON as it is written, without holding all of it in memory. Whoever calls this
    /// declares its fields in byte order and wraps what has keys of its own in [`Canonical`].
    pub(crate) fn of_ordered<T: Serialize>(value: &T) -> Digest {
        let mut hash = Sha256::new();
        let mut gathered = BufWriter::with_capacity(CHUNK, Hashing(&mut hash));
        let written = serde_json::to_writer(&mut gathered, value).map_err(std::io::Error::from);
        #[expect(clippy::expect_used, reason = "writing to a hash cannot fail, and keys are texts")]
        written.and_then(|()| gathered.flush()).expect("a JSON form");
        drop(gathered);
        Digest::written(&hash.finalize())
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

/// Takes what is written into a hash.
struct Hashing<'a>(&'a mut Sha256);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
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
