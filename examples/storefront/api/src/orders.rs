//! Orders, the products they name, and the jobs that pack them.
//!
//! An order and its job are written in one transaction: there is no order that nobody packs, and no job without an order.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use deadpool_postgres::Pool;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Row;

use crate::failure::Failure;

const MOST_PER_ORDER: i64 = 20;
const LONGEST_NAME: usize = 60;
const MOST_ROWS: i64 = 100;

const SELECT_ORDER: &str = "SELECT o.id, o.customer, o.sku, p.name, o.quantity, o.total_cents, j.state,
        to_char(o.created_at AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS created_at,
        extract(epoch FROM now() - o.created_at)::float8 AS age_s
    FROM orders o JOIN products p USING (sku) JOIN jobs j ON j.order_id = o.id";

#[derive(Deserialize)]
pub struct NewOrder {
    sku: String,
    quantity: i64,
    customer: String,
}

#[derive(Deserialize)]
pub struct Page {
    limit: Option<i64>,
}

pub async fn products(State(pool): State<Pool>) -> Result<Json<Value>, Failure> {
    let client = pool.get().await?;
    let rows = client.query("SELECT sku, name, about, price_cents FROM products ORDER BY name", &[]).await?;
    let product = |row: &Row| {
        json!({ "sku": row.get::<_, String>("sku"), "name": row.get::<_, String>("name"),
                "about": row.get::<_, String>("about"), "price_cents": row.get::<_, i64>("price_cents") })
    };
    Ok(Json(rows.iter().map(product).collect()))
}

pub async fn create(
    State(pool): State<Pool>,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let Json(order) = body.map_err(|why| Failure::Invalid { field: "body", why: why.body_text() })?;
    let customer = valid_customer(&order.customer)?;
    let quantity = valid_quantity(order.quantity)?;

    let mut client = pool.get().await?;
    let transaction = client.transaction().await?;
    let placed = transaction
        .query_opt(
            "INSERT INTO orders (sku, customer, quantity, total_cents)
             SELECT sku, $2, $3, price_cents * $3 FROM products WHERE sku = $1
             RETURNING id, total_cents",
            &[&order.sku, &customer, &quantity],
        )
        .await?;
    let Some(placed) = placed else {
        return Err(Failure::Invalid { field: "sku", why: format!("there is no product `{}`", order.sku) });
    };
    let id: i64 = placed.get("id");
    transaction.execute("INSERT INTO jobs (order_id) VALUES ($1)", &[&id]).await?;
    transaction.commit().await?;
    println!("order {id}: {quantity} x {}", order.sku);
    let total: i64 = placed.get("total_cents");
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "total_cents": total, "state": "queued" }))))
}

pub async fn list(
    State(pool): State<Pool>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Failure> {
    let limit = valid_limit(page)?;
    let client = pool.get().await?;
    let rows = client.query(&format!("{SELECT_ORDER} ORDER BY o.id DESC LIMIT $1"), &[&limit]).await?;
    Ok(Json(rows.iter().map(order_json).collect()))
}

pub async fn one(
    State(pool): State<Pool>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<Value>, Failure> {
    let Path(id) = id.map_err(|why| Failure::Invalid { field: "id", why: why.body_text() })?;
    let client = pool.get().await?;
    let row = client.query_opt(&format!("{SELECT_ORDER} WHERE o.id = $1"), &[&id]).await?;
    row.as_ref().map(order_json).map(Json).ok_or(Failure::Missing)
}

/// What waits and what is being packed, oldest first, then what was finished last.
pub async fn jobs(
    State(pool): State<Pool>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Failure> {
    let limit = valid_limit(page)?;
    let client = pool.get().await?;
    let rows = client
        .query(
            "SELECT j.id, j.order_id, j.state, j.attempts, j.worker, p.name, o.quantity,
                    extract(epoch FROM now() - coalesce(j.finished_at, j.created_at))::float8 AS age_s
             FROM jobs j JOIN orders o ON o.id = j.order_id JOIN products p USING (sku)
             ORDER BY j.finished_at DESC NULLS FIRST, j.id LIMIT $1",
            &[&limit],
        )
        .await?;
    Ok(Json(rows.iter().map(job_json).collect()))
}

fn order_json(row: &Row) -> Value {
    json!({
        "id": row.get::<_, i64>("id"), "customer": row.get::<_, String>("customer"),
        "sku": row.get::<_, String>("sku"), "product": row.get::<_, String>("name"),
        "quantity": row.get::<_, i64>("quantity"), "total_cents": row.get::<_, i64>("total_cents"),
        "state": row.get::<_, String>("state"), "created_at": row.get::<_, String>("created_at"),
        "age_s": row.get::<_, f64>("age_s"),
    })
}

fn job_json(row: &Row) -> Value {
    json!({
        "id": row.get::<_, i64>("id"), "order_id": row.get::<_, i64>("order_id"),
        "state": row.get::<_, String>("state"), "attempts": row.get::<_, i64>("attempts"),
        "worker": row.get::<_, Option<i64>>("worker"), "product": row.get::<_, String>("name"),
        "quantity": row.get::<_, i64>("quantity"), "age_s": row.get::<_, f64>("age_s"),
    })
}

fn valid_customer(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let bad = |why: String| Err(Failure::Invalid { field: "customer", why });
    match name {
        "" => bad("a name is needed".into()),
        _ if name.chars().count() > LONGEST_NAME => {
            bad(format!("a name has at most {LONGEST_NAME} characters"))
        }
        _ if name.chars().any(char::is_control) => bad("a name has no control characters".into()),
        _ => Ok(name.to_owned()),
    }
}

fn valid_quantity(quantity: i64) -> Result<i64, Failure> {
    if (1..=MOST_PER_ORDER).contains(&quantity) {
        return Ok(quantity);
    }
    Err(Failure::Invalid { field: "quantity", why: format!("a quantity is between 1 and {MOST_PER_ORDER}") })
}

fn valid_limit(page: Result<Query<Page>, QueryRejection>) -> Result<i64, Failure> {
    let Query(page) = page.map_err(|why| Failure::Invalid { field: "limit", why: why.body_text() })?;
    let limit = page.limit.unwrap_or(20);
    if (1..=MOST_ROWS).contains(&limit) {
        return Ok(limit);
    }
    Err(Failure::Invalid { field: "limit", why: format!("a limit is between 1 and {MOST_ROWS}") })
}
