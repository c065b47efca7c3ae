//! How a command ends: the exit codes, and a failure with everything a person needs to go on.

use std::fmt;

use appia_api::documents::Changes;

/// The exit codes that scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// We failed while doing it.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// An input file has errors.
    Input = 3,
    /// The outcomes cannot be met.
    Unmet = 4,
    /// A person has to agree first.
    Agree = 6,
    /// The world has moved on.
    Moved = 7,
    /// There are changes (`plan --detailed-exitcode`).
    Changes = 10,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// From a number that the server sent.
    pub(crate) fn from_code(code: u8) -> Exit {
        match code {
            0 => Exit::Done,
            2 => Exit::Usage,
            3 => Exit::Input,
            4 => Exit::Unmet,
            6 => Exit::Agree,
            7 => Exit::Moved,
            10 => Exit::Changes,
            130 => Exit::Interrupted,
            _ => Exit::Failed,
        }
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// One sentence: lower case, no final dot, the person's words in backticks.
    pub(crate) message: String,
    /// Ways out.
    pub(crate) help: Vec<String>,
    /// What led to it, and a tool's own words as they were.
    pub(crate) causes: Vec<String>,
    /// What a person has to agree to first, for programs; people were shown it.
    pub(crate) changes: Option<Box<Changes>>,
    /// It was told already, in the document that was asked for.
    pub(crate) told: bool,
}

impl Failure {
    /// A failure without more to say.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        let message = message.into();
        Failure { exit, message, help: Vec::new(), causes: Vec::new(), changes: None, told: false }
    }

    /// A wrong command line.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// Adds a way out.
    #[must_use]
    pub(crate) fn help(mut self, line: impl Into<String>) -> Failure {
        self.help.push(line.into());
        self
    }

    /// Adds what a person has to agree to first.
    #[must_use]
    pub(crate) fn about(self, changes: &Changes) -> Failure {
        Failure { changes: Some(Box::new(changes.clone())), ..self }
    }

    /// Adds what led to it.
    #[must_use]
    pub(crate) fn cause(mut self, line: impl Into<String>) -> Failure {
        self.causes.push(line.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An unexpected error of the machine, with its chain of causes.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        match error.downcast::<Failure>() {
            Ok(failure) => failure,
            Err(error) => {
                let mut failure = Failure::new(Exit::Failed, error.to_string());
                failure.causes = error.chain().skip(1).map(ToString::to_string).collect();
                failure
            }
        }
    }
}
