//! The likeliest mistakes: each has its exit code, names what is wrong, and says what to do.

use super::{Place, SMALL, last_json};

/// Runs in a folder with the small application and compares exit code and parts of what is said.
fn check(arguments: &[&str], code: i32, said: &[&str]) {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    let answer = place.run(arguments);
    assert_eq!(answer.code, code, "appia {}\n{}\n{}", arguments.join(" "), answer.out, answer.err);
    for part in said {
        assert!(answer.err.contains(part), "`{part}` is not in\n{}", answer.err);
    }
    assert!(!answer.err.contains("panicked"), "{}", answer.err);
}

#[test]
fn wrong_command_lines_end_with_2() {
    check(&["plam"], 2, &["plam", "plan"]);
    check(&["plan", "--target", "kubernets"], 2, &["`kubernets`", "did you mean `kubernetes`?"]);
    check(&["plan", "-e", "UP CASE"], 2, &["`UP CASE`"]);
    check(&["plan", "-e", "prod", "--target", "local"], 2, &["--target"]);
    check(&["explain"], 2, &["ADDRESS"]);
    check(&["explain", "workloads.web.replica"], 2, &["did you mean `workloads.web.replicas`?"]);
    check(&["export", "--target", "kubernetes"], 2, &["--out"]);
    check(&["export", "--target", "kubernetes", "-o", "out", "--image", "wbe=x"], 2, &["no workload `wbe`"]);
    check(&["completions", "tcsh"], 2, &["tcsh"]);
    check(&["server"], 2, &["start"]);
    check(&["init", "nowhere"], 2, &["no folder `nowhere`", "help: name the folder"]);
}

#[test]
fn wrong_files_end_with_3() {
    check(&["check", "missing.yaml"], 3, &["APP0007", "missing.yaml"]);
    let place = Place::new();
    let answer = place.run(&["plan", "--offline"]);
    assert_eq!(answer.code, 3, "{}", answer.err);
    assert!(answer.err.contains("appia init"), "{}", answer.err);
    place.write("appia.yaml", "app: small\nworkloads:\n  web: { image: x, prot: 80, replicas: none }\n");
    let answer = place.run(&["check"]);
    assert_eq!(answer.code, 3);
    for part in ["appia.yaml:3", "did you mean `port`?", "replicas", "2 errors"] {
        assert!(answer.err.contains(part), "`{part}` is not in\n{}", answer.err);
    }
}

/// What a file says: exit code and codes by line, in their order.
fn found(place: &Place, text: &str) -> (i32, Vec<(String, u64)>) {
    place.write("appia.yaml", text);
    let answer = place.run(&["plan", "--offline", "--output", "json"]);
    let document = last_json(&answer.out);
    let all = document["diagnostics"].as_array().unwrap().iter();
    let shown = all.filter(|one| one["severity"] == "error");
    (
        answer.code,
        shown
            .map(|one| (one["code"].as_str().unwrap().to_owned(), one["line"].as_u64().unwrap_or(0)))
            .collect(),
    )
}

#[test]
fn a_build_needs_a_folder_and_a_builder() {
    let place = Place::new();
    place.write("notes/readme.txt", "nothing to build");
    let text = "app: small\nworkloads:\n  a: { build: ./nowhere }\n  b: { build: ./notes }\n";
    let expect = [("APP0702".to_owned(), 3), ("APP0701".to_owned(), 4)];
    assert_eq!(found(&place, text), (3, expect.to_vec()));
}

#[test]
fn findings_without_end_are_cut_and_that_is_said() {
    let place = Place::new();
    let keys: String = (0..1200).map(|number| format!("key{number}: 1\n")).collect();
    let (code, all) = found(&place, &format!("app: small\n{keys}"));
    assert_eq!(code, 3);
    assert_eq!(all.iter().filter(|(code, _)| code == "APP0012").count(), 1, "{all:?}");
    assert!(all.len() < 1200, "{}", all.len());
}

#[test]
fn findings_are_a_document_with_json() {
    let place = Place::new();
    place.write("appia.yaml", "app: small\nworkloads:\n  web: { image: x, prot: 80 }\n");
    let answer = place.run(&["check", "--output", "json"]);
    assert_eq!(answer.code, 3);
    let document = last_json(&answer.out);
    assert_eq!(document["kind"], "Diagnostics");
    let first = &document["diagnostics"][0];
    for key in ["code", "severity", "message", "file", "line", "column", "end_line", "end_column", "help"] {
        assert!(!first[key].is_null(), "{key} in {first}");
    }
    assert_eq!((first["line"].as_u64(), first["severity"].as_str()), (Some(3), Some("error")));
}

#[test]
fn errors_are_documents_with_json() {
    let place = Place::new();
    let answer = place.run(&["plan", "--target", "moon", "--output", "json"]);
    assert_eq!(answer.code, 2);
    let document = last_json(&answer.out);
    assert_eq!((document["kind"].as_str(), document["code"].as_u64()), (Some("Error"), Some(2)));
}

#[test]
fn nobody_to_ask_ends_with_6() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    place.ok(&["init", "--print"]);
    let answer = place.run(&["init"]);
    assert_eq!(answer.code, 6, "{}", answer.err);
    place.write("out/other.txt", "mine");
    let answer = place.run(&["export", "--target", "kubernetes", "-o", "out"]);
    assert_eq!(answer.code, 6, "{}", answer.err);
    assert!(answer.err.contains("other.txt"), "{}", answer.err);
}

#[test]
fn a_home_that_cannot_be_used_says_how_to_name_another() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    let answer = place.run(&["status", "--home", "appia.yaml"]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(answer.err.contains("`--home FOLDER`"), "{}", answer.err);
}

#[test]
fn a_folder_with_nothing_but_a_dockerfile_is_not_sent_to_up() {
    let place = Place::new();
    place.write("Dockerfile", "FROM nginx\nEXPOSE 80\n");
    let told = place.ok(&["init"]).err;
    assert!(told.contains("images are not run on this machine"), "{told}");
}
