//! Closed sets of words that stand in documents: the same in JSON and on the screen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An enum whose variants are one word each.
macro_rules! words {
    ($($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$meaning])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Its word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )*};
}

words! {
    /// What a person asks for that changes the world.
    Action {
        /// Bring it to its plan.
        Up = "up",
        /// Bring a new release.
        Deploy = "deploy",
        /// Back to an earlier plan.
        Rollback = "rollback",
        /// Take everything away.
        Down = "down",
    }
    /// What is done to one object.
    StepAction {
        /// It is made.
        Create = "create",
        /// It is made otherwise.
        Change = "change",
        /// Another one is put in its place.
        Replace = "replace",
        /// One that is there already becomes ours.
        Adopt = "adopt",
        /// It stops and stays.
        Pause = "pause",
        /// It goes on.
        Resume = "resume",
        /// It goes.
        Delete = "delete",
    }
    /// How something that runs is.
    State {
        /// It began and is not ready yet.
        Starting = "starting",
        /// All is well.
        Healthy = "healthy",
        /// It runs and is not well.
        Unhealthy = "unhealthy",
        /// It does not run, as it should be.
        Stopped = "stopped",
        /// It does not run and should.
        Failed = "failed",
    }
    /// Whether a process of ours is there.
    ProcessState {
        /// It is.
        Running = "running",
        /// It is not.
        Stopped = "stopped",
    }
    /// Whether something is as it was written.
    Condition {
        /// It is.
        Good = "good",
        /// It is not.
        Damaged = "damaged",
    }
    /// Whose files are not as they were written.
    Place {
        /// The store's.
        Store = "store",
        /// The agent's.
        Agent = "agent",
    }
    /// Where a value comes from.
    Origin {
        /// A person wrote it.
        Stated = "stated",
        /// It was measured.
        Measured = "measured",
        /// Nobody said anything else.
        Default = "default",
        /// A dated table.
        Table = "table",
        /// It follows from others.
        Computed = "computed",
    }
    /// What may become of a plan.
    Verdict {
        /// It may be applied.
        Apply = "apply",
        /// A person has to agree first.
        Approve = "approve",
        /// It may not be applied.
        Deny = "deny",
    }
    /// What a plan was played with.
    PlayedState {
        /// Everything is there.
        Whole = "whole",
        /// A zone is not.
        ZoneLost = "zone_lost",
    }
}
