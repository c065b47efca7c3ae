//! What somebody learns who comes later, and what does: why all is as before, why a program was started again, what runs
//! on the machine at all, and what a change that failed left on purpose.

use super::up::{eventually, kill};
use super::{Place, last_json};

/// Keeps a volume and tells when it is there.
const PROGRAM: &str = "import http.server, os
print('here', flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), http.server.SimpleHTTPRequestHandler).serve_forever()
";

const APP: &str = "app: watched
workloads:
  api: { build: ./api, port: 8000, public: true, watch: 0s, volumes: { data: store } }
resources:
  store: { type: volume }
";

const BROKEN: &str = "import sys\nsys.exit('no such luck')\n";

fn watched(program: &str) -> Place {
    let place = Place::new();
    place.write("appia.yaml", APP);
    place.write("api/main.py", program);
    place
}

#[test]
fn a_change_that_failed_is_told_until_something_is_done() {
    let place = watched(PROGRAM);
    place.ok(&["up", "--yes"]);
    assert!(place.json(&["status"])["last_failure"].is_null());
    place.write("api/main.py", BROKEN);
    assert_eq!(place.run(&["deploy", "--yes"]).code, 1);
    let failed = place.json(&["status"])["last_failure"].clone();
    assert_eq!((failed["action"].as_str(), failed["is_taken_back"].as_bool()), (Some("deploy"), Some(true)));
    assert!(failed["reason"].as_str().unwrap().contains("ended with status 1"), "{failed}");
    let told = place.ok(&["status"]).out;
    assert!(told.contains("the last `deploy` failed and was taken back"), "{told}");
    place.write("api/main.py", &format!("# mended\n{PROGRAM}"));
    place.ok(&["deploy", "--yes"]);
    assert!(place.json(&["status"])["last_failure"].is_null());
}

#[test]
fn what_a_failure_leaves_on_purpose_is_named() {
    let place = watched(BROKEN);
    let failed = last_json(&{ place.run(&["up", "--yes", "--output", "json"]).out });
    assert_eq!(failed["code"], 1, "{failed}");
    let help = failed["help"].to_string();
    assert!(help.contains("`volume/store` stays for the next try"), "{failed}");
    place.ok(&["down", "--data", "--yes"]);
    assert!(place.json(&["status"])["last_failure"].is_null(), "something was done since");
}

#[test]
fn why_a_program_was_started_again_is_told_when_it_is_well_again() {
    let place = watched(PROGRAM);
    place.ok(&["up", "--yes"]);
    let instance = || place.json(&["status"])["workloads"][0]["instances"][0].clone();
    kill(instance()["pid"].as_u64().unwrap());
    eventually("the restart", || instance()["restarts"] == 1 && instance()["state"] == "healthy");
    assert_eq!(instance()["last_exit"], "was killed by SIGKILL");
    let told = place.ok(&["status"]).out;
    assert!(told.contains("was started again 1 time; its program was killed by SIGKILL"), "{told}");
}

#[test]
fn all_that_is_there_is_listed_wherever_its_files_are() {
    let place = watched(PROGRAM);
    assert!(place.ok(&["status", "--all"]).out.contains("nothing runs here"));
    place.ok(&["up", "--yes"]);
    std::fs::remove_dir_all(place.work()).unwrap();
    std::fs::create_dir(place.work()).unwrap();
    let lost = place.run(&["status"]);
    assert_eq!(lost.code, 3);
    assert!(lost.err.contains("appia status --all"), "{}", lost.err);
    let all = place.json(&["status", "--all"]);
    let found = &all["applications"][0];
    assert_eq!((found["app"].as_str(), found["state"].as_str()), (Some("watched"), Some("healthy")), "{all}");
    assert!(found["urls"][0].as_str().unwrap().starts_with("http://127.0.0.1:"), "{all}");
    place.write("appia.yaml", "app: watched\n");
    place.ok(&["down", "--yes"]);
    assert_eq!(place.json(&["status", "--all"])["applications"][0]["state"], "stopped", "its data is kept");
    place.ok(&["down", "--data", "--yes"]);
    assert_eq!(place.json(&["status", "--all"])["applications"].as_array().map(Vec::len), Some(0));
}

/// A name that is missing or misspelt must not be taken for another application's.
#[test]
fn without_a_name_nothing_is_asked_or_done() {
    let place = watched(PROGRAM);
    place.write("appia.yaml", &APP.replace("watched", "app"));
    place.ok(&["up", "--yes"]);
    for name in ["", "app: Watch_Ed\n"] {
        place.write("other/appia.yaml", &format!("{name}workloads: {{ web: {{ image: x }} }}\n"));
        for verb in [
            ["status", "other"].as_slice(),
            &["logs", "--path", "other"],
            &["down", "other", "--data", "--yes"],
        ] {
            let answer = place.run(verb);
            assert_eq!(answer.code, 3, "{verb:?}\n{}\n{}", answer.out, answer.err);
        }
    }
    assert_eq!(place.json(&["status"])["workloads"][0]["state"], "healthy");
}

#[test]
fn another_environment_of_the_same_application_is_named() {
    let place = watched(PROGRAM);
    place.ok(&["up", "--yes"]);
    let told = place.ok(&["status", "-e", "lcoal"]).err;
    assert!(told.contains("`watched` is there in `local`: `-e local`"), "{told}");
    assert!(!place.ok(&["status"]).err.contains("is there in"));
}

#[test]
fn a_line_that_a_program_wrote_each_time_is_told_once() {
    let place = watched(BROKEN);
    let told = place.run(&["up", "--yes"]).err;
    let lines: Vec<&str> = told.lines().filter(|line| line.contains("no such luck")).collect();
    assert_eq!(lines.len(), 1, "{told}");
    assert!(lines[0].contains("times)"), "{told}");
}
