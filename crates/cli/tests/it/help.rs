//! Help that a newcomer understands: every verb says what it is for and gives an example, and no word is missing.

use super::Place;

const VERBS: &[&str] = &[
    "init",
    "check",
    "plan",
    "explain",
    "prove",
    "measure",
    "export",
    "up",
    "deploy",
    "rollback",
    "down",
    "status",
    "logs",
    "leaks",
    "server",
    "schema",
    "completions",
    "man",
    "version",
];

#[test]
fn every_verb_explains_itself() {
    let place = Place::new();
    for verb in VERBS {
        let help = place.ok(&[verb, "--help"]).out;
        let first = help.lines().next().unwrap();
        assert!(first.len() > 20 && first.chars().next().unwrap().is_uppercase(), "{verb}: {first}");
        assert!(help.contains("Usage: appia"), "{verb}");
        assert!(help.contains(&format!("Example: `appia {verb}")), "{verb} has no example");
        assert!(help.lines().count() < 64, "the help of {verb} is long:\n{help}");
    }
}

#[test]
fn the_overview_names_every_verb_and_exit_code() {
    let help = Place::new().ok(&["--help"]).out;
    for verb in VERBS {
        assert!(help.lines().any(|line| line.trim_start().starts_with(verb)), "{verb} is not in\n{help}");
    }
    assert!(help.contains("Exit codes:"));
    assert!(!help.contains("internal"));
}

#[test]
fn tells_which_appia_it_is() {
    let version = Place::new().json(&["version"]);
    assert_eq!(version["kind"], "Version");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    let in_a_checkout = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.git").exists();
    let commit = version["commit"].as_str().unwrap_or_default();
    assert_eq!(
        in_a_checkout,
        commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{version}"
    );
    assert_eq!(version["targets"], serde_json::json!(["local", "kubernetes", "aws", "azure", "gcp"]));
    assert_eq!(version["sources"], serde_json::json!(["appia", "score"]));
}

#[test]
fn gives_shells_and_manuals_what_they_need() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(place.ok(&["completions", shell]).out.contains("rollback"), "{shell}");
    }
    assert!(place.ok(&["man"]).out.starts_with(".ie"));
    place.ok(&["man", "-o", "pages"]);
    assert!(place.work().join("pages/appia-rollback.1").is_file());
}
