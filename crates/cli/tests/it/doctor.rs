//! Keeping what Appia knows: copies, what is damaged, and bringing a copy back.

use std::os::unix::fs::FileExt;

use super::{Answer, Place, last_json};

const SITE: &str = "app: pages\nworkloads:\n  site: { type: site, build: ./site, public: true }\n";

/// Whoever types `appia server stop --all && rm -r $APPIA_HOME` finds nobody who still writes there.
#[test]
fn a_home_can_be_removed_as_soon_as_everything_was_stopped() {
    let place = Place::new();
    place.write(
        "appia.yaml",
        "app: short\nworkloads:\n  api: { build: ./api, port: 8000 }\nresources:\n  db: { type: postgres }\n",
    );
    place.write("api/main.py", "import http.server, os\nhttp.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), http.server.BaseHTTPRequestHandler).serve_forever()\n");
    place.ok(&["up", "--yes"]);
    let at_work = at_work_in(place.home());
    assert!(at_work.len() >= 4, "server, agent, program and database are seen: {at_work:?}");
    assert_eq!(place.json(&["server", "stop", "--all"])["state"], "stopped");
    assert_eq!(at_work_in(place.home()), Vec::<String>::new());
    std::fs::remove_dir_all(place.home()).unwrap();
    assert!(!place.home().exists());
}

/// The command lines of processes that have something to do with a folder.
fn at_work_in(folder: &std::path::Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let pids = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok()));
    let concerns = |path: &std::path::Path| {
        let text = |name: &str| std::fs::read(path.join(name)).unwrap_or_default();
        let link = |name: &str| std::fs::read_link(path.join(name)).unwrap_or_default();
        let command = String::from_utf8_lossy(&text("cmdline")).replace('\0', " ");
        let known = command.contains(folder)
            || String::from_utf8_lossy(&text("environ")).contains(folder)
            || link("cwd").starts_with(folder);
        known.then_some(command)
    };
    pids.filter_map(|entry| concerns(&entry.path())).collect()
}

#[test]
fn a_damaged_store_is_never_served_and_comes_back_from_its_own_copy() {
    let place = up();
    let before = place.json(&["status"]);
    place.ok(&["server", "stop"]);
    let good = place.json(&["server", "doctor"]);
    assert_eq!((&good["kind"], &good["state"]), (&"Doctor".into(), &"good".into()));
    assert_eq!(good["snapshots"][0]["state"], "good", "the server took one by itself: {good}");
    flip(&place, "appia.db", 5000);
    for verb in [&["status"][..], &["plan"], &["up", "--yes"], &["logs"], &["leaks"]] {
        let refused = place.run(&[verb, &["--output", "json"]].concat());
        assert_eq!(refused.code, 1, "{verb:?} {}", refused.out);
        let error = last_json(&refused.out);
        assert!(error.to_string().contains("is not as it was written"), "{error}");
        assert!(error["help"].to_string().contains("appia server doctor"), "{error}");
    }
    let found = place.run(&["server", "doctor", "--output", "json"]);
    let doctor = last_json(&found.out);
    assert_eq!((found.code, &doctor["state"]), (1, &"damaged".into()));
    assert!(doctor["faults"][0]["what"].as_str().unwrap().contains("page 2 of"), "{doctor}");
    assert_eq!(place.run(&["server", "doctor", "--restore"]).code, 6, "it asks");
    let restored = place.json(&["server", "doctor", "--restore", "--yes"]);
    assert_eq!(restored["restored"]["lost"], serde_json::json!([]));
    assert!(std::path::Path::new(restored["restored"]["kept"].as_str().unwrap()).exists());
    assert_eq!(place.json(&["status"])["release"], before["release"]);
    place.write("site/index.html", "two");
    place.ok(&["deploy", "--yes"]);
    assert_eq!(place.json(&["server", "doctor"])["state"], "good");
}

#[test]
fn what_runs_is_stopped_although_its_store_is_damaged() {
    let place = up();
    place.ok(&["server", "stop"]);
    flip(&place, "appia.db", 5000);
    let status = place.json(&["server", "status"]);
    assert_eq!((&status["state"], &status["agent"]), (&"stopped".into(), &"running".into()));
    assert_eq!(place.json(&["server", "stop", "--all"])["agent"], "stopped");
    assert_eq!(at_work_in(place.home()), Vec::<String>::new());
}

#[test]
fn a_backup_is_a_file_that_comes_back() {
    let place = up();
    let release = place.json(&["status"])["release"].clone();
    let written = place.json(&["server", "backup", "copy.db"]);
    assert_eq!(written["path"], place.work().join("copy.db").to_str().unwrap());
    for (file, why) in [("copy.db", "is there already"), ("nowhere/copy.db", "there is no folder")] {
        let refused = place.run(&["server", "backup", file]);
        assert!(refused.code == 2 && refused.err.contains(why), "{file}\n{}", refused.err);
    }
    place.write("site/index.html", "two");
    place.ok(&["deploy", "--yes"]);
    assert_eq!(place.run(&["server", "restore", "copy.db"]).code, 6, "it asks");
    let restored = place.json(&["server", "restore", "copy.db", "--yes"]);
    assert_eq!(restored["lost"][0]["action"], "deploy", "{restored}");
    let status = place.json(&["status"]);
    assert_eq!(status["release"], release);
    assert_eq!(status["workloads"][0]["state"], "healthy", "what runs goes on");
    place.ok(&["up", "--yes"]);
    assert_eq!(place.json(&["plan"])["changes"]["steps"], serde_json::json!([]));
    let missing = place.run(&["server", "restore", "none.db", "--yes"]);
    assert_eq!(missing.code, 2, "{}", missing.err);
    place.write("copy.db", "no store");
    assert_eq!(place.run(&["server", "restore", "copy.db", "--yes"]).code, 1);
    place.ok(&["status"]);
}

#[test]
fn an_answer_that_cannot_be_written_ends_with_1() {
    let place = Place::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = place.command().arg("version").stdout(full).output().unwrap();
    let answer: Answer = super::answer(output);
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("the answer cannot be written: No space left on device"), "{}", answer.err);
}

fn up() -> Place {
    let place = Place::new();
    place.write("appia.yaml", SITE);
    place.write("site/index.html", "one");
    place.ok(&["up", "--yes"]);
    place
}

fn flip(place: &Place, file: &str, at: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(place.home().join(file)).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x11], at).unwrap();
}
