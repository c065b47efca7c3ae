//! `appia.yaml`.

use std::collections::BTreeSet;

use appia_diag::codes;

use crate::golden;

const MAIN: &str = "appia.yaml";

#[test]
fn good_files_become_an_intent() {
    golden::check("appia/good.txt", |case| golden::good(case, MAIN));
}

#[test]
fn broken_files_are_explained() {
    golden::check("appia/broken.txt", |case| golden::broken(case, MAIN));
}

/// Codes that an `appia.yaml` alone cannot earn, by where their test stands; what else there is needs a case here.
const ELSEWHERE: [&str; 35] = [
    // sources/tests/it/find.rs, score.rs
    "APP0006", "APP0601", "APP0602", // compile/tests/it/findings.rs, promises.rs
    "APP0103", "APP0104", "APP0105", "APP0107", "APP0108", "APP0301", "APP0302", "APP0303", "APP0304",
    "APP0305", "APP0306", "APP0401", "APP0402", "APP0403", "APP0502", "APP0503", "APP0504",
    // compile/tests/it/clouds.rs
    "APP0505", "APP0506", // cli/tests/it/measure.rs, outcomes.rs
    "APP0511", "APP0512", "APP0513", // targets/tests/it
    "APP0901", "APP0902", "APP0903", "APP0904", "APP0905",
    // cli/tests/it/mistakes.rs, consent.rs, machine.rs
    "APP0012", "APP0701", "APP0702", "APP0801", "APP0802",
];

/// Every code that one file alone can earn is earned by a case.
#[test]
fn every_code_has_a_broken_input() {
    let mut earned = BTreeSet::new();
    for case in golden::cases("appia/broken.txt") {
        let (_, sink) = golden::read(&case, MAIN);
        earned.extend(sink.iter().map(|finding| finding.code.id));
    }
    for code in codes::ALL {
        let here = earned.contains(code.id);
        assert!(here != ELSEWHERE.contains(&code.id), "{}: {here} that a broken input earns it", code.id);
    }
}

#[test]
fn where_findings_point_is_where_the_text_stands() {
    for case in golden::cases("appia/broken.txt") {
        let files = case.files(MAIN);
        for finding in golden::read(&case, MAIN).1 {
            let span = finding.span.unwrap();
            let Some((_, text)) = files.iter().find(|(path, _)| **path == *span.file) else { continue };
            let before = text.get(..span.start.offset).unwrap();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!(
                (line, column),
                (span.start.line as usize, span.start.column as usize),
                "case `{}`: {}",
                case.name,
                finding.message
            );
            assert!(span.end.offset >= span.start.offset && span.end.offset <= text.len(), "{}", case.name);
        }
    }
}
