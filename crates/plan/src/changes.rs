//! What has to be done: the plan held against what is really there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use appia_intent::Address;

use crate::{
    DataFate, Digest, Object, ObjectId, ObjectState, Observed, ObservedObject, Retention, Similarity, Step,
    Undo, Verb,
};

/// Steps on a base generation. An approval binds this digest and the plan's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Of the steps and the base.
    pub digest: Digest,
    /// The generation of the environment that they start from.
    pub base_generation: u64,
    /// What has to be done, creations and changes first, deletions last.
    pub steps: Vec<Step>,
}

/// How different a desired object is from the one that is there: a driver's [`crate::Driver::preview`].
pub type Compare<'a> = &'a dyn Fn(&Object, &ObservedObject) -> Similarity;

/// Compares desired objects with what is there; nothing is touched. What is there and not desired goes; `data` says
/// what then becomes of the data it holds.
pub fn diff(desired: &[Object], observed: &Observed, compare: Compare<'_>, data: DataFate) -> Vec<Step> {
    let wanted: BTreeSet<&ObjectId> = desired.iter().map(|object| &object.id).collect();
    let mut steps: Vec<Step> = desired
        .iter()
        .filter_map(|object| toward(object, observed.objects.get(&object.id), compare))
        .collect();
    let goes = |object: &ObservedObject| data == DataFate::Deleted || object.state != ObjectState::Retained;
    let gone: Vec<(&ObjectId, &ObservedObject)> =
        observed.objects.iter().filter(|(id, object)| !wanted.contains(id) && goes(object)).collect();
    let users = users(&gone);
    steps.extend(gone.iter().map(|(id, object)| away(id, object, data, &users)));
    steps
}

impl Changes {
    /// Steps on a base, with their digest.
    pub fn new(steps: Vec<Step>, base_generation: u64) -> Changes {
        let told: Vec<_> = steps
            .iter()
            .map(|step| {
                json!({
                    "object": step.object,
                    "verb": step.verb,
                    "data": step.data,
                    "before": step.before.as_ref().map(Object::digest),
                    "desired": step.desired.as_ref().map(Object::digest),
                })
            })
            .collect();
        let digest = Digest::of_value(&json!({"base_generation": base_generation, "steps": told}));
        Changes { digest, base_generation, steps }
    }

    /// True when the world already is as planned.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

fn toward(object: &Object, observed: Option<&ObservedObject>, compare: Compare<'_>) -> Option<Step> {
    let verb = match observed {
        None => Verb::Create,
        Some(there) => match (&there.state, &there.applied) {
            (ObjectState::Paused, Some(_)) => Verb::Resume,
            (ObjectState::Retained | ObjectState::Partial, _) => Verb::Create,
            (ObjectState::Failed(_), Some(_)) => Verb::Change,
            (_, None) => Verb::Adopt,
            (ObjectState::Ready | ObjectState::Starting, Some(_)) => match compare(object, there) {
                Similarity::Same => return None,
                Similarity::Changed(_) => Verb::Change,
                Similarity::NeedsReplacement(_) => Verb::Replace,
            },
        },
    };
    let undo = match (verb, object.retention) {
        (Verb::Create, Retention::Data) => Undo::Keep,
        _ => Undo::Reverse,
    };
    Some(Step {
        address: object.address.clone(),
        object: object.id.clone(),
        verb,
        before: observed.and_then(|there| there.applied.clone()),
        desired: Some(object.clone()),
        undo,
        data: DataFate::Kept,
        needs: object.needs.clone(),
    })
}

fn away(
    id: &ObjectId,
    there: &ObservedObject,
    data: DataFate,
    users: &BTreeMap<ObjectId, Vec<ObjectId>>,
) -> Step {
    let address = there.applied.as_ref().map(|object| object.address.clone());
    Step {
        address: address.unwrap_or_else(|| Address::parse(&format!("{}.{}", id.kind, id.name))),
        object: id.clone(),
        verb: Verb::Delete,
        before: there.applied.clone(),
        desired: None,
        undo: Undo::Keep,
        data,
        needs: users.get(id).cloned().unwrap_or_default(),
    }
}

/// For each object that goes: those that need it, which have to go first.
fn users(gone: &[(&ObjectId, &ObservedObject)]) -> BTreeMap<ObjectId, Vec<ObjectId>> {
    let mut users: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for (id, object) in gone {
        for needed in object.applied.iter().flat_map(|applied| &applied.needs) {
            users.entry(needed.clone()).or_default().push((*id).clone());
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        DataFate, Object, ObjectId, ObjectState, Observed, ObservedObject, Retention, Similarity, diff,
    };
    use crate::Step;
    use appia_intent::Address;

    /// Objects are the same when their digests are; bodies that differ in `place` need a new one.
    fn by_digest(desired: &Object, observed: &ObservedObject) -> Similarity {
        let applied = observed.applied.as_ref().unwrap();
        if applied.digest() == desired.digest() {
            Similarity::Same
        } else if applied.body.to_value()["place"] != desired.body.to_value()["place"] {
            Similarity::NeedsReplacement(vec!["place".into()])
        } else {
            Similarity::Changed(vec!["size".into()])
        }
    }

    fn object(name: &str, needs: &[&str], place: u32, size: u32) -> Object {
        Object {
            id: ObjectId::new("box", name),
            address: Address::parse(&format!("resources.{name}")),
            needs: needs.iter().map(|need| ObjectId::new("box", *need)).collect(),
            body: json!({"place": place, "size": size}).into(),
            retention: if name == "db" { Retention::Data } else { Retention::Nothing },
        }
    }

    fn there(objects: &[(Object, ObjectState)]) -> Observed {
        let seen = |(object, state): &(Object, ObjectState)| {
            let one = ObservedObject {
                applied: Some(object.clone()),
                state: state.clone(),
                outputs: Default::default(),
            };
            (object.id.clone(), one)
        };
        Observed { objects: objects.iter().map(seen).collect() }
    }

    fn check(desired: &[Object], observed: &[(Object, ObjectState)], data: DataFate, expect: &str) {
        let steps = diff(desired, &there(observed), &by_digest, data);
        let show = |step: &Step| {
            let needs: Vec<&str> = step.needs.iter().map(|need| need.name.as_str()).collect();
            format!("{} {} after [{}]", step.verb.as_str(), step.object.name, needs.join(" "))
        };
        assert_eq!(steps.iter().map(show).collect::<Vec<_>>().join("; "), expect);
    }

    #[test]
    fn finds_what_has_to_be_done() {
        let (db, api) = (object("db", &[], 1, 1), object("api", &["db"], 1, 1));
        let both = [db.clone(), api.clone()];
        check(&both, &[], DataFate::Kept, "create db after []; create api after [db]");
        let ready = |object: &Object| (object.clone(), ObjectState::Ready);
        check(&both, &[ready(&db), ready(&api)], DataFate::Kept, "");
        check(
            &[db.clone(), object("api", &["db"], 1, 2)],
            &[ready(&db), ready(&api)],
            DataFate::Kept,
            "change api after [db]",
        );
        check(
            &[db.clone(), object("api", &["db"], 2, 1)],
            &[ready(&db), ready(&api)],
            DataFate::Kept,
            "replace api after [db]",
        );
        check(&[], &[ready(&db), ready(&api)], DataFate::Kept, "delete api after []; delete db after [api]");
    }

    #[test]
    fn brings_back_what_is_paused_broken_or_kept() {
        let db = object("db", &[], 1, 1);
        let one = std::slice::from_ref(&db);
        check(one, &[(db.clone(), ObjectState::Paused)], DataFate::Kept, "resume db after []");
        check(one, &[(db.clone(), ObjectState::Failed("gone".into()))], DataFate::Kept, "change db after []");
        check(one, &[(db.clone(), ObjectState::Retained)], DataFate::Kept, "create db after []");
        check(&[], &[(db.clone(), ObjectState::Retained)], DataFate::Kept, "");
        check(&[], &[(db.clone(), ObjectState::Retained)], DataFate::Deleted, "delete db after []");
    }
}
