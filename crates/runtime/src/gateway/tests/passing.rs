//! What flows through: streams, upgrades, HTTP/2, bytes.

use super::*;

#[tokio::test]
async fn an_answer_arrives_before_it_ends() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut browser = Browser::open(addr).await;
    let mut body = browser.send(get("/stream")).await.unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "first");
    origin.release(1);
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "second");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_request_is_passed_on_while_it_is_being_sent() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst").await.unwrap();
    let mut answer = read_until(&mut stream, b"first").await;
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    stream.write_all(b"other").await.unwrap();
    answer.extend(read_until(&mut stream, b"other").await);
}

#[tokio::test]
async fn a_large_body_comes_back_whole() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let sent: Bytes = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let mut browser = Browser::open(addr).await;
    for _ in 0..2 {
        let mut request = get("/echo").map(|_| text(sent.clone()));
        *request.method_mut() = hyper::Method::POST;
        let response = browser.send(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), sent);
    }
}

#[tokio::test]
async fn connections_to_instances_are_kept() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut browser = Browser::open(addr).await;
    for _ in 0..20 {
        browser.get("/").await.unwrap();
        let table = gateway.core.table.load();
        let instance = table.instances().next().unwrap();
        assert_eq!(format!("{:?}", instance.links), "LinkPool(1)");
    }
}

#[tokio::test]
async fn a_websocket_echoes() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut socket = websocket(addr).await;
    for word in [&b"hello"[..], b"again"] {
        socket.write_all(word).await.unwrap();
        assert_eq!(read_until(&mut socket, word).await, word);
    }
    assert_eq!(in_flight(&gateway).await, 1);
    drop(socket);
    until("the tunnel has ended", async || in_flight(&gateway).await == 0).await;
}

#[tokio::test]
async fn http2_is_spoken_from_the_first_byte() {
    let origin = Origin::start("web-1").await;
    let (gateway, _) = gateway(&[web(&[&origin])]).await;
    let stream = TcpStream::connect(gateway.shared_addr().await.unwrap()).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(executor, TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..3 {
        let answers = (0..20).map(|_| {
            let mut request = get("/");
            *request.uri_mut() = "http://web.shop.localhost/".parse().unwrap();
            request.headers_mut().remove(header::HOST);
            sender.send_request(request)
        });
        for answer in futures::future::join_all(answers).await {
            let body = answer.unwrap().into_body().collect().await.unwrap();
            assert_eq!(body.to_bytes(), "web-1");
        }
    }
    assert_eq!(origin.requests(), 60);
}

#[tokio::test]
async fn bytes_are_copied_on_a_tcp_route() {
    let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = echo.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = echo.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    let instances = vec![Upstream { id: "db-1".into(), addr }];
    let deployments = vec![Deployment { id: "one".into(), weight: 1, stage: Stage::Proven, instances }];
    let (gateway, addr) = gateway(&[Route { deployments, ..Route::tcp("db", owner("db"), 0) }]).await;
    assert_eq!(raw_half_closed(addr, b"PRI is not looked at here").await, "PRI is not looked at here");
    until("it is counted", async || gateway.snapshot().await.routes[0].requests == 1).await;
}

/// An upgraded connection, past its head.
pub(super) async fn websocket(addr: SocketAddr) -> TcpStream {
    let mut socket = TcpStream::connect(addr).await.unwrap();
    let head = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let answer = String::from_utf8(read_until(&mut socket, b"\r\n\r\n").await).unwrap().to_lowercase();
    assert!(answer.starts_with("http/1.1 101") && answer.contains("upgrade: websocket"), "{answer}");
    socket
}

async fn read_until(stream: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let mut seen = Vec::new();
    while !seen.ends_with(end) {
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut seen)).await.expect("bytes in time");
        assert!(read.unwrap() > 0, "closed after {:?}", String::from_utf8_lossy(&seen));
    }
    seen
}

async fn raw_half_closed(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_crowd_is_answered_over_few_connections_and_a_slow_instance_gets_as_many_as_it_needs() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let held: Vec<_> = (0..200).map(|_| tokio::spawn(ask(addr, "/hold"))).collect();
    until("all of them have come through", async || origin.requests() == 200).await;
    origin.release(200);
    for answer in held {
        assert_eq!(answer.await.unwrap(), (200, "web-1".into()));
    }
}
