//! Connections that rest between two requests: the client notices nothing, and nothing on its way is lost.
//!
//! The tests' gateway lets a connection rest after 2 ms, so a few of those pass in each pause here.

use super::*;

/// Several times what it takes until a connection rests.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(12)).await;
}

async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// The next answer, whose body is the name of the origin.
async fn read_answer(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    while !seen.ends_with(b"web-1") {
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut seen)).await.expect("bytes in time");
        assert!(read.unwrap() > 0, "closed after {:?}", String::from_utf8_lossy(&seen));
    }
    assert!(seen.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn a_connection_serves_again_and_again_after_a_rest() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    for _ in 0..5 {
        write(&mut stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        read_answer(&mut stream).await;
        pause().await;
    }
    write(&mut stream, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nweb-1").await;
    read_answer(&mut stream).await;
}

#[tokio::test]
async fn half_a_head_that_came_early_is_not_forgotten() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    write(&mut stream, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n").await;
    until("the first request is on its way", async || in_flight(&gateway).await == 1).await;
    write(&mut stream, "GET / HTTP/1.1\r\nHo").await;
    pause().await;
    origin.release(1);
    read_answer(&mut stream).await;
    pause().await;
    write(&mut stream, "st: a\r\n\r\n").await;
    read_answer(&mut stream).await;
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_all_of_it() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let sent: Vec<u8> = (0..12_000_000_u32).map(|number| (number % 251) as u8).collect();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let (mut read, mut written) = socket.connect(addr).await.unwrap().into_split();
    let head = format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", sent.len());
    let body = sent.clone();
    let sending = tokio::spawn(async move {
        written.write_all(head.as_bytes()).await.unwrap();
        written.write_all(&body).await.unwrap();
        written
    });
    let mut seen = Vec::new();
    while !seen.ends_with(&sent) {
        // Less than what a socket holds, so that the end of the answer waits in the gateway for many rests.
        let mut part = vec![0; 64 * 1024];
        let count =
            tokio::time::timeout(PATIENCE, read.read(&mut part)).await.expect("bytes in time").unwrap();
        assert!(count > 0, "closed after {} bytes", seen.len());
        seen.extend_from_slice(&part[..count]);
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    drop(sending.await.unwrap());
}

#[tokio::test]
async fn a_connection_at_rest_ends_with_its_listener() {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    write(&mut stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    read_answer(&mut stream).await;
    pause().await;
    gateway.apply(&GatewayConfig::default()).await.unwrap();
    let read = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 8])).await.expect("a close in time");
    assert_eq!(read.unwrap(), 0);
}
