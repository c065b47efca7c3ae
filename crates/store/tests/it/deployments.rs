//! Deployments, releases, generations and tombstones.

use appia_plan::{DataFate, Direction, Journal, OperationId, OperationKind, OperationResult};
use appia_store::{Deployment, Fault, Store, StoreError};

use crate::fixture::Fixture;
use crate::samples::{anna, delete, deploy, down, owner, plan, release, take_all, told, up};

fn named(deployment: Option<Deployment>) -> Option<(String, Option<u64>)> {
    deployment.map(|one| (one.operation.0, one.generation))
}

async fn current(store: &Store) -> Option<(String, Option<u64>)> {
    named(store.current(&owner("shop")).await.unwrap())
}

async fn previous(store: &Store) -> Option<(String, Option<u64>)> {
    named(store.previous(&owner("shop")).await.unwrap())
}

fn some(operation: &str, generation: u64) -> Option<(String, Option<u64>)> {
    Some((operation.into(), Some(generation)))
}

pub(crate) async fn remembers_what_is_deployed_and_what_was_before(fixture: &Fixture) {
    let store = fixture.open().await;
    assert_eq!((current(&store).await, previous(&store).await), (None, None));
    deploy(&store, "op1", "1.0").await;
    assert_eq!((current(&store).await, previous(&store).await), (some("op1", 1), None));
    deploy(&store, "op2", "2.0").await;
    assert_eq!((current(&store).await, previous(&store).await), (some("op2", 2), some("op1", 1)));
    // The same plan again is nothing to go back to.
    deploy(&store, "op3", "2.0").await;
    assert_eq!((current(&store).await, previous(&store).await), (some("op3", 3), some("op1", 1)));
    deploy(&store, "op4", "1.0").await;
    assert_eq!((current(&store).await, previous(&store).await), (some("op4", 4), some("op3", 3)));

    let one = store.current(&owner("shop")).await.unwrap().unwrap();
    assert_eq!((one.kind, &one.release, &one.actor), (OperationKind::Up, &release("1.0"), &anna()));
    assert_eq!(one.ended.unwrap().1, OperationResult::Done);
    assert_eq!(store.deployed_plan(&one.operation).await.unwrap(), Some(plan("shop", "1.0")));

    let removal = down("op5", "shop", 4);
    store.begin(&removal).await.unwrap();
    assert_eq!(current(&store).await, some("op4", 4), "it is there until it is gone");
    store.finish(&removal.id, &OperationResult::Done).await.unwrap();
    assert_eq!((current(&store).await, previous(&store).await), (None, some("op4", 4)));
    assert_eq!(store.deployed_plan(&removal.id).await.unwrap(), None);

    let app = owner("shop").app;
    let releases = store.releases("default", &app, None, 10).await.unwrap();
    let told: Vec<_> =
        releases.iter().map(|one| (one.release.clone(), one.first_operation.0.as_str())).collect();
    assert_eq!(told, [(release("2.0"), "op2"), (release("1.0"), "op1")]);
    let older = store.releases("default", &app, Some(&releases[0]), 10).await.unwrap();
    assert_eq!(older, releases[1..]);
}

pub(crate) async fn failed_operations_change_no_generation(fixture: &Fixture) {
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    let reason = || "the port is taken".to_owned();
    for (id, result) in [
        ("op2", OperationResult::Undone { reason: reason() }),
        ("op3", OperationResult::Stuck { reason: reason() }),
    ] {
        let (operation, plan) = up(id, "shop", "2.0", 1);
        store.accept(&operation, Some(&plan)).await.unwrap();
        assert_eq!(current(&store).await, some("op1", 1));
        store.finish(&operation.id, &result).await.unwrap();
        assert_eq!(current(&store).await, some("op1", 1));
        let failed = &store.deployments(&owner("shop"), None, 1).await.unwrap()[0];
        assert_eq!((failed.operation.0.as_str(), failed.generation), (id, None));
        assert_eq!(failed.ended.as_ref().unwrap().1, result);
    }
    assert_eq!(previous(&store).await, None);
}

pub(crate) async fn pages_through_deployments(fixture: &Fixture) {
    let store = fixture.open().await;
    for index in 1..=5 {
        deploy(&store, &format!("op{index}"), &format!("{index}.0")).await;
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.deployments(&owner("shop"), before, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        before = Some(last.seq);
        seen.extend(page.into_iter().map(|one| one.operation.0));
    }
    assert_eq!(seen, ["op5", "op4", "op3", "op2", "op1"]);
    assert_eq!(store.deployments(&owner("blog"), None, 10).await.unwrap(), []);
}

pub(crate) async fn deletions_leave_tombstones(fixture: &Fixture) {
    let store = fixture.open().await;
    let first = deploy(&store, "op1", "1.0").await;
    assert_eq!(store.tombstones(&owner("shop"), None, 10).await.unwrap(), []);

    let mut removal = down("op2", "shop", 1);
    removal.steps.push(delete("never"));
    let mut wiped = delete("disk");
    wiped.before.as_mut().unwrap().retention = appia_plan::Retention::Data;
    wiped.data = DataFate::Deleted;
    removal.steps.push(wiped);
    store.begin(&removal).await.unwrap();
    for index in [0, 1, 3] {
        let key = removal.steps[index].key(&removal.id);
        store.intend(&key, Direction::Forward).await.unwrap();
        store.done(&key, Direction::Forward).await.unwrap();
    }
    store.finish(&removal.id, &OperationResult::Done).await.unwrap();
    let stones = store.tombstones(&owner("shop"), None, 10).await.unwrap();
    let told_of: Vec<_> = stones.iter().map(|one| (one.object.to_string(), one.data)).collect();
    assert_eq!(
        told_of,
        [
            ("thing/disk".into(), Some(DataFate::Deleted)),
            ("thing/db".into(), Some(DataFate::Kept)),
            ("thing/web".into(), None),
        ]
    );
    assert!(stones.iter().all(|one| one.operation == removal.id));
    assert_eq!(store.tombstones(&owner("shop"), Some(stones[0].seq), 1).await.unwrap(), stones[1..2]);

    // What an operation made and took back is gone too.
    let (failed, plan) = up("op3", "shop", "2.0", 2);
    store.accept(&failed, Some(&plan)).await.unwrap();
    take_all(&store, &failed).await;
    let key = failed.steps[1].key(&failed.id);
    store.intend(&key, Direction::Back).await.unwrap();
    store.done(&key, Direction::Back).await.unwrap();
    store.finish(&failed.id, &OperationResult::Undone { reason: "no".into() }).await.unwrap();
    let newest = &store.tombstones(&owner("shop"), None, 1).await.unwrap()[0];
    assert_eq!((newest.object.to_string(), &newest.operation), ("thing/web".into(), &failed.id));
    let events = told(&store, &owner("shop")).await;
    assert_eq!(events.iter().filter(|event| event.starts_with("tombstone")).count(), 4);
    assert_ne!(first.id, failed.id);
}

pub(crate) async fn a_changed_plan_is_never_served(fixture: &Fixture) {
    let store = fixture.open().await;
    let operation = deploy(&store, "op1", "1.0").await;
    fixture.raw("UPDATE deployments SET body = REPLACE(body, 'local', 'cloud')").await;
    let error = store.deployed_plan(&operation.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    fixture.raw("UPDATE operations SET body = REPLACE(body, 'anna', 'eve!')").await;
    assert!(matches!(store.operation(&operation.id).await, Err(StoreError::Damaged { .. })));
    let faults = store.check().await.unwrap();
    assert_eq!(faults.len(), 2);
    assert!(faults.iter().all(|fault| matches!(
        fault, Fault::Operation { operation, .. } if *operation == OperationId("op1".into())
    )));
}
