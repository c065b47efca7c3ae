//! Applications from elsewhere: what they may make the command line read, show and run.

use std::os::unix::fs::symlink;

use super::{Place, SMALL};

const SECRET: &str = "canary-outside";

/// A folder with an application in it, and a secret beside that folder.
fn place() -> Place {
    let place = Place::new();
    place.write("secret.txt", SECRET);
    place.write("site/index.html", SECRET);
    place.write("app/appia.yaml", SMALL);
    place
}

fn with_file(source: &str) -> String {
    let image = format!("\"example/web@sha256:{}\"", "0".repeat(64));
    format!(
        "app: small\nworkloads: {{ web: {{ image: {image}, port: 80, files: {{ a.txt: {{ source: \"{source}\" }} }} }} }}\n"
    )
}

fn score(source: &str) -> String {
    format!(
        "apiVersion: score.dev/v1b1\nmetadata: {{ name: small }}\ncontainers: {{ main: {{ image: a, files: {{ /a.txt: {{ source: \"{source}\" }} }} }} }}\n"
    )
}

#[test]
fn no_link_and_no_path_leads_out_of_the_project() {
    for (name, text) in [
        ("appia.yaml", with_file("link.txt")),
        ("appia.yaml", with_file("folder/secret.txt")),
        ("score.yaml", score("../secret.txt")),
        ("score.yaml", score("link.txt")),
    ] {
        let place = place();
        std::fs::remove_file(place.work().join("app/appia.yaml")).unwrap();
        place.write(&format!("app/{name}"), &text);
        symlink("../secret.txt", place.work().join("app/link.txt")).unwrap();
        symlink("..", place.work().join("app/folder")).unwrap();
        let answer = place.run(&["plan", "app", "--offline", "--target", "kubernetes", "--output", "json"]);
        assert_eq!(answer.code, 3, "{text}{}", answer.out);
        assert!(
            answer.out.contains("outside of the folder") && !answer.out.contains(SECRET),
            "{}",
            answer.out
        );
        // In one repository both are of one project.
        std::fs::create_dir(place.work().join(".git")).unwrap();
        place.ok(&["plan", "app", "--offline", "--target", "kubernetes"]);
    }
}

#[test]
fn no_link_to_a_folder_is_built_out_of_the_project() {
    let place = place();
    place.write("app/appia.yaml", "app: small\nworkloads: { web: { type: site, build: ./site } }\n");
    symlink("../site", place.work().join("app/site")).unwrap();
    let answer = place.run(&["check", "app"]);
    assert_eq!(answer.code, 3, "{}", answer.err);
    assert!(answer.err.contains("leads out of the project"), "{}", answer.err);
}

#[test]
fn a_link_that_a_person_names_is_read_and_one_that_lies_about_is_not() {
    let place = place();
    std::fs::create_dir(place.work().join("other")).unwrap();
    symlink("../app/appia.yaml", place.work().join("other/appia.yaml")).unwrap();
    symlink("app", place.work().join("linked")).unwrap();
    place.ok(&["check", "linked"]);
    place.ok(&["check", "other/appia.yaml"]);
    let answer = place.run(&["check", "other"]);
    assert_eq!(answer.code, 3, "{}", answer.err);
}

#[test]
fn what_steers_a_terminal_is_not_shown() {
    let place = place();
    place.write("app/appia.yaml", "app: \u{9b}31mx\nworkloads: { a: \"\\e[2J\" }\n");
    let answer = place.run(&["check", "app", "--color", "never"]);
    let steers = |sign: char| sign.is_control() && sign != '\n';
    assert!(answer.code == 3 && !answer.err.contains(steers), "{:?}", answer.err);
}

#[test]
fn asking_git_runs_no_program_of_the_repository() {
    let place = place();
    let git = |words: &[&str]| {
        let done = std::process::Command::new("git").args(words).current_dir(place.work()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    let mark = place.work().join("ran");
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "first"]);
    git(&["config", "core.fsmonitor", &format!("touch {} && false", mark.display())]);
    place.ok(&["plan", "app", "--offline", "--target", "kubernetes"]);
    assert!(!mark.exists(), "planning ran a program that the repository names");
    git(&["status"]);
    assert!(mark.exists(), "git itself runs it, so the test means something");
}
