//! Score.

use crate::golden;

const MAIN: &str = "score.yaml";

#[test]
fn good_files_become_an_intent() {
    golden::check("score/good.txt", |case| golden::good(case, MAIN));
}

#[test]
fn broken_files_are_explained() {
    golden::check("score/broken.txt", |case| golden::broken(case, MAIN));
}

/// The order in which files are named changes nothing.
#[test]
fn files_in_any_order_are_the_same_application() {
    for case in golden::cases("score/good.txt") {
        let files = case.memory(MAIN);
        let mut paths: Vec<String> = case.files(MAIN).into_iter().map(|(path, _)| path).collect();
        paths.retain(|path| path.ends_with("yaml"));
        let mut sink = appia_diag::Diagnostics::new();
        let forward = appia_sources::read(&files, &paths, &mut sink);
        paths.reverse();
        assert_eq!(forward, appia_sources::read(&files, &paths, &mut sink), "{}", case.name);
    }
}
