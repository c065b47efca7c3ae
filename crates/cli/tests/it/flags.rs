//! Flags: each changes what it says it changes.

use super::{Answer, Place, SMALL, answer, last_json};

const ESCAPE: char = '\u{1b}';

#[test]
fn force_replaces_a_file() {
    let place = Place::new();
    place.write("appia.yaml", "mine");
    place.write("main.py", "print('hello')\n");
    place.write("requirements.txt", "");
    assert_eq!(place.run(&["init"]).code, 6);
    let read = || std::fs::read_to_string(place.work().join("appia.yaml")).unwrap();
    assert_eq!(read(), "mine");
    place.ok(&["init", "--force"]);
    assert!(read().contains("app:"), "{}", read());
}

#[test]
fn yes_writes_beside_other_files_and_leaves_them() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    place.write("out/other.txt", "mine");
    let export = ["export", "--target", "kubernetes", "-o", "out"];
    assert_eq!(place.run(&export).code, 6);
    assert!(!place.work().join("out/README.md").exists());
    place.ok(&[export.as_slice(), &["--yes"]].concat());
    assert!(place.work().join("out/README.md").exists());
    assert_eq!(std::fs::read_to_string(place.work().join("out/other.txt")).unwrap(), "mine");
}

/// On a terminal, as `script` makes one.
fn on_a_terminal(place: &Place, words: &str, no_color: bool) -> Answer {
    let appia = place.command();
    let line = format!("{} {words}", appia.get_program().to_str().unwrap());
    let mut command = std::process::Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(place.work());
    command.env("APPIA_HOME", place.home()).env("LC_ALL", "C").env("TERM", "xterm").env_remove("NO_COLOR");
    if no_color {
        command.env("NO_COLOR", "1");
    }
    answer(command.stdin(std::process::Stdio::null()).output().unwrap())
}

#[test]
fn colours_are_for_terminals_and_for_who_wants_them() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    let coloured = |answer: &Answer| answer.out.contains(ESCAPE);
    let plan = ["plan", "--offline"];
    assert!(!coloured(&place.ok(&plan)), "a pipe gets none");
    assert!(coloured(&place.ok(&[plan.as_slice(), &["--color", "always"]].concat())));
    assert!(coloured(&on_a_terminal(&place, "plan --offline", false)), "a terminal gets them");
    assert!(!coloured(&on_a_terminal(&place, "plan --offline", true)), "unless NO_COLOR is set");
    assert!(!coloured(&on_a_terminal(&place, "plan --offline --color never", false)));
}

#[test]
fn quiet_says_only_what_was_asked_for() {
    let place = Place::new();
    place.write("notes.txt", "");
    let told = place.ok(&["init"]);
    assert!(told.err.contains("next:"), "{}", told.err);
    let quiet = place.ok(&["init", "--force", "-q"]);
    assert_eq!((quiet.err.as_str(), quiet.out.as_str()), ("", told.out.as_str()));
    assert_eq!(place.run(&["plan", "-q", "-v"]).code, 2);
}

/// A program that asks for a change and may not agree to it learns what the change is.
#[test]
fn what_needs_a_yes_is_told_to_programs() {
    let place = Place::new();
    place
        .write("appia.yaml", "app: pages\nworkloads:\n  site: { type: site, build: ./site, public: true }\n");
    place.write("site/index.html", "<h1>a site</h1>");
    let up = place.run(&["up", "--output", "json"]);
    assert_eq!(up.code, 6);
    let error = last_json(&up.out);
    assert_eq!((error["kind"].as_str(), error["code"].as_u64()), (Some("Error"), Some(6)));
    let steps = error["changes"]["steps"].as_array().unwrap();
    assert!(
        steps.iter().any(|step| step["address"] == "workloads.site" && step["action"] == "create"),
        "{error}"
    );
    assert!(!error["help"].to_string().contains("above"), "nothing was shown: {error}");
    place.ok(&["up", "--yes"]);
    let down = last_json(&place.run(&["down", "--output", "json"]).out);
    assert!(down["changes"]["steps"].to_string().contains("delete"), "{down}");
}

#[test]
fn pages_of_the_manual_are_a_document() {
    let place = Place::new();
    let told = place.json(&["man", "-o", "pages"]);
    assert_eq!((told["kind"].as_str(), told["folder"].as_str()), (Some("Export"), Some("pages")));
    assert!(told["files"].as_array().unwrap().iter().any(|file| file == "appia-plan.1"), "{told}");
}
