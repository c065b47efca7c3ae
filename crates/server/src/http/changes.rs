//! What would change.

use appia_api::protocol::{ChangeAnswer, ChangeRequest};
use axum::Json;
use axum::extract::State;

use super::Context;
use crate::ServerError;
use crate::app::changes::{answer, propose};

pub(super) async fn changes(
    State(context): State<Context>,
    Json(request): Json<ChangeRequest>,
) -> Result<Json<ChangeAnswer>, ServerError> {
    Ok(Json(answer(&propose(&context.platform, &request).await?)))
}
