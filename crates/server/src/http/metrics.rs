//! What gateway and supervisor count, in OpenMetrics.

use axum::extract::State;
use axum::response::IntoResponse;

use super::Context;
use crate::ServerError;

/// The content type that OpenMetrics 1.0 asks for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn metrics(State(context): State<Context>) -> Result<impl IntoResponse, ServerError> {
    let text = context.platform.agent.metrics().await?;
    Ok(([("content-type", OPEN_METRICS)], text))
}
