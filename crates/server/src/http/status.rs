//! How an application is.

use appia_api::documents::{Applications, Status};
use axum::Json;
use axum::extract::{Path, State};

use super::Context;
use crate::ServerError;
use crate::app::{applications, status};
use crate::platform::owner;

pub(super) async fn status(
    State(context): State<Context>,
    Path((app, environment)): Path<(String, String)>,
) -> Result<Json<Status>, ServerError> {
    Ok(Json(status::status(&context.platform, &owner(&app, &environment)?).await?))
}

pub(super) async fn applications(State(context): State<Context>) -> Result<Json<Applications>, ServerError> {
    Ok(Json(applications::applications(&context.platform).await?))
}
