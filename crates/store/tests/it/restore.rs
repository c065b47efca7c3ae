//! Snapshots that the store takes of itself, and bringing one back.

use appia_plan::seal::SealKey;
use appia_plan::{Journal, OperationResult};
use appia_store::{Location, Store, StoreError, faults_of_copy, forgets, restore, snapshots};

use crate::checksums::flip;
use crate::fixture::{Fixture, KEY};
use crate::samples::{deploy, owner, scope, up};

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_comes_back_and_says_what_it_forgets() {
    let fixture = Fixture::on_sqlite();
    let Location::File(file) = &fixture.location else { panic!() };
    let folder = fixture.folder.path().join("snapshots");
    let store = fixture.open().await;
    assert_eq!(store.snapshot(&folder).await.unwrap(), None, "nothing happened yet");
    deploy(&store, "op1", "1.0").await;
    let taken = store.snapshot(&folder).await.unwrap().unwrap();
    assert_eq!(taken.events, 6);
    assert_eq!(store.snapshot(&folder).await.unwrap(), None, "nothing happened since");
    let (operation, plan) = up("op2", "shop", "2.0", 1);
    store.accept(&operation, Some(&plan)).await.unwrap();
    assert_eq!(store.snapshot(&folder).await.unwrap(), None, "an operation is open");
    store.finish(&operation.id, &OperationResult::Done).await.unwrap();
    store.close().await;

    flip(file, 5000);
    let open = || Store::open(fixture.location.clone(), SealKey::new(KEY), fixture.clock());
    assert!(open().await.unwrap_err().is_damage());
    let forgotten = forgets(file, &taken.path).await.unwrap();
    assert_eq!(forgotten.len(), 1);
    assert_eq!((forgotten[0].operation.as_str(), forgotten[0].kind.as_str()), ("op2", "up"));
    let kept = restore(&taken.path, file, SealKey::new(KEY), fixture.clock()).await.unwrap().unwrap();
    assert!(kept.exists());
    let store = open().await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
    assert_eq!(store.generation(&owner("shop")).await.unwrap(), 1);
    let (operation, plan) = up("op3", "shop", "3.0", 1);
    let lease = store.accept(&operation, Some(&plan)).await.unwrap();
    assert!(lease.fencing_token > 1 << 32, "agents saw newer tokens than the snapshot knows: {lease:?}");
    store.finish(&operation.id, &OperationResult::Done).await.unwrap();
    assert_eq!(store.verify(&scope(&owner("shop"))).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_open_in_a_copy_is_ended() {
    let fixture = Fixture::on_sqlite();
    let Location::File(file) = &fixture.location else { panic!() };
    let store = fixture.open().await;
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    store.accept(&operation, Some(&plan)).await.unwrap();
    let copy = fixture.folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    store.finish(&operation.id, &OperationResult::Done).await.unwrap();
    store.close().await;
    restore(&copy, file, SealKey::new(KEY), fixture.clock()).await.unwrap();
    let store = fixture.open().await;
    assert_eq!(store.open().await.unwrap(), []);
    let ended = store.operation(&operation.id).await.unwrap().unwrap().ended.unwrap().1;
    assert!(matches!(ended, OperationResult::Stuck { .. }), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_not_as_it_was_written_is_refused_and_nothing_changes() {
    let fixture = Fixture::on_sqlite();
    let Location::File(file) = &fixture.location else { panic!() };
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    let copy = fixture.folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    store.close().await;
    let length = std::fs::metadata(&copy).unwrap().len();
    for at in (0..length).step_by(1999) {
        flip(&copy, at);
        assert!(faults_of_copy(&copy, SealKey::new(KEY), fixture.clock()).await.is_err(), "byte {at}");
        let refused = restore(&copy, file, SealKey::new(KEY), fixture.clock()).await.unwrap_err();
        assert!(matches!(refused, StoreError::BackupBroken(_)), "{refused}");
        flip(&copy, at);
    }
    let other = restore(&copy, file, SealKey::new([8; 32]), fixture.clock()).await.unwrap_err();
    assert!(matches!(other, StoreError::BackupBroken(_)), "it is of another home: {other}");
    fixture.open().await.close().await;
    assert_eq!(faults_of_copy(&copy, SealKey::new(KEY), fixture.clock()).await.unwrap(), []);
    let folder = fixture.folder.path().join("snapshots");
    assert_eq!(snapshots(&folder).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_does_not_open_while_a_restore_has_not_ended() {
    let fixture = Fixture::on_sqlite();
    fixture.open().await.close().await;
    std::fs::write(format!("{}-restoring", fixture.address()), "").unwrap();
    let refused =
        Store::open(fixture.location.clone(), SealKey::new(KEY), fixture.clock()).await.unwrap_err();
    assert!(matches!(refused, StoreError::RestoreUnfinished { .. }), "{refused}");
}
