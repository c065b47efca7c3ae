//! Which needs of an object have to be written down: those that no reference in it leads to.
//!
//! Called by `render`. Start reading at [`Needs::to_say`].

use std::collections::{BTreeMap, BTreeSet};

use appia_plan::{Object, ObjectId};
use serde_json::{Value, json};

use super::instances::parts;
use super::marks::{Mark, each, expression};

/// What each object needs.
pub(super) struct Needs<'a>(BTreeMap<&'a ObjectId, &'a [ObjectId]>);

impl<'a> Needs<'a> {
    pub(super) fn new(objects: &'a [Object]) -> Needs<'a> {
        Needs(objects.iter().map(|object| (&object.id, object.needs.as_slice())).collect())
    }

    /// The list for `depends_on`; none: references say it all.
    pub(super) fn to_say(&self, object: &'a Object) -> Option<Value> {
        let body = object.body.to_value();
        let mut references = BTreeSet::new();
        each(&body, &mut |mark| {
            if let Mark::Reference(text) = mark {
                references.insert(text.to_owned());
            }
        });
        let referred = |need: &&ObjectId| {
            let start = format!("{}.{}.", need.kind, need.name);
            references.iter().any(|text| text.starts_with(&start))
        };
        let mut reached: BTreeSet<&ObjectId> = BTreeSet::new();
        let mut open: Vec<&ObjectId> = object.needs.iter().filter(referred).collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(self.0.get(next).into_iter().flat_map(|needs| needs.iter()));
            }
        }
        let silent = object.needs.iter().filter(|need| !reached.contains(need));
        let names: BTreeSet<String> = silent.map(|need| format!("{}.{}", need.kind, parts(need).0)).collect();
        let list: Vec<Value> = names.iter().map(|name| json!(expression(name))).collect();
        (!list.is_empty()).then_some(Value::Array(list))
    }
}
