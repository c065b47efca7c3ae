//! The ordered passes. Read this file to know what happens to an intent, and in which order.

use appia_diag::{Diagnostic, Diagnostics, Severity, codes};
use appia_intent::{EnvironmentName, Intent};
use appia_plan::phase::{CountedApp, LoweredApp};
use appia_plan::{Day, Inputs, Plan, RenderedFiles, Target};

use crate::{Nonsense, assemble, carbon, check, price, releases, resolve, size};

/// What a plan is compiled from.
pub struct Request<'a> {
    /// What is wanted.
    pub intent: Intent,
    /// The environment it is planned for.
    pub environment: EnvironmentName,
    /// The environment's target.
    pub target: &'a dyn Target,
    /// Files and artefacts by digest.
    pub inputs: Inputs,
    /// The day that figures are judged against; none: none is too old.
    pub today: Option<Day>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The intent has errors; they are in the list of diagnostics.
    #[error("the intent has errors")]
    Diagnosed,
    /// The finished plan contradicts itself: a fault of Appia, not of the intent.
    #[error("the compiled plan contradicts itself, which is a fault in Appia: {0}")]
    Nonsense(#[from] Nonsense),
}

/// Compiles an intent. Warnings and errors go to `sink`.
///
/// # Errors
/// [`CompileError::Diagnosed`] when `sink` has errors; [`CompileError::Nonsense`] when the last pass finds a fault.
pub fn compile(request: Request<'_>, sink: &mut Diagnostics) -> Result<Plan, CompileError> {
    let counted = count(request, sink)?;
    let plan = assemble::assemble(counted);

    // Why last: a stranger reads the finished plan and refuses nonsense, whichever pass made it.
    check::check(&plan)?;
    Ok(plan)
}

/// Compiles an intent and renders the files of its target.
///
/// # Errors
/// As [`compile`].
pub fn export(request: Request<'_>, sink: &mut Diagnostics) -> Result<(Plan, RenderedFiles), CompileError> {
    let target = request.target;
    let span = request.intent.app.span.clone();
    let counted = count(request, sink)?;
    if let Some(why) = target.unrendered() {
        let message =
            format!("{} is planned, sized and priced, and not written to files yet: {why}", target.name());
        let found = Diagnostic::new(codes::TARGET_CANNOT, message).at(&span);
        sink.push(found.help("`appia plan` shows the plan; `--output json` holds every object"));
        return Err(CompileError::Diagnosed);
    }
    let files = target.render(&counted.priced.lowered.sized, &counted.priced.lowered.objects);
    let plan = assemble::assemble(counted);
    check::check(&plan)?;
    Ok((plan, files))
}

/// Follows from what could not be read: a port that was refused is missing to whoever calls it.
const CONSEQUENCES: [&str; 3] = [codes::NOT_CALLABLE.id, codes::UNKNOWN_PORT.id, codes::TARGET_CANNOT.id];

/// Finds more errors of an intent that was read with errors, so that one run tells all: those that stay true whatever
/// the errors are mended to.
pub fn find_more(request: Request<'_>, sink: &mut Diagnostics) {
    let mut consequences = CONSEQUENCES.to_vec();
    // A whole part that could not be read makes everything in it unknown.
    if request.intent.resources.is_empty() {
        consequences.push(codes::UNKNOWN_RESOURCE.id);
    }
    if request.intent.workloads.is_empty() {
        consequences.push(codes::UNKNOWN_WORKLOAD.id);
    }
    let mut found = Diagnostics::new();
    resolve::resolve(request, &mut found);
    let told = |finding: &Diagnostic| sink.iter().any(|known| known.span == finding.span);
    let stays = |finding: &Diagnostic| {
        finding.severity == Severity::Error && !consequences.contains(&finding.code.id) && !told(finding)
    };
    let more: Diagnostics = found.into_iter().filter(stays).collect();
    sink.extend(more);
}

fn count(request: Request<'_>, sink: &mut Diagnostics) -> Result<CountedApp, CompileError> {
    let (target, today) = (request.target, request.today);
    let lowered = lower(request, sink)?;

    // Why here: what is paid for is objects, so they are counted, whatever sizing took them to cost; both have to agree.
    let priced = price::price(lowered, target)?;

    // Why apart: that figures grow old is no part of the plan, or it would change from day to day.
    price::warn(&priced, target, today, sink);

    // Why after the price: what stands on the bill is the hardware that takes energy.
    Ok(carbon::count(priced, target)?)
}

fn lower(request: Request<'_>, sink: &mut Diagnostics) -> Result<LoweredApp, CompileError> {
    let target = request.target;

    // Why first: every later pass may rely on each reference naming something and each thing having an offering.
    let resolved = resolve::resolve(request, sink);
    let resolved = resolved.filter(|_| !sink.has_errors()).ok_or(CompileError::Diagnosed)?;

    // Why here: objects need numbers, and numbers need to know what the offering defaults to.
    let mut sized = size::size(resolved, target, sink);

    // Why here: what runs is known now, and no target has to know how a release is named.
    releases::settle(&mut sized, sink);

    // Why here: prices, guardrails and files are all about the target's objects, so these come before them.
    let objects = target.lower(&sized, sink);
    if sink.has_errors() {
        return Err(CompileError::Diagnosed);
    }
    Ok(LoweredApp { sized, objects })
}
