//! Whether the store is as it was written.

use appia_api::documents::Doctor;
use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Context;
use crate::ServerError;
use crate::app::doctor;

pub(super) async fn doctor(State(context): State<Context>) -> Result<Json<Doctor>, ServerError> {
    doctor::doctor(&context.platform).await.map(Json)
}

/// Nothing is answered from a store that is not as it was written.
pub(super) async fn attest(State(context): State<Context>, request: Request, next: Next) -> Response {
    match context.platform.store.attest().await {
        Ok(()) => next.run(request).await,
        Err(error) => ServerError::from(error).into_response(),
    }
}
