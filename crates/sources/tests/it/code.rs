//! Proposals from source code, each of which reads without findings.

use appia_diag::Diagnostics;
use appia_sources::{Files as _, MemoryFiles, code};

use crate::golden::{self, Case};
use crate::show;
use crate::shuffled::{ORDERS, Shuffled};

/// The folder that a case's files stand in.
const FOLDER: &str = "shop";

fn propose(case: &Case) -> String {
    let mut files = MemoryFiles::new();
    for (path, text) in case.files("") {
        files = files.with(&format!("{FOLDER}/{path}"), text);
    }
    assert!(!files.list(FOLDER).is_empty(), "case `{}` has no files", case.name);
    let proposal = code::propose(&files, FOLDER, &["postgres", "volume"]);
    for order in ORDERS {
        let again = code::propose(&Shuffled { files: files.clone(), order }, FOLDER, &["postgres", "volume"]);
        assert_eq!(again.yaml, proposal.yaml, "`{}` {order:?}", case.name);
        assert_eq!(again.findings.len(), proposal.findings.len(), "`{}` {order:?}", case.name);
    }
    let path = format!("{FOLDER}/appia.yaml");
    let with = files.with(&path, &proposal.yaml);
    let mut sink = Diagnostics::new();
    let intent = appia_sources::read(&with, &[path], &mut sink);
    assert!(intent.is_some() && sink.is_empty(), "{}\n{}", proposal.yaml, show::findings(&sink, ""));
    let found: Vec<String> =
        proposal.findings.iter().map(|finding| format!("found {}: {}", finding.file, finding.text)).collect();
    format!("{}\n\n{}", found.join("\n"), proposal.yaml)
}

#[test]
fn proposals_fit_what_stands_there() {
    golden::check("code/proposals.txt", propose);
}
