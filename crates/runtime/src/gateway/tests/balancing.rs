//! Who gets the next request.

use super::*;

#[tokio::test]
async fn round_robin_is_even_over_many_connections() {
    let origins = [Origin::start("a").await, Origin::start("b").await, Origin::start("c").await];
    let (_gateway, addr) = gateway(&[web(&[&origins[0], &origins[1], &origins[2]])]).await;
    let clients = (0..10).map(|_| async {
        let mut browser = Browser::open(addr).await;
        for _ in 0..90 {
            assert_eq!(browser.get("/").await.unwrap().0, 200);
        }
    });
    futures::future::join_all(clients).await;
    for origin in &origins {
        assert!(origin.requests().abs_diff(300) <= 3, "{}: {}", origin.name, origin.requests());
    }
}

#[tokio::test]
async fn weights_divide_the_requests() {
    let (stable, canary) = (Origin::start("stable").await, Origin::start("canary").await);
    let deployments = vec![deployment("stable", 95, &[&stable]), deployment("canary", 5, &[&canary])];
    let (_gateway, addr) = gateway(&[Route { deployments, ..web(&[]) }]).await;
    let mut browser = Browser::open(addr).await;
    for _ in 0..1_000 {
        browser.get("/").await.unwrap();
    }
    assert!(canary.requests().abs_diff(50) <= 5, "{}", canary.requests());
    assert_eq!(stable.requests() + canary.requests(), 1_000);
}

#[tokio::test]
async fn least_connections_spares_a_slow_instance() {
    let (slow, fast) = (Origin::start("slow").await, Origin::start("fast").await);
    let route = Route { balance: Balance::LeastConnections, ..web(&[&slow, &fast]) };
    let (gateway, addr) = gateway(&[route]).await;
    let held: Vec<_> = (0..4).map(|_| tokio::spawn(ask(addr, "/hold"))).collect();
    until("all four are held", async || slow.requests() + fast.requests() == 4).await;
    fast.release(2);
    until("the fast one is free", async || in_flight(&gateway).await == 2).await;
    let mut browser = Browser::open(addr).await;
    for _ in 0..50 {
        assert_eq!(browser.get("/").await.unwrap().1, "fast");
    }
    slow.release(2);
    for answer in held {
        assert_eq!(answer.await.unwrap().0, 200);
    }
}

#[tokio::test]
async fn a_failing_instance_is_out_within_three_requests_and_returns() {
    let (clock, time) = crate::telemetry::Clock::manual();
    let (bad, good) = (Origin::start("bad").await, Origin::start("good").await);
    bad.answer_with(500);
    let settings = Settings { clock, ..settings() };
    let (gateway, addr) = gateway_with(settings, &[web(&[&bad, &good])]).await;
    let mut browser = Browser::open(addr).await;
    for _ in 0..60 {
        browser.get("/").await.unwrap();
    }
    assert_eq!(bad.requests(), 3);
    assert_eq!(gateway.snapshot().await.routes[0].instances[0].standing, ServingState::Ejected);
    bad.answer_with(200);
    time.advance(Duration::from_secs(2));
    for _ in 0..60 {
        assert_eq!(browser.get("/").await.unwrap().0, 200);
    }
    assert_eq!(bad.requests(), 33);
}

#[tokio::test]
async fn checks_take_an_instance_out_and_bring_it_back() {
    let (one, two) = (Origin::start("one").await, Origin::start("two").await);
    let check = HealthCheck {
        probe: HealthProbe::Http { path: "/healthz".into() },
        interval: Duration::from_millis(5),
        timeout: PATIENCE,
        unhealthy_after: 2,
        healthy_after: 2,
    };
    let (gateway, addr) = gateway(&[Route { check: Some(check), ..web(&[&one, &two]) }]).await;
    let standing = async || gateway.snapshot().await.routes[0].instances[0].standing;
    one.answer_with(500);
    until("it is out", async || standing().await == ServingState::Unhealthy).await;
    for _ in 0..10 {
        assert_eq!(ask(addr, "/").await, (200, "two".into()));
    }
    one.answer_with(200);
    until("it is back", async || standing().await == ServingState::Serving).await;
}
