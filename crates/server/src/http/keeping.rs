//! Copies of the store, and whether it is as it was written.

use appia_api::documents::{Backup, Doctor};
use appia_api::protocol::BackupRequest;
use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Context;
use crate::ServerError;
use crate::app::keeping;

pub(super) async fn backup(
    State(context): State<Context>,
    Json(request): Json<BackupRequest>,
) -> Result<Json<Backup>, ServerError> {
    keeping::backup(&context.platform, &request).await.map(Json)
}

pub(super) async fn doctor(State(context): State<Context>) -> Result<Json<Doctor>, ServerError> {
    keeping::doctor(&context.platform).await.map(Json)
}

/// Nothing is answered from a store that is not as it was written.
pub(super) async fn attest(State(context): State<Context>, request: Request, next: Next) -> Response {
    match context.platform.store.attest().await {
        Ok(()) => next.run(request).await,
        Err(error) => ServerError::from(error).into_response(),
    }
}
