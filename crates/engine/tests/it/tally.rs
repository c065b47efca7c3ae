//! Counts how scenarios ended, so that a test shows it met what it was written for.

use std::fmt;

use appia_plan::OperationResult;
use appia_testkit::Trial;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) done: u32,
    pub(crate) undone: u32,
    pub(crate) stuck: u32,
    pub(crate) not_accepted: u32,
}

impl Tally {
    pub(crate) fn count(&mut self, trial: &Trial) {
        match trial.result() {
            Some(OperationResult::Done) => self.done += 1,
            Some(OperationResult::Undone { .. }) => self.undone += 1,
            Some(OperationResult::Stuck { .. }) => self.stuck += 1,
            None => self.not_accepted += 1,
        }
    }

    pub(crate) fn print(&self, what: &str) {
        println!("engine: {what}: {self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.done + self.undone + self.stuck + self.not_accepted;
        write!(f, "{all} runs ({} done, {} undone, {} stuck", self.done, self.undone, self.stuck)?;
        if self.not_accepted > 0 {
            write!(f, ", {} not accepted", self.not_accepted)?;
        }
        f.write_str(")")
    }
}
