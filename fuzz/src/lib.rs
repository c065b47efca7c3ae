//! What must hold for any bytes. Each function is one fuzz target and panics when its property is broken.
//!
//! `targets/` hands them bytes that libFuzzer makes up (`cargo xtask fuzz`), and a test of the command line hands them
//! every file of `corpus/` again, without libFuzzer. [`TARGETS`] names them all. Nothing here reads files or the clock.
//! Start reading at [`intent`].

#![forbid(unsafe_code)]

mod expansion;
mod records;

use std::sync::OnceLock;

use appia_compile::{CompileError, Request, compile, export, find_more};
use appia_diag::Diagnostics;
use appia_intent::{EnvironmentName, Intent};
use appia_plan::{
    DataFate, Inputs, Object, Observed, ObservedObject, Plan, Similarity, canonical_json, diff, explain,
};
use appia_sources::MemoryFiles;
use serde_json::Value;

pub use expansion::placeholders;
pub use records::{journal, wire};

/// A name and its property.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("intent", intent),
    ("score", score),
    ("yaml", yaml),
    ("placeholders", placeholders),
    ("plan", plan),
    ("journal", journal),
    ("wire", wire),
];

/// An `appia.yaml`: findings with places or an intent, the same when read again; and what it compiles to for every
/// target is a plan that a stranger accepts and that survives being written and read.
pub fn intent(bytes: &[u8]) {
    application("appia.yaml", bytes);
}

/// The same of a Score file.
pub fn score(bytes: &[u8]) {
    application("score.yaml", bytes);
}

/// A YAML file read, written as JSON (which is YAML) and read again is the same value.
pub fn yaml(bytes: &[u8]) {
    let mut sink = Diagnostics::new();
    let Some(tree) = appia_sources::yaml::parse("file.yaml", bytes, &mut sink) else {
        assert!(sink.has_errors(), "there is no tree and no error");
        return;
    };
    if sink.has_errors() {
        return;
    }
    let value = tree.to_json();
    let text = canonical_json(&value);
    if text.len() > appia_sources::yaml::LIMITS.bytes || value.is_null() || !has_short_keys(&value) {
        return;
    }
    let again = appia_sources::yaml::parse("file.yaml", text.as_bytes(), &mut sink);
    let again = again.map(|tree| tree.to_json());
    assert_eq!(
        again.as_ref().map(canonical_json),
        Some(text),
        "{:?}",
        sink.iter().next().map(|f| &f.message)
    );
}

/// YAML 1.2 takes no more than 1,024 characters for a key of a flow mapping; JSON takes any.
fn has_short_keys(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries
            .iter()
            .all(|(key, value)| Value::from(key.as_str()).to_string().len() < 1_000 && has_short_keys(value)),
        Value::Array(items) => items.iter().all(has_short_keys),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// A plan's file: whatever reads as one can be digested, checked, explained and compared without harm, and keeps its
/// digest when it is written and read.
pub fn plan(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        let text = canonical_json(&value);
        let again: Value = serde_json::from_str(&text).expect("canonical JSON is JSON");
        assert_eq!(canonical_json(&again), text, "canonical JSON is canonical");
    }
    if let Ok(plan) = serde_json::from_slice::<Plan>(bytes) {
        let _ = appia_compile::check(&plan);
        survives_a_file(&plan);
        let everything_new = |_: &Object, _: &ObservedObject| Similarity::Changed(Vec::new());
        let objects: Vec<Object> = plan.objects().cloned().collect();
        let steps = diff(&objects, &Observed::default(), &everything_new, DataFate::Kept);
        assert_eq!(steps.len(), objects.len(), "everything is new");
        for node in plan.nodes.iter().take(20) {
            let _ = explain(&plan, &node.address);
            let _ = node.address.parent().map(|parent| explain(&plan, &parent));
        }
    }
}

fn application(path: &str, bytes: &[u8]) {
    let files = MemoryFiles::new().with(path, bytes);
    let mut sink = Diagnostics::new();
    let intent = appia_sources::read(&files, &[path.to_owned()], &mut sink);
    let mut again = Diagnostics::new();
    let twin = appia_sources::read(&files, &[path.to_owned()], &mut again);
    assert!(intent == twin && sink.iter().eq(again.iter()), "reading again gives something else");
    assert!(intent.is_some() || sink.has_errors(), "there is neither an intent nor an error");
    assert!(sink.iter().all(|finding| finding.span.is_some()), "a finding has no place");
    let Some(intent) = intent else { return };
    for target in appia_targets::TARGETS {
        let request = || request(&intent, *target);
        let mut found = Diagnostics::new();
        if sink.has_errors() {
            find_more(request(), &mut found);
        } else {
            compiled(compile(request(), &mut found), &found);
            let _ = export(request(), &mut Diagnostics::new());
        }
        assert!(found.iter().all(|finding| finding.span.is_some()), "a finding of the compiler has no place");
    }
}

fn request<'a>(intent: &Intent, target: &'a dyn appia_plan::Target) -> Request<'a> {
    static LOCAL: OnceLock<EnvironmentName> = OnceLock::new();
    let environment = LOCAL.get_or_init(|| EnvironmentName::new("local").expect("`local` is a name")).clone();
    Request { intent: intent.clone(), environment, target, inputs: Inputs::default(), today: None }
}

fn compiled(plan: Result<Plan, CompileError>, found: &Diagnostics) {
    match plan {
        Ok(plan) => {
            assert!(!found.has_errors(), "a plan in spite of errors");
            survives_a_file(&plan);
        }
        Err(CompileError::Diagnosed) => assert!(found.has_errors(), "no plan and no error"),
        Err(CompileError::Nonsense(nonsense)) => panic!("{nonsense}"),
    }
}

/// Written and read a plan is the same plan with the same digest.
fn survives_a_file(plan: &Plan) {
    let text = serde_json::to_string(plan).expect("a plan can be written");
    let again: Plan = serde_json::from_str(&text).expect("a written plan can be read");
    assert_eq!(
        plan.compute_digest(),
        again.compute_digest(),
        "the digest of a plan that was written and read"
    );
    assert_eq!(text, serde_json::to_string(&again).expect("a plan can be written again"));
}
