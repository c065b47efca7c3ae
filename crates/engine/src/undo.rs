//! Takes back what an operation did: users before what they use, each step journaled, as far as it goes.
//!
//! What stays keeps what it needs: an object that was made and that something which stays uses is not deleted. When
//! something that was deleted cannot be brought back, all else stays as planned, since what was before may need it.

use std::sync::OnceLock;

use appia_plan::{Direction, ObjectId, Step, Undo, Verb};

use crate::ending::Halt;
use crate::graph::Graph;
use crate::run::Run;
use crate::walk::walk;
use crate::{Ending, Failure, Interrupt, Left};

/// What became of a step that was to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// It is as it was before.
    Back,
    /// It stays on purpose.
    Kept,
    /// It stays, for this reason.
    Left(String),
}

/// An operation on its way back.
pub(crate) struct TakingBack<'a> {
    run: &'a Run<'a>,
    graph: Graph,
    fates: Vec<OnceLock<Fate>>,
    /// Something that was deleted and could not be brought back. Deletions are taken back before all else.
    missing: OnceLock<ObjectId>,
}

impl<'a> TakingBack<'a> {
    pub(crate) fn new(run: &'a Run<'a>) -> TakingBack<'a> {
        let fates = run.operation.steps.iter().map(|_| OnceLock::new()).collect();
        TakingBack { run, graph: run.graph.back(), fates, missing: OnceLock::new() }
    }

    /// Takes back every step that began. A step that cannot be is remembered, and the others go on.
    pub(crate) async fn take_all_back(&self) -> Option<Halt> {
        let stop = &Interrupt::default();
        let frontier = self.graph.frontier(|step| !self.run.ledger.began(step));
        let back = |at: usize| async move { (at, self.take_back(at, stop).await) };
        walk(frontier, self.run.engine.settings.parallelism, stop, back).await
    }

    /// How the operation ended.
    pub(crate) fn ending(&self, failure: Failure) -> Ending {
        let (mut kept, mut left): (Vec<ObjectId>, Vec<Left>) = (Vec::new(), Vec::new());
        for (step, fate) in self.run.operation.steps.iter().zip(&self.fates) {
            match fate.get() {
                None | Some(Fate::Back) => {}
                Some(Fate::Kept) => kept.push(step.object.clone()),
                Some(Fate::Left(why)) => left.push(Left::new(step, why.clone())),
            }
        }
        if left.is_empty() { Ending::Undone { failure, kept } } else { Ending::Stuck { failure, left } }
    }

    async fn take_back(&self, at: usize, stop: &Interrupt) -> Result<(), Halt> {
        let Some(step) = self.run.operation.steps.get(at) else { return Ok(()) };
        let fate = match self.without_trying(at, step) {
            Ok(fate) => fate,
            Err(reversed) => match self.run.journaled((at, step), &reversed, Direction::Back, stop).await {
                Ok(()) => Fate::Back,
                Err(Halt::Failed(failure)) => Fate::Left(failure.message),
                Err(halt) => return Err(halt),
            },
        };
        if step.verb == Verb::Delete && fate != Fate::Back {
            self.missing.get_or_init(|| step.object.clone());
        }
        if let Some(place) = self.fates.get(at) {
            // Each step is walked once, so its fate is not known yet.
            let _ = place.set(fate);
        }
        Ok(())
    }

    /// The fate of a step that needs no try, or else the step that takes it back.
    fn without_trying(&self, at: usize, step: &Step) -> Result<Fate, Box<Step>> {
        if self.run.ledger.taken_back(at) {
            return Ok(Fate::Back);
        }
        if let Some(missing) = self.missing.get().filter(|_| step.verb != Verb::Delete) {
            return Ok(Fate::Left(format!("`{missing}` could not be brought back")));
        }
        match (&step.undo, step.reversed()) {
            (Undo::Impossible(why), _) => Ok(Fate::Left(why.clone())),
            (Undo::Keep, _) | (Undo::Reverse, None) => Ok(Fate::Kept),
            (Undo::Reverse, Some(reversed)) if reversed.verb == Verb::Delete => {
                self.for_its_users(at).ok_or(Box::new(reversed))
            }
            (Undo::Reverse, Some(reversed)) => Err(Box::new(reversed)),
        }
    }

    /// Stays when something that uses it stays.
    fn for_its_users(&self, at: usize) -> Option<Fate> {
        let users = self.run.graph.waiting_for(at).iter();
        let staying = users.filter_map(|user| match self.fates.get(*user)?.get()? {
            Fate::Back => None,
            Fate::Kept => Some(Fate::Kept),
            Fate::Left(_) => {
                let user = self.run.operation.steps.get(*user)?;
                Some(Fate::Left(format!("`{}` needs it", user.object)))
            }
        });
        staying.max_by_key(|fate| matches!(fate, Fate::Left(_)))
    }
}
