//! The event log: complete, paged, and unforgeable from outside.

use appia_plan::{
    Actor, ActorKind, Digest, Event, EventFact, Journal, ObjectId, OperationId, OperationResult, Scope,
};
use appia_store::{ChainFault, EventDraft, StoreError};

use crate::fixture::Fixture;
use crate::samples::{anna, deploy, owner, scope, take_all, told, up};

pub(crate) async fn tells_every_change_in_order(fixture: &Fixture) {
    let store = fixture.open().await;
    let (operation, plan) = up("op1", "shop", "1.0", 0);
    let mut commits = store.commits();
    store.accept(&operation, Some(&plan)).await.unwrap();
    assert!(commits.has_changed().unwrap());
    commits.mark_unchanged();
    take_all(&store, &operation).await;
    let failed = EventDraft {
        scope: scope(&owner("shop")),
        actor: Actor { kind: ActorKind::System, name: "engine".into() },
        operation: Some(operation.id.clone()),
        fact: EventFact::StepFailed(ObjectId::new("thing", "web")),
        message: "the port is taken".into(),
    };
    let event = store.append(failed).await.unwrap();
    assert_eq!(event.seq, 6);
    store
        .finish(&operation.id, &OperationResult::Undone { reason: "the port is taken".into() })
        .await
        .unwrap();
    assert_eq!(
        told(&store, &owner("shop")).await,
        [
            "operation_began",
            "step_began thing/db",
            "step_done thing/db",
            "step_began thing/web",
            "step_done thing/web",
            "step_failed thing/web",
            "operation_undone",
        ]
    );
    let events = store.events(&scope(&owner("shop")), 0, 100).await.unwrap();
    assert_eq!(events[0].prev_hash, Digest::of(b""));
    for pair in events.windows(2) {
        assert_eq!(pair[1].prev_hash, pair[0].hash());
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        assert!(pair[1].at_ms > pair[0].at_ms);
    }
    assert_eq!(events[0].fact, EventFact::OperationBegan(operation.plan.clone()));
    let made = operation.steps[0].desired.as_ref().map(|object| object.digest());
    assert_eq!(events[2].fact, EventFact::StepDone(operation.steps[0].object.clone(), made));
    assert_eq!(events[6].message, "`up` failed: the port is taken");
    assert_eq!(store.events_of(&operation.id, 0, 100).await.unwrap(), events);
}

/// What stands in a log stays as it is for ever: a program that read or wrote it otherwise would break every chain.
pub(crate) async fn reads_and_hashes_as_it_always_did(fixture: &Fixture) {
    let store = fixture.open().await;
    let shop = scope(&owner("shop"));
    let everything = Scope { app: None, environment: None, ..shop.clone() };
    let (web, secret) = (ObjectId::new("thing", "web"), ObjectId::new("secret", "db-password"));
    let digest = || Some(Digest::of(b"what was there after it"));
    let ours = [EventFact::SecretMade(secret.clone()), EventFact::SecretForgotten(secret)];
    let told = [
        EventFact::OperationBegan(digest()),
        EventFact::OperationResumed,
        EventFact::StepBegan(web.clone()),
        EventFact::StepDone(web.clone(), digest()),
        EventFact::StepFailed(web.clone()),
        EventFact::UndoBegan(web.clone()),
        EventFact::UndoDone(web.clone(), None),
        EventFact::OperationDone(digest()),
        EventFact::OperationUndone(digest()),
        EventFact::OperationStuck(digest()),
        EventFact::Tombstone(web.clone()),
    ];
    let draft = |scope: &Scope, actor: Actor, fact: EventFact| EventDraft {
        scope: scope.clone(),
        operation: (actor == anna()).then(|| OperationId("op1".into())),
        actor,
        fact,
        message: "it's \"quoted\" \u{1f600}\n".into(),
    };
    for fact in told {
        store.append(draft(&shop, anna(), fact)).await.unwrap();
    }
    for fact in ours {
        let appia = Actor { kind: ActorKind::System, name: "appia".into() };
        store.append(draft(&shop, appia, fact)).await.unwrap();
    }
    let token = Actor { kind: ActorKind::Token, name: "pipeline".into() };
    store.append(draft(&everything, token, EventFact::Tombstone(web))).await.unwrap();
    let mut text = String::new();
    for scope in [&shop, &everything] {
        for event in store.events(scope, 0, 100).await.unwrap() {
            text += &format!("{}\n", event.hash());
        }
    }
    let bodies = fixture.texts("SELECT body FROM events ORDER BY app DESC, seq").await;
    appia_testkit::golden("tests/events.txt", &(bodies.join("\n") + "\n" + &text));
    assert_eq!(store.verify(&shop).await.unwrap(), []);
}

pub(crate) async fn pages_through_events(fixture: &Fixture) {
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    deploy(&store, "op2", "2.0").await;
    let all = store.events(&scope(&owner("shop")), 0, 100).await.unwrap();
    assert_eq!(all.len(), 12);
    let mut seen: Vec<Event> = Vec::new();
    loop {
        let after = seen.last().map_or(0, |event| event.seq);
        let page = store.events(&scope(&owner("shop")), after, 5).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 5);
        seen.extend(page);
    }
    assert_eq!(seen, all);
    let second = store.events_of(&appia_plan::OperationId("op2".into()), 8, 100).await.unwrap();
    assert_eq!(second, all[8..]);
}

/// One kind of tampering: what was done, its statements, and what is found.
type Tampering = (&'static str, &'static [&'static str], Vec<ChainFault>);

pub(crate) async fn finds_every_kind_of_tampering(fixture: &Fixture) {
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    let scope = scope(&owner("shop"));
    assert_eq!(store.verify(&scope).await.unwrap(), []);
    fixture.raw("CREATE TABLE kept_events AS SELECT * FROM events").await;
    fixture.raw("CREATE TABLE kept_heads AS SELECT * FROM event_heads").await;
    let elsewhere = |found| ChainFault::HeadElsewhere { expected: 6, found };
    let tamperings: Vec<Tampering> = vec![
        (
            "an edit in the middle",
            &["UPDATE events SET body = REPLACE(body, 'anna', 'eve!') WHERE seq = 3"],
            vec![ChainFault::Broken { seq: 4 }],
        ),
        (
            "an edit of the first",
            &["UPDATE events SET body = REPLACE(body, 'anna', 'eve!') WHERE seq = 1"],
            vec![ChainFault::Broken { seq: 2 }],
        ),
        (
            "an edit of the last",
            &["UPDATE events SET body = REPLACE(body, 'anna', 'eve!') WHERE seq = 6"],
            vec![elsewhere(6)],
        ),
        (
            "white space",
            &["UPDATE events SET body = body || ' ' WHERE seq = 3"],
            vec![ChainFault::Broken { seq: 4 }],
        ),
        (
            "a text that is none",
            &["UPDATE events SET body = 'x' WHERE seq = 3"],
            vec![ChainFault::Unreadable { seq: 3 }, ChainFault::Broken { seq: 4 }],
        ),
        (
            "another operation",
            &["UPDATE events SET operation = 'op9' WHERE seq = 3"],
            vec![ChainFault::Unreadable { seq: 3 }],
        ),
        ("a deletion", &["DELETE FROM events WHERE seq = 3"], vec![ChainFault::Missing { seq: 3 }]),
        (
            "a deletion of the first",
            &["DELETE FROM events WHERE seq = 1"],
            vec![ChainFault::Missing { seq: 1 }],
        ),
        (
            "a deletion closed up",
            &["DELETE FROM events WHERE seq = 3", "UPDATE events SET seq = seq - 1 WHERE seq > 3"],
            vec![
                ChainFault::Unreadable { seq: 3 },
                ChainFault::Unreadable { seq: 4 },
                ChainFault::Unreadable { seq: 5 },
                elsewhere(5),
            ],
        ),
        (
            "a swap",
            &[
                "UPDATE events SET seq = 99 WHERE seq = 2",
                "UPDATE events SET seq = 2 WHERE seq = 3",
                "UPDATE events SET seq = 3 WHERE seq = 99",
            ],
            vec![
                ChainFault::Unreadable { seq: 2 },
                ChainFault::Unreadable { seq: 3 },
                ChainFault::Broken { seq: 4 },
            ],
        ),
        ("a cut end", &["DELETE FROM events WHERE seq > 4"], vec![elsewhere(4)]),
        (
            "a cut end with its head",
            &["DELETE FROM events WHERE seq > 4", "UPDATE event_heads SET seq = 4"],
            vec![ChainFault::HeadForged],
        ),
        ("everything", &["DELETE FROM events"], vec![elsewhere(0)]),
        (
            "everything with the head",
            &["DELETE FROM events", "DELETE FROM event_heads"],
            vec![ChainFault::HeadForged],
        ),
        ("the head", &["DELETE FROM event_heads"], vec![ChainFault::HeadForged]),
        (
            "the head's hash",
            &["UPDATE event_heads SET hash = REPLACE(hash, 'a', 'b')"],
            vec![ChainFault::HeadForged],
        ),
    ];
    for (what, statements, expect) in tamperings {
        for statement in statements {
            fixture.raw(*statement).await;
        }
        let found = store.verify(&scope).await.unwrap();
        assert_eq!(found, expect, "{what}");
        assert_eq!(store.check().await.unwrap().len(), expect.len(), "{what}");
        for statement in [
            "DELETE FROM events",
            "INSERT INTO events SELECT * FROM kept_events",
            "DELETE FROM event_heads",
            "INSERT INTO event_heads SELECT * FROM kept_heads",
        ] {
            fixture.raw(statement).await;
        }
        assert_eq!(store.verify(&scope).await.unwrap(), [], "after {what}");
    }
    forge_a_whole_chain(fixture, &store, &scope).await;
}

/// Who knows how it is done writes every event and every hash anew, and still lacks the key.
async fn forge_a_whole_chain(fixture: &Fixture, store: &appia_store::Store, scope: &Scope) {
    let mut before = Digest::of(b"");
    for mut event in store.events(scope, 0, 100).await.unwrap() {
        event.actor.name = "eve".into();
        event.prev_hash = before;
        before = event.hash();
        let body = appia_plan::canonical_json(&serde_json::to_value(&event).unwrap());
        fixture.raw(format!("UPDATE events SET body = '{body}' WHERE seq = {}", event.seq)).await;
    }
    fixture.raw(format!("UPDATE event_heads SET hash = '{before}'")).await;
    assert_eq!(store.verify(scope).await.unwrap(), [ChainFault::HeadForged]);
}

pub(crate) async fn is_not_written_on_after_tampering(fixture: &Fixture) {
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    fixture.raw("UPDATE event_heads SET seq = 3").await;
    let (operation, plan) = up("op2", "shop", "2.0", 1);
    let error = store.accept(&operation, Some(&plan)).await.unwrap_err();
    assert_eq!(error.to_string(), StoreError::HeadForged(scope(&owner("shop"))).to_string());
    // The others go on.
    let (other, other_plan) = up("op3", "blog", "1.0", 0);
    store.accept(&other, Some(&other_plan)).await.unwrap();
}

pub(crate) async fn a_scope_is_its_own(fixture: &Fixture) {
    let store = fixture.open().await;
    deploy(&store, "op1", "1.0").await;
    let organisation = Scope { organisation: "default".into(), app: None, environment: None };
    let app = Scope { app: Some(owner("shop").app), ..organisation.clone() };
    for scope in [&organisation, &app] {
        let draft = EventDraft {
            scope: scope.clone(),
            actor: crate::samples::anna(),
            operation: None,
            fact: EventFact::OperationResumed,
            message: "it's \"quoted\" \u{1f600}\n".into(),
        };
        assert_eq!(store.append(draft).await.unwrap().seq, 1);
        assert_eq!(store.events(scope, 0, 10).await.unwrap()[0].message, "it's \"quoted\" \u{1f600}\n");
    }
    assert_eq!(store.scopes().await.unwrap(), [organisation, app, scope(&owner("shop"))]);
    // An event put into another scope is found there.
    fixture
        .raw("UPDATE events SET environment = 'local', seq = 7 WHERE app = 'shop' AND environment = ''")
        .await;
    let found = store.verify(&scope(&owner("shop"))).await.unwrap();
    assert_eq!(found[0], ChainFault::Unreadable { seq: 7 });
}
