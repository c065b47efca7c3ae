//! Files of cases: `=== name`, the input, `---`, what is expected.
//!
//! In an input, a line `@@ path` begins another file; what stands before the first one is the case's main file.

use std::fmt::Write as _;
use std::path::Path;

use appia_diag::{Diagnostics, Severity};
use appia_intent::Intent;
use appia_sources::MemoryFiles;

use crate::show;

/// One case of a file.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) input: String,
    expect: String,
}

impl Case {
    /// The case's files by path.
    pub(crate) fn files(&self, main: &str) -> Vec<(String, String)> {
        let mut files = vec![(main.to_owned(), String::new())];
        for line in self.input.split_inclusive('\n') {
            match line.strip_prefix("@@ ") {
                Some(path) => files.push((path.trim().to_owned(), String::new())),
                None => files.last_mut().unwrap().1.push_str(line),
            }
        }
        files.retain(|(path, text)| path != main || !text.is_empty());
        files
    }

    pub(crate) fn memory(&self, main: &str) -> MemoryFiles {
        self.files(main).iter().fold(MemoryFiles::new(), |files, (path, text)| files.with(path, text))
    }
}

/// The cases of `tests/<path>`.
pub(crate) fn cases(path: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(full(path)).unwrap();
    let parts = text.split("=== ").skip(1);
    parts
        .map(|part| {
            let (name, rest) = part.split_once('\n').unwrap();
            let (input, expect) = rest.rsplit_once("\n---\n").unwrap_or((rest.trim_end(), ""));
            let input = format!("{}\n", input.trim_end_matches('\n'));
            Case { name: name.to_owned(), input, expect: expect.trim().to_owned() }
        })
        .collect()
}

/// Runs every case of a file and compares.
pub(crate) fn check(path: &str, run: impl Fn(&Case) -> String) {
    let cases = cases(path);
    let mut written = String::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let result = run(case).trim().to_owned();
        if result != case.expect {
            wrong.push(format!("case `{}`\nexpected:\n{}\nfound:\n{result}\n", case.name, case.expect));
        }
        let _ = write!(written, "=== {}\n{}---\n{result}\n\n", case.name, case.input);
    }
    if std::env::var_os("APPIA_GOLDENS").is_some_and(|value| value == "write") {
        std::fs::write(full(path), written).unwrap();
    } else {
        assert!(wrong.is_empty(), "{path}: {} of {} cases\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    }
}

/// Reads a case's files as one application.
pub(crate) fn read(case: &Case, main: &str) -> (Option<Intent>, Diagnostics) {
    let files = case.memory(main);
    let suffix = main.rsplit('.').next().unwrap();
    let paths: Vec<String> =
        case.files(main).into_iter().map(|(path, _)| path).filter(|path| path.ends_with(suffix)).collect();
    let mut sink = Diagnostics::new();
    let intent = appia_sources::read(&files, &paths, &mut sink);
    sink.sort();
    (intent, sink)
}

/// Findings only; the case must have an error, and each finding a place.
pub(crate) fn broken(case: &Case, main: &str) -> String {
    let (_, sink) = read(case, main);
    assert!(
        sink.iter().any(|finding| finding.severity != Severity::Note),
        "case `{}` is not broken",
        case.name
    );
    assert!(
        sink.iter().all(|finding| finding.span.is_some()),
        "case `{}`: a finding has no place",
        case.name
    );
    assert!(sink.iter().all(|finding| !finding.help.is_empty()), "case `{}`: no way out", case.name);
    show::findings(&sink, main)
}

/// The Intent, after any notes; the case must have no error.
pub(crate) fn good(case: &Case, main: &str) -> String {
    let (intent, sink) = read(case, main);
    assert!(!sink.has_errors(), "case `{}`: {}", case.name, show::findings(&sink, main));
    format!("{}{}", show::findings(&sink, main), show::intent(&intent.unwrap()))
}

fn full(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}
