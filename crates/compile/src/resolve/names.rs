//! Names that the target does not accept.

use appia_diag::{Diagnostic, Diagnostics, Span, codes};
use appia_intent::Intent;
use appia_plan::{NameRule, Target};

/// Holds every name against the target's rule.
pub(super) fn check(intent: &Intent, target: &dyn Target, sink: &mut Diagnostics) {
    let rule = target.facts().names;
    let app = std::iter::once((intent.app.value.as_str(), &intent.app.span));
    let workloads =
        intent.workloads.values().map(|workload| (workload.name.value.as_str(), &workload.name.span));
    let resources =
        intent.resources.values().map(|resource| (resource.name.value.as_str(), &resource.name.span));
    for (name, span) in app.chain(workloads).chain(resources) {
        if let Some(diagnostic) = problem(name, span, rule, target.name()) {
            sink.push(diagnostic);
        }
    }
}

fn problem(name: &str, span: &Span, rule: NameRule, target: &str) -> Option<Diagnostic> {
    let refuse = |message: String| Some(Diagnostic::new(codes::TARGET_NAME, message).at(span));
    if name.len() > rule.max_length {
        let help = format!("shorten it by {} characters", name.len() - rule.max_length);
        let message =
            format!("`{name}` is longer than the {} characters that {target} takes", rule.max_length);
        return refuse(message).map(|diagnostic| diagnostic.help(help));
    }
    if rule.starts_with_letter && !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        let help = format!("write `x{name}`, or another name that begins with a letter");
        return refuse(format!("`{name}` does not begin with a letter, which {target} asks for"))
            .map(|diagnostic| diagnostic.help(help));
    }
    None
}
