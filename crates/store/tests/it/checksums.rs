//! A flipped byte, anywhere in the store's files: found, or without any effect.

use std::path::{Path, PathBuf};

use appia_plan::seal::SealKey;
use appia_plan::{Journal, OperationId, Secrets};
use appia_store::{Store, StoreError};

use crate::fixture::{Fixture, KEY};
use crate::samples::{deploy, owner, scope};

/// The files of a store. `-shm` is no part of it: SQLite makes it anew.
const FILES: [&str; 4] = ["", "-wal", "-sums", "-mark"];

#[tokio::test(flavor = "multi_thread")]
async fn no_flipped_byte_changes_an_answer() {
    let fixture = Fixture::on_sqlite();
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    deploy(&store, "op2", "2.0").await;
    let expect = answers(&store).await.unwrap();
    let killed = image(&fixture, "killed");
    store.close().await;
    let closed = image(&fixture, "closed");
    let mut found = Vec::new();
    for image in [&killed, &closed] {
        assert_eq!(ask(image).await.unwrap(), expect, "without a flip");
        for file in FILES {
            found.push((file, flip_some(image, file, &expect).await));
        }
    }
    let detected: usize = found.iter().map(|(_, found)| found).sum();
    assert!(detected > 100, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_that_flips_while_the_store_is_open_is_found() {
    let fixture = Fixture::on_sqlite();
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    store.close().await;
    let store = fixture.open().await;
    deploy(&store, "op2", "2.0").await;
    assert!(store.attest().await.is_ok());
    for (file, at) in [("", 5000), ("-wal", 5000)] {
        let path = of_world(&fixture, file);
        flip(&path, at);
        assert!(matches!(until_damaged(&store).await, StoreError::Damaged { .. }));
        let refused =
            store.ensure(&owner("shop"), &appia_intent::SecretRef::first("new"), 16).await.unwrap_err();
        assert!(refused.to_string().contains("is not as it was written"), "{refused}");
        flip(&path, at);
        store.attest().await.unwrap();
    }
    store.ensure(&owner("shop"), &appia_intent::SecretRef::first("new"), 16).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_gone_or_cut_is_found() {
    let fixture = Fixture::on_sqlite();
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    for cut in [0, 31, 40_000] {
        let image = image(&fixture, &format!("cut-{cut}"));
        let log = std::fs::OpenOptions::new().write(true).open(image.join("store.db-wal")).unwrap();
        assert!(log.metadata().unwrap().len() > cut);
        log.set_len(cut).unwrap();
        let said = ask(&image).await.unwrap_err();
        assert!(matches!(said, StoreError::Damaged { .. }), "{said}");
    }
    let image = image(&fixture, "gone");
    std::fs::remove_file(image.join("store.db")).unwrap();
    assert!(matches!(ask(&image).await.unwrap_err(), StoreError::Damaged { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_moved_and_the_file_stays_known() {
    let fixture = Fixture::on_sqlite();
    let store = fixture.open().await;
    for index in 0..300 {
        let secret = appia_intent::SecretRef::first(format!("secret-{index}"));
        store.ensure(&owner("shop"), &secret, 16).await.unwrap();
    }
    let log = std::fs::metadata(of_world(&fixture, "-wal")).unwrap().len();
    assert!(log < 1200 * 4120, "{log}");
    store.attest().await.unwrap();
    let killed = image(&fixture, "killed");
    let again = open(&killed).await.unwrap();
    assert_eq!(again.events(&scope(&owner("shop")), 0, 1000).await.unwrap().len(), 300);
}

/// Flips a few bytes of each page, one after the other; gives how many were refused.
async fn flip_some(image: &Path, file: &str, expect: &str) -> usize {
    let path = image.join(format!("store.db{file}"));
    let Ok(length) = std::fs::metadata(&path).map(|file| file.len()) else { return 0 };
    let mut detected = 0;
    let mut at = 3;
    while at < length {
        let folder = image.with_extension("flipped");
        copy_folder(image, &folder);
        flip(&folder.join(format!("store.db{file}")), at);
        match ask(&folder).await {
            Ok(answers) => assert_eq!(answers, expect, "byte {at} of `{file}`"),
            Err(StoreError::Damaged { .. } | StoreError::File { .. }) => detected += 1,
            Err(other) => panic!("byte {at} of `{file}`: {other}"),
        }
        std::fs::remove_dir_all(&folder).unwrap();
        // Two in each page, at changing places; all of what is small.
        at += if length < 400 { 1 } else { 1867 };
    }
    detected
}

async fn ask(image: &Path) -> Result<String, StoreError> {
    let folder = image.with_extension("asked");
    copy_folder(image, &folder);
    let answers = match open(&folder).await {
        Ok(store) => {
            let answers = answers(&store).await;
            store.close().await;
            answers
        }
        Err(error) => Err(error),
    };
    std::fs::remove_dir_all(&folder).unwrap();
    answers
}

async fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(folder.join("store.db"), SealKey::new(KEY), Fixture::on_sqlite().clock()).await
}

/// Everything that the store can be asked for.
async fn answers(store: &Store) -> Result<String, StoreError> {
    store.attest().await?;
    let shop = owner("shop");
    let mut said = format!("{:?}", store.events(&scope(&shop), 0, 1000).await?);
    said += &format!("{:?} {:?}", store.current(&shop).await?, store.previous(&shop).await?);
    said += &format!("{:?}", store.deployments(&shop, None, 100).await?);
    said += &format!("{:?}", store.environments("default", None, 100).await?);
    said += &format!("{:?}", store.releases("default", &shop.app, None, 100).await?);
    said += &format!("{:?}", store.tombstones(&shop, None, 100).await?);
    for id in ["op1", "op2"].map(|id| OperationId(id.into())) {
        said += &format!("{:?} {:?}", store.operation(&id).await?, store.deployed_plan(&id).await?);
    }
    said += &format!("{:?}", store.open().await.map(|open| open.len()));
    Ok(said)
}

/// Its files as a `kill -9` would leave them now.
fn image(fixture: &Fixture, name: &str) -> PathBuf {
    let image = fixture.folder.path().join(name);
    std::fs::create_dir_all(&image).unwrap();
    for file in FILES {
        let from = of_world(fixture, file);
        if from.exists() {
            std::fs::copy(&from, image.join(format!("store.db{file}"))).unwrap();
        }
    }
    image
}

fn of_world(fixture: &Fixture, file: &str) -> PathBuf {
    PathBuf::from(format!("{}{file}", fixture.address()))
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

pub(crate) fn flip(path: &Path, at: u64) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x11], at).unwrap();
}

/// It looks again when it has rested.
async fn until_damaged(store: &Store) -> StoreError {
    let began = std::time::Instant::now();
    loop {
        match store.attest().await {
            Err(error) => return error,
            Ok(()) => assert!(began.elapsed().as_secs() < 60, "a flipped byte is never found"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
