//! The engine on the real store with a driver that does nothing, so that a benchmark sees what the journal costs.
//!
//! `journal_bench apply COUNT FOLDER` applies one operation of so many creations that need nothing;
//! `journal_bench saga COUNT FOLDER` applies so many operations of three creations, each of which needs the one before.
//! Both print the milliseconds of each operation, a line each, from before it is accepted until its end is durable.
//! The store is SQLite in FOLDER, which has to be on a disk: every commit is synced.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use appia_engine::{Ending, Engine, Interrupt, Settings};
use appia_intent::{Address, AppName, EnvironmentName};
use appia_plan::seal::SealKey;
use appia_plan::{
    Actor, ActorKind, DataFate, Driver, DriverError, Lease, Object, ObjectId, ObjectState, Observed,
    ObservedObject, Operation, OperationId, OperationKind, Owner, Progress, Retention, Similarity, Step,
    Taken, Undo, Verb,
};
use appia_store::{Store, system_clock};

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, count, folder] = arguments.as_slice() else {
        return Err("say `apply` or `saga`, a count and a folder".into());
    };
    let count = count.parse()?;
    let store =
        Store::open(Path::new(folder).join("bench.db"), SealKey::new([7; 32]), system_clock()).await?;
    let times = match mode.as_str() {
        "apply" => vec![apply(&store, operation(0, steps(count, false))?).await?],
        "saga" => sagas(&store, count).await?,
        _ => return Err("say `apply` or `saga`".into()),
    };
    times.iter().for_each(|time| show(*time));
    store.close().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the benchmark reads it")]
fn show(milliseconds: f64) {
    println!("{milliseconds:.3}");
}

async fn sagas(store: &Store, count: usize) -> Result<Vec<f64>, Failure> {
    let mut times = Vec::new();
    for number in 0..count {
        times.push(apply(store, operation(number, steps(3, true))?).await?);
    }
    Ok(times)
}

async fn apply(store: &Store, operation: Operation) -> Result<f64, Failure> {
    let (settings, interrupt) = (Settings::default(), Interrupt::default());
    let engine = Engine {
        driver: &Nothing,
        journal: store,
        listener: &(),
        interrupt: &interrupt,
        settings: &settings,
    };
    let began = Instant::now();
    match engine.apply(&operation).await? {
        Ending::Done => Ok(began.elapsed().as_secs_f64() * 1000.0),
        other => Err(format!("the operation ended otherwise: {other:?}").into()),
    }
}

/// One without a plan, as the journal accepts it by itself; each starts from the generation that the one before made.
fn operation(number: usize, steps: Vec<Step>) -> Result<Operation, Failure> {
    Ok(Operation {
        id: OperationId(format!("operation-{number:06}")),
        kind: OperationKind::Down,
        owner: Owner {
            organisation: "default".to_owned(),
            app: AppName::new("bench")?,
            environment: EnvironmentName::new("local")?,
        },
        actor: Actor { kind: ActorKind::Person, name: "bench".to_owned() },
        plan: None,
        release: None,
        base_generation: u64::try_from(number)?,
        steps,
    })
}

fn steps(count: usize, in_a_row: bool) -> Vec<Step> {
    let id = |number: usize| ObjectId::new("nothing", format!("n-{number:05}"));
    let before = |number: usize| number.checked_sub(1).filter(|_| in_a_row).map(id);
    (0..count).map(|number| step(id(number), before(number).into_iter().collect())).collect()
}

fn step(id: ObjectId, needs: Vec<ObjectId>) -> Step {
    let address = Address::parse(&format!("resources.{}", id.name));
    let body = serde_json::json!({"name": id.name}).into();
    let retention = Retention::Nothing;
    let object = Object { id: id.clone(), address: address.clone(), needs: needs.clone(), body, retention };
    Step {
        address,
        object: id,
        verb: Verb::Create,
        before: None,
        desired: Some(object),
        undo: Undo::Reverse,
        data: DataFate::Kept,
        needs,
    }
}

/// Everything is as wished at once.
struct Nothing;

#[async_trait::async_trait]
impl Driver for Nothing {
    async fn observe(&self, _: &Owner) -> Result<Observed, DriverError> {
        Ok(Observed::default())
    }

    fn preview(&self, _: &Object, _: &ObservedObject) -> Similarity {
        Similarity::Same
    }

    async fn take(&self, step: &Step, _: &Lease, _: &dyn Progress) -> Result<Taken, DriverError> {
        let (applied, state) = (step.desired.clone(), ObjectState::Ready);
        Ok(Taken::Done(Some(ObservedObject { applied, state, outputs: BTreeMap::new() })))
    }
}
