//! Doing it: an operation is accepted, runs in a task of its own, and tells its events to whoever listens.
//!
//! A listener that goes away changes nothing: what was accepted is finished.

use appia_api::documents::{self, Action};
use appia_api::protocol::{Goal, Line, OperationRequest};
use appia_engine::{Ending, Engine, Failure};
use appia_plan::{Actor, ActorKind, ObjectId, Operation, OperationKind, Owner};
use appia_runtime::agent::UnitState;
use appia_store::AcceptError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::changes::{Proposal, propose};
use super::collect::collect;
use super::progress::ProgressStream;
use super::status::{Places, places};
use super::warnings::warnings;
use crate::platform::{Platform, new_operation_id};
use crate::tasks::recover;
use crate::{ServerError, wire};

/// Accepts an operation and starts it. Its lines come from the receiver; the last is a result or an error.
pub(crate) async fn start(
    platform: &Platform,
    request: OperationRequest,
) -> Result<UnboundedReceiver<Line>, ServerError> {
    let (sender, receiver) = unbounded_channel();
    let proposal = propose(platform, &request.request).await?;
    if proposal.changes.steps.is_empty() {
        let platform = platform.clone();
        tokio::spawn(async move {
            let line = match nothing_to_do(&platform, &request, &proposal.owner, &sender).await {
                Ok(result) => Line::Result(Box::new(result)),
                Err(error) => Line::Error(error.document()),
            };
            let _ = sender.send(line);
        });
        return Ok(receiver);
    }
    if proposal.changes.digest.as_str() != request.changes_digest {
        return Err(ServerError::Moved("the world has moved on since the changes were shown".to_owned()));
    }
    let operation = operation(&proposal, &request)?;
    let (answer, accepted) = oneshot::channel();
    // Whoever asked may be gone at any time, also while it is being accepted: what is accepted then is run all the same.
    tokio::spawn(carry_out(platform.clone(), (operation, proposal), answer, sender));
    accepted.await.map_err(|_| ServerError::Other("the server is ending".to_owned()))??;
    Ok(receiver)
}

/// Has an operation accepted, which is told, and runs it to its end.
async fn carry_out(
    platform: Platform,
    (operation, proposal): (Operation, Proposal),
    answer: oneshot::Sender<Result<(), AcceptError>>,
    sender: UnboundedSender<Line>,
) {
    let accepted = platform.store.accept(&operation, proposal.plan.as_ref()).await.map(|_| ());
    let is_accepted = accepted.is_ok();
    // Nobody listens any more when the client went away meanwhile.
    let _ = answer.send(accepted);
    if !is_accepted {
        return;
    }
    let progress = ProgressStream::new(sender.clone());
    let ending = run(&platform, &operation, &progress).await;
    let is_open = matches!(ending, Err(_) | Ok(Ending::Open { .. }));
    let ended_well = matches!(ending, Ok(Ending::Done));
    let line = last_line(&platform, &operation, &proposal, ending).await;
    let _ = sender.send(line);
    drop(sender);
    if ended_well {
        collect(&platform).await;
    }
    if is_open {
        recover::finish(&platform, &operation.id).await;
    }
}

/// All was made; whether it is well is only known when it has started, so that is waited for, with words.
async fn nothing_to_do(
    platform: &Platform,
    request: &OperationRequest,
    owner: &Owner,
    sender: &UnboundedSender<Line>,
) -> Result<documents::OperationSummary, ServerError> {
    for workload in platform.status(owner).await?.workloads {
        if workload.state == UnitState::Starting {
            ProgressStream::new(sender.clone()).waits_for(&workload);
        }
    }
    platform.until_started(owner).await?;
    let proposal = propose(platform, &request.request).await?;
    if proposal.changes.digest.as_str() != request.changes_digest {
        return Err(ServerError::Moved("the world has moved on since the changes were shown".to_owned()));
    }
    let operation = operation(&proposal, request)?;
    platform.store.unchanged(owner, operation.base_generation).await?;
    result(platform, &operation, &proposal).await
}

/// Whether a goal needs a plan of its own kind.
fn operation(proposal: &Proposal, request: &OperationRequest) -> Result<Operation, ServerError> {
    let kind = match (request.action, &request.request.goal) {
        (Action::Up, Goal::Plan(_)) => OperationKind::Up,
        (Action::Deploy, Goal::Plan(_)) => OperationKind::Deploy,
        (Action::Rollback, Goal::Rollback { .. }) => OperationKind::Rollback,
        (Action::Down, Goal::Down { .. }) => OperationKind::Down,
        (action, _) => {
            return Err(ServerError::request(
                format!("`{action}` does not fit its goal"),
                "use the command line of this version",
            ));
        }
    };
    Ok(Operation {
        id: new_operation_id(),
        kind,
        owner: proposal.owner.clone(),
        actor: Actor { kind: ActorKind::Person, name: request.actor.clone() },
        plan: proposal.plan.as_ref().map(|plan| plan.digest.clone()),
        release: proposal.plan.as_ref().map(|plan| plan.release.clone()),
        base_generation: proposal.changes.base_generation,
        steps: proposal.changes.steps.clone(),
    })
}

async fn run(
    platform: &Platform,
    operation: &Operation,
    progress: &ProgressStream,
) -> Result<Ending, ServerError> {
    let interrupt = platform.began(&operation.owner);
    let engine = Engine {
        driver: &*platform.driver,
        journal: &platform.store,
        listener: progress,
        interrupt: &interrupt,
        settings: &platform.settings,
    };
    let ending = engine.apply(operation).await;
    platform.ended(&operation.owner);
    ending.map_err(|error| ServerError::Other(error.to_string()))
}

async fn last_line(
    platform: &Platform,
    operation: &Operation,
    proposal: &Proposal,
    ending: Result<Ending, ServerError>,
) -> Line {
    let failure = match ending {
        Ok(Ending::Done) => match result(platform, operation, proposal).await {
            Ok(result) => return Line::Result(Box::new(result)),
            Err(error) => error.document(),
        },
        Ok(other) => failed(operation, &other),
        Err(error) => error.document(),
    };
    Line::Error(failure)
}

/// How an operation ended that did what it should.
async fn result(
    platform: &Platform,
    operation: &Operation,
    proposal: &Proposal,
) -> Result<documents::OperationSummary, ServerError> {
    let owner = &operation.owner;
    let undo = match operation.kind {
        _ if operation.steps.is_empty() => None,
        OperationKind::Down => None,
        OperationKind::Up | OperationKind::Deploy | OperationKind::Rollback if proposal.current.is_some() => {
            Some("appia rollback".to_owned())
        }
        OperationKind::Up | OperationKind::Deploy | OperationKind::Rollback => Some("appia down".to_owned()),
    };
    let places = match operation.kind {
        OperationKind::Down => Places::default(),
        OperationKind::Up | OperationKind::Deploy | OperationKind::Rollback => {
            places(platform, owner).await?
        }
    };
    Ok(documents::OperationSummary {
        action: wire::action(operation.kind),
        app: owner.app.to_string(),
        environment: owner.environment.to_string(),
        operation: (!operation.steps.is_empty()).then(|| operation.id.to_string()),
        generation: platform.store.generation(owner).await?,
        release: operation.release.as_ref().map(wire::release),
        steps: operation.steps.len(),
        urls: places.urls,
        routes: places.routes,
        undo,
        warnings: warnings(platform, owner, proposal.plan.as_ref()).await?,
    })
}

/// How an operation ended that failed, in words for a person.
fn failed(operation: &Operation, ending: &Ending) -> documents::Error {
    let what = operation.kind.as_str();
    let mut error = documents::Error {
        code: 1,
        message: String::new(),
        help: Vec::new(),
        causes: Vec::new(),
        changes: None,
    };
    match ending {
        Ending::Done => {}
        Ending::Undone { failure, kept } => {
            explain(failure, &mut error);
            error.message = format!("`{what}` failed and was taken back: {failure}");
            error.help.extend(stays(kept));
        }
        Ending::Stuck { failure, left } => {
            explain(failure, &mut error);
            let left: Vec<String> = left.iter().map(ToString::to_string).collect();
            error.message = format!("`{what}` failed and could not be taken back whole: {failure}");
            error.causes.push(format!("left: {}", left.join(", ")));
            error
                .help
                .push("`appia status` shows how it is; repeating the command goes on from there".to_owned());
        }
        Ending::Open { reason } => {
            error.message = format!("`{what}` stopped and is journaled: {reason}");
            error.help.push(
                "it is finished as soon as the store can be written again; then repeat the command"
                    .to_owned(),
            );
        }
        Ending::Superseded { newer } => {
            error.code = 7;
            error.message = format!("a newer operation took over (fencing token {newer})");
        }
    }
    error
}

/// What a failure left on purpose, when a person would look for it.
fn stays(kept: &[ObjectId]) -> Option<String> {
    let kept: Vec<String> = kept
        .iter()
        .filter(|object| object.kind != appia_plan::local::kind::SECRET)
        .map(|object| format!("`{object}`"))
        .collect();
    let all = kept.join(", ");
    (!kept.is_empty()).then(|| format!("{all} stays for the next try; `appia down --data` removes it"))
}

fn explain(failure: &Failure, error: &mut documents::Error) {
    match failure {
        Failure::Step(step) => {
            error.causes.extend(step.detail.iter().cloned());
            error.help.extend(step.help.iter().cloned());
        }
        Failure::Interrupted => error.code = 130,
        Failure::BeforeCrash => {}
    }
}

/// Finishes an operation that a crash left open.
pub(crate) async fn resume(
    platform: &Platform,
    open: &appia_plan::OpenOperation,
) -> Result<Ending, ServerError> {
    let owner: &Owner = &open.operation.owner;
    let interrupt = platform.began(owner);
    let engine = Engine {
        driver: &*platform.driver,
        journal: &platform.store,
        listener: &(),
        interrupt: &interrupt,
        settings: &platform.settings,
    };
    let ending = engine.resume(open).await;
    platform.ended(owner);
    ending.map_err(|error| ServerError::Other(error.to_string()))
}
