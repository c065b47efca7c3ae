//! The plan's document.

use appia_api::documents;
use appia_diag::Diagnostics;
use appia_plan::{InputFile, Node, Object, OutcomeResult, Plan, Release, Verdict};

/// The document of a plan, with what was found in its input files and, unless offline, what it would change.
pub fn plan(plan: &Plan, found: &Diagnostics, changes: Option<documents::Changes>) -> documents::Plan {
    documents::Plan {
        digest: plan.digest.to_string(),
        parent: plan.parent.as_ref().map(ToString::to_string),
        app: plan.app.to_string(),
        environment: plan.environment.to_string(),
        target: plan.target.clone(),
        release: release(&plan.release),
        inputs: plan.inputs.files.iter().map(|(name, file)| (name.clone(), input(file))).collect(),
        nodes: plan.nodes.iter().map(node).collect(),
        outcomes: plan.outcomes.iter().map(outcome).collect(),
        cost: plan.cost.as_ref().and_then(|cost| serde_json::to_value(cost).ok()),
        carbon: plan.carbon.as_ref().and_then(|carbon| serde_json::to_value(carbon).ok()),
        findings: Vec::new(),
        verdict: match plan.verdict {
            Verdict::Apply => documents::Verdict::Apply,
            Verdict::Approve => documents::Verdict::Approve,
            Verdict::Deny => documents::Verdict::Deny,
        },
        diagnostics: found.iter().map(documents::Diagnostic::from).collect(),
        infeasible: plan.infeasible.as_ref().and_then(|found| serde_json::to_value(found).ok()),
        model: plan.model.as_ref().and_then(|model| serde_json::to_value(model).ok()),
        changes,
    }
}

/// The document of a release.
pub fn release(release: &Release) -> documents::Release {
    documents::Release {
        id: release.id.to_string(),
        version: release.version.clone(),
        commit: release.commit.clone(),
    }
}

fn input(file: &InputFile) -> documents::Input {
    documents::Input { digest: file.digest.to_string(), date: file.date.clone() }
}

fn outcome(outcome: &OutcomeResult) -> documents::Outcome {
    documents::Outcome {
        address: outcome.address.to_string(),
        promised: outcome.promised.clone(),
        computed: outcome.computed.clone(),
        margin: outcome.margin,
        met: outcome.met,
    }
}

fn node(node: &Node) -> documents::Node {
    documents::Node {
        address: node.address.to_string(),
        kind: node.kind.clone(),
        needs: node.needs.iter().map(ToString::to_string).collect(),
        offering: node.offering.clone(),
        values: node.values.clone(),
        objects: node.objects.iter().map(object).collect(),
    }
}

fn object(object: &Object) -> documents::Object {
    documents::Object {
        kind: object.id.kind.clone(),
        name: object.id.name.clone(),
        digest: object.digest().to_string(),
    }
}
