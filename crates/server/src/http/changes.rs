//! What would change.

use appia_api::protocol::{ChangeAnswer, ChangeRequest};
use axum::extract::State;
use axum::Json;

use super::Context;
use crate::app::changes::{answer, propose};
use crate::ServerError;

pub(super) async fn changes(
    State(context): State<Context>,
    Json(request): Json<ChangeRequest>,
) -> Result<Json<ChangeAnswer>, ServerError> {
    Ok(Json(answer(&propose(&context.platform, &request).await?)))
}
