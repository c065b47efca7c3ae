//! What was accepted is finished, whatever was killed and whatever stands in the way of the next server.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::Place;
use super::up::{eventually, kill, workload};

/// Is ready when a file is there.
const APP: &str = "app: patient
workloads:
  main:
    type: worker
    build: { context: ./src, command: \"true\" }
    command: [sleep, \"1000\"]
    probes: { readiness: { exec: [test, -e, FLAG], interval: 100ms, start_within: 10m } }
";

/// Writes to a database from its beginning to its end, so that nobody else can.
fn writer(database: &std::path::Path) -> Child {
    let script = "import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute('BEGIN IMMEDIATE')
print('writes', flush=True)
sys.stdin.read()
";
    let mut writer = Command::new("python3")
        .args(["-c", script])
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(writer.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "writes\n");
    writer
}

#[test]
fn what_was_accepted_is_finished_as_soon_as_the_store_can_be_written_after_all_were_killed() {
    let place = Place::new();
    let flag = place.work().join("ready");
    place.write("src/file", "");
    place.write("appia.yaml", &APP.replace("FLAG", flag.to_str().unwrap()));
    place.ok(&["server", "start"]);
    let mut up =
        place.command().args(["up", "--yes", "--output", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(up.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("starting main")), "it never began");

    let server = place.json(&["server", "status"]);
    up.kill().unwrap();
    up.wait().unwrap();
    kill(server["pid"].as_u64().unwrap());
    kill(server["agent_pid"].as_u64().unwrap());
    let mut writer = writer(&place.home().join("appia.db"));
    place.ok(&["server", "start"]);
    let log = || fs::read_to_string(place.home().join("server.log")).unwrap();
    eventually("a try in vain", || log().contains("cannot go on yet"));
    drop(writer.stdin.take());
    writer.wait().unwrap();
    fs::write(&flag, "").unwrap();

    eventually("what was accepted", || place.json(&["plan"])["changes"]["steps"] == serde_json::json!([]));
    assert_eq!(workload(&place.json(&["status"]), "main")["state"], "healthy");
    assert_eq!(place.json(&["up", "--yes"])["generation"], 1);
}
