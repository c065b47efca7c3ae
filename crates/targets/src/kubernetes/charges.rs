//! What a cluster's objects are charged by: the processors and the memory that their pods keep on nodes.
//!
//! Called by the price pass, which knows the manifests only. Jobs are not counted: how long they run is not known.

use std::collections::BTreeMap;

use appia_plan::{Charge, HOURS_A_MONTH, Object};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::capacity::{MEMORY, VCPU};
use super::quantity;
use super::scope::Kind;

#[derive(Deserialize)]
struct Controller {
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    replicas: u32,
    template: Template,
}

#[derive(Deserialize)]
struct Template {
    spec: Pod,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pod {
    #[serde(default)]
    init_containers: Vec<Container>,
    containers: Vec<Container>,
}

#[derive(Deserialize)]
struct Container {
    resources: Requirements,
}

#[derive(Deserialize)]
struct Requirements {
    requests: BTreeMap<String, String>,
}

/// Everything that pods keep on nodes, all month.
pub(super) fn charges(objects: &[Object]) -> Vec<Charge> {
    let runs =
        |object: &&Object| object.id.kind == Kind::DEPLOYMENT.1 || object.id.kind == Kind::STATEFUL_SET.1;
    objects.iter().filter(runs).filter_map(of_pods).flatten().collect()
}

fn of_pods(object: &Object) -> Option<[Charge; 2]> {
    let Spec { replicas, template } = object.body.read::<Controller>().ok()?.spec;
    let pod = template.spec;
    let containers = || pod.init_containers.iter().chain(&pod.containers);
    let sum = |name: &str, read: fn(&str) -> Option<u64>| {
        containers().filter_map(|container| read(container.resources.requests.get(name)?)).sum::<u64>()
    };
    let hours = Decimal::from(u64::from(replicas) * HOURS_A_MONTH);
    let cpu = Decimal::from(sum("cpu", quantity::read_cpu)) / Decimal::from(1_000);
    let memory = Decimal::from(sum("memory", quantity::read_bytes)) / Decimal::from(1_u64 << 30);
    Some([
        Charge::new(&object.address, VCPU, hours * cpu),
        Charge::new(&object.address, MEMORY, hours * memory),
    ])
}
