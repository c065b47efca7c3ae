//! A program that is killed while it writes: what it was told is durable is there.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use appia_plan::seal::SealKey;
use appia_plan::{Direction, Journal, ObjectId, Operation, OperationResult, StepKey, Verb};
use appia_store::{Location, Store, system_clock};

use crate::fixture::{Fixture, KEY};
use crate::samples::{owner, scope, up};

/// Where the program that is to be killed finds its store.
const STORE: &str = "APPIA_STORE_TO_CRASH";
/// Steps that it writes at a time, so that commits are shared.
const AT_ONCE: usize = 8;

pub(crate) async fn a_killed_program_loses_nothing_it_was_told(fixture: &Fixture) {
    let store = fixture.open().await;
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    store.accept(&operation, Some(&plan)).await.unwrap();
    store.close().await;
    let mut told = BTreeSet::new();
    for round in 1..=5 {
        told.extend(killed_after(fixture, 40 * round));
        let store = fixture.open().await;
        let open = store.open().await.unwrap();
        let records = open[0].records.iter();
        let there: BTreeSet<String> =
            records.filter(|record| record.done).map(|record| record.key.object.name.clone()).collect();
        let lost: Vec<&String> = told.difference(&there).collect();
        assert!(lost.is_empty(), "told to be durable and lost: {lost:?}");
        assert_eq!(store.check().await.unwrap(), []);
        store.close().await;
    }
    let store = fixture.open().await;
    assert!(told.len() >= 600, "{}", told.len());
    assert_eq!(store.resume(&operation.id).await.unwrap().fencing_token, 7);
    store.finish(&operation.id, &OperationResult::Done).await.unwrap();
    assert_eq!(store.verify(&scope(&owner("shop"))).await.unwrap(), []);
}

/// Runs a writing program, kills it once it told of so many steps, and gives all that it told.
fn killed_after(fixture: &Fixture, steps: usize) -> Vec<String> {
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::writes_until_killed", "--nocapture"])
        .env(STORE, fixture.address())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(program.stdout.take().unwrap()).lines() {
        told.extend(line.unwrap().strip_prefix("durable ").map(str::to_owned));
        if told.len() == steps {
            program.kill().unwrap();
        }
    }
    program.wait().unwrap();
    assert!(told.len() >= steps, "it ended by itself after {} steps", told.len());
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_until_killed() {
    // Only a body for `a_killed_program_loses_nothing_it_was_told`, which starts it with a store and kills it.
    let Ok(address) = std::env::var(STORE) else { return };
    let location = Location::parse(&address).unwrap();
    let store = Store::open(location, SealKey::new(KEY), system_clock()).await.unwrap();
    let operation = Arc::new(store.open().await.unwrap().remove(0).operation);
    let lease = store.resume(&operation.id).await.unwrap();
    let writers = (0..AT_ONCE).map(|writer| {
        let (store, operation) = (store.clone(), operation.clone());
        let name = format!("{}-{writer}", lease.fencing_token);
        tokio::spawn(async move { write_for_ever(&store, &operation, &name).await })
    });
    futures::future::join_all(writers).await;
}

async fn write_for_ever(store: &Store, operation: &Operation, name: &str) {
    for index in 0.. {
        let object = ObjectId::new("thing", format!("{name}-{index}"));
        let key = StepKey { operation: operation.id.clone(), object, verb: Verb::Create };
        store.intend(&key, Direction::Forward).await.unwrap();
        store.done(&key, Direction::Forward).await.unwrap();
        println!("durable {}", key.object.name);
    }
}
