//! Talking to the neighbour `api`: typed requests over plain HTTP, each with a time limit.
//!
//! The page must show something even when the api is away, so reading gives an `Option` and never an error.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::page::Draft;

const LIMIT: Duration = Duration::from_secs(3);
const LARGEST_ANSWER: usize = 1 << 20;

#[derive(Clone)]
pub struct Api {
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

#[derive(Deserialize)]
pub struct Product {
    pub sku: String,
    pub name: String,
    pub about: String,
    pub price_cents: i64,
}

#[derive(Deserialize)]
pub struct Order {
    pub id: i64,
    pub customer: String,
    pub product: String,
    pub quantity: i64,
    pub total_cents: i64,
    pub state: String,
    pub created_at: String,
    pub age_s: f64,
}

#[derive(Deserialize)]
pub struct Job {
    pub id: i64,
    pub order_id: i64,
    pub state: String,
    pub attempts: i64,
    pub worker: Option<i64>,
    pub product: String,
    pub quantity: i64,
    pub age_s: f64,
}

#[derive(Deserialize)]
pub struct Status {
    pub api: Process,
    pub database: Option<Database>,
    pub workers: Vec<Worker>,
    pub queue: Option<Queue>,
}

#[derive(Deserialize)]
pub struct Process {
    pub release: String,
}

#[derive(Deserialize)]
pub struct Database {
    pub version: String,
    pub latency_ms: f64,
}

#[derive(Deserialize)]
pub struct Worker {
    pub id: i64,
    pub release: String,
    pub seen_s: f64,
}

#[derive(Deserialize)]
pub struct Queue {
    pub queued: i64,
    pub running: i64,
    pub done: i64,
    pub failed: i64,
    pub last_minute: i64,
}

/// Everything the page shows, at one moment.
pub struct Snapshot {
    pub status: Option<Status>,
    pub orders: Option<Vec<Order>>,
    pub jobs: Vec<Job>,
}

pub enum Placed {
    Order(i64),
    Refused(String),
    Unreachable,
}

impl Snapshot {
    pub async fn take(api: &Api) -> Snapshot {
        let (status, orders, jobs) =
            tokio::join!(api.read("/status"), api.read("/orders?limit=12"), api.read("/jobs?limit=24"));
        Snapshot { status, orders, jobs: jobs.unwrap_or_default() }
    }
}

impl Api {
    pub fn new(url: &str) -> Api {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Api { base: url.trim_end_matches('/').to_owned(), client }
    }

    pub async fn products(&self) -> Option<Vec<Product>> {
        self.read("/products").await
    }

    pub async fn place(&self, draft: &Draft) -> Placed {
        #[derive(Deserialize)]
        struct Created {
            id: i64,
        }
        #[derive(Deserialize)]
        struct Refusal {
            error: String,
        }
        let order = json!({ "sku": draft.sku, "quantity": draft.quantity, "customer": draft.customer });
        match self.send(Method::POST, "/orders", order.to_string()).await {
            Some((StatusCode::CREATED, body)) => serde_json::from_slice::<Created>(&body)
                .map_or(Placed::Unreachable, |made| Placed::Order(made.id)),
            Some((status, body)) if status.is_client_error() => {
                match serde_json::from_slice::<Refusal>(&body) {
                    Ok(refusal) => Placed::Refused(refusal.error),
                    Err(_) => Placed::Refused("the api refused this order".into()),
                }
            }
            _ => Placed::Unreachable,
        }
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        let (status, body) = self.send(Method::GET, path, String::new()).await?;
        if !status.is_success() {
            eprintln!("api: {path} answered {status}");
            return None;
        }
        serde_json::from_slice(&body).inspect_err(|error| eprintln!("api: {path}: {error}")).ok()
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Option<(StatusCode, Bytes)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(Full::from(body));
        let exchange = async {
            let answer = self.client.request(request.map_err(|error| error.to_string())?).await;
            let answer = answer.map_err(|error| error.to_string())?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LARGEST_ANSWER).collect().await;
            Ok((status, body.map_err(|error| error.to_string())?.to_bytes()))
        };
        let result: Result<_, String> =
            tokio::time::timeout(LIMIT, exchange).await.unwrap_or_else(|_| Err("no answer in time".into()));
        result.inspect_err(|error| eprintln!("api: {path}: {error}")).ok()
    }
}
