//! One release after the other: no request fails, a bad release changes nothing, an old lease has no say.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use appia_intent::units::Duration as Span;
use appia_intent::{Address, Balance, WorkloadName};
use appia_plan::local::{Body, Probe, Route, Workload};
use appia_plan::{DataFate, Driver, DriverError, ObjectState, Step, Undo, Verb};
use appia_runtime::agent::Shutdown;
use appia_runtime::leaks;
use nix::sys::signal::Signal;

use crate::bench::{
    Bench, Silent, get, get_of_host, healthz, is_alive, object, signal, wait_until, wait_until_async, web,
    workload_object,
};

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
async fn who_is_busy_gets_no_further_request_where_that_is_stated() {
    let bench = Bench::new().await;
    let balance = Some(Balance::LeastConnections);
    let two = Workload { replicas: 2, balance, ..web("api", &[("VERSION", "1")]) };
    bench.take(Verb::Create, &workload_object(two)).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let ends = bench.home.root().join("ends");
    let held = std::thread::spawn({
        let (url, path) = (url.clone(), format!("/until{}", ends.display()));
        move || get(&url, &path)
    });
    let in_flight = async || bench.agent.metrics().await.unwrap().lines().any(is_one_in_flight);
    wait_until_async("one request is on its way", in_flight).await;
    let answered: BTreeSet<_> = (0..6).map(|_| get(&url, "/pid").unwrap()).collect();
    assert_eq!(answered.len(), 1, "the other one is busy");
    std::fs::write(&ends, "").unwrap();
    assert_eq!(held.join().unwrap().as_deref(), Some("1"));
    bench.finish().await;
}

fn is_one_in_flight(line: &str) -> bool {
    line.starts_with("appia_requests_in_flight") && line.ends_with(" 1")
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

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_ends_in_order_cuts_no_request_and_the_next_one_need_not_wait() {
    let mut bench = Bench::new().await;
    bench.take(Verb::Create, &workload_object(web("api", &[("VERSION", "one")]))).await.unwrap();
    let url = bench.workload("api").await.url.unwrap();
    let go = bench.home.root().join("go");
    for signal_first in [true, false] {
        let (slow, path) = (url.clone(), format!("/until{}", go.display()));
        let request = std::thread::spawn(move || get(&slow, &path));
        wait_until_async("the request is on its way", async || {
            bench
                .agent
                .metrics()
                .await
                .unwrap()
                .lines()
                .any(|line| line.contains("in_flight") && line.ends_with(" 1"))
        })
        .await;
        let old = i32::try_from(bench.agent.hello().await.unwrap().pid).unwrap();
        if signal_first {
            signal(old, Signal::SIGTERM);
        } else {
            bench.agent.shutdown(Shutdown::LeaveRunning).await.unwrap();
        }
        wait_until_async("nobody answers", async || bench.agent.hello().await.is_err()).await;
        bench.start_agent().await;
        assert_eq!(get(&url, "/").as_deref(), Some("one"), "the next agent serves");
        assert!(is_alive(old), "while the one before it waits");
        std::fs::write(&go, "").unwrap();
        assert_eq!(request.join().unwrap().as_deref(), Some("one"));
        wait_until("it has ended", || !is_alive(old)).await;
        std::fs::remove_file(&go).unwrap();
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workloads_share_a_host_by_their_paths() {
    let bench = Bench::new().await;
    for (name, path) in [("shop", "/"), ("api", "/api")] {
        bench.take(Verb::Create, &workload_object(web(name, &[("VERSION", name)]))).await.unwrap();
        let workload = WorkloadName::new(name).unwrap();
        let route =
            Route { workload: workload.clone(), hosts: vec!["Shop.localhost".into()], path: path.into() };
        let route = object("route", name, Address::route(&workload), &Body::Route(route));
        bench.take(Verb::Create, &route).await.unwrap();
    }
    let at = bench.workload("api").await.routes.first().cloned().unwrap();
    let port = at.strip_prefix("http://shop.localhost:").and_then(|rest| rest.strip_suffix("/api")).unwrap();
    let ask = |path: &str| get_of_host(&format!("127.0.0.1:{port}"), "shop.localhost", path);
    assert_eq!(ask("/api/orders").as_deref(), Some("api"));
    assert_eq!(ask("/apis").as_deref(), Some("shop"));
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_cannot_take_a_port_is_served_one_at_a_time() {
    let mut bench = Bench::new().await;
    let fixed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let of_version = |version: &str| {
        // What a file states beats what is given: so this program listens where it always does.
        let mut api = web("api", &[("VERSION", version), ("PORT", &fixed.to_string())]);
        api.ports.values_mut().for_each(|port| port.target = fixed);
        api
    };
    bench.take(Verb::Create, &workload_object(of_version("one"))).await.unwrap();
    let status = bench.healthy("api").await;
    let url = status.url.clone().unwrap();
    assert_eq!((get(&url, "/").as_deref(), status.instances[0].port), (Some("one"), Some(fixed)));
    assert!(status.notes.iter().any(|note| note.contains("only one instance can run")), "{status:?}");
    bench.take(Verb::Change, &workload_object(of_version("two"))).await.unwrap();
    assert_eq!(get(&url, "/").as_deref(), Some("two"));
    bench.kill_agent().await;
    bench.healthy("api").await;
    wait_until("the next agent finds its port", || get(&url, "/").as_deref() == Some("two")).await;
    let twice = Workload { replicas: 2, ..of_version("three") };
    assert!(bench.take(Verb::Change, &workload_object(twice)).await.is_err());
    wait_until("the old one is back", || get(&url, "/").as_deref() == Some("two")).await;
    bench.finish().await;
}
