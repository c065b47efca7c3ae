//! From a goal to the world: show what would change, ask, do it. `up` and `deploy` share [`apply`], which also installs
//! and builds what is missing; `rollback` and `down` share [`change`], whose goal needs neither.

use std::os::unix::fs::MetadataExt;

use appia_api::Kind;
use appia_api::documents::{Action, Release};
use appia_api::protocol::{ChangeAnswer, ChangeRequest, Goal, OperationRequest};
use appia_plan::Plan;

use crate::args::{HomeArgs, ProjectArgs};
use crate::client::{Client, Heard, open_home, plan_request, wait};
use crate::exit::{Exit, Failure};
use crate::project::{AppName, Project};
use crate::ui::{Answer, Ui};

/// What was asked for.
pub(crate) struct Request<'a> {
    /// `up` or `deploy`.
    pub(crate) action: Action,
    /// Which application, as it was named.
    pub(crate) project: &'a ProjectArgs,
    /// Which home.
    pub(crate) home: &'a HomeArgs,
    /// Whether a person agreed already.
    pub(crate) agreed: bool,
}

/// Brings an application to its plan.
pub(crate) async fn apply(
    mut project: Project,
    plan: Plan,
    request: &Request<'_>,
    ui: &Ui,
) -> Result<Exit, Failure> {
    runs_here(&plan)?;
    let obstacles = crate::machine::obstacles(&project, &plan, &open_home(request.home)?)?;
    project.refuse(obstacles, ui)?;
    let client = Client::start(request.home).await?;
    let answer = client.changes_of_plan(&plan).await?;
    deployable(request.action, &answer)?;
    show(&project, &plan, &answer, ui);
    let missing = crate::packages::missing(&plan);
    if !answer.changes.steps.is_empty() || !missing.is_empty() {
        crate::packages::tell(&missing, ui);
        let asked = ui.confirm("do this?", request.agreed);
        if asked.map_err(|failure| failure.about(&answer.changes))? == Answer::No {
            return Err(Failure::new(Exit::Agree, "nothing was changed"));
        }
    }
    crate::packages::install(&missing, ui).await?;
    crate::build::build(&project, &plan, request.home, ui).await?;
    let operation = OperationRequest {
        action: request.action,
        request: plan_request(&plan)?,
        changes_digest: answer.changes.digest.clone(),
        actor: actor(),
    };
    operate(&client, &operation, request.project, ui).await
}

/// A goal that needs no plan from here.
pub(crate) struct Change<'a> {
    /// `rollback` or `down`.
    pub(crate) action: Action,
    /// What the environment shall become.
    pub(crate) goal: Goal,
    /// What a person is asked.
    pub(crate) question: &'static str,
    /// Which application, as it was named.
    pub(crate) project: &'a ProjectArgs,
    /// Which home.
    pub(crate) home: &'a HomeArgs,
    /// Whether a person agreed already.
    pub(crate) agreed: bool,
}

/// Brings an environment to a goal.
pub(crate) fn change(change: Change<'_>, ui: &Ui) -> Result<Exit, Failure> {
    let AppName { app, environment } = Project::name(change.project, ui)?;
    let request = ChangeRequest { app, environment, goal: change.goal };
    wait(async {
        let client = Client::start(change.home).await?;
        let answer = client.changes(&request).await?;
        if !ui.is_json() {
            ui.changes(&answer.changes);
        }
        let nothing = answer.changes.steps.is_empty();
        if !nothing {
            let asked = ui.confirm(change.question, change.agreed);
            if asked.map_err(|failure| failure.about(&answer.changes))? == Answer::No {
                return Err(Failure::new(Exit::Agree, "nothing was changed"));
            }
        }
        let operation = OperationRequest {
            action: change.action,
            request,
            changes_digest: answer.changes.digest,
            actor: actor(),
        };
        operate(&client, &operation, change.project, ui).await
    })
}

/// Does an operation on a project as it was named, showing its steps and how it ended.
async fn operate(
    client: &Client,
    operation: &OperationRequest,
    project: &ProjectArgs,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let mut steps = ui.steps();
    let heard = |heard| match heard {
        Heard::Event(event) => steps.event(event),
        Heard::Interrupted => steps.interrupted(),
    };
    let result = client.operate(operation, heard).await;
    drop(steps);
    let mut result = result?;
    result.undo = result.undo.map(|undo| format!("{undo}{}", project.words()));
    if ui.is_json() {
        ui.document(Kind::Result, result);
    } else {
        ui.result(&result);
    }
    Ok(Exit::Done)
}

/// Who runs the command.
fn actor() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    variable("SUDO_USER")
        .or_else(|| variable("USER"))
        .or_else(|| variable("LOGNAME"))
        .or_else(account)
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The name of the account that this process runs as; services and containers have no variables that tell.
fn account() -> Option<String> {
    let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let found = accounts.lines().find(|line| line.split(':').nth(2) == Some(id.as_str()))?;
    found.split(':').next().map(str::to_owned)
}

fn runs_here(plan: &Plan) -> Result<(), Failure> {
    if plan.target == "local" {
        return Ok(());
    }
    Err(Failure::usage(format!("`{}` is no place that this command can run things in yet", plan.target))
        .help(format!(
            "`appia export --target {} -o FOLDER` writes files to apply with your own tools",
            plan.target
        )))
}

/// `deploy` is for what is up already.
fn deployable(action: Action, answer: &ChangeAnswer) -> Result<(), Failure> {
    if action == Action::Deploy && answer.current.is_none() {
        return Err(Failure::usage("nothing is deployed here yet")
            .help("`appia up` makes the environment and deploys the first release"));
    }
    Ok(())
}

fn show(project: &Project, plan: &Plan, answer: &ChangeAnswer, ui: &Ui) {
    if ui.is_json() {
        return;
    }
    project.tell(ui);
    let mut document = appia_server::wire::plan(plan, &project.found, Some(answer.changes.clone()));
    document.parent = answer.parent.clone();
    ui.plan(&document);
    if let (Some(from), Some(to)) = (&answer.current, &answer.desired)
        && from.id != to.id
    {
        ui.say(&format!("\nrelease {} -> {}", short(from), short(to)));
    }
}

fn short(release: &Release) -> String {
    release.id.trim_start_matches("sha256:").chars().take(12).collect()
}
