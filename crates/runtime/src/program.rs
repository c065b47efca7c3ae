//! How this binary starts itself again, for its hidden verbs.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// A program that answers the hidden verbs `agent HOME`, `shim DIR`, `enter PID -- COMMAND`, `try-mounts DIR` and
/// `site ROOT`.
///
/// ```
/// use appia_runtime::Program;
/// let program = Program::new("/usr/bin/appia", ["internal"]);
/// assert_eq!(program.arguments("agent", "/home/me").len(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    leading: Vec<OsString>,
}

impl Program {
    /// A program and the arguments that stand before the verb.
    pub fn new<S: Into<OsString>>(path: impl Into<PathBuf>, leading: impl IntoIterator<Item = S>) -> Program {
        Program { path: path.into(), leading: leading.into_iter().map(Into::into).collect() }
    }

    /// The running binary itself, called as `appia internal VERB`.
    ///
    /// # Errors
    /// When the system does not say which file runs.
    pub fn this() -> std::io::Result<Program> {
        Ok(Program::new(std::env::current_exe()?, ["internal"]))
    }

    /// The file.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// All arguments for a verb.
    pub fn arguments(&self, verb: &str, operand: impl AsRef<OsStr>) -> Vec<OsString> {
        let mut arguments = self.leading.clone();
        arguments.push(verb.into());
        arguments.push(operand.as_ref().into());
        arguments
    }
}
