//! `appia.yaml`.

use std::collections::BTreeSet;

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

/// Every code that one file alone can earn is earned by a case.
#[test]
fn every_code_has_a_broken_input() {
    let mut earned = BTreeSet::new();
    for case in golden::cases("appia/broken.txt") {
        let (_, sink) = golden::read(&case, MAIN);
        earned.extend(sink.iter().map(|finding| finding.code.id));
    }
    let wanted = [
        "APP0001", "APP0002", "APP0003", "APP0004", "APP0005", "APP0007", "APP0008", "APP0009", "APP0010",
        "APP0011", "APP0101", "APP0102", "APP0106", "APP0109", "APP0201", "APP0202", "APP0203", "APP0204",
        "APP0405", "APP0501",
    ];
    for code in wanted {
        assert!(earned.contains(code), "no broken input earns {code}");
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
