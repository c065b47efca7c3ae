//! What a build tells while it runs. The command line draws it; this side only says what happens.

use std::fmt;
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildEvent {
    /// A new stage began, such as `installing packages`.
    Stage(String),
    /// So much of a stage is done.
    Step {
        /// How many are done.
        done: usize,
        /// Of how many; `None` when nobody knows.
        of: Option<usize>,
        /// What was just done, such as `compiling tokio`.
        what: String,
    },
    /// A line a tool printed, without its end.
    Line(String),
    /// Something a person should know though the build goes on.
    Warning(String),
}

/// Where events go. Cheap to clone; may be called from any thread.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(BuildEvent) + Send + Sync>);

impl Progress {
    /// Calls `sink` with each event, in order. It must not block for long: the tool waits meanwhile.
    pub fn new(sink: impl Fn(BuildEvent) + Send + Sync + 'static) -> Progress {
        Progress(Arc::new(sink))
    }

    /// Tells nobody.
    pub fn silent() -> Progress {
        Progress::new(|_| {})
    }

    pub(crate) fn tell(&self, event: BuildEvent) {
        (self.0)(event);
    }

    pub(crate) fn stage(&self, what: impl Into<String>) {
        self.tell(BuildEvent::Stage(what.into()));
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Progress")
    }
}
