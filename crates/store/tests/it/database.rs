//! Opening, migrating, checking and copying a store.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use appia_plan::seal::SealKey;
use appia_store::{Fault, Location, Store, StoreError};

use crate::fixture::{Fixture, KEY};
use crate::samples::{deploy, owner, told};

pub(crate) async fn migrates_from_empty_and_twice(fixture: &Fixture) {
    fixture.open().await.close().await;
    if let Location::File(file) = &fixture.location {
        // As a careless copy would leave it.
        std::fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
    }
    let store = fixture.open().await;
    assert_eq!(fixture.number("SELECT COUNT(*) FROM _sqlx_migrations").await, 1);
    deploy(&store, "op1", "1.0").await;
    store.close().await;
    let store = fixture.open().await;
    assert_eq!(store.generation(&owner("shop")).await.unwrap(), 1);
    assert_eq!(told(&store, &owner("shop")).await.len(), 6);
    store.close().await;
    if let Location::File(file) = &fixture.location {
        for suffix in ["", "-wal", "-shm"] {
            let file = format!("{}{suffix}", file.display());
            if let Ok(data) = std::fs::metadata(&file) {
                assert_eq!(data.permissions().mode() & 0o777, 0o600, "{file}");
            }
        }
        assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

pub(crate) async fn refuses_tables_of_a_newer_program(fixture: &Fixture) {
    fixture.open().await.close().await;
    fixture.raw("UPDATE _sqlx_migrations SET version = 9999").await;
    fixture.forget_sums();
    let error = Store::open(fixture.location.clone(), SealKey::new(KEY), fixture.clock()).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { version: 9999 }), "{error}");
}

pub(crate) async fn a_good_store_has_no_faults(fixture: &Fixture) {
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    assert_eq!(store.check().await.unwrap(), []);
    let copy = fixture.folder.path().join("copies/store.db");
    if !fixture.is_sqlite() {
        assert!(matches!(store.backup(&copy).await, Err(StoreError::BackupElsewhere)));
        return;
    }
    store.backup(&copy).await.unwrap();
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(store.backup(&copy).await, Err(StoreError::File { .. })), "it would overwrite a copy");
    let copied = Store::open(copy, SealKey::new(KEY), fixture.clock()).await.unwrap();
    assert_eq!(told(&copied, &owner("shop")).await, told(&store, &owner("shop")).await);

    fixture.raw("UPDATE operations SET body = body || ' '").await;
    let faults = store.check().await.unwrap();
    assert!(
        matches!(&faults[..], [Fault::Operation { operation, .. }] if operation.0 == "op1"),
        "{faults:?}"
    );
    let broken = fixture.folder.path().join("copies/broken.db");
    assert!(matches!(store.backup(&broken).await, Err(StoreError::BackupBroken(_))));
    assert!(!broken.exists(), "what is no good copy does not lie there as one");
}
