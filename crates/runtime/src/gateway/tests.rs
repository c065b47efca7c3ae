//! The gateway on real sockets: an origin that does what its path says, and a client that speaks plain HTTP.
//!
//! Nothing here waits for a fixed time: origins hold an answer until the test lets go, and conditions are polled with
//! a deadline.

mod balancing;
mod failures;
mod hostile;
mod passing;
mod reload;
mod resting;
mod routing;
mod trial;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::*;

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

type Body = BoxBody<Bytes, hyper::Error>;

/// A server whose answers the test decides.
struct Origin {
    name: &'static str,
    addr: SocketAddr,
    state: Arc<OriginState>,
    end: CancellationToken,
}

struct OriginState {
    name: &'static str,
    requests: AtomicU64,
    status: AtomicU16,
    gate: Semaphore,
}

impl Origin {
    async fn start(name: &'static str) -> Self {
        Self::start_at(name, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    async fn start_at(name: &'static str, addr: SocketAddr) -> Self {
        let socket = TcpListener::bind(addr).await.unwrap();
        let addr = socket.local_addr().unwrap();
        let requests = AtomicU64::new(0);
        let state =
            Arc::new(OriginState { name, requests, status: AtomicU16::new(200), gate: Semaphore::new(0) });
        let end = CancellationToken::new();
        let (served, ended) = (Arc::clone(&state), end.clone());
        tokio::spawn(async move {
            while let Some(Ok((stream, _))) = ended.run_until_cancelled(socket.accept()).await {
                let served = Arc::clone(&served);
                let service = service_fn(move |request| respond(request, Arc::clone(&served)));
                let server = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades();
                let ended = ended.clone();
                tokio::spawn(async move { ended.run_until_cancelled(server).await.map(drop) });
            }
        });
        Self { name, addr, state, end }
    }

    /// Closes its socket and all its connections, as a killed process does.
    async fn kill(&self) {
        self.end.cancel();
        until("the origin is gone", async || TcpStream::connect(self.addr).await.is_err()).await;
    }

    fn answer_with(&self, status: u16) {
        self.state.status.store(status, Ordering::SeqCst);
    }

    fn requests(&self) -> u64 {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// Lets so many held answers go.
    fn release(&self, answers: usize) {
        self.state.gate.add_permits(answers);
    }

    fn upstream(&self) -> Upstream {
        Upstream { id: self.name.to_owned(), addr: self.addr }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

async fn respond(
    mut request: Request<Incoming>,
    state: Arc<OriginState>,
) -> Result<Response<Body>, hyper::Error> {
    state.requests.fetch_add(1, Ordering::SeqCst);
    let path = request.uri().path().to_owned();
    let mut response = match path.as_str() {
        "/hold" => {
            state.gate.acquire().await.unwrap().forget();
            Response::new(text(state.name))
        }
        "/silent" => std::future::pending().await,
        "/headers" => Response::new(text(format!("{:?} {:#?}", request.uri(), request.headers()))),
        "/echo" => Response::new(request.into_body().boxed()),
        "/stream" => Response::new(two_pieces(Arc::clone(&state))),
        "/ws" => {
            let upgrade = hyper::upgrade::on(&mut request);
            tokio::spawn(async move {
                let mut socket = TokioIo::new(upgrade.await.unwrap());
                let mut bytes = [0; 1024];
                while let Ok(count @ 1..) = socket.read(&mut bytes).await {
                    socket.write_all(&bytes[..count]).await.unwrap();
                }
            });
            let mut response = Response::new(text(""));
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response.headers_mut().insert(header::CONNECTION, "upgrade".parse().unwrap());
            response.headers_mut().insert(header::UPGRADE, "websocket".parse().unwrap());
            return Ok(response);
        }
        _ => Response::new(text(state.name)),
    };
    *response.status_mut() = StatusCode::from_u16(state.status.load(Ordering::SeqCst)).unwrap();
    Ok(response)
}

fn text(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed()
}

/// A body whose second half comes when the test lets go.
fn two_pieces(state: Arc<OriginState>) -> Body {
    let pieces = futures::stream::unfold(0, move |piece| {
        let state = Arc::clone(&state);
        async move {
            match piece {
                0 => Some((Ok(Frame::data(Bytes::from_static(b"first"))), 1)),
                1 => {
                    state.gate.acquire().await.unwrap().forget();
                    Some((Ok(Frame::data(Bytes::from_static(b"second"))), 2))
                }
                _ => None,
            }
        }
    });
    BodyExt::boxed(StreamBody::new(pieces))
}

fn owner(workload: &str) -> RouteOwner {
    RouteOwner { app: "shop".into(), environment: "local".into(), workload: workload.into() }
}

fn deployment(id: &str, weight: u32, origins: &[&Origin]) -> Deployment {
    Deployment {
        id: id.into(),
        weight,
        stage: Stage::Proven,
        instances: origins.iter().map(|origin| origin.upstream()).collect(),
    }
}

/// A route `web` with a host name and a port, to these origins.
fn web(origins: &[&Origin]) -> Route {
    Route {
        hosts: vec!["web.shop.localhost".into()],
        listen: Some(0),
        deployments: vec![deployment("one", 1, origins)],
        ..Route::http("web", owner("web"))
    }
}

/// Connections rest at once, so that every test is one of that too.
fn settings() -> Settings {
    let rest_after = Duration::from_millis(2);
    Settings { shared: SocketAddr::from(([127, 0, 0, 1], 0)), rest_after, ..Settings::default() }
}

/// A gateway with these routes, and the address of the port of the first one.
async fn gateway(routes: &[Route]) -> (Gateway, SocketAddr) {
    gateway_with(settings(), routes).await
}

async fn gateway_with(settings: Settings, routes: &[Route]) -> (Gateway, SocketAddr) {
    let gateway = Gateway::start(settings).await.unwrap();
    gateway.apply(&GatewayConfig { routes: routes.to_vec() }).await.unwrap();
    let addr = gateway.addr_of(&routes[0].id).await;
    let shared = gateway.shared_addr().await.unwrap();
    (gateway, addr.unwrap_or(shared))
}

/// A client with one connection.
struct Browser {
    sender: http1::SendRequest<Body>,
}

impl Browser {
    async fn open(addr: SocketAddr) -> Self {
        Self::try_open(addr).await.unwrap()
    }

    async fn try_open(addr: SocketAddr) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let (sender, connection) = http1::handshake(TokioIo::new(TcpStream::connect(addr).await?)).await?;
        tokio::spawn(connection.with_upgrades());
        Ok(Self { sender })
    }

    async fn send(&mut self, request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        self.sender.ready().await?;
        tokio::time::timeout(PATIENCE, self.sender.send_request(request)).await.expect("an answer in time")
    }

    /// Status and body of a `GET`.
    async fn get(&mut self, path: &str) -> hyper::Result<(u16, String)> {
        let response = self.send(get(path)).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

fn get(path: &str) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, "web.shop.localhost");
    request.body(Empty::new().map_err(|never| match never {}).boxed()).unwrap()
}

/// One `GET` over a connection of its own.
async fn ask(addr: SocketAddr, path: &str) -> (u16, String) {
    Browser::open(addr).await.get(path).await.unwrap()
}

/// Sends bytes and returns all that comes back until the other side closes.
async fn raw(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is as good as a close.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("a close in time");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Polls until something is so.
async fn until<Answer: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> Answer) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn in_flight(gateway: &Gateway) -> u64 {
    gateway.snapshot().await.routes.iter().map(|route| route.in_flight).sum()
}
