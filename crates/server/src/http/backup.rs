//! A copy of the store.

use appia_api::documents::Backup;
use appia_api::protocol::BackupRequest;
use axum::Json;
use axum::extract::State;

use super::Context;
use crate::ServerError;
use crate::app::backup;

pub(super) async fn backup(
    State(context): State<Context>,
    Json(request): Json<BackupRequest>,
) -> Result<Json<Backup>, ServerError> {
    backup::backup(&context.platform, &request).await.map(Json)
}
