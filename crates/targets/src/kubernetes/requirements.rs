//! What a container is given and may take at most.
//!
//! Kubernetes refuses to give more than the most; what is stated so is given the most, with a warning.

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::{Container, Limits};
use appia_plan::phase::SizedContainer;

use super::manifest::Requirements;
use super::quantity;

/// What is given is kept free on a node, what is the most is the most.
pub(super) fn requirements(
    container: &Container,
    sized: &SizedContainer,
    sink: &mut Diagnostics,
) -> Requirements {
    let cpu_limit = sized.cpu_limit.as_ref().map(|limit| *limit.get());
    let memory_limit = *sized.memory_limit.get();
    let cpu = (*sized.cpu.get()).min(cpu_limit.unwrap_or(*sized.cpu.get()));
    let memory = (*sized.memory.get()).min(memory_limit);
    if cpu < *sized.cpu.get() {
        sink.push(more_than_the_most("cpu", container, place(&container.cpu, container)));
    }
    if memory < *sized.memory.get() {
        sink.push(more_than_the_most("memory", container, place(&container.memory, container)));
    }
    let limits = cpu_limit.map(|limit| ("cpu", quantity::cpu(limit)));
    Requirements {
        requests: [("cpu", quantity::cpu(cpu)), ("memory", quantity::bytes(memory))].into(),
        limits: limits.into_iter().chain([("memory", quantity::bytes(memory_limit))]).collect(),
    }
}

/// Where the most is stated, else what is given, else the container.
fn place<'a, T>(limits: &'a Limits<T>, container: &'a Container) -> &'a Span {
    let stated = limits.limit.as_ref().or(limits.request.as_ref());
    stated.map_or(&container.name.span, |stated| &stated.span)
}

fn more_than_the_most(what: &str, container: &Container, span: &Span) -> Diagnostic {
    let message = format!(
        "container `{}` asks for more {what} than its limit: it gets the limit",
        container.name.value
    );
    Diagnostic::new(codes::TARGET_IGNORES, message).at(span).help("raise the limit or ask for less")
}
