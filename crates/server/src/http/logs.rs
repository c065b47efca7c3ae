//! Lines of logs, merged by time, without secrets: what is read here ends in terminals and in the logs of pipelines.

use appia_api::documents::StreamEvent;
use appia_api::protocol::LogQuery;
use appia_plan::Owner;
use appia_runtime::logs::{self, Follow, LogLine};
use appia_store::Store;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use futures::{Stream, StreamExt};

use super::Context;
use super::operations::stream;
use crate::app::status::log_name;
use crate::platform::owner;
use crate::{ServerError, wire};

/// Lines that are there already are searched for secrets so many at a time.
const AT_ONCE: usize = 1024;

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
    let lines = logs::read(&context.platform.home, &owner, query);
    Ok(stream(redacted(context.platform.store, owner, lines).map(event)))
}

/// The lines without a secret. Why the secrets are read after the lines: a program that is followed may have been given
/// one meanwhile. A store that cannot be read ends the log.
fn redacted(
    store: Store,
    owner: Owner,
    lines: impl Stream<Item = LogLine> + Send + 'static,
) -> impl Stream<Item = LogLine> + Send + 'static {
    let redacted = lines.ready_chunks(AT_ONCE).map(move |lines| (store.clone(), owner.clone(), lines));
    let redacted = redacted.then(async |(store, owner, lines)| {
        let redaction = store.redaction(&owner).await.ok()?;
        Some(lines.into_iter().map(move |line| LogLine { text: redaction.of(&line.text), ..line }))
    });
    redacted
        .take_while(|lines| std::future::ready(lines.is_some()))
        .flat_map(|lines| futures::stream::iter(lines.into_iter().flatten()))
}

fn event(line: LogLine) -> StreamEvent {
    let root = if line.workload.contains('.') { "" } else { "workloads." };
    StreamEvent {
        at: wire::time_micros(line.at_micros),
        verb: "log".to_owned(),
        address: Some(format!("{root}{}", line.workload)),
        message: line.text,
        duration_ms: None,
    }
}
