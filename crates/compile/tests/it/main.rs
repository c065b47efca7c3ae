//! The compiler from text to plan: what it finds wrong, what it plans, and that it always plans the same.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at the first surprise, in its helpers too"
)]

mod carbon;
mod clouds;
mod databases;
mod determinism;
mod findings;
mod known;
mod measured;
mod plans;
mod promises;
mod proofs;
mod queues;
mod ranges;
mod recompute;
mod schemas;

use appia_compile::{CompileError, Request, compile, find_more};
use appia_diag::Diagnostics;
use appia_intent::EnvironmentName;
use appia_plan::{Inputs, Plan};
use appia_sources::{Files, MemoryFiles};

/// Compiles one file for a target; findings beside the plan.
fn compile_text(text: &str, target: &str) -> (Option<Plan>, Diagnostics) {
    compile_files(&MemoryFiles::new().with("appia.yaml", text), &["appia.yaml"], target)
}

fn compile_files(files: &dyn Files, paths: &[&str], target: &str) -> (Option<Plan>, Diagnostics) {
    let mut found = Diagnostics::new();
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let Some(intent) = appia_sources::read(files, &paths, &mut found) else { return (None, found) };
    let request = Request {
        intent,
        environment: EnvironmentName::new("local").unwrap(),
        target: appia_targets::find(target).unwrap(),
        inputs: Inputs::default(),
        today: None,
    };
    if found.has_errors() {
        find_more(request, &mut found);
        found.sort();
        return (None, found);
    }
    let plan = compile(request, &mut found);
    found.sort();
    match plan {
        Ok(plan) => (Some(plan), found),
        Err(CompileError::Diagnosed) => (None, found),
        Err(nonsense @ CompileError::Nonsense(_)) => panic!("{nonsense}"),
    }
}
