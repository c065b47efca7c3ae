//! The routes, up to ten lines each: read the request, call `app/`, write the answer.

mod admission;
mod backup;
mod changes;
mod doctor;
mod health;
mod leaks;
mod logs;
mod metrics;
mod operations;
mod shutdown;
mod status;

use std::net::SocketAddr;

use appia_api::routes;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::sync::watch;

use crate::platform::Platform;

pub(crate) use admission::Transport;

/// What a handler works with.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) platform: Platform,
    /// Set to end the server.
    pub(crate) end: watch::Sender<bool>,
    /// The address on loopback on which it answers too.
    pub(crate) address: Option<SocketAddr>,
}

/// Every route.
pub(crate) fn router(context: Context) -> Router {
    Router::new()
        .route(routes::CHANGES, post(changes::changes))
        .route(routes::OPERATIONS, post(operations::start))
        .route(routes::INTERRUPT, post(operations::interrupt))
        .route(routes::STATUS, get(status::status))
        .route(routes::APPS, get(status::applications))
        .route(routes::LOGS, post(logs::logs))
        .route(routes::LEAKS, get(leaks::leaks))
        .route(routes::BACKUP, post(backup::backup))
        .layer(middleware::from_fn_with_state(context.clone(), doctor::attest))
        // What does not answer from the store, or tells what is wrong with it.
        .route(routes::HEALTH, get(health::health))
        .route(routes::DOCTOR, get(doctor::doctor))
        .route(routes::METRICS, get(metrics::metrics))
        .route(routes::SHUTDOWN, post(shutdown::shutdown))
        .layer(DefaultBodyLimit::max(admission::MOST_BYTES))
        .layer(middleware::from_fn(admission::admit))
        .with_state(context)
}
