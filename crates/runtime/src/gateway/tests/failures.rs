//! Instances that are gone, break off or say nothing.

use super::*;

/// An address that nothing listens on.
fn nowhere() -> Upstream {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    Upstream { id: "gone".into(), addr: socket.local_addr().unwrap() }
}

fn route_to(instances: Vec<Upstream>) -> Route {
    Route {
        deployments: vec![Deployment { id: "one".into(), weight: 1, stage: Stage::Proven, instances }],
        ..web(&[])
    }
}

#[tokio::test]
async fn a_dead_workload_gives_a_page_that_says_what_to_type() {
    let (_gateway, addr) = gateway(&[route_to(vec![nowhere()])]).await;
    let (status, text) = ask(addr, "/").await;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &json["code"]), (502, &"unreachable".into()));
    assert!(json["message"].as_str().unwrap().contains("`web` does not accept connections"), "{json}");
    assert_eq!(json["help"][0], "appia logs web");
    let head = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: text/html,*/*\r\n\r\n";
    let page = raw(addr, head.as_bytes()).await;
    assert!(page.contains("text/html") && page.contains("<code>appia logs web</code>"), "{page}");
}

#[tokio::test]
async fn a_route_without_instances_is_unavailable() {
    let (gateway, addr) = gateway(&[web(&[])]).await;
    let (status, text) = ask(addr, "/").await;
    assert_eq!(status, 503);
    assert!(text.contains("`web` is not running"), "{text}");
    assert_eq!(gateway.snapshot().await.routes[0].errors, 1);
}

#[tokio::test]
async fn a_refused_connection_is_tried_elsewhere_and_the_instance_put_aside() {
    let origin = Origin::start("alive").await;
    let (gateway, addr) = gateway(&[route_to(vec![nowhere(), origin.upstream()])]).await;
    for _ in 0..20 {
        assert_eq!(ask(addr, "/").await, (200, "alive".into()));
    }
    let instances = &gateway.snapshot().await.routes[0].instances;
    assert_eq!((instances[0].standing, instances[0].errors), (ServingState::Ejected, 3));
}

#[tokio::test]
async fn retries_of_a_dead_service_stay_within_the_budget() {
    let refused = [nowhere(), nowhere(), nowhere()].map(|one| Upstream { id: one.addr.to_string(), ..one });
    let route =
        Route { ejection: Ejection { after: u32::MAX, ..Ejection::default() }, ..route_to(refused.into()) };
    let (gateway, addr) = gateway(&[route]).await;
    for _ in 0..100 {
        assert_eq!(ask(addr, "/").await.0, 502);
    }
    let tries: u64 = gateway.snapshot().await.routes[0].instances.iter().map(|one| one.errors).sum();
    assert!((101..=130).contains(&tries), "{tries}");
}

#[tokio::test]
async fn killing_an_instance_under_kept_connections_fails_no_get() {
    let (one, two) = (Origin::start("one").await, Origin::start("two").await);
    let (_gateway, addr) = gateway(&[web(&[&one, &two])]).await;
    let mut browsers = Vec::new();
    for _ in 0..6 {
        browsers.push(Browser::open(addr).await);
    }
    for browser in &mut browsers {
        browser.get("/").await.unwrap();
    }
    one.kill().await;
    for _ in 0..5 {
        for browser in &mut browsers {
            assert_eq!(browser.get("/").await.unwrap(), (200, "two".into()));
        }
    }
}

#[tokio::test]
async fn a_request_that_may_have_been_carried_out_is_not_sent_again() {
    let breaker = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Upstream { id: "breaker".into(), addr: breaker.local_addr().unwrap() };
    let origin = Origin::start("other").await;
    let heads = tokio::spawn(async move {
        let mut heads = 0;
        while heads < 2 {
            let (mut stream, _) = breaker.accept().await.unwrap();
            heads += usize::from(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        }
        heads
    });
    let (_gateway, addr) = gateway(&[route_to(vec![upstream, origin.upstream()])]).await;
    let mut browser = Browser::open(addr).await;
    let post = |browser: &mut Browser| {
        let mut request = get("/");
        *request.method_mut() = hyper::Method::POST;
        browser.sender.send_request(request)
    };
    assert_eq!(post(&mut browser).await.unwrap().status(), 502, "a POST is not repeated");
    assert_eq!(browser.get("/").await.unwrap().1, "other");
    assert_eq!(browser.get("/").await.unwrap(), (200, "other".into()), "a GET is");
    assert_eq!(heads.await.unwrap(), 2);
}

#[tokio::test]
async fn a_client_that_stops_in_its_body_is_not_held_against_the_instance() {
    let origin = Origin::start("web-1").await;
    let timeouts = Timeouts { response: Duration::from_millis(30), ..Timeouts::default() };
    let ejection = Ejection { after: 1, ..Ejection::default() };
    let (gateway, addr) = gateway(&[Route { timeouts, ejection, ..web(&[&origin]) }]).await;
    let answer = raw(addr, b"POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(gateway.snapshot().await.routes[0].instances[0].standing, ServingState::Serving);
}

#[tokio::test]
async fn a_client_that_leaves_is_no_error() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let held = tokio::spawn(ask(addr, "/hold"));
    until("it is on its way", async || origin.requests() == 1).await;
    held.abort();
    until("it is counted", async || in_flight(&gateway).await == 0).await;
    let route = &gateway.snapshot().await.routes[0];
    assert_eq!((route.requests, route.errors, route.instances[0].errors), (1, 0, 0));
}

#[tokio::test]
async fn silence_ends_after_the_timeout() {
    let origin = Origin::start("web-1").await;
    let timeouts = Timeouts { response: Duration::from_millis(30), ..Timeouts::default() };
    let (_gateway, addr) = gateway(&[Route { timeouts, ..web(&[&origin]) }]).await;
    let (status, text) = ask(addr, "/silent").await;
    assert_eq!(status, 504);
    assert!(text.contains("`web` did not answer in time"), "{text}");
    assert_eq!(ask(addr, "/").await.0, 200);
}
