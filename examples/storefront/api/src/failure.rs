//! What a request can end with other than success, and how that looks as JSON: `{"error": "...", "field": "..."}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

pub enum Failure {
    /// The caller sent something we cannot accept: which field, and why.
    Invalid { field: &'static str, why: String },
    /// There is nothing under this address.
    Missing,
    /// The database did not answer, or not as it should; details go to the log alone.
    Database(String),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Failure::Database(storefront_orders::reason(&error))
    }
}

impl From<deadpool_postgres::PoolError> for Failure {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Failure::Database(storefront_orders::reason(&error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Failure::Invalid { field, why } => {
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": why, "field": field })))
                    .into_response()
            }
            Failure::Missing => {
                (StatusCode::NOT_FOUND, Json(json!({ "error": "not found" }))).into_response()
            }
            Failure::Database(why) => {
                eprintln!("database: {why}");
                let body = Json(json!({ "error": "the database does not answer, try again" }));
                (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "2")], body).into_response()
            }
        }
    }
}

pub async fn not_found() -> Failure {
    Failure::Missing
}
