//! One operation from its acceptance to its end: forward, then, when it fails, back (`undo.rs`).

use appia_plan::{Direction, Lease, Observed, Operation, Step, Undo, Verb};
use tokio::time::Instant;

use crate::attempt::Attempt;
use crate::ending::Halt;
use crate::graph::Graph;
use crate::ledger::Ledger;
use crate::undo::TakingBack;
use crate::walk::walk;
use crate::{Ending, Engine, Failure, Happening, Interrupt, Left};

/// An accepted operation.
pub(crate) struct Run<'a> {
    pub(crate) engine: &'a Engine<'a>,
    pub(crate) operation: &'a Operation,
    pub(crate) lease: Lease,
    pub(crate) graph: Graph,
    pub(crate) ledger: Ledger,
}

impl Run<'_> {
    /// Takes the steps that are not done, and takes all back when one fails.
    pub(crate) async fn forward(&self) -> Ending {
        let ending = match self.take_all().await {
            None if self.ledger.all_done() => Ending::Done,
            None | Some(Halt::BrokenOff) => self.fail(Failure::Interrupted).await,
            // Why: whoever is asked to stop may make a step fail that nobody waits for any more.
            Some(Halt::Failed(_)) if self.engine.interrupt.is_raised() => {
                self.fail(Failure::Interrupted).await
            }
            Some(Halt::Failed(failure)) => self.fail(Failure::Step(failure)).await,
            Some(halt @ (Halt::Journal(_) | Halt::Fenced(_))) => stopped(halt),
        };
        self.finish(ending).await
    }

    /// Goes on taking back, which had begun before a crash.
    pub(crate) async fn back_after_crash(&self) -> Ending {
        let ending = self.fail(Failure::BeforeCrash).await;
        self.finish(ending).await
    }

    /// A step that made something which is not there any more has to be taken again.
    pub(crate) fn forget_what_is_gone(&self, observed: &Observed) {
        for (at, step) in self.operation.steps.iter().enumerate() {
            if step.desired.is_some() && !observed.objects.contains_key(&step.object) {
                self.ledger.forget(at);
            }
        }
    }

    /// Writes that a step begins, takes `taken` (the step itself or its reverse), and writes that it is done.
    pub(crate) async fn journaled(
        &self,
        (at, step): (usize, &Step),
        taken: &Step,
        direction: Direction,
        stop: &Interrupt,
    ) -> Result<(), Halt> {
        let (journal, listener) = (self.engine.journal, self.engine.listener);
        let key = step.key(&self.operation.id);
        let began = Instant::now();
        self.ledger.begin(at, direction);
        journal.intend(&key, direction).await.map_err(Halt::Journal)?;
        listener.hear(&Happening::Began { step, direction });
        let attempt = Attempt { engine: self.engine, lease: &self.lease, stop };
        let object = attempt.take(taken).await.inspect_err(|halt| match halt {
            Halt::Failed(failure) => {
                listener.hear(&Happening::Failed { step, direction, failure, took: began.elapsed() });
            }
            Halt::BrokenOff => listener.hear(&Happening::BrokenOff { step }),
            Halt::Journal(_) | Halt::Fenced(_) => {}
        })?;
        journal.done(&key, direction).await.map_err(Halt::Journal)?;
        self.ledger.end(at, direction);
        let object = object.as_ref();
        listener.hear(&Happening::Done { step, direction, object, took: began.elapsed() });
        Ok(())
    }

    async fn take_all(&self) -> Option<Halt> {
        let stop = &Interrupt::default();
        let frontier = self.graph.frontier(|step| self.ledger.done(step));
        let take = |at: usize| async move {
            let taken = match self.operation.steps.get(at) {
                Some(step) => self.journaled((at, step), step, Direction::Forward, stop).await,
                None => Ok(()),
            };
            (at, taken)
        };
        let interrupted = async {
            self.engine.interrupt.raised().await;
            stop.raise();
            std::future::pending().await
        };
        if self.engine.interrupt.is_raised() {
            stop.raise();
        }
        tokio::select! {
            biased;
            halt = interrupted => halt,
            halt = walk(frontier, self.engine.settings.parallelism, stop, take) => halt,
        }
    }

    /// Takes everything back, or says what is left when that cannot be.
    async fn fail(&self, failure: Failure) -> Ending {
        if self.is_past_return() {
            let left = self.unfinished();
            return Ending::Stuck { failure, left };
        }
        self.engine.listener.hear(&Happening::UndoBegan { failure: &failure });
        let back = TakingBack::new(self);
        match back.take_all_back().await {
            None => back.ending(failure),
            Some(halt) => stopped(halt),
        }
    }

    /// True once a deletion began that nobody can take back.
    fn is_past_return(&self) -> bool {
        let for_good = |step: &Step| step.verb == Verb::Delete && step.undo != Undo::Reverse;
        self.operation.steps.iter().enumerate().any(|(at, step)| for_good(step) && self.ledger.began(at))
    }

    fn unfinished(&self) -> Vec<Left> {
        let open = |(at, step): (usize, &Step)| match (self.ledger.done(at), self.ledger.began(at)) {
            (true, _) => None,
            (false, true) => Some(Left::new(step, "its deletion did not end")),
            (false, false) => Some(Left::new(step, "its deletion did not begin")),
        };
        self.operation.steps.iter().enumerate().filter_map(open).collect()
    }

    async fn finish(&self, ending: Ending) -> Ending {
        let ending = match ending.result() {
            Some(result) => match self.engine.journal.finish(&self.operation.id, &result).await {
                Ok(()) => ending,
                Err(error) => Ending::Open { reason: error.to_string() },
            },
            None => ending,
        };
        self.engine.listener.hear(&Happening::Ended(&ending));
        ending
    }
}

/// What becomes of an operation that may do nothing more.
fn stopped(halt: Halt) -> Ending {
    match halt {
        Halt::Fenced(newer) => Ending::Superseded { newer },
        Halt::Journal(error) => Ending::Open { reason: error.to_string() },
        Halt::Failed(failure) => Ending::Open { reason: failure.to_string() },
        Halt::BrokenOff => Ending::Open { reason: Failure::Interrupted.to_string() },
    }
}
