//! Secrets: made once, opened in their place only, never anywhere in plain.

use appia_intent::SecretRef;
use appia_plan::seal::{SealKey, SecretValue};
use appia_plan::{EventFact, Journal, ObjectId, OperationResult, SecretError, Secrets};
use appia_store::{EventDraft, Fault, Store};

use crate::fixture::Fixture;
use crate::samples::{anna, deploy, owner, scope, told, up};

fn password() -> SecretRef {
    SecretRef::first("resources.db.password")
}

async fn made(store: &Store, app: &str, secret: &SecretRef) -> SecretValue {
    store.ensure(&owner(app), secret, 32).await.unwrap();
    store.reveal(&owner(app), secret).await.unwrap()
}

pub(crate) async fn makes_secrets_once_and_forgets_them(fixture: &Fixture) {
    let store = fixture.open().await;
    let (shop, secret) = (owner("shop"), password());
    assert_eq!(store.reveal(&shop, &secret).await, Err(SecretError::Missing(secret.clone())));
    let value = made(&store, "shop", &secret).await;
    assert_eq!(value.reveal().len(), 32);
    assert!(value.reveal().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    store.close().await;

    let store = fixture.open().await;
    assert_eq!(made(&store, "shop", &secret).await, value, "it is there already");
    let second = SecretRef { version: 2, ..secret.clone() };
    assert_ne!(made(&store, "shop", &second).await, value);
    assert_ne!(made(&store, "blog", &secret).await, value);
    store.forget(&shop, &secret).await.unwrap();
    store.forget(&shop, &secret).await.unwrap();
    assert_eq!(store.reveal(&shop, &secret).await, Err(SecretError::Missing(secret.clone())));
    let events = [
        "secret_made secret/resources.db.password",
        "secret_made secret/resources.db.password",
        "secret_forgotten secret/resources.db.password",
    ];
    assert_eq!(told(&store, &shop).await, events);
}

pub(crate) async fn opens_only_in_its_place_and_with_its_key(fixture: &Fixture) {
    let store = fixture.open().await;
    let (shop, secret, other) = (owner("shop"), password(), SecretRef::first("other"));
    let value = made(&store, "shop", &secret).await;
    made(&store, "shop", &other).await;
    let broken = Err(SecretError::Broken(secret.clone()));

    if fixture.is_sqlite() {
        store.close().await;
    }
    let stranger = fixture.open_with(SealKey::new([8; 32])).await;
    assert_eq!(stranger.reveal(&shop, &secret).await, broken);
    assert!(
        stranger.ensure(&shop, &SecretRef::first("third"), 16).await.is_err(),
        "a wrong key writes nothing"
    );
    assert!(stranger.check().await.unwrap().iter().any(|fault| matches!(fault, Fault::Secret { .. })));
    stranger.close().await;
    let store = fixture.open().await;

    let others = "(SELECT sealed FROM kept WHERE name = 'other')";
    let flipped = |length: &str, cut: &str| format!("{cut}(sealed, 1, {length}(sealed) - 1)");
    fixture.raw("CREATE TABLE kept AS SELECT * FROM secrets").await;
    let cut = if fixture.is_sqlite() { flipped("length", "substr") } else { flipped("length", "substring") };
    let nothing = if fixture.is_sqlite() { "x''" } else { "'\\x'::bytea" };
    for sealed in [others, &cut, nothing] {
        fixture.raw(format!("UPDATE secrets SET sealed = {sealed} WHERE name = '{}'", secret.name)).await;
        assert_eq!(store.reveal(&shop, &secret).await, broken, "{sealed}");
        let faults = store.check().await.unwrap();
        assert_eq!(faults, [Fault::Secret { owner: shop.clone(), secret: secret.clone() }]);
        let kept = format!("(SELECT sealed FROM kept WHERE name = '{}')", secret.name);
        fixture.raw(format!("UPDATE secrets SET sealed = {kept} WHERE name = '{}'", secret.name)).await;
        assert_eq!(store.reveal(&shop, &secret).await, Ok(value.clone()));
    }
    // Moved to another application, version and name.
    for (change, app, moved) in [
        ("app = 'blog'", "blog", secret.clone()),
        ("version = 5", "shop", SecretRef { version: 5, ..secret.clone() }),
        ("name = 'new'", "shop", SecretRef { name: "new".into(), ..secret.clone() }),
    ] {
        let row = format!("name = '{}'", secret.name);
        fixture.raw(format!("UPDATE secrets SET {change} WHERE {row}")).await;
        assert_eq!(store.reveal(&owner(app), &moved).await, Err(SecretError::Broken(moved.clone())));
        fixture.raw("DELETE FROM secrets").await;
        fixture.raw("INSERT INTO secrets SELECT * FROM kept").await;
    }
    flip_every_byte(fixture, &store, &secret).await;
}

async fn flip_every_byte(fixture: &Fixture, store: &Store, secret: &SecretRef) {
    let hex = if fixture.is_sqlite() { "hex(sealed)" } else { "encode(sealed, 'hex')" };
    let row = format!("name = '{}'", secret.name);
    let text = fixture.texts(format!("SELECT {hex} FROM secrets WHERE {row}")).await.remove(0);
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    for at in (0..digits.len()).step_by(2) {
        let mut flipped = digits.clone();
        flipped[at] ^= 1;
        let flipped: String = flipped.iter().map(|digit| char::from_digit(*digit, 16).unwrap()).collect();
        let literal =
            if fixture.is_sqlite() { format!("x'{flipped}'") } else { format!("'\\x{flipped}'::bytea") };
        fixture.raw(format!("UPDATE secrets SET sealed = {literal} WHERE {row}")).await;
        let revealed = store.reveal(&owner("shop"), secret).await;
        assert_eq!(revealed, Err(SecretError::Broken(secret.clone())), "byte {}", at / 2);
    }
}

pub(crate) async fn leaves_no_secret_in_any_byte(fixture: &Fixture) {
    let store = fixture.open().await;
    let (shop, secret) = (owner("shop"), password());
    let value = made(&store, "shop", &secret).await;
    deploy(&store, "op1", "1.0").await;
    // A tool that fails tells the password in its own words.
    let spoken = format!("cannot connect to postgres://shop:{}@127.0.0.1/shop", value.reveal());
    let draft = EventDraft {
        scope: scope(&shop),
        actor: anna(),
        operation: None,
        fact: EventFact::StepFailed(ObjectId::new("thing", "web")),
        message: spoken.clone(),
    };
    let redaction = store.redaction(&shop).await.unwrap();
    assert_eq!(redaction.of(&spoken), "cannot connect to postgres://shop:***@127.0.0.1/shop");
    assert!(!format!("{redaction:?}").contains(value.reveal()));
    assert_eq!(store.redaction(&owner("blog")).await.unwrap().of(&spoken), spoken, "it is another's");
    let event = store.append(draft).await.unwrap();
    assert_eq!(event.message, "cannot connect to postgres://shop:***@127.0.0.1/shop");
    let (operation, plan) = up("op2", "shop", "2.0", 1);
    store.accept(&operation, Some(&plan)).await.unwrap();
    store.finish(&operation.id, &OperationResult::Undone { reason: spoken }).await.unwrap();
    let ended = store.operation(&operation.id).await.unwrap().unwrap().ended.unwrap().1;
    let reason = "cannot connect to postgres://shop:***@127.0.0.1/shop".to_owned();
    assert_eq!(ended, OperationResult::Undone { reason });
    let error = store.reveal(&shop, &SecretRef::first("none")).await.unwrap_err();

    let said = format!("{store:?} {value:?} {:?} {error:?} {error}", fixture.location);
    let bytes = fixture.bytes().await;
    let found =
        |bytes: &[u8], canary: &str| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
    assert!(found(&bytes, "resources.db.password"), "the search finds what is there");
    assert!(!found(&bytes, value.reveal()));
    assert!(!found(said.as_bytes(), value.reveal()));
    assert!(!said.contains("postgres:///"), "{said}");
    if !fixture.is_sqlite() {
        // PostgreSQL may press long texts together: its rows are searched as well.
        for table in ["events", "operations", "deployments", "steps", "secrets", "tombstones"] {
            let rows = fixture.texts(format!("SELECT CAST(t AS TEXT) FROM {table} t")).await;
            assert!(!rows.iter().any(|row| row.contains(value.reveal())), "{table}");
        }
    }
}
