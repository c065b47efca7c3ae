//! The last pass, check: re-reads the finished plan as a stranger would and refuses nonsense.
//!
//! It knows nothing of how the plan was made. What it finds is a fault in Appia, never in the intent.

use std::collections::{HashMap, HashSet};

use appia_intent::Address;
use appia_plan::{ObjectId, Plan, cents};

/// What contradicts itself.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Nonsense {
    /// The digest is not of this content.
    #[error("the digest does not belong to the plan")]
    Digest,
    /// Two nodes or two objects are called the same.
    #[error("`{0}` is there twice")]
    Twice(String),
    /// Something needs what is not there.
    #[error("`{0}` needs `{1}`, which is not in the plan")]
    Dangling(String, String),
    /// Objects need each other in a circle.
    #[error("objects need each other in a circle through `{0}`")]
    Circle(ObjectId),
    /// What objects cost is not what sizing took them to cost.
    #[error("sizing took it to cost {} USD and its objects cost {} USD", cents(*.0), cents(*.1))]
    Price(u128, u128),
    /// What objects emit is not what sizing took them to emit.
    #[error("sizing took it to emit {0} kg and its objects emit {1} kg")]
    Carbon(f64, f64),
    /// Something is charged that has no price.
    #[error("{0}")]
    Unpriced(String),
    /// A value without a reason.
    #[error("`{0}` has no reason")]
    Unreasoned(Address),
}

/// Checks a finished plan.
///
/// # Errors
/// The first contradiction found.
pub fn check(plan: &Plan) -> Result<(), Nonsense> {
    if plan.compute_digest() != plan.digest {
        return Err(Nonsense::Digest);
    }
    nodes(plan)?;
    objects(plan)?;
    circles(plan)
}

fn nodes(plan: &Plan) -> Result<(), Nonsense> {
    let mut addresses = HashSet::new();
    for node in &plan.nodes {
        if !addresses.insert(&node.address) {
            return Err(Nonsense::Twice(node.address.to_string()));
        }
        let reasoned = |name: &String| node.why.get(name).is_some_and(|id| plan.reasons.of(*id).is_some());
        if let Some(name) = node.values.keys().find(|name| !reasoned(name)) {
            return Err(Nonsense::Unreasoned(node.address.field(name)));
        }
    }
    let missing = |node: &appia_plan::Node| node.needs.iter().find(|need| !addresses.contains(need)).cloned();
    match plan.nodes.iter().find_map(|node| missing(node).map(|need| (node, need))) {
        Some((node, need)) => Err(Nonsense::Dangling(node.address.to_string(), need.to_string())),
        None => Ok(()),
    }
}

fn objects(plan: &Plan) -> Result<(), Nonsense> {
    let mut ids = HashSet::new();
    if let Some(twice) = plan.objects().find(|object| !ids.insert(&object.id)) {
        return Err(Nonsense::Twice(twice.id.to_string()));
    }
    for object in plan.objects() {
        if let Some(need) = object.needs.iter().find(|need| !ids.contains(need)) {
            return Err(Nonsense::Dangling(object.id.to_string(), need.to_string()));
        }
    }
    Ok(())
}

/// Kahn's algorithm: what is left when nothing can be taken any more stands in a circle.
fn circles(plan: &Plan) -> Result<(), Nonsense> {
    let mut waiting: HashMap<&ObjectId, usize> =
        plan.objects().map(|object| (&object.id, object.needs.len())).collect();
    let mut users: HashMap<&ObjectId, Vec<&ObjectId>> = HashMap::new();
    for object in plan.objects() {
        object.needs.iter().for_each(|need| users.entry(need).or_default().push(&object.id));
    }
    let mut free: Vec<&ObjectId> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        waiting.remove(id);
        for user in users.get(id).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    free.push(user);
                }
            }
        }
    }
    match waiting.keys().min() {
        Some(id) => Err(Nonsense::Circle((*id).clone())),
        None => Ok(()),
    }
}
