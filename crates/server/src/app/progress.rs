//! Turns what the engine says into lines for whoever listens.

use std::time::Duration;

use appia_api::documents::StreamEvent;
use appia_api::protocol::Line;
use appia_engine::{Happening, Listener};
use appia_plan::{Direction, Step, Verb};
use appia_runtime::agent::WorkloadStatus;
use tokio::sync::mpsc::UnboundedSender;

use crate::platform::{STARTED, now_ms};
use crate::wire;

/// Sends lines to one listener; one that went away is no error.
pub(crate) struct ProgressStream(UnboundedSender<Line>);

impl ProgressStream {
    pub(crate) fn new(sender: UnboundedSender<Line>) -> ProgressStream {
        ProgressStream(sender)
    }

    /// Nothing has to be done, and something is not ready yet.
    pub(crate) fn waits_for(&self, workload: &WorkloadStatus) {
        let why = workload.trouble.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let event = StreamEvent {
            at: wire::time(now_ms()),
            verb: "step_progress".to_owned(),
            address: Some(workload.address.to_string()),
            message: format!("is still starting, waiting up to {} s{why}", STARTED.as_secs()),
            duration_ms: None,
        };
        let _ = self.0.send(Line::Event(event));
    }

    fn tell(&self, verb: &str, step: Option<&Step>, message: String, took: Option<Duration>) {
        let event = StreamEvent {
            at: wire::time(now_ms()),
            verb: verb.to_owned(),
            address: step.map(|step| step.address.to_string()),
            message,
            duration_ms: took.and_then(|took| u64::try_from(took.as_millis()).ok()),
        };
        let _ = self.0.send(Line::Event(event));
    }
}

impl Listener for ProgressStream {
    fn hear(&self, happening: &Happening<'_>) {
        match happening {
            Happening::Accepted(operation) => {
                self.tell("operation_began", None, format!("operation {}", operation.id), None);
            }
            Happening::Resumed(operation) => {
                self.tell("operation_resumed", None, format!("operation {}", operation.id), None);
            }
            Happening::Began { step, direction } => {
                let verb = if *direction == Direction::Back { "undo_began" } else { "step_began" };
                self.tell(verb, Some(step), doing(step, *direction).to_owned(), None);
            }
            Happening::Said { step, line } => {
                self.tell("step_progress", Some(step), (*line).to_owned(), None)
            }
            Happening::Retrying { step, error, tries, .. } => {
                self.tell("step_progress", Some(step), format!("{error} (try {tries}, once more)"), None);
            }
            Happening::Done { step, direction, took, .. } => {
                let verb = if *direction == Direction::Back { "undo_done" } else { "step_done" };
                self.tell(verb, Some(step), done(step, *direction).to_owned(), Some(*took));
            }
            Happening::Failed { step, direction, failure, took } => {
                let verb = if *direction == Direction::Back { "undo_failed" } else { "step_failed" };
                self.tell(verb, Some(step), failure.message.clone(), Some(*took));
            }
            Happening::BrokenOff { step } => {
                self.tell("step_failed", Some(step), "broken off".to_owned(), None);
            }
            Happening::UndoBegan { failure } => {
                self.tell("undo", None, format!("taking back what was done: {failure}"), None);
            }
            Happening::Ended(_) => {}
        }
    }
}

fn doing(step: &Step, direction: Direction) -> &'static str {
    match (direction, step.verb) {
        (Direction::Back, _) => "taking back",
        (Direction::Forward, Verb::Create) => "creating",
        (Direction::Forward, Verb::Change) => "changing",
        (Direction::Forward, Verb::Replace) => "replacing",
        (Direction::Forward, Verb::Adopt) => "adopting",
        (Direction::Forward, Verb::Pause) => "pausing",
        (Direction::Forward, Verb::Resume) => "resuming",
        (Direction::Forward, Verb::Delete) => "deleting",
    }
}

fn done(step: &Step, direction: Direction) -> &'static str {
    match (direction, step.verb) {
        (Direction::Back, _) => "taken back",
        (Direction::Forward, Verb::Create) => "created",
        (Direction::Forward, Verb::Change) => "changed",
        (Direction::Forward, Verb::Replace) => "replaced",
        (Direction::Forward, Verb::Adopt) => "adopted",
        (Direction::Forward, Verb::Pause) => "paused",
        (Direction::Forward, Verb::Resume) => "resumed",
        (Direction::Forward, Verb::Delete) => "deleted",
    }
}
