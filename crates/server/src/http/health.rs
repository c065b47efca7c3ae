//! Whether the server answers, and who it is.

use appia_api::documents::{ProcessState, Server};
use axum::extract::State;
use axum::{Extension, Json};

use super::Context;
use super::admission::Caller;

pub(super) async fn health(
    State(context): State<Context>,
    Extension(caller): Extension<Caller>,
) -> Json<serde_json::Value> {
    // Whose home this is and where is nobody else's business.
    let document = match caller {
        Caller::Anybody => Ok(serde_json::json!({ "state": ProcessState::Running })),
        Caller::Owner => serde_json::to_value(about(&context).await),
    };
    Json(document.unwrap_or_default())
}

async fn about(context: &Context) -> Server {
    let platform = &context.platform;
    let agent = platform.agent.hello().await.ok();
    Server {
        state: ProcessState::Running,
        pid: Some(std::process::id()),
        agent: if agent.is_some() { ProcessState::Running } else { ProcessState::Stopped },
        agent_pid: agent.map(|hello| hello.pid),
        home: platform.home.root().display().to_string(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        address: context.address.map(|address| address.to_string()),
    }
}
