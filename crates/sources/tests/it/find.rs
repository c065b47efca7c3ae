//! Which files make an application.

use appia_diag::Diagnostics;
use appia_sources::{MemoryFiles, find, read};

use crate::shuffled::{ORDERS, Shuffled};

const SCORE: &str =
    "apiVersion: score.dev/v1b1\nmetadata: { name: web }\ncontainers: { main: { image: nginx } }\n";
const APPIA: &str = "app: shop\nworkloads: { web: { image: nginx, port: 80 } }\n";

/// What is found in the folder `shop`: `source: files`.
fn check(paths: &[(&str, &str)], expect: &str) {
    let files = paths.iter().fold(MemoryFiles::new(), |files, (path, text)| files.with(path, text));
    for order in ORDERS {
        let files = Shuffled { files: files.clone(), order };
        let found = find(&files, "shop");
        let found = found.map_or("nothing".to_owned(), |found| {
            format!("{}: {}", found.source.name(), found.paths.join(" "))
        });
        assert_eq!(found, expect, "{order:?}");
    }
}

#[test]
fn a_folder_is_searched_in_the_order_of_the_contract() {
    check(&[("shop/appia.yaml", ""), ("shop/score.yaml", "")], "appia: shop/appia.yaml");
    check(&[("shop/score.yaml", ""), ("shop/more.yaml", APPIA)], "score: shop/score.yaml");
    check(
        &[("shop/score-b.yaml", SCORE), ("shop/score-a.yml", SCORE)],
        "score: shop/score-a.yml shop/score-b.yaml",
    );
    check(&[("shop/mine.yaml", APPIA), ("shop/notes.txt", APPIA)], "appia: shop/mine.yaml");
    check(&[("shop/deployment.yaml", "kind: Deployment\n"), ("shop/api/appia.yaml", APPIA)], "nothing");
    check(&[("other/appia.yaml", APPIA)], "nothing");
}

/// What reading `paths` says: codes, or the application.
fn says(paths: &[&str], expect: &str) {
    let files = MemoryFiles::new()
        .with("shop/appia.yaml", APPIA)
        .with("score/score.yaml", SCORE)
        .with("empty/readme.txt", "hello");
    let mut sink = Diagnostics::new();
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let intent = read(&files, &paths, &mut sink);
    let mut said: Vec<&str> = sink.iter().map(|finding| finding.code.id).collect();
    said.extend(intent.as_ref().map(|intent| intent.app.value.as_str()));
    assert_eq!(said.join(" "), expect, "{paths:?}");
    assert!(sink.iter().all(|finding| finding.span.is_some() && !finding.help.is_empty()));
}

#[test]
fn files_and_folders_are_read() {
    says(&["shop"], "shop");
    says(&["./shop/"], "shop");
    says(&["shop/appia.yaml", "shop"], "shop");
    says(&["score/score.yaml"], "web");
    says(&["empty"], "APP0006");
    says(&["empty/readme.txt"], "APP0006");
    says(&["missing.yaml"], "APP0007");
    says(&["shop", "score"], "APP0010 shop");
}
