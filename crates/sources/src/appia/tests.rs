//! The table itself: every example reads, so that what editors and the reference show is true.

use std::collections::BTreeSet;

use appia_diag::{Diagnostics, codes};

use super::keys;
use crate::shape::{Kind, Object, check};
use crate::yaml;

fn objects(kind: &'static Kind, visit: &mut dyn FnMut(&'static Object)) {
    match kind {
        Kind::Object(object) => visit(object),
        Kind::Map { values: kind, .. } | Kind::List(kind) => objects(kind, visit),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| objects(kind, visit)),
        Kind::Scalar(_) | Kind::Free => {}
    }
}

/// Checks the examples of an object's keys and of all objects below it.
fn examples(object: &'static Object, seen: &mut BTreeSet<&'static str>) {
    if !seen.insert(object.name) {
        return;
    }
    for key in object.keys() {
        let text = format!("{}: {}", key.name, key.example);
        let mut sink = Diagnostics::new();
        let node = yaml::parse(object.name, text.as_bytes(), &mut sink).unwrap();
        sink.extend(check(&node, object, None));
        let wrong: Vec<_> = sink.iter().filter(|finding| finding.code != codes::MISSING_KEY).collect();
        assert!(wrong.is_empty(), "{text}: {wrong:#?}");
        objects(&key.kind, &mut |object| examples(object, seen));
    }
}

#[test]
fn every_example_in_the_table_reads() {
    let mut seen = BTreeSet::new();
    examples(&keys::APP, &mut seen);
    assert!(seen.len() > 15, "{seen:?}");
}

/// A word of another tool that is also a key would never be suggested.
#[test]
fn words_of_other_tools_are_no_keys_and_mean_one_thing() {
    fn walk(object: &'static Object, seen: &mut BTreeSet<&'static str>) {
        if !seen.insert(object.name) {
            return;
        }
        let names: BTreeSet<&str> = object.keys().map(|key| key.name).collect();
        let mut words = BTreeSet::new();
        for key in object.keys() {
            for word in key.elsewhere {
                assert!(!names.contains(word), "{word} is a key of {}", object.name);
                assert!(words.insert(*word), "{word} means two keys of {}", object.name);
            }
            objects(&key.kind, &mut |object| walk(object, seen));
        }
    }
    walk(&keys::APP, &mut BTreeSet::new());
}
