//! Changing what runs under load, and stopping.

use std::sync::atomic::AtomicBool;

use super::passing::websocket;
use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_reloads_and_swaps_lose_no_request() {
    let first = Origin::start("release-0").await;
    let (gateway, addr) = gateway(&[web(&[&first])]).await;
    let (gateway, stop) = (Arc::new(gateway), Arc::new(AtomicBool::new(false)));
    let kept = (0..8).map(|_| tokio::spawn(keep_asking(addr, Arc::clone(&stop))));
    let fresh = (0..8).map(|_| tokio::spawn(ask_anew(addr, Arc::clone(&stop))));
    let clients: Vec<_> = kept.chain(fresh).collect();
    let mut old = first;
    for release in 0..50_u64 {
        let origin = Origin::start(Box::leak(format!("release-{release}").into_boxed_str())).await;
        let upstream = Upstream { id: format!("web-{}", release + 1), addr: origin.addr };
        let both = vec![Deployment {
            id: "both".into(),
            weight: 1,
            stage: Stage::Proven,
            instances: vec![upstream],
        }];
        let route = Route { deployments: both, ..web(&[]) };
        let extra = Route { id: format!("extra-{release}"), hosts: Vec::new(), ..web(&[]) };
        let old_id = if release == 0 { "release-0".to_owned() } else { format!("web-{release}") };
        gateway.apply(&GatewayConfig { routes: vec![route, extra] }).await.unwrap();
        assert_eq!(gateway.drain(&old_id, PATIENCE).await, Drained::Idle);
        old.kill().await;
        until("the new one answers", async || origin.requests() > 20).await;
        old = origin;
    }
    stop.store(true, Ordering::SeqCst);
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    assert!(answered > 1_000, "{answered}");
    let route = &gateway.snapshot().await.routes[1];
    assert_eq!((route.id.as_str(), route.errors), ("web", 0));
}

/// Requests over one connection; panics at the first that fails.
async fn keep_asking(addr: SocketAddr, stop: Arc<AtomicBool>) -> u64 {
    let (mut browser, mut answered) = (Browser::open(addr).await, 0);
    while !stop.load(Ordering::SeqCst) {
        assert_eq!(browser.get("/").await.unwrap().0, 200);
        answered += 1;
    }
    answered
}

async fn ask_anew(addr: SocketAddr, stop: Arc<AtomicBool>) -> u64 {
    let mut answered = 0;
    while !stop.load(Ordering::SeqCst) {
        assert_eq!(Browser::try_open(addr).await.unwrap().get("/").await.unwrap().0, 200);
        answered += 1;
    }
    answered
}

#[tokio::test]
async fn draining_waits_for_what_is_on_its_way_and_nothing_else_comes() {
    let (old, new) = (Origin::start("old").await, Origin::start("new").await);
    let (gateway, addr) = gateway(&[web(&[&old])]).await;
    let held = tokio::spawn(ask(addr, "/hold"));
    until("it is on its way", async || old.requests() == 1).await;
    gateway.apply(&GatewayConfig { routes: vec![web(&[&old, &new])] }).await.unwrap();
    let mut drained = Box::pin(gateway.drain("old", PATIENCE));
    assert!(futures::poll!(&mut drained).is_pending());
    for _ in 0..10 {
        assert_eq!(ask(addr, "/").await.1, "new");
    }
    assert!(futures::poll!(&mut drained).is_pending());
    old.release(1);
    assert_eq!(held.await.unwrap(), (200, "old".into()));
    assert_eq!(drained.await, Drained::Idle);
    gateway.resume("old").await;
    let answers = [ask(addr, "/").await.1, ask(addr, "/").await.1];
    assert!(answers.contains(&"old".to_owned()), "{answers:?}");
}

#[tokio::test]
async fn a_websocket_is_cut_when_the_grace_is_over() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut socket = websocket(addr).await;
    assert_eq!(gateway.drain("web-1", Duration::from_millis(10)).await, Drained::Cut(1));
    assert_eq!(socket.read(&mut [0; 8]).await.unwrap(), 0);
    assert_eq!(gateway.drain("web-1", PATIENCE).await, Drained::Idle);
    assert_eq!(ask(addr, "/").await.0, 503);
    gateway.resume("web-1").await;
    let mut socket = websocket(addr).await;
    socket.write_all(b"back").await.unwrap();
    assert!(socket.read(&mut [0; 8]).await.unwrap() > 0);
}

#[tokio::test]
async fn a_port_that_goes_away_ends_its_connections_after_their_last_answer() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut idle = Browser::open(addr).await;
    idle.get("/").await.unwrap();
    let held = tokio::spawn(ask(addr, "/hold"));
    until("it is on its way", async || origin.requests() == 2).await;
    gateway.apply(&GatewayConfig::default()).await.unwrap();
    until("the port is closed", async || TcpStream::connect(addr).await.is_err()).await;
    until("the idle connection is closed", async || idle.sender.is_closed()).await;
    origin.release(1);
    assert_eq!(held.await.unwrap(), (200, "web-1".into()));
}

#[tokio::test]
async fn a_port_passes_from_route_to_route_without_closing() {
    let (old, new) = (Origin::start("old").await, Origin::start("new").await);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let on_port =
        |id: &str, origin: &Origin| Route { id: id.into(), listen: Some(free.port()), ..web(&[origin]) };
    let (gateway, addr) = gateway(&[on_port("first", &old)]).await;
    let mut browser = Browser::open(addr).await;
    assert_eq!(browser.get("/").await.unwrap().1, "old");
    gateway.apply(&GatewayConfig { routes: vec![on_port("second", &new)] }).await.unwrap();
    assert_eq!(browser.get("/").await.unwrap().1, "new");
    assert_eq!(gateway.addr_of("second").await, Some(addr));
}

#[tokio::test]
async fn a_shutdown_lets_the_last_request_end() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let held = tokio::spawn(ask(addr, "/hold"));
    let _socket = websocket(addr).await;
    until("both are on their way", async || origin.requests() == 2).await;
    let mut shutdown = Box::pin(gateway.shutdown(Duration::from_millis(200)));
    assert!(futures::poll!(&mut shutdown).is_pending());
    origin.release(1);
    shutdown.await;
    assert_eq!(held.await.unwrap().0, 200);
    assert!(TcpStream::connect(addr).await.is_err());
}
