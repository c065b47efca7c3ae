//! What must be there first, without circles: a start order has to exist whatever refers to whatever.
//!
//! Two workloads may each hold the other's address in their environment. Both need it to be known, neither needs it
//! to answer first, so an edge that would close a circle is left out. Called at the end of each lowering.

use std::collections::HashMap;

use appia_plan::{Object, ObjectId};

/// Keeps of each object's needs those that name an object and close no circle; sorted, each once.
///
/// A depth-first walk in the order given; an edge back to what the walk is still inside of closes a circle. Linear in
/// objects and needs.
pub(crate) fn settle(mut objects: Vec<Object>) -> Vec<Object> {
    let places: HashMap<&ObjectId, usize> =
        objects.iter().enumerate().map(|(at, object)| (&object.id, at)).collect();
    let wanted: Vec<Vec<usize>> = objects
        .iter()
        .map(|object| object.needs.iter().filter_map(|need| places.get(need).copied()).collect())
        .collect();
    let ids: Vec<ObjectId> = objects.iter().map(|object| object.id.clone()).collect();
    for (object, kept) in objects.iter_mut().zip(without_circles(&wanted)) {
        object.needs = kept.into_iter().filter_map(|at| ids.get(at).cloned()).collect();
        object.needs.sort();
        object.needs.dedup();
    }
    objects
}

/// How far the walk is with a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    NotYet,
    Inside,
    Done,
}

fn without_circles(wanted: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut kept: Vec<Vec<usize>> = vec![Vec::new(); wanted.len()];
    let mut walk = vec![Walk::NotYet; wanted.len()];
    for start in 0..wanted.len() {
        if walk.get(start) != Some(&Walk::NotYet) {
            continue;
        }
        let mut path = vec![(start, 0)];
        set(&mut walk, start, Walk::Inside);
        while let Some((at, next)) = path.last_mut() {
            let (at, edge) = (*at, wanted.get(*at).and_then(|edges| edges.get(*next)).copied());
            *next += 1;
            let Some(to) = edge else {
                set(&mut walk, at, Walk::Done);
                path.pop();
                continue;
            };
            let state = walk.get(to).copied().unwrap_or(Walk::Inside);
            if state != Walk::Inside {
                kept.get_mut(at).into_iter().for_each(|kept| kept.push(to));
            }
            if state == Walk::NotYet {
                set(&mut walk, to, Walk::Inside);
                path.push((to, 0));
            }
        }
    }
    kept
}

fn set(walk: &mut [Walk], at: usize, state: Walk) {
    walk.get_mut(at).into_iter().for_each(|place| *place = state);
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
            body: serde_json::Value::Null.into(),
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
