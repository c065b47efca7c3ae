//! What a listener hears.

use std::fmt::Write;
use std::sync::Mutex;

use appia_engine::{Engine, Happening, Listener};
use appia_plan::Direction;
use appia_testkit::{Fault, Scenario, Trial, golden};

/// Writes down what it hears.
#[derive(Default)]
struct Scribe(Mutex<String>);

impl Listener for Scribe {
    fn hear(&self, happening: &Happening<'_>) {
        let mut text = self.0.lock().unwrap();
        let way = |direction: &Direction| match direction {
            Direction::Forward => "",
            Direction::Back => " back",
        };
        match happening {
            Happening::Accepted(operation) => writeln!(text, "accepted: {} steps", operation.steps.len()),
            Happening::Resumed(operation) => writeln!(text, "resumed: {} steps", operation.steps.len()),
            Happening::Began { step, direction } => writeln!(text, "{}{}", step.object.name, way(direction)),
            Happening::Said { step, line } => writeln!(text, "  {}: {line}", step.object.name),
            Happening::Retrying { step, error, tries, .. } => {
                writeln!(text, "  {} again, after {tries}: {error}", step.object.name)
            }
            Happening::Done { step, direction, object, .. } => {
                let left = if object.is_some() { "there" } else { "gone" };
                writeln!(text, "{}{}: {left}", step.object.name, way(direction))
            }
            Happening::Failed { step, direction, failure, .. } => {
                writeln!(text, "{}{}: failed: {failure}", step.object.name, way(direction))
            }
            Happening::BrokenOff { step } => writeln!(text, "{}: broken off", step.object.name),
            Happening::UndoBegan { failure } => writeln!(text, "back, because {failure}"),
            Happening::Ended(ending) => writeln!(text, "ended: {:?}", ending.result()),
        }
        .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_hears_the_whole_story() {
    let trial = Trial::new(&Scenario::first_up(), "").await;
    let named =
        |name: &str| &trial.operation.steps.iter().find(|step| step.object.name == name).unwrap().object;
    trial.world.faults.add(named("secret"), Direction::Forward, Fault::Transient(1));
    trial.world.faults.add(named("web"), Direction::Forward, Fault::PermanentAfter);
    let scribe = Scribe::default();
    let engine = Engine { listener: &scribe, ..trial.engine() };
    engine.apply(&trial.operation).await.unwrap();
    golden("tests/golden/story.txt", &scribe.0.lock().unwrap());
}

/// The server runs operations on its own tasks.
#[test]
fn an_operation_may_move_between_threads() {
    fn moves<T: Send>(_: T) {}
    let check = |engine: &Engine<'_>, operation: &appia_plan::Operation| {
        moves(engine.apply(operation));
        moves(engine.recover());
    };
    let _ = check;
}
