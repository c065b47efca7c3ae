//! Lines of logs, merged by time.

use appia_api::documents::Event;
use appia_api::protocol::LogQuery;
use appia_runtime::logs::{self, Follow, LogLine};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use futures::StreamExt;

use super::Context;
use super::operations::stream;
use crate::app::status::log_name;
use crate::platform::owner;
use crate::{ServerError, wire};

pub(super) async fn logs(
    State(context): State<Context>,
    Path((app, environment)): Path<(String, String)>,
    Json(query): Json<LogQuery>,
) -> Result<Response, ServerError> {
    let owner = owner(&app, &environment)?;
    let wanted = match &query.workload {
        Some(name) => Some(log_name(&context.platform, &owner, name).await?),
        None => None,
    };
    let query = logs::LogQuery {
        workloads: wanted.into_iter().collect(),
        since_micros: None,
        tail: query.tail,
        follow: if query.follow { Follow::Yes } else { Follow::No },
    };
    Ok(stream(logs::read(&context.platform.home, &owner, query).map(event)))
}

fn event(line: LogLine) -> Event {
    let root = if line.workload.contains('.') { "" } else { "workloads." };
    Event {
        at: wire::time_micros(line.at_micros),
        verb: "log".to_owned(),
        address: Some(format!("{root}{}", line.workload)),
        message: line.text,
        duration_ms: None,
    }
}
