//! One release after the other: no request fails, a bad release changes nothing, an old lease has no say.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use appia_intent::units::Duration as Span;
use appia_plan::local::{Probe, Workload};
use appia_plan::{DataFate, Driver, DriverError, ObjectState, Step, Undo, Verb};
use appia_runtime::leaks;

use crate::bench::{Bench, Silent, get, healthz, web, workload_object};

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_releases_follow_each_other() {
    let bench = Bench::new().await;
    let release = |version: &str| {
        workload_object(Workload {
            replicas: 2,
            ..web("api", &[("VERSION", version), ("START_MILLIS", "50")])
        })
    };
    bench.take(Verb::Create, &release("0")).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let (over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (url, over, asked) = (url.clone(), over.clone(), asked.clone());
            std::thread::spawn(move || {
                let mut failed = 0;
                while !over.load(Ordering::Relaxed) {
                    failed += u64::from(get(&url, "/").is_none());
                    asked.fetch_add(1, Ordering::Relaxed);
                }
                failed
            })
        })
        .collect();
    for version in 1..=5 {
        bench.take(Verb::Change, &release(&version.to_string())).await.unwrap();
        assert_eq!(get(&url, "/"), Some(version.to_string()));
    }
    over.store(true, Ordering::Relaxed);
    let failed: u64 = clients.into_iter().map(|client| client.join().unwrap()).sum();
    assert_eq!(failed, 0, "of {}", asked.load(Ordering::Relaxed));
    assert!(asked.load(Ordering::Relaxed) > 50);
    let status = bench.workload("api").await;
    assert_eq!(status.instances.len(), 2);
    assert!(status.rates.rps > 0.0);
    assert!(bench.agent.metrics().await.unwrap().contains("appia_requests_total"));
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_does_not_become_healthy_leaves_the_old_one_serving() {
    let bench = Bench::new().await;
    let good = workload_object(web("api", &[("VERSION", "good")]));
    bench.take(Verb::Create, &good).await.unwrap();
    let before = bench.workload("api").await;
    let url = before.url.clone().unwrap();
    let mut ill = web("api", &[("VERSION", "ill"), ("UNHEALTHY", "1")]);
    for container in ill.containers.values_mut() {
        container.readiness = Some(Probe { start_within: Span::from_millis(700), ..healthz() });
    }
    match bench.take(Verb::Change, &workload_object(ill)).await {
        Err(DriverError::Permanent { message, detail, .. }) => {
            assert!(message.contains("not ready after") && message.contains("503"), "{message}");
            assert!(detail.iter().any(|line| line.starts_with("listening on")), "{detail:?}");
        }
        other => panic!("{other:?}"),
    }
    let after = bench.workload("api").await;
    assert_eq!((after.instances, get(&url, "/").as_deref()), (before.instances, Some("good")));
    let observed = bench.driver.observe(&bench.owner).await.unwrap();
    assert_eq!(observed.objects.values().next().unwrap().applied.as_ref(), Some(&good));
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), [], "nothing of the bad release is left");
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_release_that_crashes_is_partial_until_it_is_deleted() {
    let bench = Bench::new().await;
    let object = workload_object(web("api", &[("START_MILLIS", "0"), ("PORT", "1")]));
    assert!(matches!(bench.take(Verb::Create, &object).await, Err(DriverError::Permanent { .. })));
    let observed = bench.driver.observe(&bench.owner).await.unwrap();
    assert_eq!(observed.objects.values().next().unwrap().state, ObjectState::Partial);
    bench.take(Verb::Delete, &object).await.unwrap();
    assert!(bench.driver.observe(&bench.owner).await.unwrap().objects.is_empty());
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_lease_is_refused() {
    let mut bench = Bench::new().await;
    let object = workload_object(web("api", &[]));
    let step = Step {
        address: object.address.clone(),
        object: object.id.clone(),
        verb: Verb::Create,
        before: None,
        desired: Some(object.clone()),
        undo: Undo::Reverse,
        data: DataFate::Kept,
        needs: Vec::new(),
    };
    bench.driver.take(&step, &bench.lease(7), &Silent).await.unwrap();
    let refused = Err(DriverError::Fenced { newer: 7 });
    assert_eq!(bench.driver.take(&step, &bench.lease(6), &Silent).await, refused);
    bench.kill_agent().await;
    assert_eq!(bench.driver.take(&step, &bench.lease(6), &Silent).await, refused, "also by the next agent");
    bench.finish().await;
}
