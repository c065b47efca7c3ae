//! Ending the server, and with `everything=true` the agent and all that runs.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::Context;
use crate::ServerError;

/// How much shall end.
#[derive(Debug, Deserialize)]
pub(super) struct Extent {
    #[serde(default)]
    everything: bool,
}

pub(super) async fn shutdown(
    State(context): State<Context>,
    Query(extent): Query<Extent>,
) -> Result<Json<serde_json::Value>, ServerError> {
    if extent.everything {
        context.platform.stop_everything().await?;
    }
    context.end.send_replace(true);
    Ok(Json(serde_json::json!({})))
}
