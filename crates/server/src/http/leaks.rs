//! What exists without an owner.

use appia_api::documents::{Leak, Leaks};
use axum::Json;
use axum::extract::State;

use super::Context;
use crate::{ServerError, wire};

pub(super) async fn leaks(State(context): State<Context>) -> Result<Json<Leaks>, ServerError> {
    let found = appia_runtime::leaks(context.platform.home.clone())
        .await
        .map_err(|error| ServerError::Other(error.to_string()))?;
    let leaks = found.into_iter().map(|leak| Leak {
        what: leak.what,
        r#where: leak.place,
        since: leak.since_micros.and_then(|micros| i64::try_from(micros / 1000).ok()).map(wire::time),
        monthly_usd: None,
    });
    Ok(Json(Leaks { leaks: leaks.collect() }))
}
