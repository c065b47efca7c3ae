//! What a person meets who has never used it: answers that can be typed again, and what runs stays within reach.

use super::{Place, last_json};

const SITE: &str = "app: first\nworkloads:\n  site: { type: site, build: ./site, public: true }\n";

fn site() -> Place {
    let place = Place::new();
    place.write("shop/appia.yaml", SITE);
    place.write("shop/site/index.html", "<h1>a site</h1>");
    place
}

#[test]
fn a_wrong_command_line_is_a_document_with_json() {
    let place = Place::new();
    for arguments in [["vers", "--output", "json"], ["up", "--output=json", "--yess"]] {
        let answer = place.run(&arguments);
        assert_eq!((answer.code, answer.err.as_str()), (2, ""), "{arguments:?}");
        let document = last_json(&answer.out);
        assert_eq!((document["kind"].as_str(), document["code"].as_u64()), (Some("Error"), Some(2)));
        assert!(document["help"].to_string().contains("similar"), "{document}");
    }
}

#[test]
fn a_path_where_an_address_belongs_is_named() {
    let answer = site().run(&["explain", "shop"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("appia explain workloads.NAME.replicas shop"), "{}", answer.err);
}

#[test]
fn results_say_where_to_look_and_what_to_type() {
    let place = site();
    let up = place.json(&["up", "shop", "-e", "trial", "--yes"]);
    assert_eq!(up["undo"], "appia down shop -e trial");
    let route = up["routes"]["site"][0].as_str().unwrap();
    assert!(route.starts_with("http://site.trial.first.localhost"), "{route}");
    let again = place.json(&["up", "shop", "-e", "trial", "--yes"]);
    assert_eq!((again["steps"].as_u64(), again["undo"].is_null()), (Some(0), true), "{again}");
    assert!(place.ok(&["status", "shop"]).err.contains("`appia up shop` deploys it"));
}

#[test]
fn logs_know_what_there_is_and_take_a_path_first() {
    let place = site();
    place.ok(&["up", "shop", "--yes"]);
    place.ok(&["logs", "shop/appia.yaml", "--tail", "1"]);
    place.ok(&["logs", "site", "shop"]);
    let answer = place.run(&["logs", "sight", "shop"]);
    assert_eq!(answer.code, 2, "{}", answer.out);
    assert!(answer.err.contains("there are site"), "{}", answer.err);
}

#[test]
fn what_runs_stays_within_reach_while_its_file_is_broken() {
    let place = site();
    place.ok(&["up", "shop", "--yes"]);
    place.write("shop/appia.yaml", "app: first # it was fine\nworkloads: {\n");
    assert_eq!(place.run(&["check", "shop"]).code, 3);
    let status = place.json(&["status", "shop"]);
    assert_eq!(status["workloads"][0]["address"], "workloads.site");
    assert_eq!(place.json(&["down", "shop", "--yes"])["action"], "down");
}

/// A path where the server's program was is what an upgrade or a new build leaves behind.
#[test]
fn a_server_whose_program_was_replaced_is_replaced_too() {
    let place = Place::new();
    let program = place.work().join("appia");
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(&program)
            .args(arguments)
            .args(["--output", "json"])
            .env("APPIA_HOME", place.home())
            .output()
            .unwrap();
        last_json(&String::from_utf8(output.stdout).unwrap())
    };
    // By a process of its own: a descriptor open for writing would reach the children of tests that run beside this one,
    // and what is open for writing cannot be started.
    let copy = || {
        let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_appia")).arg(&program).status();
        assert!(copied.unwrap().success());
    };
    copy();
    let first = run(&["server", "start"]);
    std::fs::remove_file(&program).unwrap();
    copy();
    let second = run(&["server", "start"]);
    assert_ne!(first["pid"], second["pid"], "the old program still serves");
    assert_eq!(run(&["server", "start"])["pid"], second["pid"]);
    run(&["server", "stop", "--all"]);
}

#[test]
fn a_reader_that_goes_away_stops_no_work() {
    let place = site();
    let mut up = place.command();
    up.args(["up", "shop", "--yes"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut up = up.spawn().unwrap();
    drop((up.stdout.take(), up.stderr.take()));
    assert_eq!(up.wait().unwrap().code(), Some(0));
    assert_eq!(place.json(&["status", "shop"])["workloads"][0]["state"], "healthy");
    place.write("shop/appia.yaml", "app: first\nworkloads: {\n");
    let mut check = place.command();
    check.args(["check", "shop"]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut check = check.spawn().unwrap();
    drop((check.stdout.take(), check.stderr.take()));
    assert_eq!(check.wait().unwrap().code(), Some(3));
}

#[test]
fn what_init_writes_is_well_here() {
    let projects: [&[(&str, &str)]; 4] = [
        &[("Dockerfile", "FROM nginx\nEXPOSE 80\n")],
        &[
            (
                "package.json",
                r#"{"dependencies":{"redis":"4","mysql2":"3"},"scripts":{"start":"node s.js"}}"#,
            ),
            ("s.js", ""),
        ],
        &[("requirements.txt", "psycopg\n"), ("main.py", "print(1)\n")],
        &[("my shop/ü.txt", "")],
    ];
    for files in projects {
        let place = Place::new();
        files.iter().for_each(|(name, text)| drop(place.write(name, text)));
        assert_eq!(place.json(&["init"])["files"][0], "appia.yaml");
        place.ok(&["check"]);
    }
}
