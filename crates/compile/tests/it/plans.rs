//! What is planned: nodes, numbers with their reasons, and the chain behind each.

use super::compile_text;
use appia_intent::Address;
use appia_plan::{Origin, explain};

const SHOP: &str = "app: shop
workloads:
  web: { image: example/web@sha256:0, port: 3000, public: true, calls: { api: 2 }, env: { API: \"${workloads.api.url}\" } }
  api: { image: example/api@sha256:0, port: 8080, replicas: 3, env: { DB: \"${resources.db.url}\" } }
resources:
  db: { type: postgres, params: { version: 16 } }
";

#[test]
fn has_a_node_for_each_thing() {
    let plan = compile_text(SHOP, "local").0.unwrap();
    let shown: Vec<String> = plan
        .nodes
        .iter()
        .map(|node| format!("{} {} after {:?}", node.address, node.kind, node.needs))
        .collect();
    let expect = [
        "resources.db postgres after []",
        "routes.web route after [workloads.web]",
        "workloads.api service after [resources.db]",
        "workloads.web service after [workloads.api]",
    ];
    for line in expect {
        assert!(shown.iter().any(|shown| shown == line), "{line} is not in {shown:#?}");
    }
}

#[test]
fn every_value_has_its_reason() {
    for target in appia_targets::TARGETS {
        let plan = compile_text(SHOP, target.name()).0.unwrap();
        for node in &plan.nodes {
            for name in node.values.keys() {
                let explanation = explain(&plan, &node.address.field(name)).unwrap();
                assert!(!explanation.because.is_empty(), "{} {}.{name}", target.name(), node.address);
            }
        }
    }
}

#[test]
fn tells_stated_from_default() {
    let plan = compile_text(SHOP, "local").0.unwrap();
    let origin = |address: &str| {
        let explanation = explain(&plan, &Address::parse(address)).unwrap();
        explanation.because[0].inputs[0].origin.clone()
    };
    assert!(matches!(origin("workloads.api.replicas"), Origin::Stated(span) if span.start.line == 4));
    assert!(matches!(origin("workloads.web.replicas"), Origin::Default(_)));
    let sum = explain(&plan, &Address::parse("workloads.web.memory_mib")).unwrap();
    assert!(sum.because.len() > 1, "a sum is followed to what it sums: {sum:#?}");
}

#[test]
fn an_unknown_address_names_the_nearest() {
    let plan = compile_text(SHOP, "local").0.unwrap();
    let error = explain(&plan, &Address::parse("workloads.api.replica")).unwrap_err();
    let appia_plan::ExplainError::Unknown { nearest, .. } = error;
    assert_eq!(nearest.as_deref(), Some("workloads.api.replicas"));
}

#[test]
fn a_release_is_known_before_anything_runs() {
    let text = SHOP.replace("DB:", "RELEASE: \"v-${workloads.api.release}\", DB:");
    let plan = compile_text(&text, "local").0.unwrap();
    let node = plan.node(&Address::parse("workloads.api")).unwrap();
    assert!(node.objects[0].body.as_str().contains("v-example/api@sha256:0"), "{:?}", node.objects[0].body);
}
