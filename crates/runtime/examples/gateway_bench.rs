//! The gateway alone in a process of one thread, and an origin for it, so that a benchmark can put both beside a peer.
//!
//! `gateway_bench origin 127.0.0.1:9001` answers every request with a few bytes.
//! `gateway_bench gateway 127.0.0.1:9000 127.0.0.1:9001 [ADDRESS...]` forwards to these origins, round robin; it answers
//! any host name through the port after its own, and only `bench.localhost` through its own.
//! Both run until they are killed.

use std::error::Error;
use std::net::SocketAddr;

use appia_runtime::gateway::{
    Deployment, Gateway, GatewayConfig, Route, RouteOwner, Settings, Stage, Upstream,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Failure = Box<dyn Error + Send + Sync>;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 14\r\n\r\nHello, world!\n";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mode, addresses) = arguments.split_first().ok_or("say `origin` or `gateway`, then addresses")?;
    let addresses = addresses.iter().map(|text| text.parse()).collect::<Result<Vec<SocketAddr>, _>>()?;
    let (listen, origins) = addresses.split_first().ok_or("give an address to listen on")?;
    match mode.as_str() {
        "origin" => origin(*listen).await,
        "gateway" => gateway(*listen, origins).await,
        _ => Err("say `origin` or `gateway`".into()),
    }
}

async fn gateway(listen: SocketAddr, origins: &[SocketAddr]) -> Result<(), Failure> {
    let gateway = Gateway::start(Settings { shared: listen, ..Settings::default() }).await?;
    let upstream = |addr: &SocketAddr| Upstream { id: addr.to_string(), addr: *addr };
    let instances = origins.iter().map(upstream).collect();
    let owner = RouteOwner { app: "bench".into(), environment: "local".into(), workload: "origin".into() };
    let route = Route {
        hosts: vec!["bench.localhost".into()],
        listen: Some(listen.port() + 1),
        deployments: vec![Deployment { id: "one".into(), weight: 1, stage: Stage::Proven, instances }],
        ..Route::http("bench", owner)
    };
    gateway.apply(&GatewayConfig { routes: vec![route] }).await?;
    std::future::pending().await
}

async fn origin(listen: SocketAddr) -> Result<(), Failure> {
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream));
    }
}

/// Answers each head as it comes; the benchmark sends no bodies and does not pipeline.
async fn serve(mut stream: TcpStream) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let mut seen = Vec::with_capacity(4096);
    while stream.read_buf(&mut seen).await? > 0 {
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            stream.write_all(ANSWER).await?;
        }
    }
    Ok(())
}
