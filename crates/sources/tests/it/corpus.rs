//! The public Score corpus, when `APPIA_CORPORA` says where it is. In CI it is a judge like any other, unless the machine
//! says `APPIA_CORPORA=none`.

use std::path::Path;
use std::sync::Arc;

use appia_diag::{Diagnostics, Severity, codes};
use appia_sources::{FileProblem, Files};

/// The real file system.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(FileProblem::Missing),
            Err(error) => Err(FileProblem::Other(error.to_string())),
        }
    }

    fn entries(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

fn score_files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            score_files(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        let score =
            |line: &str| line.strip_prefix("apiVersion:").is_some_and(|rest| rest.contains("score.dev/v1b1"));
        if yaml && text.lines().any(score) {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
}

/// Files of the corpus that name a file which the sample leaves out.
const WITHOUT_THEIR_SOURCE: [&str; 3] = [
    "spec/samples/score-full.yaml",
    "examples/specification/files/score.yaml",
    "score-compose/examples/03-files/score.yaml",
];

#[test]
fn every_score_file_reads_without_errors() {
    let Some(corpora) = std::env::var_os("APPIA_CORPORA").filter(|folder| folder != "none") else {
        appia_testkit::did_not_run("the Score corpus: APPIA_CORPORA names no folder");
        let said = std::env::var_os("APPIA_CORPORA").is_some();
        assert!(said || std::env::var("CI").as_deref() != Ok("true"), "the Score corpus is missing");
        return;
    };
    let mut paths = Vec::new();
    score_files(&Path::new(&corpora).join("score"), &mut paths);
    paths.sort();
    assert!(paths.len() >= 40, "only {} Score files found", paths.len());
    let mut incomplete = 0;
    for path in &paths {
        let mut sink = Diagnostics::new();
        let intent = appia_sources::read(&Disk, std::slice::from_ref(path), &mut sink);
        let errors: Vec<_> = sink.iter().filter(|finding| finding.severity == Severity::Error).collect();
        if WITHOUT_THEIR_SOURCE.iter().any(|known| path.ends_with(known))
            && errors.iter().all(|finding| finding.code == codes::UNREADABLE)
        {
            incomplete += usize::from(!errors.is_empty());
        } else {
            assert!(errors.is_empty(), "{path}: {errors:#?}");
        }
        assert_eq!(intent.unwrap().workloads.len(), 1, "{path}");
    }
    println!(
        "{} Score files read, {incomplete} of them without a file that the sample leaves out",
        paths.len()
    );
}
