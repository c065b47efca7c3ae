//! Which operations may begin, and who may write for them.

use appia_plan::{Direction, Journal, OperationId, OperationKind, OperationResult};
use appia_store::{AcceptError, EnvironmentClass, StoreError};

use crate::fixture::{Fixture, NOON};
use crate::samples::{deploy, down, owner, plan, told, up};

pub(crate) async fn first_operation_gets_the_first_token(fixture: &Fixture) {
    let store = fixture.open().await;
    assert_eq!(store.environment(&owner("shop")).await.unwrap(), None);
    assert_eq!(store.generation(&owner("shop")).await.unwrap(), 0);
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    let lease = store.accept(&operation, Some(&plan)).await.unwrap();
    assert_eq!((lease.fencing_token, lease.operation, lease.owner), (1, operation.id.clone(), owner("shop")));
    let environment = store.environment(&owner("shop")).await.unwrap().unwrap();
    assert_eq!((environment.class, environment.generation), (EnvironmentClass::Dev, 0));
    let record = store.operation(&operation.id).await.unwrap().unwrap();
    assert_eq!((record.operation, record.ended), (operation, None));
    assert!(record.began_at_ms >= NOON);
    assert_eq!(store.operation(&OperationId("none".into())).await.unwrap(), None);
}

pub(crate) async fn accepting_again_gives_the_same_lease(fixture: &Fixture) {
    let store = fixture.open().await;
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    let lease = store.accept(&operation, Some(&plan)).await.unwrap();
    assert_eq!(store.begin(&operation).await.unwrap(), lease);
    assert_eq!(store.accept(&operation, Some(&plan)).await.unwrap(), lease);
    assert_eq!(told(&store, &owner("shop")).await, ["operation_began"]);
    let (other, other_plan) = up("op1", "shop", "2.0", 0);
    let error = store.accept(&other, Some(&other_plan)).await.unwrap_err();
    assert!(matches!(error, AcceptError::Repeated(_)), "{error}");
    // Another program has to take it over first.
    let second = fixture.open_after(&store).await;
    assert!(matches!(second.accept(&operation, Some(&plan)).await, Err(AcceptError::Repeated(_))));
}

pub(crate) async fn refuses_while_another_operation_is_open(fixture: &Fixture) {
    let store = fixture.open().await;
    let (first, first_plan) = up("op1", "shop", "1.0", 0);
    store.accept(&first, Some(&first_plan)).await.unwrap();
    let (second, second_plan) = up("op2", "shop", "2.0", 0);
    let error = store.accept(&second, Some(&second_plan)).await.unwrap_err();
    assert!(error.world_moved_on());
    let text = error.to_string();
    let expect =
        "operation `op1` (`up` by anna) has been changing this environment since 2025-11-21T13:00:00";
    assert!(text.starts_with(expect), "{text}");
    assert!(matches!(
        error,
        AcceptError::Busy { operation, kind: "up", actor, .. } if operation.0 == "op1" && actor == "anna"
    ));
    assert!(store.begin(&down("op3", "shop", 0)).await.unwrap_err().to_string().contains("`op1`"));
    assert_eq!(told(&store, &owner("shop")).await, ["operation_began"], "a refusal leaves no trace");
    store.finish(&first.id, &OperationResult::Undone { reason: "no".into() }).await.unwrap();
    store.accept(&second, Some(&second_plan)).await.unwrap();
}

pub(crate) async fn refuses_a_stale_generation(fixture: &Fixture) {
    let store = fixture.open().await;
    for base in [1, 7] {
        let (operation, plan) = up("op1", "shop", "1.0", base);
        let error = store.accept(&operation, Some(&plan)).await.unwrap_err();
        assert!(matches!(error, AcceptError::Stale { base: told, current: 0 } if told == base), "{error}");
        assert!(error.world_moved_on());
    }
    assert_eq!(store.environment(&owner("shop")).await.unwrap(), None, "a refusal leaves no trace");
    deploy(&store, "op1", "1.0").await;
    let (operation, plan) = up("op2", "shop", "2.0", 0);
    let error = store.accept(&operation, Some(&plan)).await.unwrap_err();
    assert!(matches!(error, AcceptError::Stale { base: 0, current: 1 }), "{error}");
    assert!(error.to_string().ends_with("plan again"));
}

pub(crate) async fn nothing_to_do_is_said_of_a_quiet_environment_only(fixture: &Fixture) {
    let store = fixture.open().await;
    store.unchanged(&owner("shop"), 0).await.unwrap();
    assert_eq!(store.environment(&owner("shop")).await.unwrap(), None, "asking leaves no trace");
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    store.accept(&operation, Some(&plan)).await.unwrap();
    let error = store.unchanged(&owner("shop"), 0).await.unwrap_err();
    assert!(matches!(&error, AcceptError::Busy { operation, .. } if operation.0 == "op1"), "{error}");
    store.unchanged(&owner("other"), 0).await.unwrap();
    store.finish(&operation.id, &OperationResult::Done).await.unwrap();
    let error = store.unchanged(&owner("shop"), 0).await.unwrap_err();
    assert!(matches!(error, AcceptError::Stale { base: 0, current: 1 }), "{error}");
    store.unchanged(&owner("shop"), 1).await.unwrap();
}

pub(crate) async fn refuses_a_plan_of_another(fixture: &Fixture) {
    let store = fixture.open().await;
    let (operation, _) = up("op1", "shop", "1.0", 0);
    for other in [None, Some(plan("shop", "2.0")), Some(plan("other", "1.0"))] {
        let error = store.accept(&operation, other.as_ref()).await.unwrap_err();
        assert!(matches!(error, AcceptError::OtherPlan(_)), "{error}");
        assert!(!error.world_moved_on());
    }
}

pub(crate) async fn many_at_once_let_one_in(fixture: &Fixture) {
    let store = fixture.open().await;
    let stores = if fixture.is_sqlite() { [store.clone(), store] } else { [store, fixture.open().await] };
    let tries = (0..20).map(|index| {
        let store = stores[index % 2].clone();
        tokio::spawn(async move {
            let (operation, plan) = up(&format!("op{index}"), "shop", "1.0", 0);
            store.accept(&operation, Some(&plan)).await
        })
    });
    let outcomes: Vec<_> = futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().flat_map(|outcome| outcome.as_ref().err()).all(AcceptError::world_moved_on));
    assert_eq!(stores[0].open().await.unwrap().len(), 1);
}

pub(crate) async fn environments_do_not_wait_for_each_other(fixture: &Fixture) {
    let store = fixture.open().await;
    let (shop, shop_plan) = up("op1", "shop", "1.0", 0);
    let (blog, blog_plan) = up("op2", "blog", "1.0", 0);
    store.accept(&shop, Some(&shop_plan)).await.unwrap();
    store.accept(&blog, Some(&blog_plan)).await.unwrap();
    let listed = store.environments("default", None, 10).await.unwrap();
    assert_eq!(
        listed.iter().map(|one| one.owner.clone()).collect::<Vec<_>>(),
        [owner("blog"), owner("shop")]
    );
    let second = store.environments("default", Some(&owner("blog")), 1).await.unwrap();
    assert_eq!(second[0].owner, owner("shop"));
    assert_eq!(store.environments("other", None, 10).await.unwrap(), []);
}

pub(crate) async fn tokens_only_grow_and_fence_off(fixture: &Fixture) {
    let old = fixture.open().await;
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    let first = old.accept(&operation, Some(&plan)).await.unwrap();
    let key = operation.steps[0].key(&operation.id);
    old.intend(&key, Direction::Forward).await.unwrap();

    let new = fixture.open_after(&old).await;
    let error = new.intend(&key, Direction::Forward).await.unwrap_err();
    assert_eq!(error.why, StoreError::NotHeld(operation.id.clone()).to_string());
    let second = new.resume(&operation.id).await.unwrap();
    assert_eq!((first.fencing_token, second.fencing_token), (1, 2));

    if fixture.is_sqlite() {
        // Nobody is beside it.
        return;
    }
    let fenced = StoreError::Fenced { operation: operation.id.clone(), newer: 2 }.to_string();
    assert_eq!(old.done(&key, Direction::Forward).await.unwrap_err().why, fenced);
    assert_eq!(old.intend(&key, Direction::Back).await.unwrap_err().why, fenced);
    assert_eq!(old.finish(&operation.id, &OperationResult::Done).await.unwrap_err().why, fenced);
    assert!(matches!(old.accept(&operation, Some(&plan)).await, Err(AcceptError::Repeated(_))));

    new.done(&key, Direction::Forward).await.unwrap();
    new.finish(&operation.id, &OperationResult::Done).await.unwrap();
    let third = old.begin(&down("op2", "shop", 1)).await.unwrap();
    assert_eq!(third.fencing_token, 3);
    let error = new.resume(&operation.id).await.unwrap_err();
    assert_eq!(error.why, StoreError::Ended(operation.id.clone()).to_string());
    let unknown = OperationId("none".into());
    assert_eq!(
        new.resume(&unknown).await.unwrap_err().why,
        StoreError::UnknownOperation(unknown).to_string()
    );
    let record = new.operation(&OperationId("op2".into())).await.unwrap().unwrap();
    assert_eq!(record.operation.kind, OperationKind::Down);
}
