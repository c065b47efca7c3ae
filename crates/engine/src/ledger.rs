//! What is known of each step while an operation runs: the journal's records, kept in memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use appia_plan::{Direction, ObjectId, Step, StepRecord};

/// What is known of each step, by index.
#[derive(Debug)]
pub(crate) struct Ledger(Vec<Marks>);

#[derive(Debug, Default)]
struct Marks {
    began: AtomicBool,
    done: AtomicBool,
    back_began: AtomicBool,
    back_done: AtomicBool,
}

impl Ledger {
    /// Nothing happened yet.
    pub(crate) fn empty(steps: &[Step]) -> Ledger {
        Ledger(steps.iter().map(|_| Marks::default()).collect())
    }

    /// As the journal tells after a crash.
    pub(crate) fn of(steps: &[Step], records: &[StepRecord]) -> Ledger {
        let ledger = Ledger::empty(steps);
        let index: HashMap<&ObjectId, usize> =
            steps.iter().enumerate().map(|(at, step)| (&step.object, at)).collect();
        for record in records {
            let Some(at) = index.get(&record.key.object).copied() else { continue };
            ledger.begin(at, record.direction);
            if record.done {
                ledger.end(at, record.direction);
            }
        }
        ledger
    }

    /// A step is about to be taken or taken back.
    pub(crate) fn begin(&self, step: usize, direction: Direction) {
        self.set(step, |marks| match direction {
            Direction::Forward => &marks.began,
            Direction::Back => &marks.back_began,
        });
    }

    /// A step was taken or taken back.
    pub(crate) fn end(&self, step: usize, direction: Direction) {
        self.set(step, |marks| match direction {
            Direction::Forward => &marks.done,
            Direction::Back => &marks.back_done,
        });
    }

    /// What a step had done is not there any more: it has to be taken again.
    pub(crate) fn forget(&self, step: usize) {
        if let Some(marks) = self.0.get(step) {
            marks.done.store(false, Ordering::Relaxed);
        }
    }

    pub(crate) fn began(&self, step: usize) -> bool {
        self.is(step, |marks| &marks.began)
    }

    pub(crate) fn done(&self, step: usize) -> bool {
        self.is(step, |marks| &marks.done)
    }

    pub(crate) fn taken_back(&self, step: usize) -> bool {
        self.is(step, |marks| &marks.back_done)
    }

    /// True when every step was taken.
    pub(crate) fn all_done(&self) -> bool {
        (0..self.0.len()).all(|step| self.done(step))
    }

    /// True when taking back had begun.
    pub(crate) fn undo_began(&self) -> bool {
        (0..self.0.len()).any(|step| self.is(step, |marks| &marks.back_began))
    }

    fn set(&self, step: usize, mark: impl Fn(&Marks) -> &AtomicBool) {
        if let Some(marks) = self.0.get(step) {
            mark(marks).store(true, Ordering::Relaxed);
        }
    }

    fn is(&self, step: usize, mark: impl Fn(&Marks) -> &AtomicBool) -> bool {
        self.0.get(step).is_some_and(|marks| mark(marks).load(Ordering::Relaxed))
    }
}
