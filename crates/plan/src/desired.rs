//! What a plan's digest is of, as text: canonical JSON of the desired state, written into the hash as it comes.
//!
//! Called by [`Plan::compute_digest`] only. Keys stand in byte order here, line by line; bodies of objects are canonical
//! already. Nothing is built up in memory: a large plan is tens of megabytes of this.

use serde::Serialize;

use crate::canonical::{Canonical, Hash};
use crate::{Node, Object, Plan};

/// Writes the desired state of a plan and the digests of its inputs.
pub(crate) fn write(plan: &Plan, hash: &mut Hash) {
    hash.field("{\"app\":", &plan.app);
    hash.field(",\"environment\":", &plan.environment);
    hash.field(",\"format\":", &plan.format);
    hash.text(",\"inputs\":{");
    for (index, (name, file)) in plan.inputs.files.iter().enumerate() {
        hash.text(comma(index));
        hash.json(name);
        hash.field(":", &file.digest);
    }
    hash.text("},\"nodes\":[");
    for (index, each) in plan.nodes.iter().enumerate() {
        hash.text(comma(index));
        node(each, hash);
    }
    hash.field("],\"release\":", &plan.release.id);
    hash.field(",\"target\":", &plan.target);
    hash.text("}");
}

fn node(node: &Node, hash: &mut Hash) {
    hash.field("{\"address\":", &node.address);
    hash.field(",\"needs\":", &node.needs);
    hash.text(",\"objects\":[");
    for (index, each) in node.objects.iter().enumerate() {
        hash.text(comma(index));
        object(each, hash);
    }
    hash.field("],\"offering\":", &node.offering);
    hash.field(",\"type\":", &node.kind);
    hash.text(",\"values\":{");
    for (index, (name, value)) in node.values.iter().enumerate() {
        hash.text(comma(index));
        hash.json(name);
        hash.field(":", &Canonical(value));
    }
    hash.text("}}");
}

fn object(object: &Object, hash: &mut Hash) {
    hash.text("{\"body\":");
    hash.text(object.body.as_str());
    hash.field(",\"id\":", &object.id);
    hash.field(",\"needs\":", &object.needs);
    hash.text("}");
}

fn comma(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}

impl Hash {
    fn field<T: Serialize>(&mut self, key: &str, value: &T) {
        self.text(key);
        self.json(value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use appia_intent::{Address, AppName, EnvironmentName};
    use serde_json::json;

    use crate::{
        BodyText, Digest, InputFile, Inputs, Node, Object, ObjectId, PLAN_FORMAT, Plan, Reasons, Release,
        Retention, Verdict,
    };

    #[test]
    fn is_the_digest_of_canonical_json() {
        let object = Object {
            id: ObjectId::new("box", "one"),
            address: Address::parse("resources.one"),
            needs: vec![ObjectId::new("box", "two")],
            body: BodyText::of(&json!({"z": 1, "a": {"q": "\"\\\n"}})),
            retention: Retention::Nothing,
        };
        let node = |name: &str, objects| Node {
            address: Address::parse(name),
            kind: "service".into(),
            needs: vec![Address::parse("resources.x")],
            offering: "process".into(),
            values: BTreeMap::from([("b".into(), json!({"y": 1, "x": 2})), ("a".into(), json!(1.5))]),
            why: BTreeMap::new(),
            objects,
        };
        let file = |text: &str| InputFile { digest: Digest::of(text.as_bytes()), date: None };
        let plan = Plan {
            format: PLAN_FORMAT,
            digest: Digest::of(b""),
            parent: None,
            app: AppName::new("shop").unwrap(),
            environment: EnvironmentName::new("local").unwrap(),
            target: "local".into(),
            release: Release { id: Digest::of(b"r"), version: None, commit: None },
            inputs: Inputs {
                files: BTreeMap::from([("a".into(), file("a")), ("b\"".into(), file("b"))]),
                ..Inputs::default()
            },
            nodes: vec![node("resources.one", vec![object.clone(), object]), node("routes.x", Vec::new())],
            outcomes: Vec::new(),
            cost: None,
            carbon: None,
            infeasible: None,
            model: None,
            verdict: Verdict::Apply,
            reasons: Reasons::default(),
        };
        let objects = |node: &Node| -> Vec<_> {
            let each = |object: &Object| json!({"id": object.id, "needs": object.needs, "body": object.body});
            node.objects.iter().map(each).collect()
        };
        let nodes = plan.nodes.iter().map(|node| {
            json!({
                "address": node.address, "type": node.kind, "needs": node.needs, "offering": node.offering,
                "values": node.values, "objects": objects(node),
            })
        });
        let whole = json!({
            "format": 1, "app": "shop", "environment": "local", "target": "local", "release": plan.release.id,
            "inputs": {"a": Digest::of(b"a"), "b\"": Digest::of(b"b")}, "nodes": nodes.collect::<Vec<_>>(),
        });
        assert_eq!(plan.compute_digest(), Digest::of_value(&whole));
    }
}
