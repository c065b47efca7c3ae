//! The journal: what was written is there after a crash, whoever writes beside.

use std::time::Instant;

use appia_plan::seal::SealKey;
use appia_plan::{Direction, Journal, ObjectId, OperationResult, StepKey, StepRecord, Verb};
use appia_store::{Store, StoreError};

use crate::fixture::{Fixture, KEY};
use crate::samples::{create, down, owner, scope, told, up};

pub(crate) async fn a_crash_leaves_what_was_written(fixture: &Fixture) {
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    let [db, web] = [0, 1].map(|index: usize| operation.steps[index].key(&operation.id));
    let record = |key: &StepKey, direction, done| StepRecord { key: key.clone(), direction, done };
    let mut expect: Vec<StepRecord> = Vec::new();
    let store = fixture.open().await;
    store.accept(&operation, Some(&plan)).await.unwrap();
    store.close().await;
    // Each line: one write, then the program dies and another one reads.
    for (key, direction, done) in [
        (&db, Direction::Forward, false),
        (&db, Direction::Forward, true),
        (&web, Direction::Forward, false),
        (&web, Direction::Back, false),
        (&web, Direction::Back, true),
        (&db, Direction::Forward, false),
    ] {
        let store = fixture.open().await;
        let open = store.open().await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!((&open[0].operation, &open[0].records), (&operation, &expect));
        store.resume(&operation.id).await.unwrap();
        if done {
            store.done(key, direction).await.unwrap();
        } else {
            store.intend(key, direction).await.unwrap();
        }
        store.close().await;
        match expect.iter_mut().find(|record| record.key == *key && record.direction == direction) {
            Some(record) => record.done = done,
            None => expect.push(record(key, direction, done)),
        }
    }
    let store = fixture.open().await;
    assert_eq!(store.open().await.unwrap()[0].records, expect);
    assert_eq!(store.resume(&operation.id).await.unwrap().fencing_token, 8);
    store.finish(&operation.id, &OperationResult::Done).await.unwrap();
    assert_eq!(store.open().await.unwrap(), []);
    assert_eq!(store.check().await.unwrap(), []);
}

pub(crate) async fn a_step_that_never_began_is_not_done(fixture: &Fixture) {
    let store = fixture.open().await;
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    store.accept(&operation, Some(&plan)).await.unwrap();
    let key = operation.steps[0].key(&operation.id);
    let error = store.done(&key, Direction::Forward).await.unwrap_err();
    assert_eq!(error.why, StoreError::NeverBegun(key.to_string()).to_string());
    store.intend(&key, Direction::Forward).await.unwrap();
    assert!(store.done(&key, Direction::Back).await.is_err());
    store.done(&key, Direction::Forward).await.unwrap();
    store.done(&key, Direction::Forward).await.unwrap();
}

pub(crate) async fn nothing_is_written_for_an_ended_operation(fixture: &Fixture) {
    let store = fixture.open().await;
    let operation = down("op1", "shop", 0);
    store.begin(&operation).await.unwrap();
    let result = OperationResult::Stuck { reason: "the disk is gone".into() };
    store.finish(&operation.id, &result).await.unwrap();
    store.finish(&operation.id, &result).await.unwrap();
    assert!(store.finish(&operation.id, &OperationResult::Done).await.is_err());
    let key = operation.steps[0].key(&operation.id);
    assert!(store.intend(&key, Direction::Forward).await.is_err());
    assert!(store.begin(&operation).await.is_err());
    assert_eq!(told(&store, &owner("shop")).await, ["operation_began", "operation_stuck"]);
    let ended = store.operation(&operation.id).await.unwrap().unwrap().ended;
    assert_eq!(ended.unwrap().1, result);
}

pub(crate) async fn many_at_once_are_all_there(fixture: &Fixture) {
    const STEPS: usize = 3000;
    let store = fixture.open().await;
    let (mut operation, plan) = up("op1", "shop", "1.0", 0);
    operation.steps = (0..STEPS).map(|index| create(&format!("thing-{index}"))).collect();
    store.accept(&operation, Some(&plan)).await.unwrap();
    let began = Instant::now();
    let writes = operation.steps.iter().map(|step| {
        let (store, key) = (store.clone(), step.key(&operation.id));
        tokio::spawn(async move {
            store.intend(&key, Direction::Forward).await.unwrap();
            store.done(&key, Direction::Forward).await.unwrap();
        })
    });
    for write in futures::future::join_all(writes).await {
        write.unwrap();
    }
    let commits = *store.commits().borrow();
    println!("{STEPS} steps in {:?}, {commits} commits", began.elapsed());
    assert!(commits < STEPS as u64, "{commits} commits for {STEPS} steps: they do not share them");
    // What was answered is there for another program.
    let other = fixture.open_after(&store).await;
    let records = &other.open().await.unwrap()[0].records;
    assert_eq!(records.iter().filter(|record| record.done).count(), STEPS);
    other.resume(&operation.id).await.unwrap();
    other.finish(&operation.id, &OperationResult::Done).await.unwrap();
    assert_eq!(other.verify(&scope(&owner("shop"))).await.unwrap(), []);
    assert_eq!(told(&other, &owner("shop")).await.len(), 1000, "a page is a page");
}

pub(crate) async fn a_refused_change_spoils_none(fixture: &Fixture) {
    let store = fixture.open().await;
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    store.accept(&operation, Some(&plan)).await.unwrap();
    let tries = (0..300).map(|index: usize| {
        let (store, operation) = (store.clone(), operation.id.clone());
        tokio::spawn(async move {
            let object = ObjectId::new("thing", format!("thing-{index}"));
            let key = StepKey { operation, object, verb: Verb::Create };
            // Every third is refused.
            let fine = !index.is_multiple_of(3);
            let written = match fine {
                true => store.intend(&key, Direction::Forward).await,
                false => store.done(&key, Direction::Forward).await,
            };
            assert_eq!(written.is_ok(), fine, "{index}");
        })
    });
    for one in futures::future::join_all(tries).await {
        one.unwrap();
    }
    assert_eq!(store.open().await.unwrap()[0].records.len(), 200);
    assert_eq!(told(&store, &owner("shop")).await.len(), 201);
    assert_eq!(store.check().await.unwrap(), []);
}

pub(crate) async fn two_programs_share_a_log(fixture: &Fixture) {
    if fixture.is_sqlite() {
        let _first = fixture.open().await;
        let second =
            Store::open(fixture.location.clone(), SealKey::new(KEY), fixture.clock()).await.unwrap_err();
        assert!(matches!(second, StoreError::InUse { .. }), "{second}");
        return;
    }
    let stores = [fixture.open().await, fixture.open().await];
    let tries = (0..40_usize).map(|index| {
        let store = stores[index % 2].clone();
        // Both write to both applications, so that they meet in either order.
        let app = ["blog", "shop"][index / 2 % 2];
        tokio::spawn(async move {
            let secret = appia_intent::SecretRef::first(format!("secret-{index}"));
            appia_plan::Secrets::ensure(&store, &owner(app), &secret, 16).await.unwrap();
        })
    });
    for one in futures::future::join_all(tries).await {
        one.unwrap();
    }
    for app in ["blog", "shop"] {
        assert_eq!(told(&stores[0], &owner(app)).await.len(), 20);
        assert_eq!(stores[1].verify(&scope(&owner(app))).await.unwrap(), []);
    }
}
