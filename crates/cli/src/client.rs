//! Talking to the server of this home: HTTP over its unix socket. The server is started when it is needed.

mod start;
mod wire;

use appia_api::documents::{
    Applications, Backup, Doctor, Leaks, OperationSummary, Server, Status, StreamEvent,
};
use appia_api::protocol::{
    BackupRequest, ChangeAnswer, ChangeRequest, Goal, Line, LogQuery, OperationRequest,
};
use appia_api::routes;
use appia_plan::Plan;
use appia_runtime::home::Home;

use crate::args::HomeArgs;
use crate::exit::{Exit, Failure};

pub(crate) use start::{DAMAGED, open_home, stop, wait};
pub(crate) use wire::failure;

/// What happens while an operation runs.
#[derive(Debug, Clone)]
pub(crate) enum Heard {
    /// The server told of something.
    Event(StreamEvent),
    /// A person asked to stop.
    Interrupted,
}

/// A server that answers.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    home: Home,
}

impl Client {
    /// The server of this home, started when it does not run.
    pub(crate) async fn start(args: &HomeArgs) -> Result<Client, Failure> {
        let home = open_home(args)?;
        start::ensure(&home).await?;
        Ok(Client { home })
    }

    /// The server of this home, when it runs.
    pub(crate) async fn running(args: &HomeArgs) -> Result<Option<Client>, Failure> {
        let client = Client { home: open_home(args)? };
        let health = client.health().await;
        Ok(health.is_ok().then_some(client))
    }

    /// Whether the server answers, and who it is.
    pub(crate) async fn health(&self) -> Result<Server, Failure> {
        wire::get(&self.home, routes::HEALTH).await
    }

    /// What a plan would change now.
    pub(crate) async fn changes_of_plan(&self, plan: &Plan) -> Result<ChangeAnswer, Failure> {
        self.changes(&plan_request(plan)?).await
    }

    /// What a goal would change now.
    pub(crate) async fn changes(&self, request: &ChangeRequest) -> Result<ChangeAnswer, Failure> {
        wire::post(&self.home, routes::CHANGES, request).await
    }

    /// Does it, handing to `hear` what happens. An interrupt asks the server to take back what was done, a second one
    /// leaves it to the server.
    pub(crate) async fn operate(
        &self,
        request: &OperationRequest,
        mut hear: impl FnMut(Heard),
    ) -> Result<OperationSummary, Failure> {
        let mut lines = wire::stream(&self.home, routes::OPERATIONS, request).await?;
        let mut interrupts = 0;
        loop {
            let line = tokio::select! {
                line = lines.next::<Line>() => line?,
                _ = tokio::signal::ctrl_c() => {
                    interrupts += 1;
                    if interrupts > 1 {
                        return Err(Failure::new(Exit::Interrupted, "interrupted; the server goes on taking back what was done")
                            .help("`appia status` shows how it is"));
                    }
                    if !self.interrupt(request).await? {
                        return Err(Failure::new(Exit::Interrupted, "interrupted; nothing was changed"));
                    }
                    hear(Heard::Interrupted);
                    continue;
                }
            };
            match line {
                Some(Line::Event(event)) => hear(Heard::Event(event)),
                Some(Line::Result(result)) => return Ok(*result),
                Some(Line::Error(error)) => return Err(wire::failure(error)),
                None => {
                    return Err(Failure::new(
                        Exit::Failed,
                        "the server went away; what was accepted is journaled and it goes on when it is back",
                    )
                    .help("`appia status` starts it again and shows how it is"));
                }
            }
        }
    }

    /// How an application is.
    pub(crate) async fn status(&self, app: &str, environment: &str) -> Result<Status, Failure> {
        wire::get(&self.home, &path(routes::STATUS, app, environment)).await
    }

    /// Every application of which anything is there.
    pub(crate) async fn applications(&self) -> Result<Applications, Failure> {
        wire::get(&self.home, routes::APPS).await
    }

    /// What gateway and supervisor count, as OpenMetrics.
    pub(crate) async fn metrics(&self) -> Result<String, Failure> {
        wire::text(&self.home, routes::METRICS).await
    }

    /// Lines of logs, each handed to `hear`, until they end or a person has enough.
    pub(crate) async fn logs(
        &self,
        app: &str,
        environment: &str,
        query: &LogQuery,
        mut hear: impl FnMut(StreamEvent),
    ) -> Result<(), Failure> {
        let mut lines = wire::stream(&self.home, &path(routes::LOGS, app, environment), query).await?;
        loop {
            tokio::select! {
                line = lines.next::<StreamEvent>() => match line? {
                    Some(event) => hear(event),
                    None => return Ok(()),
                },
                _ = tokio::signal::ctrl_c() => return Ok(()),
            }
        }
    }

    /// What exists without an owner.
    pub(crate) async fn leaks(&self) -> Result<Leaks, Failure> {
        wire::get(&self.home, routes::LEAKS).await
    }

    /// Writes a copy of the store.
    pub(crate) async fn backup(&self, request: &BackupRequest) -> Result<Backup, Failure> {
        wire::post(&self.home, routes::BACKUP, request).await
    }

    /// Whether everything that is kept is as it was written.
    pub(crate) async fn doctor(&self) -> Result<Doctor, Failure> {
        wire::get(&self.home, routes::DOCTOR).await
    }

    /// Whether an operation runs that now takes back what it did.
    async fn interrupt(&self, request: &OperationRequest) -> Result<bool, Failure> {
        let path = path(routes::INTERRUPT, &request.request.app, &request.request.environment);
        let answer: serde_json::Value = wire::post(&self.home, &path, &serde_json::json!({})).await?;
        Ok(answer.get("interrupted").and_then(serde_json::Value::as_bool).unwrap_or(true))
    }
}

/// The request to make an environment as a plan says.
pub(crate) fn plan_request(plan: &Plan) -> Result<ChangeRequest, Failure> {
    let value = serde_json::to_value(plan).map_err(anyhow::Error::from)?;
    Ok(ChangeRequest {
        app: plan.app.to_string(),
        environment: plan.environment.to_string(),
        goal: Goal::Plan(value),
    })
}

fn path(route: &str, app: &str, environment: &str) -> String {
    route.replace("{app}", app).replace("{environment}", environment)
}
