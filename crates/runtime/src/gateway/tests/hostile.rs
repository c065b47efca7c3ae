//! Clients that mean no good, or do not know better.

use super::*;

/// What the gateway answers to some bytes, and how many requests the origin saw.
async fn send(bytes: &[u8]) -> (String, u64) {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let answer = raw(addr, bytes).await;
    (answer, origin.requests())
}

#[tokio::test]
async fn requests_with_two_readings_are_refused() {
    let chunked = "Transfer-Encoding: chunked";
    let vectors = [
        format!("Content-Length: 6\r\n{chunked}\r\n\r\n0\r\n\r\nG"),
        format!("{chunked}\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG"),
        "tRANSFER-eNCODING: chunked\r\ncONTENT-lENGTH: 6\r\n\r\n0\r\n\r\nG".into(),
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab".into(),
        "Content-Length: 1, 2\r\n\r\nab".into(),
        "Content-Length: +1\r\n\r\na".into(),
        "Content-Length: 0x1\r\n\r\na".into(),
        "Content-Length: -1\r\n\r\na".into(),
        "Content-Length: 1 1\r\n\r\na".into(),
        "Content-Length: 99999999999999999999999\r\n\r\na".into(),
        "Content-Length : 1\r\n\r\na".into(),
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n".into(),
        " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into(),
        "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n".into(),
        format!("{chunked}\r\n{chunked}\r\n\r\n0\r\n\r\n"),
        format!("{chunked}\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n"),
        "Transfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n".into(),
        "Transfer\u{0}-Encoding: chunked\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: chunked\u{0}\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding\r\n : chunked\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n".into(),
        format!("Transfer-Encoding: cow\r\n{chunked}\r\n\r\n0\r\n\r\n"),
        format!("Content-Length: 6\r\nX: y\n{chunked}\r\n\r\n0\r\n\r\nG"),
        format!("Content-Length: 6\n{chunked}\r\n\r\n0\r\n\r\nG"),
        format!("Content-Length: 0\r\n{chunked}\r\n\r\n0\r\n\r\n"),
        "Content-Length: 1e1\r\n\r\naaaaaaaaaa".into(),
        "Content-Length: 1_0\r\n\r\naaaaaaaaaa".into(),
        "Content-Length: 1;\r\n\r\na".into(),
        "Content-Length:\r\n\r\na".into(),
        "Content-Length: 1\r\n Content-Length: 2\r\n\r\nab".into(),
        "Host: b\r\n\r\n".into(),
        "X: a\rb\r\n\r\n".into(),
        "X: a\u{0}b\r\n\r\n".into(),
    ];
    for vector in vectors {
        let (answer, seen) = send(format!("POST / HTTP/1.1\r\nHost: a\r\n{vector}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{vector:?}: {answer:?}");
        assert_eq!((answer.matches("HTTP/1.1").count(), seen), (1, 0), "{vector:?}: {answer:?}");
    }
}

#[tokio::test]
async fn chunks_that_lie_end_the_connection() {
    for body in [
        "5;x=\ny\r\nhello\r\n0\r\n\r\n",
        "x\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n",
        "5\r\nhelloX0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        "5\r\nhel\r\n0\r\n\r\n",
    ] {
        let next = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let (answer, seen) = send(format!("{head}{body}{next}").as_bytes()).await;
        assert!(seen <= 1, "{body:?}: {answer:?}");
        assert!(answer.matches("HTTP/1.1").count() <= 1, "{body:?}: {answer:?}");
    }
}

#[tokio::test]
async fn an_honest_chunked_request_passes_after_one_with_a_length() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) = gateway(&[web(&[&origin])]).await;
    let with_length = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
                   5\r\nworld\r\n0\r\n\r\n";
    let answer = raw(addr, format!("{with_length}{chunked}").as_bytes()).await;
    assert!(answer.contains("hello") && answer.contains("world"), "{answer}");
    assert_eq!(answer.matches("200 OK").count(), 2);
}

#[tokio::test]
async fn requests_one_behind_the_other_are_answered_in_order() {
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n");
    let (answer, seen) =
        send(format!("{}{}", get("/one", ""), get("/two", "Connection: close\r\n")).as_bytes()).await;
    assert_eq!((answer.matches("200 OK").count(), seen), (2, 2), "{answer}");
}

/// Such a head is refused where it was seen whole; behind another request it is not, and the library ends the connection.
#[tokio::test]
async fn a_head_behind_another_request_has_no_second_reading() {
    let two = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n";
    let all = format!("{two}0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let with_body = "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    for first in ["GET /hold HTTP/1.1\r\nHost: a\r\n\r\n", with_body] {
        for cut in [1, 30, two.len() - 30, two.len(), all.len()] {
            let (answers, seen) = cut_in_two(first, all.split_at(cut)).await;
            assert!(seen <= 2, "{first:?}, cut at {cut}: {answers}");
        }
    }
}

/// What follows a first request that is held: a part in one piece with it, and the rest when it is answered.
async fn cut_in_two(first: &str, (early, late): (&str, &str)) -> (String, u64) {
    let origin = Origin::start("web-1").await;
    let (gateway, addr) = gateway(&[web(&[&origin])]).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(format!("{first}{early}").as_bytes()).await.unwrap();
    until("the first request is on its way", async || in_flight(&gateway).await == 1).await;
    origin.release(1);
    let mut answers = vec![0; 12];
    stream.read_exact(&mut answers).await.unwrap();
    stream.write_all(late.as_bytes()).await.unwrap();
    // A connection that was closed with something unread in it may end with an error.
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answers)).await;
    assert!(end.is_ok(), "it stays open");
    (String::from_utf8_lossy(&answers).into_owned(), origin.requests())
}

#[tokio::test]
async fn other_nonsense_is_refused() {
    for (bytes, code) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n".into(), "400"),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n".into(), ""),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(40_000)), "431"),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(40_000)), "4"),
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(200)), "431"),
        ("\u{16}\u{3}\u{1} this is TLS".into(), ""),
    ] {
        let (answer, seen) = send(bytes.as_bytes()).await;
        assert_eq!(seen, 0, "{bytes:.60}");
        let refused =
            answer.starts_with(&format!("HTTP/1.1 {code}")) || (code.is_empty() && !answer.contains(" 200 "));
        assert!(refused, "{bytes:.60}: {answer:?}");
    }
}

#[tokio::test]
async fn slow_heads_and_idle_connections_are_closed_and_others_served() {
    let origin = Origin::start("web-1").await;
    let (header_timeout, keep_alive) = (Duration::from_millis(50), Duration::from_millis(100));
    let settings = Settings { header_timeout, keep_alive, ..settings() };
    let (gateway, addr) = gateway_with(settings, &[web(&[&origin])]).await;
    let mut slow = Vec::new();
    for start in ["", "P", "GET / HTTP/1.1\r\nHost: a\r\nX: ", "POST /"] {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let mut idle = Browser::open(addr).await;
    idle.get("/").await.unwrap();
    let held = tokio::spawn(ask(addr, "/hold"));
    for mut stream in slow {
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 8])).await.expect("a close in time");
        assert_eq!(read.unwrap_or(0), 0);
        assert_eq!(ask(addr, "/").await.0, 200);
    }
    until("the idle connection is closed", async || idle.sender.is_closed()).await;
    assert_eq!(in_flight(&gateway).await, 1, "a request on its way is neither slow nor idle");
    origin.release(1);
    assert_eq!(held.await.unwrap().0, 200);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let origin = Origin::start("web-1").await;
    let (_gateway, addr) =
        gateway_with(Settings { max_connections: 4, ..settings() }, &[web(&[&origin])]).await;
    let first = Browser::open(addr).await;
    // Each listener holds a place for the connection it waits for, so two of the four are left for clients.
    let answers: Vec<_> = (0..10).map(|_| tokio::spawn(ask(addr, "/"))).collect();
    for answer in answers {
        assert_eq!(answer.await.unwrap().0, 200);
    }
    drop(first);
}
