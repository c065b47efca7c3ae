//! Verbs that read and write files and ask nothing of the world.

use super::{Place, SMALL};

#[test]
fn checks_and_plans_and_explains() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    assert!(place.ok(&["check"]).out.contains("small is well"));
    let plan = place.json(&["plan", "--offline"]);
    for key in [
        "digest",
        "app",
        "environment",
        "target",
        "release",
        "inputs",
        "nodes",
        "outcomes",
        "cost",
        "carbon",
        "findings",
        "verdict",
        "diagnostics",
        "infeasible",
        "model",
        "changes",
    ] {
        assert!(plan.get(key).is_some(), "{key} is not in the plan");
    }
    assert!(plan["digest"].as_str().unwrap().starts_with("sha256:"));
    assert!(plan["changes"].is_null());
    let explanation = place.json(&["explain", "workloads.web.replicas"]);
    assert_eq!((explanation["kind"].as_str(), explanation["value"].as_u64()), (Some("Explanation"), Some(1)));
    assert_eq!(explanation["because"][0]["inputs"][0]["origin"], "default");
}

#[test]
fn exports_files_and_removes_old_ones() {
    let place = Place::new();
    let with_worker =
        format!("{SMALL}  work: {{ type: worker, image: \"example/work@sha256:{}\" }}\n", "1".repeat(64));
    place.write("appia.yaml", &with_worker);
    let first = place.json(&["export", "--target", "kubernetes", "-o", "out"]);
    let files = |value: &serde_json::Value| value["files"].as_array().unwrap().len();
    place.write("appia.yaml", SMALL);
    let second = place.json(&["export", "--target", "kubernetes", "-o", "out"]);
    assert!(files(&second) < files(&first), "{first} {second}");
    let left = std::fs::read_dir(place.work().join("out")).unwrap();
    let work = left.flatten().filter(|entry| entry.file_name().to_string_lossy().contains("work")).count();
    assert_eq!(work, 0, "files of a workload that is gone are left");
    place.ok(&["export", "--target", "local", "-o", "here"]);
}

#[test]
fn writes_a_first_file_for_what_is_there() {
    for (name, content) in [
        ("package.json", "{\"name\": \"shop\", \"scripts\": {\"start\": \"node index.js\"}}"),
        ("main.py", "print('hello')\n"),
        ("index.html", "<h1>hello</h1>"),
        ("Procfile", "web: python3 -m http.server $PORT\nworker: python3 work.py\n"),
        ("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("Dockerfile", "FROM scratch\nEXPOSE 8080\n"),
    ] {
        let place = Place::new();
        place.write(name, content);
        if name == "Cargo.toml" {
            place.write("src/main.rs", "fn main() {}\n");
        }
        place.ok(&["init"]);
        let text = std::fs::read_to_string(place.work().join("appia.yaml")).unwrap();
        assert!(text.contains('#'), "{name}: it has comments\n{text}");
        let checked = place.run(&["check", "--target", "kubernetes"]);
        assert_eq!(checked.code, 0, "{name}\n{text}\n{}", checked.err);
    }
}

#[test]
fn the_schema_is_json() {
    let schema: serde_json::Value = serde_json::from_str(&Place::new().ok(&["schema"]).out).unwrap();
    assert!(schema["properties"]["workloads"].is_object());
}
