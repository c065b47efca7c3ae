//! What this machine can and cannot do of a file: absolute paths, images, links that lead out, an interrupted start.

use std::io::BufRead;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Answer, Place, SMALL, last_json};

/// A Score file that mounts a file and a volume at absolute paths, and a program that serves the file on its own port.
fn mounting(etc: &str, data: &str, port: u16) -> String {
    format!(
        "apiVersion: score.dev/v1b1
metadata: {{ name: seer }}
service: {{ ports: {{ web: {{ port: 80, targetPort: {port} }} }} }}
containers:
  main:
    image: .
    command: [python3, -m, http.server, \"{port}\", --bind, 127.0.0.1, --directory, {etc}/app]
    files: {{ {etc}/app/config.yaml: {{ content: \"greeting: hello\\n\", mode: \"0640\" }} }}
    volumes: {{ {data}: {{ source: \"${{resources.store}}\" }} }}
resources:
  store: {{ type: volume }}
"
    )
}

/// A name that nothing on the machine has.
fn unused(place: &Place) -> String {
    place.home().to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect()
}

fn refused(answer: &Answer, code: &str) -> bool {
    assert_eq!(answer.code, 3, "{}\n{}", answer.out, answer.err);
    let found = last_json(&answer.out)["diagnostics"].clone();
    found.as_array().unwrap().iter().any(|one| one["code"] == code && one["line"].as_u64().is_some())
}

#[test]
fn files_and_volumes_stand_at_absolute_paths() {
    let place = Place::new();
    let (etc, data) = (format!("/etc/{}", unused(&place)), format!("/data-{}", unused(&place)));
    let app = format!(
        "app: seer
workloads:
  main:
    type: job
    build: {{ context: ./src, command: \"true\" }}
    command: [sh, -c, \"stat -c %a {etc}/app/config.yaml; cat {etc}/app/config.yaml; echo kept > {data}/file; ls {data}\"]
    files: {{ {etc}/app/config.yaml: {{ content: \"configured\\n\", mode: \"0640\" }} }}
    volumes: {{ {data}: store }}
resources:
  store: {{ type: volume }}
"
    );
    place.write("src/file", "");
    place.write("appia.yaml", &app);
    let up = place.run(&["up", "--yes", "--output", "json"]);
    if up.code == 3 {
        assert!(refused(&up, "APP0902"), "{}", up.out);
        appia_testkit::did_not_run("absolute paths: this machine gives programs no namespace of their own");
        return;
    }
    assert_eq!(up.code, 0, "{}\n{}", up.out, up.err);
    let logs = place.ok(&["logs", "main"]).out;
    for seen in ["640", "configured", "file"] {
        assert!(logs.lines().any(|line| line.ends_with(seen)), "{seen}\n{logs}");
    }
    assert!(!std::path::Path::new(&etc).exists() && !std::path::Path::new(&data).exists());
    // What was kept is told when it is used again.
    place.json(&["down", "--yes"]);
    let plan = place.json(&["plan"]).to_string();
    assert!(plan.contains("its data, kept from before, is used again"), "{plan}");
}

#[test]
fn an_image_is_told_by_the_plan_and_refused_before_anything_is_made() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    for verb in ["check", "plan"] {
        assert!(place.ok(&[verb]).err.contains("APP0802"), "{verb}");
    }
    let up = place.run(&["up", "--yes", "--output", "json"]);
    assert!(refused(&up, "APP0802") && up.out.matches("APP0802").count() == 1, "{}", up.out);
    assert!(!place.home().join("appia.db").exists(), "not even a server was started");
}

/// Nothing in the folder tells a builder, so it is taken as it is; the program listens where it always does.
#[test]
fn a_score_file_made_for_containers_runs_here() {
    let place = Place::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (etc, data) = (format!("/etc/{}", unused(&place)), format!("/data-{}", unused(&place)));
    place.write("score.yaml", &mounting(&etc, &data, free));
    let up = place.run(&["up", "--yes", "--output", "json"]);
    if up.code == 3 {
        assert!(refused(&up, "APP0902"), "{}", up.out);
        appia_testkit::did_not_run(
            "a Score file made for containers: this machine gives programs no namespace of their own",
        );
        return;
    }
    assert_eq!(up.code, 0, "{}\n{}", up.out, up.err);
    let result = last_json(&up.out);
    assert!(result["warnings"].to_string().contains(&format!("listens on port {free}")), "{result}");
    let status = place.json(&["status"]);
    let url = status["workloads"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(super::up::get_path(&url, "/config.yaml"), "greeting: hello\n");
}

/// A Score file may ask for what nothing here provides; that is known before a database is made for it.
#[test]
fn an_output_of_what_nothing_provides_is_refused_before_anything_is_made() {
    let place = Place::new();
    let score = |variable: &str| {
        format!(
            "apiVersion: score.dev/v1b1
metadata: {{ name: seer }}
containers:
  main:
    image: .
    command: [sleep, \"1000\"]
    variables: {{ BUS: \"{variable}\" }}
resources:
  bus: {{ type: kafka-topic }}
"
        )
    };
    place.write("score.yaml", &score("${resources.bus.host}"));
    assert!(place.ok(&["check"]).err.contains("taken as external"));
    let up = place.run(&["up", "--yes", "--output", "json"]);
    assert!(refused(&up, "APP0902") && up.out.contains("kafka-topic"), "{}", up.out);
    assert!(!place.home().join("appia.db").exists(), "not even a server was started");
    place.write("score.yaml", &score("localhost:9092"));
    place.ok(&["up", "--yes"]);
}

#[test]
fn two_targets_share_a_folder_and_no_file() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    place.ok(&["export", "--target", "kubernetes", "-o", "out"]);
    let before = std::fs::read_to_string(place.work().join("out/README.md")).unwrap();
    let refused = place.run(&["export", "--target", "local", "-o", "out"]);
    assert_eq!(refused.code, 6);
    assert!(refused.err.contains("belongs to an export to `kubernetes`"), "{}", refused.err);
    assert_eq!(std::fs::read_to_string(place.work().join("out/README.md")).unwrap(), before);
    place.ok(&["export", "--target", "kubernetes", "-o", "out"]);
}

#[test]
fn a_wrong_placeholder_is_pointed_at_itself() {
    let place = Place::new();
    place.write("src/index.html", "");
    place.write(
        "appia.yaml",
        "app: point\nworkloads:\n  main:\n    type: worker\n    build: ./src\n    env:\n      A: \"ä ${resources.db.hsot} b\"\nresources:\n  db: { type: postgres }\n",
    );
    let found = last_json(&place.run(&["check", "--output", "json"]).out)["diagnostics"][0].clone();
    assert_eq!((found["line"].as_u64(), found["column"].as_u64()), (Some(7), Some(13)), "{found}");
    assert_eq!(found["end_column"].as_u64(), Some(13 + "${resources.db.hsot}".len() as u64), "{found}");
}

#[test]
fn another_version_of_postgresql_is_told_at_the_end() {
    let place = Place::new();
    let app = "app: version\nworkloads:\n  main:\n    type: worker\n    build: { context: ./src, command: \"true\" }\n    command: [sleep, \"1000\"]\n    env: { A: \"${resources.db.host}\" }\nresources:\n  db: { type: postgres, params: { version: 12 } }\n";
    place.write("src/file", "");
    place.write("appia.yaml", app);
    let up = place.json(&["up", "--yes"]);
    let status = place.json(&["status"]);
    if status["resources"][0]["version"] != "12" {
        let warnings = up["warnings"].to_string();
        assert!(warnings.contains("`db`: PostgreSQL 12 is not on this machine"), "{up}");
        assert!(
            place.ok(&["up", "--yes"]).out.contains("warning: `db`: PostgreSQL 12 is not on this machine")
        );
    }
}

#[test]
fn an_interrupt_does_not_wait_for_what_never_becomes_ready() {
    let place = Place::new();
    let app = "app: never\nworkloads:\n  main:\n    port: 8000\n    build: { context: ./src, command: \"true\" }\n    command: [sleep, \"1000\"]\n    probes: { readiness: { tcp: true, start_within: 10m } }\n";
    place.write("src/file", "");
    place.write("appia.yaml", app);
    let mut up =
        place.command().args(["up", "--yes", "--output", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(up.stdout.take().unwrap()).lines();
    let began = lines.find(|line| line.as_ref().unwrap().contains("starting main"));
    assert!(began.is_some(), "it never began");
    let asked = Instant::now();
    Command::new("kill").args(["-INT", &up.id().to_string()]).status().unwrap();
    let last = lines.last().unwrap().unwrap();
    assert_eq!(up.wait().unwrap().code(), Some(130), "{last}");
    assert!(asked.elapsed() < Duration::from_secs(120), "it waited for {:?}", asked.elapsed());
    assert!(last.contains("taken back"), "{last}");
    assert_eq!(place.json(&["leaks"])["leaks"], serde_json::json!([]));
    assert_eq!(place.json(&["status"])["workloads"], serde_json::json!([]));
}

/// In a changed root no user namespace can be made, as in many containers.
#[test]
fn postgresql_runs_as_another_account_where_user_namespaces_are_forbidden() {
    let place = Place::new();
    let other_root = place.home().join("root");
    std::fs::create_dir(&other_root).unwrap();
    place.write("src/file", "");
    let app = "app: forbidden\nworkloads:\n  main:\n    type: worker\n    build: { context: ./src, command: \"true\" }\n    command: [sleep, \"1000\"]\n    env: { A: \"${resources.db.url}\" }\nresources:\n  db: { type: postgres }\n";
    place.write("appia.yaml", app);
    let script = "mount --make-rprivate / && mount --rbind / \"$1\" && ! chroot \"$1\" unshare -U true 2>/dev/null && shift 1 && exec chroot \"$APPIA_HOME/root\" \"$@\"";
    let up = |verb: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", script, "sh"]).arg(&other_root);
        command.arg(env!("CARGO_BIN_EXE_appia")).arg(verb).arg(place.work()).arg("--yes");
        command.env("APPIA_HOME", place.home()).env("LC_ALL", "C").output().unwrap()
    };
    let answer = super::answer(up("up"));
    if answer.err.contains("Operation not permitted") && !place.home().join("appia.db").exists() {
        appia_testkit::did_not_run("PostgreSQL without user namespaces: only root can change the root");
        return;
    }
    assert_eq!(answer.code, 0, "{}\n{}", answer.out, answer.err);
    assert_eq!(place.json(&["status"])["resources"][0]["state"], "healthy");
    let data = place.home().join("envs/local/forbidden/data/resources.db/pgdata");
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&data).unwrap()), 65534);
    place.json(&["down", "--data", "--yes"]);
    assert_eq!(place.json(&["leaks"])["leaks"], serde_json::json!([]));
}

/// An empty folder lies over the cgroups.
#[test]
fn memory_is_limited_for_each_process_where_no_cgroup_can_be_had() {
    let place = Place::new();
    place.write("src/file", "");
    let app = "app: bare\nworkloads:\n  main:\n    type: worker\n    build: { context: ./src, command: \"true\" }\n    command: [sh, -c, \"ulimit -d; exec sleep 1000\"]\n    memory: 64Mi\n    cpu: 500m\n";
    place.write("appia.yaml", app);
    let script = "mount --make-rprivate / && mount -t tmpfs none /sys/fs/cgroup && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_appia")]);
    command.args(["up", "--yes", "--output", "json"]).current_dir(place.work());
    let up = super::answer(command.env("APPIA_HOME", place.home()).env("LC_ALL", "C").output().unwrap());
    if up.out.is_empty() && up.err.contains("not permitted") {
        appia_testkit::did_not_run("a machine without cgroups: only root can take them away");
        return;
    }
    assert_eq!(up.code, 0, "{}\n{}", up.out, up.err);
    let warnings = last_json(&up.out)["warnings"].to_string();
    for said in ["memory is limited for each process, not for all together", "processor time is not limited"]
    {
        assert!(warnings.contains(said), "`{said}` is not in {warnings}");
    }
    super::up::eventually("the limit", || place.ok(&["logs", "main"]).out.trim_end().ends_with("65536"));
}
