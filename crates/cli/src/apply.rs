//! From a plan to a running application: show, ask, install what is missing, build, apply. `up` and `deploy` share it.

use std::os::unix::fs::MetadataExt;

use appia_api::Kind;
use appia_api::documents::Release;
use appia_api::protocol::{ChangeAnswer, OperationRequest};
use appia_drivers::build::{
    Artifact, BuildCache, BuildError, BuildRequest, ContentHash, Event as BuildEvent, Progress,
};
use appia_plan::{ArtifactId, Plan};
use tokio::sync::mpsc;

use crate::args::{HomeArgs, ProjectArgs};
use crate::client::{Client, Heard, open_home, plan_request};
use crate::exit::{Exit, Failure};
use crate::project::{Project, build_request};
use crate::ui::{Answer, Steps, Ui};

/// What was asked for.
pub(crate) struct Request<'a> {
    /// `up` or `deploy`.
    pub(crate) action: &'static str,
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
        if ui.confirm("do this?", request.agreed)? == Answer::No {
            return Err(Failure::new(Exit::Agree, "nothing was changed"));
        }
    }
    crate::packages::install(&missing, ui).await?;
    build(&project, &plan, request.home, ui).await?;
    let operation = OperationRequest {
        action: request.action.to_owned(),
        request: plan_request(&plan)?,
        changes_digest: answer.changes.digest.clone(),
        actor: actor(),
    };
    operate(&client, &operation, request.project, ui).await
}

/// Does an operation on a project as it was named, showing its steps and how it ended.
pub(crate) async fn operate(
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
pub(crate) fn actor() -> String {
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
fn deployable(action: &str, answer: &ChangeAnswer) -> Result<(), Failure> {
    if action == "deploy" && answer.current.is_none() {
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

/// Builds what is not built yet, one workload after the other: each builder uses all processors itself.
async fn build(project: &Project, plan: &Plan, home: &HomeArgs, ui: &Ui) -> Result<(), Failure> {
    let home = open_home(home)?;
    let program = std::env::current_exe().map_err(anyhow::Error::from)?;
    let cache = BuildCache::new(home.artifacts()).reaped_by(program);
    let mut steps = ui.steps();
    for (name, workload) in &project.intent.workloads {
        for container in workload.containers.keys() {
            let Some(Ok(request)) = build_request(project, name, container) else { continue };
            let planned = plan.inputs.artifacts.get(name).and_then(|of| of.get(container));
            if is_built(&cache, planned) {
                continue;
            }
            let artifact = build_one(&cache, &request, name.as_str(), &mut steps).await?;
            if planned.is_none_or(|planned| planned.0 != artifact.hash.as_str()) {
                return Err(Failure::new(
                    Exit::Moved,
                    format!("the source of `{name}` was changed while it was built"),
                )
                .help("nothing was changed; run the command again"));
            }
        }
    }
    Ok(())
}

/// What the plan names is there already, whatever the source has become meanwhile.
fn is_built(cache: &BuildCache, planned: Option<&ArtifactId>) -> bool {
    let hash = planned.and_then(|planned| planned.0.parse::<ContentHash>().ok());
    hash.is_some_and(|hash| {
        cache.touch(&hash);
        cache.find(&hash).is_some()
    })
}

async fn build_one(
    cache: &BuildCache,
    request: &BuildRequest,
    workload: &str,
    steps: &mut Steps<'_>,
) -> Result<Artifact, Failure> {
    let label = format!("build {workload}");
    let began = std::time::Instant::now();
    steps.begin(&label, "");
    let (sender, mut events) = mpsc::unbounded_channel();
    let progress = Progress::new(move |event| {
        let _ = sender.send(event);
    });
    let built = cache.build(request, &progress);
    tokio::pin!(built);
    let artifact = loop {
        tokio::select! {
            artifact = &mut built => break artifact,
            Some(event) = events.recv() => steps.say(&label, &line(event)),
            _ = tokio::signal::ctrl_c() => {
                return Err(Failure::new(Exit::Interrupted, "interrupted while building; nothing was changed"));
            }
        }
    };
    match artifact {
        Ok(artifact) => {
            let took = u64::try_from(began.elapsed().as_millis()).ok();
            steps.done(&label, &format!("({})", artifact.hash.short()), took);
            Ok(artifact)
        }
        Err(error) => {
            steps.failed(&label, "");
            Err(build_failure(workload, &error))
        }
    }
}

fn line(event: BuildEvent) -> String {
    match event {
        BuildEvent::Stage(stage) => stage,
        BuildEvent::Step { done, of: Some(of), what } => format!("[{done}/{of}] {what}"),
        BuildEvent::Step { done, of: None, what } => format!("[{done}] {what}"),
        BuildEvent::Line(line) | BuildEvent::Warning(line) => line,
    }
}

/// A build error with what the tool printed, as it printed it.
fn build_failure(workload: &str, error: &BuildError) -> Failure {
    let mut failure = Failure::new(Exit::Failed, format!("`{workload}` does not build: {error}"));
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    failure.causes = causes.map(ToString::to_string).collect();
    match error.output() {
        Some(output) => failure.cause(output.to_owned()).help("nothing was changed; what runs goes on"),
        None => failure.help("nothing was changed; what runs goes on"),
    }
}
