//! Same bytes for the same input, in any order of keys and files. What of the machine must not matter (locale, time zone,
//! processors) is asked of the whole program: `cli/tests/it/same_bytes.rs`.

use std::collections::BTreeSet;

use super::{compile_files, compile_text};
use appia_sources::MemoryFiles;

/// A file whose top-level keys, workloads and resources come in the order of `rotation`.
fn rotated(rotation: usize) -> String {
    let workloads = ["a", "b", "c", "d"].map(|name| {
        format!("  {name}: {{ image: \"example/{name}@sha256:0\", port: 80, env: {{ Y: \"${{resources.q.host}}\", X: \"${{resources.p.url}}\" }} }}\n")
    });
    let resources = ["p", "q"].map(|name| format!("  {name}: {{ type: postgres }}\n"));
    let turn = |list: &[String]| {
        let mut list = list.to_vec();
        let by = rotation % list.len();
        list.rotate_left(by);
        list.concat()
    };
    let sections = [
        "app: shop\n".to_owned(),
        format!("workloads:\n{}", turn(&workloads)),
        format!("resources:\n{}", turn(&resources)),
    ];
    turn(&sections)
}

fn bytes(text: &str, target: &str) -> String {
    let mut plan = compile_text(text, target).0.unwrap();
    // Where things stand in the file is part of the reasons and of the file's digest; what is planned is not.
    plan.inputs.files.clear();
    plan.reasons = appia_plan::Reasons::default();
    plan.nodes.iter_mut().for_each(|node| node.why.clear());
    serde_json::to_string(&plan).unwrap()
}

#[test]
fn the_order_of_keys_does_not_matter() {
    for target in appia_targets::TARGETS {
        let all: BTreeSet<String> =
            (0..12).map(|rotation| bytes(&rotated(rotation), target.name())).collect();
        assert_eq!(all.len(), 1, "{}", target.name());
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let score = |name: &str| {
        format!(
            "apiVersion: score.dev/v1b1\nmetadata: {{ name: {name} }}\ncontainers:\n  main:\n    image: example/{name}@sha256:0\n    variables: {{ DB: \"${{resources.db.host}}\" }}\nresources:\n  db: {{ type: postgres, id: shared }}\n"
        )
    };
    let files = MemoryFiles::new().with("one.yaml", score("one")).with("two.yaml", score("two"));
    let plan = |paths: &[&str]| {
        let (plan, found) = compile_files(&files, paths, "kubernetes");
        serde_json::to_string(&plan.unwrap_or_else(|| panic!("{found:#?}"))).unwrap()
    };
    assert_eq!(plan(&["one.yaml", "two.yaml"]), plan(&["two.yaml", "one.yaml"]));
}

#[test]
fn the_digest_is_of_what_is_planned() {
    let digest = |text: &str| compile_text(text, "local").0.unwrap().digest;
    let base = rotated(0);
    assert_eq!(digest(&base), digest(&base));
    assert_ne!(digest(&base), digest(&base.replace("port: 80", "port: 81")));
}
