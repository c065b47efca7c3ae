//! Asking before something changes.

use std::io::{BufRead, Write};

use super::{Ui, style};
use crate::exit::{Exit, Failure};

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Go on.
    Yes,
    /// Leave it.
    No,
}

impl Ui {
    /// Asks a question that takes yes or no. Without a terminal nobody can answer, which ends with code 6.
    pub(crate) fn confirm(&self, question: &str, agreed: bool) -> Result<Answer, Failure> {
        if agreed {
            return Ok(Answer::Yes);
        }
        if !self.can_ask() {
            return Err(Failure::new(
                Exit::Agree,
                "a person has to agree first, and nobody can be asked here",
            )
            .help(if self.is_json() {
                "it is told here what would be done; run it again with `--yes`"
            } else {
                "look at what is shown above and run it again with `--yes`"
            }));
        }
        let mut out = anstream::stderr().lock();
        let _ = write!(out, "{} [y/N] ", style::strong(question));
        let _ = out.flush();
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        let yes = read.is_ok() && matches!(line.trim().to_lowercase().as_str(), "y" | "yes");
        Ok(if yes { Answer::Yes } else { Answer::No })
    }
}
