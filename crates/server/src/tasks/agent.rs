//! Keeps the agent running: the data plane has to be back within a second, whatever ended it.

use std::time::Duration;

use appia_runtime::Program;
use appia_runtime::agent::AgentClient;

use crate::platform::Platform;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(250);

/// Starts the agent again whenever it does not answer. Never ends.
pub(crate) async fn keep(platform: Platform, program: Program) {
    loop {
        tokio::time::sleep(EVERY).await;
        if platform.agent.hello().await.is_ok() {
            continue;
        }
        let started = tokio::select! {
            biased;
            () = platform.until_agent_is_not_kept() => continue,
            started = AgentClient::connect_or_start(&platform.home, &program) => started,
        };
        match started {
            Ok(_) => tracing::warn!("the agent had ended and was started again"),
            Err(error) => tracing::error!(%error, "the agent does not start"),
        }
    }
}
