//! Operations, plans and steps to put into a store.

use appia_intent::{Address, AppName, EnvironmentName};
use appia_plan::Journal;
use appia_plan::{
    Actor, ActorKind, DataFate, Digest, Inputs, Object, ObjectId, Operation, OperationId, OperationKind,
    OperationResult, Owner, PLAN_FORMAT, Plan, Reasons, Release, Retention, Scope, Step, Undo, Verb, Verdict,
};
use appia_store::Store;
use serde_json::json;

pub(crate) fn owner(app: &str) -> Owner {
    Owner {
        organisation: "default".into(),
        app: AppName::new(app).unwrap(),
        environment: EnvironmentName::new("local").unwrap(),
    }
}

pub(crate) fn scope(owner: &Owner) -> Scope {
    Scope {
        organisation: owner.organisation.clone(),
        app: Some(owner.app.clone()),
        environment: Some(owner.environment.clone()),
    }
}

pub(crate) fn anna() -> Actor {
    Actor { kind: ActorKind::Person, name: "anna".into() }
}

pub(crate) fn release(version: &str) -> Release {
    Release {
        id: Digest::of(version.as_bytes()),
        version: Some(version.into()),
        commit: Some("a1b2c3d".into()),
    }
}

pub(crate) fn plan(app: &str, version: &str) -> Plan {
    let owner = owner(app);
    let mut plan = Plan {
        parent: None,
        format: PLAN_FORMAT,
        digest: Digest::of(b""),
        app: owner.app,
        environment: owner.environment,
        target: "local".into(),
        release: release(version),
        inputs: Inputs::default(),
        nodes: Vec::new(),
        outcomes: Vec::new(),
        cost: None,
        carbon: None,
        infeasible: None,
        model: None,
        verdict: Verdict::Apply,
        reasons: Reasons::default(),
    };
    plan.digest = plan.compute_digest();
    plan
}

/// An `up` of `version` on a generation, creating `web` and `db`.
pub(crate) fn up(id: &str, app: &str, version: &str, base_generation: u64) -> (Operation, Plan) {
    let plan = plan(app, version);
    let operation = Operation {
        id: OperationId(id.into()),
        kind: OperationKind::Up,
        owner: owner(app),
        actor: anna(),
        plan: Some(plan.digest.clone()),
        release: Some(plan.release.clone()),
        base_generation,
        steps: vec![create("db"), create("web")],
    };
    (operation, plan)
}

/// A `down` that deletes `web` and keeps the data of `db`.
pub(crate) fn down(id: &str, app: &str, base_generation: u64) -> Operation {
    Operation {
        id: OperationId(id.into()),
        kind: OperationKind::Down,
        owner: owner(app),
        actor: anna(),
        plan: None,
        release: None,
        base_generation,
        steps: vec![delete("web"), delete("db")],
    }
}

pub(crate) fn object(name: &str) -> Object {
    Object {
        id: ObjectId::new("thing", name),
        address: Address::parse(&format!("resources.{name}")),
        needs: Vec::new(),
        body: json!({"name": name}).into(),
        retention: if name == "db" { Retention::Data } else { Retention::Nothing },
    }
}

pub(crate) fn create(name: &str) -> Step {
    step(Verb::Create, name, (None, Some(object(name))))
}

pub(crate) fn delete(name: &str) -> Step {
    step(Verb::Delete, name, (Some(object(name)), None))
}

fn step(verb: Verb, name: &str, (before, desired): (Option<Object>, Option<Object>)) -> Step {
    Step {
        address: Address::parse(&format!("resources.{name}")),
        object: ObjectId::new("thing", name),
        verb,
        before,
        desired,
        undo: Undo::Reverse,
        data: DataFate::Kept,
        needs: Vec::new(),
    }
}

/// Applies an `up` from beginning to end, taking all of its steps.
pub(crate) async fn deploy(store: &Store, id: &str, version: &str) -> Operation {
    let base = store.generation(&owner("shop")).await.unwrap();
    let (operation, plan) = up(id, "shop", version, base);
    store.accept(&operation, Some(&plan)).await.unwrap();
    take_all(store, &operation).await;
    store.finish(&operation.id, &OperationResult::Done).await.unwrap();
    operation
}

/// Begins and ends every step of an operation.
pub(crate) async fn take_all(store: &Store, operation: &Operation) {
    for step in &operation.steps {
        let key = step.key(&operation.id);
        store.intend(&key, appia_plan::Direction::Forward).await.unwrap();
        store.done(&key, appia_plan::Direction::Forward).await.unwrap();
    }
}

/// The names of an environment's events, in order: `operation_began step_began thing/db ...`.
pub(crate) async fn told(store: &Store, owner: &Owner) -> Vec<String> {
    let events = store.events(&scope(owner), 0, 1000).await.unwrap();
    events
        .iter()
        .map(|event| {
            let fact = serde_json::to_value(&event.fact).unwrap();
            let word = |field: &serde_json::Value| field.as_str().unwrap_or_default().to_owned();
            let (verb, object) = (word(&fact["verb"]), &fact["object"]);
            if object.is_null() {
                verb
            } else {
                format!("{verb} {}/{}", word(&object["kind"]), word(&object["name"]))
            }
        })
        .collect()
}
