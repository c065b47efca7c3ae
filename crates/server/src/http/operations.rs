//! Doing it, as a stream of lines, and asking it to stop.

use appia_api::protocol::OperationRequest;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde::Serialize;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::Context;
use crate::ServerError;
use crate::app::operations;
use crate::platform::owner;

pub(super) async fn start(
    State(context): State<Context>,
    Json(request): Json<OperationRequest>,
) -> Result<Response, ServerError> {
    let lines = operations::start(&context.platform, request).await?;
    Ok(stream(UnboundedReceiverStream::new(lines)))
}

pub(super) async fn interrupt(
    State(context): State<Context>,
    Path((app, environment)): Path<(String, String)>,
) -> Result<Json<serde_json::Value>, ServerError> {
    let interrupted = context.platform.interrupt(&owner(&app, &environment)?).await;
    Ok(Json(serde_json::json!({ "interrupted": interrupted })))
}

/// One JSON object a line.
pub(super) fn stream<T: Serialize + Send + 'static>(
    items: impl futures::Stream<Item = T> + Send + 'static,
) -> Response {
    let lines = items.map(|item| {
        let mut line = serde_json::to_vec(&item).map_err(std::io::Error::other)?;
        line.push(b'\n');
        Ok::<_, std::io::Error>(Bytes::from(line))
    });
    ([("content-type", "application/x-ndjson")], Body::from_stream(lines)).into_response()
}
