//! What must be there first, without circles: a start order has to exist whatever refers to whatever.
//!
//! Two workloads may each hold the other's address in their environment. Both need it to be known, neither needs it
//! to answer first, so an edge that would close a circle is left out. Called at the end of each lowering.

use std::collections::{BTreeMap, BTreeSet};

use appia_plan::{Object, ObjectId};

/// Keeps of each object's needs, in the order given, those that name an object and close no circle; sorted, each once.
pub(crate) fn settle(mut objects: Vec<Object>) -> Vec<Object> {
    let known: BTreeSet<ObjectId> = objects.iter().map(|object| object.id.clone()).collect();
    let mut kept: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    for object in &mut objects {
        for need in std::mem::take(&mut object.needs) {
            if known.contains(&need) && !reaches(&kept, &need, &object.id) {
                kept.entry(object.id.clone()).or_default().insert(need);
            }
        }
    }
    for object in &mut objects {
        object.needs = kept.remove(&object.id).into_iter().flatten().collect();
    }
    objects
}

/// True when `to` is `from` or is needed by it over any number of steps.
fn reaches(kept: &BTreeMap<ObjectId, BTreeSet<ObjectId>>, from: &ObjectId, to: &ObjectId) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            open.extend(kept.get(next).into_iter().flatten());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::settle;
    use appia_intent::Address;
    use appia_plan::{Object, ObjectId, Retention};

    fn check(edges: &[(&str, &str)], expect: &str) {
        let object = |(name, needs): &(&str, &str)| Object {
            id: ObjectId::new("x", *name),
            address: Address::parse("x"),
            needs: needs.split_terminator(' ').map(|need| ObjectId::new("x", need)).collect(),
            body: serde_json::Value::Null,
            retention: Retention::Nothing,
        };
        let names =
            |needs: &[ObjectId]| needs.iter().map(|need| need.name.as_str()).collect::<Vec<_>>().join(" ");
        let settled = settle(edges.iter().map(object).collect());
        let shown: Vec<String> =
            settled.iter().map(|object| format!("{}: {}", object.id.name, names(&object.needs))).collect();
        assert_eq!(shown.join("; "), expect);
    }

    #[test]
    fn leaves_out_what_closes_a_circle_or_is_not_there() {
        check(&[("a", "b b"), ("b", "c"), ("c", "")], "a: b; b: c; c: ");
        check(&[("a", "b"), ("b", "c"), ("c", "a")], "a: b; b: c; c: ");
        check(&[("a", "a gone")], "a: ");
        check(&[("a", "c b"), ("b", ""), ("c", "")], "a: b c; b: ; c: ");
    }
}
