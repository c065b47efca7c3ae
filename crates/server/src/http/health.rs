//! Whether the server answers, and who it is.

use appia_api::documents::Server;
use axum::Json;
use axum::extract::State;

use super::Context;

pub(super) async fn health(State(context): State<Context>) -> Json<Server> {
    let platform = &context.platform;
    let agent = platform.agent.hello().await.ok();
    Json(Server {
        state: "running".to_owned(),
        pid: Some(std::process::id()),
        agent: if agent.is_some() { "running" } else { "stopped" }.to_owned(),
        agent_pid: agent.map(|hello| hello.pid),
        home: platform.home.root().display().to_string(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
    })
}
