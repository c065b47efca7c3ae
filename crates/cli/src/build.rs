//! Building what a plan names and is not built yet, with progress for a person. `up` and `deploy` call it before anything
//! is changed.

use appia_drivers::build::{
    Artifact, BuildCache, BuildError, BuildEvent, BuildRequest, ContentHash, Progress,
};
use appia_plan::{ArtifactId, Plan};
use tokio::sync::mpsc;

use crate::args::HomeArgs;
use crate::client::open_home;
use crate::exit::{Exit, Failure};
use crate::project::{Project, build_request};
use crate::ui::{Steps, Ui};

/// Builds what is not built yet, one workload after the other: each builder uses all processors itself.
pub(crate) async fn build(project: &Project, plan: &Plan, home: &HomeArgs, ui: &Ui) -> Result<(), Failure> {
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
