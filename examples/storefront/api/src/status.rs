//! How the shop is doing, seen from here: `/healthz` for whoever routes traffic, `/status` for people.
//!
//! `/status` answers 200 even when the database does not: that the database is down is the answer then.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use deadpool_postgres::Pool;
use serde_json::{Value, json};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::release;

/// A database slower than this counts as down.
const DATABASE_LIMIT: Duration = Duration::from_secs(1);

/// Ready only when the database answers.
pub async fn healthz(State(pool): State<Pool>) -> Result<&'static str, Failure> {
    let ping = async {
        pool.get().await?.query_one("SELECT 1", &[]).await?;
        Ok::<_, Failure>("ok")
    };
    within_limit(ping).await
}

pub async fn status(State(pool): State<Pool>) -> Json<Value> {
    let me = json!({ "release": release(), "pid": std::process::id() });
    match within_limit(observe(&pool)).await {
        Ok(Value::Object(mut seen)) => {
            seen.insert("api".into(), me);
            Json(Value::Object(seen))
        }
        _ => Json(json!({ "api": me, "database": null, "workers": [], "queue": null })),
    }
}

async fn within_limit<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(DATABASE_LIMIT, work)
        .await
        .unwrap_or_else(|_| Err(Failure::Database("no answer within a second".into())))
}

async fn observe(pool: &Pool) -> Result<Value, Failure> {
    let client = pool.get().await?;
    let asked = Instant::now();
    let version: String = client.query_one("SHOW server_version", &[]).await?.get(0);
    let latency_ms = asked.elapsed().as_secs_f64() * 1000.0;
    let queue = client
        .query_one(
            "SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
                    count(*) FILTER (WHERE state = 'running') AS running,
                    count(*) FILTER (WHERE state = 'done') AS done,
                    count(*) FILTER (WHERE state = 'failed') AS failed,
                    count(*) FILTER (WHERE finished_at > now() - interval '1 minute') AS last_minute
             FROM jobs",
            &[],
        )
        .await?;
    let workers = client
        .query(
            "SELECT id, release, packed, extract(epoch FROM now() - seen_at)::float8 AS seen_s
             FROM workers ORDER BY seen_at DESC, id LIMIT 20",
            &[],
        )
        .await?;
    Ok(json!({
        "database": { "version": version, "latency_ms": latency_ms },
        "workers": workers.iter().map(worker_json).collect::<Value>(),
        "queue": queue_json(&queue),
    }))
}

fn worker_json(row: &Row) -> Value {
    json!({
        "id": row.get::<_, i64>("id"), "release": row.get::<_, String>("release"),
        "packed": row.get::<_, i64>("packed"), "seen_s": row.get::<_, f64>("seen_s"),
    })
}

fn queue_json(row: &Row) -> Value {
    json!({
        "queued": row.get::<_, i64>("queued"), "running": row.get::<_, i64>("running"),
        "done": row.get::<_, i64>("done"), "failed": row.get::<_, i64>("failed"),
        "last_minute": row.get::<_, i64>("last_minute"),
    })
}
