//! The cases: which folders with which files, each of one class.
//!
//! [`some`] gives a seeded choice of them: special ones (bombs, paths ...), systematic ones (every truncation, every wrong
//! type at every place), as many as there is room for, and seeded mutations for the rest. The same number and
//! seed give the same cases. Texts are in `shapes.rs`, paths and links in `paths.rs`.

use std::fmt;

use serde_json::Value;

use super::super::chance::Chance;
use super::{paths, shapes};

/// A folder to put in front of the commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// What kind of malice.
    pub(super) class: &'static str,
    /// Which of them.
    pub(super) name: String,
    pub(super) pieces: Vec<Piece>,
}

/// Something in the case's folder; paths are below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    File(String, Vec<u8>),
    Folder(String),
    /// A symbolic link and what it says.
    Link(String, String),
    /// A file whose reader waits for ever.
    Pipe(String),
    /// A file that claims so many bytes and has none.
    Hollow(String, u64),
}

/// The formats that have files of their own, with a small right example of each.
pub(super) const FORMATS: [(&str, &str); 2] = [("appia.yaml", shapes::APPIA), ("score.yaml", shapes::SCORE)];

impl Case {
    /// One file alone.
    pub(super) fn file(class: &'static str, name: String, (path, bytes): (&str, Vec<u8>)) -> Case {
        Case { class, name: format!("{path} {name}"), pieces: vec![Piece::File(path.to_owned(), bytes)] }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.class, self.name)
    }
}

/// So many cases. Half of them are special ones, or all of those when they are fewer.
pub(super) fn some(count: usize, chance: &mut Chance) -> Vec<Case> {
    let mut cases = evenly(&special(), count.div_ceil(2));
    let systematic = [truncations(), wrong_types()].concat();
    cases.extend(evenly(&systematic, (count - cases.len()) * 3 / 4));
    while cases.len() < count {
        cases.push(mutation(chance));
    }
    cases
}

/// So many of these, or all, evenly over all of them: few runs see every part of them too.
fn evenly(cases: &[Case], most: usize) -> Vec<Case> {
    let share = most.min(cases.len());
    (0..share).filter_map(|index| cases.get(index * cases.len() / share)).cloned().collect()
}

fn special() -> Vec<Case> {
    let mut cases = Vec::new();
    for (path, text) in FORMATS {
        let mut add = |class, made: Vec<(String, Vec<u8>)>| {
            cases.extend(made.into_iter().map(|(name, bytes)| Case::file(class, name, (path, bytes))));
        };
        add("bombs", shapes::bombs());
        add("depth", shapes::depths());
        add("encodings", shapes::encodings(text));
        add("duplicate keys", shapes::duplicates(text));
        add("long names", shapes::long(text));
        add("numbers", shapes::numbers(text));
        add("placeholders", shapes::placeholders(path));
        add("terminal escapes", shapes::escapes(path));
    }
    cases.extend(paths::all());
    cases
}

/// Every example cut after every byte.
fn truncations() -> Vec<Case> {
    let of = |(path, text): (&str, &str)| {
        let cut = |end: usize| {
            let bytes = text.as_bytes().get(..end).unwrap_or_default().to_vec();
            Case::file("truncations", format!("{end} bytes"), (path, bytes))
        };
        (0..text.len()).map(cut).collect::<Vec<_>>()
    };
    FORMATS.into_iter().flat_map(of).collect()
}

/// Every example with every value, one after the other, replaced by every wrong one.
fn wrong_types() -> Vec<Case> {
    let wrong = [
        "null",
        "true",
        "-1",
        "0",
        "1.5",
        "1e400",
        "\"\"",
        "\"${\"",
        "\"a b\"",
        "[]",
        "{}",
        "[[[1]]]",
        "{\"a\":{\"b\":[1]}}",
        "\"\\u0000\"",
        "[null]",
        "\"../../x\"",
    ];
    let mut cases = Vec::new();
    for (path, json) in [("appia.yaml", shapes::APPIA_JSON), ("score.yaml", shapes::SCORE_JSON)] {
        let right: Value = serde_json::from_str(json).unwrap_or_default();
        for place in places(&right) {
            for value in wrong {
                let text = written(&right, &place, value);
                cases.push(Case::file("wrong types", format!("{place} is {value}"), (path, text.into())));
            }
        }
    }
    cases
}

/// The JSON pointers of every value below a value.
fn places(value: &Value) -> Vec<String> {
    let below = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        let mut places = vec![format!("/{key}")];
        places.extend(self::places(value).into_iter().map(|place| format!("/{key}{place}")));
        places
    };
    match value {
        Value::Object(entries) => entries.iter().flat_map(|(key, value)| below(key, value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(at, value)| below(&at.to_string(), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The JSON of a value with another text at one place (a text, since no number of JSON is as large as `1e400`).
fn written(right: &Value, place: &str, wrong: &str) -> String {
    const MARK: &str = "the place of the wrong value";
    let mut value = right.clone();
    if let Some(found) = value.pointer_mut(place) {
        *found = Value::String(MARK.to_owned());
    }
    value.to_string().replace(&format!("\"{MARK}\""), wrong)
}

/// An example with a few bytes, lines or pieces changed.
fn mutation(chance: &mut Chance) -> Case {
    let (path, text) = chance.one_of(FORMATS[0], &FORMATS[1..]);
    let mut bytes = text.as_bytes().to_vec();
    let times = 1 + chance.below(5);
    let kinds: Vec<&str> = (0..times).map(|_| shapes::mutate(&mut bytes, chance)).collect();
    Case::file("mutations", kinds.join(", "), (path, bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_cases_and_every_class_is_there() {
        let made = |seed| some(1_500, &mut Chance::seeded(seed));
        let cases = made(1);
        assert!(cases == made(1));
        assert!(cases != made(2));
        assert_eq!(cases.len(), 1_500);
        let classes: BTreeSet<&str> = cases.iter().map(|case| case.class).collect();
        assert!(classes.len() >= 10, "{classes:?}");
    }

    #[test]
    fn the_examples_of_both_forms_say_the_same() {
        for (text, json) in [(shapes::APPIA, shapes::APPIA_JSON), (shapes::SCORE, shapes::SCORE_JSON)] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert!(places(&value).len() > 20, "{json}");
            assert!(text.lines().count() > 10);
        }
    }
}
