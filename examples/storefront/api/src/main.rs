//! The shop's HTTP API: JSON in and out, PostgreSQL behind it.
//!
//! Environment: `DATABASE_URL` (required), `PORT` (8080), `HOST` (127.0.0.1), `APPIA_RELEASE` (shown in /status).
//! Start reading at [`router`].

mod failure;
mod orders;
mod status;

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use deadpool_postgres::Pool;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How long requests in flight may take once the program was told to stop.
const GRACE: Duration = Duration::from_secs(10);

fn router(pool: Pool) -> Router {
    Router::new()
        .route("/healthz", get(status::healthz))
        .route("/status", get(status::status))
        .route("/products", get(orders::products))
        .route("/orders", get(orders::list).post(orders::create))
        .route("/orders/{id}", get(orders::one))
        .route("/jobs", get(orders::jobs))
        .fallback(failure::not_found)
        .with_state(pool)
}

#[tokio::main]
async fn main() -> Result<(), storefront_orders::Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let pool = tokio::select! {
        pool = storefront_orders::open(8) => pool?,
        _ = terminate.recv() => return Ok(()),
    };
    let listener = TcpListener::bind(address()?).await?;
    println!("api {} listens on {}", release(), listener.local_addr()?);

    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let server = axum::serve(listener, router(pool)).with_graceful_shutdown(async move {
        let _ = stopped.changed().await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return Ok(ended??),
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    println!("api stops: finishing what is in flight");
    drop(stop);
    let _ = tokio::time::timeout(GRACE, server).await;
    Ok(())
}

fn address() -> Result<(String, u16), storefront_orders::Failure> {
    let host = std::env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".into());
    let port = port.parse().map_err(|_| format!("PORT is `{port}`, which is no port number"))?;
    Ok((host, port))
}

/// The release this process belongs to, as the platform told it.
pub fn release() -> String {
    std::env::var("APPIA_RELEASE").unwrap_or_else(|_| "unknown".into())
}
