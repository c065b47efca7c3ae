//! From the lowered application to the plan: one node for each workload, resource, route and secret, in the order of
//! their addresses, each with its values, their reasons and the target's objects.

use std::collections::{BTreeMap, BTreeSet};

use appia_diag::Spanned;
use appia_intent::{Address, Demand, Outcomes};
use appia_plan::phase::{CountedApp, Frame, LoweredApp, PricedApp, SizedApp, SizedResource, SizedWorkload};
use appia_plan::{
    Derived, Digest, Node, Object, OutcomeResult, PLAN_FORMAT, Plan, Reason, ReasonId, Reasons, Release,
    Verdict,
};
use serde_json::{Value, json};

/// Puts the plan together and seals it with its digest.
pub(crate) fn assemble(app: CountedApp) -> Plan {
    let CountedApp { priced, carbon, values: emitted } = app;
    let PricedApp { lowered: LoweredApp { sized, objects }, cost } = priced;
    let SizedApp { mut frame, workloads, resources, region, promise, .. } = sized;
    let release = release(&frame, &workloads.values().collect::<Vec<_>>());
    let of_workloads = workloads.values().map(|workload| workload_node(workload, &mut frame.reasons));
    let known = of_workloads.chain(resources.values().map(resource_node));
    let mut nodes = with_objects(known.map(|node| (node.address.clone(), node)).collect(), objects);
    let outcomes = match &promise {
        Some(promise) => promise.outcomes.clone(),
        None => promises(&frame.outcomes),
    };
    let (infeasible, model) = match promise {
        Some(promise) => {
            add_values(promise.values, &mut nodes);
            (promise.infeasible, Some(promise.model))
        }
        None => (None, None),
    };
    if let Some(region) = region {
        let values = BTreeMap::from([(Address::parse("app"), vec![("region", region.to_json())])]);
        add_values(values, &mut nodes);
    }
    add_values(emitted, &mut nodes);
    let Frame { app, environment, target, inputs, reasons, .. } = frame;
    let mut plan = Plan {
        format: PLAN_FORMAT,
        digest: Digest::of(b""),
        parent: None,
        app,
        environment,
        target: target.to_owned(),
        release,
        inputs,
        nodes: nodes.into_values().collect(),
        outcomes,
        cost,
        carbon,
        infeasible,
        model,
        verdict: Verdict::Apply,
        reasons,
    };
    plan.digest = plan.compute_digest();
    plan
}

/// Each object at its node, which is made where nothing else stands there.
fn with_objects(mut nodes: BTreeMap<Address, Node>, objects: Vec<Object>) -> BTreeMap<Address, Node> {
    let mut by_address: BTreeMap<Address, Vec<Object>> = BTreeMap::new();
    for object in objects {
        by_address.entry(object.address.clone()).or_default().push(object);
    }
    for (address, objects) in by_address {
        let node = nodes.entry(address.clone()).or_insert_with(|| other_node(address, &objects));
        node.objects = objects;
    }
    nodes
}

/// What follows from outcomes, beside what everything has.
fn add_values(
    values: BTreeMap<Address, Vec<(&'static str, Derived<Value>)>>,
    nodes: &mut BTreeMap<Address, Node>,
) {
    for (address, values) in values {
        let Some(node) = nodes.get_mut(&address) else { continue };
        for (name, value) in values {
            node.why.insert(name.to_owned(), value.why());
            node.values.insert(name.to_owned(), value.get().clone());
        }
    }
}

/// The release is the content of everything that runs.
fn release(frame: &Frame, workloads: &[&SizedWorkload]) -> Release {
    let mut content: BTreeMap<String, Value> = BTreeMap::new();
    for workload in workloads {
        for (name, container) in &workload.containers {
            let stated = workload.resolved.stated.containers.get(name);
            let image = stated.and_then(|container| container.image.as_ref()).map(|image| &image.value);
            let key = format!("{}.{name}", workload.resolved.stated.name.value);
            content.insert(key, json!({"artifact": container.artifact, "image": image}));
        }
    }
    let id = Digest::of_value(&json!({"app": frame.app, "content": content, "images": frame.inputs.images}));
    Release { id, version: frame.inputs.version.clone(), commit: frame.inputs.commit.clone() }
}

/// Collects the values of a node with their reasons.
#[derive(Default)]
struct Values {
    values: BTreeMap<String, Value>,
    why: BTreeMap<String, ReasonId>,
}

impl Values {
    fn put(&mut self, name: &str, value: Value, why: ReasonId) {
        self.values.insert(name.to_owned(), value);
        self.why.insert(name.to_owned(), why);
    }
}

fn workload_node(workload: &SizedWorkload, reasons: &mut Reasons) -> Node {
    let stated = &workload.resolved.stated;
    let mut values = Values::default();
    values.put("replicas", json!(workload.replicas.get()), workload.replicas.why());
    values.put("offering", json!(workload.resolved.offering.get()), workload.resolved.offering.why());
    if let Some(size) = &workload.size {
        values.put("size", json!(size.get()), size.why());
    }
    let mut totals = (0, 0);
    for (name, container) in &workload.containers {
        totals = (totals.0 + container.cpu.get().millis(), totals.1 + container.memory.get().mib());
        let field = |field: &str| format!("containers.{name}.{field}");
        values.put(&field("cpu_millis"), json!(container.cpu.get().millis()), container.cpu.why());
        values.put(&field("memory_mib"), json!(container.memory.get().mib()), container.memory.why());
        values.put(
            &field("memory_limit_mib"),
            json!(container.memory_limit.get().mib()),
            container.memory_limit.why(),
        );
        if let Some(limit) = &container.cpu_limit {
            values.put(&field("cpu_limit_millis"), json!(limit.get().millis()), limit.why());
        }
    }
    let address = Address::workload(&stated.name.value);
    for (name, total) in [("cpu_millis", totals.0), ("memory_mib", totals.1)] {
        let total = sum(&address, name, total, workload, reasons);
        values.put(name, json!(total.get()), total.why());
    }
    Node {
        address,
        kind: stated.kind.value.as_str().to_owned(),
        needs: workload.resolved.needs.clone(),
        offering: workload.resolved.offering.get().clone(),
        values: values.values,
        why: values.why,
        objects: Vec::new(),
    }
}

/// A replica's total over its containers.
fn sum(
    address: &Address,
    field: &str,
    total: u64,
    workload: &SizedWorkload,
    reasons: &mut Reasons,
) -> Derived<u64> {
    let mut reason = Reason::new("size/sum", "the sum over the containers of one replica");
    for (name, container) in &workload.containers {
        let (value, why) = match field {
            "cpu_millis" => (container.cpu.get().millis(), container.cpu.why()),
            _ => (container.memory.get().mib(), container.memory.why()),
        };
        let input = address.field("containers").field(name.as_str()).field(field);
        reason = reason.input(input, value, appia_plan::Origin::Computed(why));
    }
    reasons.derive(total, reason)
}

fn resource_node(resource: &SizedResource) -> Node {
    let stated = &resource.resolved.stated;
    let mut values = Values::default();
    values.put("offering", json!(resource.resolved.offering.get()), resource.resolved.offering.why());
    for (name, value) in &resource.values {
        values.put(&format!("params.{name}"), value.get().clone(), value.why());
    }
    if let Some(size) = &resource.size {
        values.put("cpu_millis", json!(size.cpu.get().millis()), size.cpu.why());
        values.put("memory_mib", json!(size.memory.get().mib()), size.memory.why());
        if !size.class.get().is_empty() {
            values.put("class", json!(size.class.get()), size.class.why());
            values.put("standby", json!(size.standby), size.class.why());
        }
    }
    Node {
        address: Address::resource(&stated.name.value),
        kind: stated.kind.value.as_str().to_owned(),
        needs: resource.resolved.needs.clone(),
        offering: resource.resolved.offering.get().clone(),
        values: values.values,
        why: values.why,
        objects: Vec::new(),
    }
}

/// Routes, secrets and whatever else a target makes beside workloads and resources.
fn other_node(address: Address, objects: &[Object]) -> Node {
    let kind = objects.first().map_or("object", |object| object.id.kind.as_str()).to_lowercase();
    let needs: BTreeSet<Address> = address
        .as_str()
        .strip_prefix("routes.")
        .map(|workload| Address::parse("workloads").field(workload))
        .into_iter()
        .collect();
    Node {
        address,
        kind,
        needs: needs.into_iter().collect(),
        offering: String::new(),
        values: BTreeMap::new(),
        why: BTreeMap::new(),
        objects: Vec::new(),
    }
}

/// Each stated promise where nothing computes them: the answer stays open.
fn promises(outcomes: &Outcomes) -> Vec<OutcomeResult> {
    let demand = outcomes.demand.as_ref().map(|demand| match demand.value {
        Demand::Users(users) => ("users", users.to_string()),
        Demand::Rate(rate) => ("rps", rate.to_string()),
    });
    let stated = [
        demand,
        shown("availability", outcomes.availability.as_ref()),
        shown("latency_p50", outcomes.latency.p50.as_ref()),
        shown("latency_p95", outcomes.latency.p95.as_ref()),
        shown("latency_p99", outcomes.latency.p99.as_ref()),
        outcomes.budget.as_ref().map(|budget| ("budget", budget.value.to_string())),
        shown("recovery_rpo", outcomes.recovery.point.as_ref()),
        shown("recovery_rto", outcomes.recovery.time.as_ref()),
        outcomes.carbon.as_ref().map(|carbon| ("carbon", carbon.value.to_string())),
    ];
    stated
        .into_iter()
        .flatten()
        .map(|(name, promised)| OutcomeResult {
            address: Address::outcome(name),
            promised,
            computed: None,
            margin: None,
            met: None,
        })
        .collect()
}

fn shown<T: std::fmt::Display>(
    name: &'static str,
    stated: Option<&Spanned<T>>,
) -> Option<(&'static str, String)> {
    stated.map(|stated| (name, stated.value.to_string()))
}
