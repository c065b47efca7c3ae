//! Score v1b1.
use appia_diag::Diagnostics;
use appia_intent::Intent;

use crate::files::Files;
use crate::{Claim, Source};

/// The format Score.
pub(crate) struct Score;

impl Source for Score {
    fn name(&self) -> &'static str {
        "score"
    }

    fn claims(&self, _files: &dyn Files, _path: &str) -> Claim {
        Claim::No
    }

    fn read(&self, _files: &dyn Files, _paths: &[String], _sink: &mut Diagnostics) -> Option<Intent> {
        None
    }
}
