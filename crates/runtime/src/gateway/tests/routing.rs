//! Which route a request takes, and what its head looks like when it arrives.

use super::*;

/// Status and body of a `GET /` for a host through the listener of all host names.
async fn ask_host(gateway: &Gateway, host: &str) -> (u16, String) {
    let mut browser = Browser::open(gateway.shared_addr().await.unwrap()).await;
    let mut request = get("/");
    request.headers_mut().insert(header::HOST, host.parse().unwrap());
    let response = browser.send(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn hosts_and_ports_lead_to_their_routes() {
    let (web_origin, preview_origin) = (Origin::start("web-1").await, Origin::start("preview-1").await);
    let preview = Route {
        id: "preview".into(),
        hosts: vec!["web.pr-42.shop.localhost".into()],
        ..web(&[&preview_origin])
    };
    let (gateway, addr) = gateway(&[web(&[&web_origin]), preview]).await;
    assert_eq!(ask_host(&gateway, "web.shop.localhost").await, (200, "web-1".into()));
    assert_eq!(ask_host(&gateway, "WEB.Shop.localhost.:7400").await, (200, "web-1".into()));
    assert_eq!(ask_host(&gateway, "web.pr-42.shop.localhost").await, (200, "preview-1".into()));
    assert_eq!(ask(addr, "/").await, (200, "web-1".into()));
    let preview_port = gateway.addr_of("preview").await.unwrap();
    assert_eq!(ask(preview_port, "/").await, (200, "preview-1".into()), "a port needs no host name");
    let (status, page) = ask_host(&gateway, "nobody.localhost").await;
    assert_eq!(status, 404);
    assert!(
        page.contains("nothing is served at `nobody.localhost`") && page.contains("appia status"),
        "{page}"
    );
}

#[tokio::test]
async fn of_the_paths_of_a_host_the_longest_wins() {
    let (shop, api) = (Origin::start("shop-1").await, Origin::start("api-1").await);
    let below = Route { id: "api".into(), hosts: vec!["web.shop.localhost/api".into()], ..web(&[&api]) };
    let (gateway, _) = gateway(&[web(&[&shop]), below.clone()]).await;
    let mut browser = Browser::open(gateway.shared_addr().await.unwrap()).await;
    for (path, origin) in
        [("/", "shop-1"), ("/apis", "shop-1"), ("/api", "api-1"), ("/api/", "api-1"), ("/api?q=/", "api-1")]
    {
        assert_eq!(browser.get(path).await.unwrap(), (200, origin.into()), "{path}");
    }
    let alone = GatewayConfig { routes: vec![below.clone()] };
    gateway.apply(&alone).await.unwrap();
    assert_eq!(browser.get("/").await.unwrap().0, 404);
    let twice = Route { id: "other".into(), hosts: vec!["WEB.shop.localhost/api/".into()], ..below.clone() };
    assert!(gateway.apply(&GatewayConfig { routes: vec![below, twice] }).await.is_err());
}

#[tokio::test]
async fn heads_are_completed_and_cleaned_on_the_way() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let head = "GET http://other.example/headers?q=1 HTTP/1.1\r\nHost: ignored\r\nConnection: x-secret, close\r\n\
                X-Secret: 1\r\nKeep-Alive: 3\r\nX-Forwarded-For: 10.0.0.9\r\nTE: gzip\r\nUpgrade: h2c\r\n\r\n";
    let answer = raw(addr, head.as_bytes()).await;
    for expected in [
        "/headers?q=1 ",
        "\"host\": \"other.example\"",
        "\"x-forwarded-for\": \"10.0.0.9, 127.0.0.1\"",
        "\"x-forwarded-host\": \"other.example\"",
        "\"x-forwarded-proto\": \"http\"",
        "\"x-request-id\": \"",
        "\"traceparent\": \"00-",
    ] {
        assert!(answer.contains(expected), "{expected} in {answer}");
    }
    for removed in ["x-secret", "keep-alive", "\"te\"", "h2c"] {
        assert!(!answer.contains(removed), "{removed} in {answer}");
    }
}

#[tokio::test]
async fn an_old_client_needs_no_host_on_a_port() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let answer = raw(addr, b"GET /headers HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains(" 200 OK") && answer.contains("\"host\": \"localhost\""), "{answer}");
    let answer = raw(addr, b"HEAD / HTTP/1.0\r\n\r\n").await.to_lowercase();
    assert!(answer.contains("content-length: 5\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn ids_that_a_client_sends_are_kept() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let head = format!(
        "GET /headers HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Request-Id: mine\r\nTraceparent: {trace}\r\n\r\n"
    );
    let answer = raw(addr, head.as_bytes()).await;
    assert!(answer.contains("\"x-request-id\": \"mine\"") && answer.contains(trace), "{answer}");
}

#[tokio::test]
async fn a_configuration_that_contradicts_itself_changes_nothing() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy_port = Route { listen: Some(taken.local_addr().unwrap().port()), ..web(&[]) };
    let same_host = Route { id: "other".into(), ..web(&[&origin]) };
    for (routes, words) in [
        (vec![web(&[]), web(&[])], "route `web` is given twice"),
        (vec![web(&[]), same_host], "host `web.shop.localhost` of route `other`"),
        (vec![busy_port], "cannot listen on 127.0.0.1:"),
    ] {
        let error = gateway.apply(&GatewayConfig { routes }).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(ask(addr, "/").await, (200, "web-1".into()));
}

#[tokio::test]
async fn what_happened_is_in_the_snapshot_and_in_the_metrics() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut browser = Browser::open(addr).await;
    for _ in 0..3 {
        browser.get("/").await.unwrap();
    }
    origin.answer_with(503);
    browser.get("/").await.unwrap();
    until("all are counted", async || in_flight(&gateway).await == 0).await;
    let snapshot = gateway.snapshot().await;
    let route = &snapshot.routes[0];
    assert_eq!((route.requests, route.errors, route.listen), (4, 1, Some(addr)));
    assert!(route.rates.rps > 0.0 && route.rates.p50_ms > 0.0, "{:?}", route.rates);
    assert_eq!((route.instances[0].requests, route.instances[0].standing), (4, ServingState::Serving));
    let mut exposition = Exposition::default();
    gateway.expose(&mut exposition);
    let text = exposition.finish();
    let labels = "app=\"shop\",environment=\"local\",workload=\"web\",route=\"web\"";
    for line in [
        format!("appia_requests_total{{{labels},code_class=\"2xx\"}} 3\n"),
        format!("appia_requests_total{{{labels},code_class=\"5xx\"}} 1\n"),
        format!("appia_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} 4\n"),
        format!("appia_request_duration_seconds_count{{{labels}}} 4\n"),
        format!("appia_instance_requests_total{{{labels},instance=\"web-1\"}} 4\n"),
    ] {
        assert!(text.contains(&line), "{line} in {text}");
    }
}
