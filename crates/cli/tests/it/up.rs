//! Verbs that change this machine: real processes, a real database, real requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Place;

/// A service that answers with its release and what the database's URL looks like, and a site.
pub(super) const APP: &str = "app: tiny
workloads:
  api:
    build: ./api
    port: 8000
    public: true
    env: { DATABASE_URL: \"${resources.db.url}\", GREETING: hello }
    probes: { readiness: { http: { path: / } } }
  site: { type: site, build: ./site, public: true }
resources:
  db: { type: postgres, params: { version: 15 } }
";

pub(super) const API: &str = "import http.server, os, socket, urllib.parse
url = urllib.parse.urlparse(os.environ['DATABASE_URL'])
socket.create_connection((url.hostname, url.port), 5).close()
VERSION = 'one'
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (os.environ['GREETING'] + ' ' + VERSION).encode()
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        print('asked', self.path, flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
";

pub(super) fn tiny() -> Place {
    let place = Place::new();
    place.write("appia.yaml", APP);
    place.write("api/main.py", API);
    place.write("site/index.html", "<h1>a site</h1>");
    place
}

/// Asks a loopback URL and gives the body.
pub(super) fn get(url: &str) -> String {
    get_path(url, "/")
}

/// As [`get`], of a path.
pub(super) fn get_path(url: &str, path: &str) -> String {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}")).1.to_owned()
}

pub(super) fn url(result: &Value, name: &str) -> String {
    result["urls"][name].as_str().unwrap_or_else(|| panic!("no url of {name} in {result}")).to_owned()
}

pub(super) fn workload<'a>(status: &'a Value, name: &str) -> &'a Value {
    let address = format!("workloads.{name}");
    let all = status["workloads"].as_array().unwrap();
    all.iter().find(|workload| workload["address"] == address.as_str()).unwrap()
}

/// Polls until something holds.
pub(super) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn lives_from_up_to_down() {
    let place = tiny();
    let up = place.json(&["up", "--yes"]);
    assert_eq!((up["kind"].as_str(), up["action"].as_str()), (Some("Result"), Some("up")));
    assert_eq!(get(&url(&up, "api")), "hello one");
    assert!(get(&url(&up, "site")).contains("a site"));

    let again = place.json(&["plan"]);
    assert_eq!(again["changes"]["steps"], serde_json::json!([]), "planning after up is empty");
    assert_eq!(place.json(&["up", "--yes"])["steps"], 0);

    let status = place.json(&["status"]);
    let api = workload(&status, "api");
    assert_eq!(api["state"], "healthy", "{status}");
    assert!(api["rates"]["rps"].as_f64().unwrap() > 0.0, "{status}");
    eventually("the log line", || place.ok(&["logs", "api"]).out.contains("asked /"));

    place.write("api/main.py", &API.replace("'one'", "'two'"));
    assert_eq!(place.run(&["plan", "--detailed-exitcode"]).code, 10);
    let deployed = place.json(&["deploy", "--yes"]);
    assert_eq!(get(&url(&deployed, "api")), "hello two");
    assert_eq!(url(&deployed, "api"), url(&up, "api"), "the address stays");

    let back = place.json(&["rollback", "--yes"]);
    assert_eq!(get(&url(&back, "api")), "hello one");

    assert_eq!(place.run(&["down"]).code, 6, "nobody can be asked");
    place.json(&["down", "--yes"]);
    assert_eq!(place.json(&["leaks"])["leaks"], serde_json::json!([]));
    assert!(TcpStream::connect(url(&up, "api").trim_start_matches("http://")).is_err());
    place.json(&["up", "--yes"]);
    place.json(&["down", "--data", "--yes"]);
    assert_eq!(place.json(&["leaks"])["leaks"], serde_json::json!([]));
}

#[test]
fn the_nearest_version_is_used_and_that_is_told() {
    let place = Place::new();
    place.write("appia.yaml", "app: newer\nworkloads:\n  site: { type: site, build: ./site }\nresources:\n  db: { type: postgres, params: { version: 99 } }\n");
    place.write("site/index.html", "<h1>a site</h1>");
    let up = place.ok(&["up", "--yes", "--output", "json"]);
    let status = place.json(&["status"]);
    let runs = status["resources"][0]["version"].as_str().unwrap().to_owned();
    assert_ne!(runs, "99");
    let sentence = format!("PostgreSQL 99 is not on this machine, {runs} is used");
    let result = super::last_json(&up.out);
    assert_eq!(result["warnings"], serde_json::json!([format!("`db`: {sentence}")]), "{result}");
    assert!(up.out.contains(&format!("warning: {sentence}")), "it is told while it is made: {}", up.out);
}

#[test]
fn counts_what_happens() {
    let place = tiny();
    let up = place.json(&["up", "--yes"]);
    (0..5).for_each(|_| drop(get(&url(&up, "api"))));
    let metrics = ask_server(&place, "/metrics");
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    for name in [
        "appia_requests_total",
        "appia_request_duration_seconds_bucket",
        "appia_restarts_total",
        "appia_cpu_seconds_total",
        "appia_memory_bytes",
    ] {
        let found = metrics.lines().any(|line| line.starts_with(name) && line.contains("app=\"tiny\""));
        assert!(found, "{name} of tiny is not in\n{metrics}");
    }
}

/// Asks the server over its socket, as a scraper on this machine would.
fn ask_server(place: &Place, path: &str) -> String {
    let mut stream = std::os::unix::net::UnixStream::connect(place.home().join("run/server.sock")).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nhost: appia\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn a_release_that_does_not_become_healthy_is_taken_back() {
    let place = tiny();
    let up = place.json(&["up", "--yes"]);
    place.write("api/main.py", "import sys\nsys.exit('no such luck')\n");
    let failed = place.run(&["deploy", "--yes", "--output", "json"]);
    assert_eq!(failed.code, 1, "{}", failed.out);
    let error = super::last_json(&failed.out);
    assert!(error["message"].as_str().unwrap().contains("taken back"), "{error}");
    assert!(error.to_string().contains("no such luck"), "the last log lines are told: {error}");
    assert_eq!(get(&url(&up, "api")), "hello one", "the old release serves");
}

#[test]
fn a_release_that_crashes_while_it_is_watched_is_taken_back() {
    let place = Place::new();
    let app = "app: calm\nworkloads:\n  api: { build: ./api, port: 8000, public: true, watch: 60s }\n";
    place.write("appia.yaml", app);
    let calm =
        API.replace("socket.create_connection", "# ").replace("['DATABASE_URL']", ".get('DATABASE_URL', '')");
    let calm = calm.replace("os.environ['GREETING']", "'hello'");
    place.write("api/main.py", &calm);
    let up = place.json(&["up", "--yes"]);
    let crash = "import threading\nthreading.Timer(3, lambda: (print('out of luck', flush=True), os._exit(7))).start()\n";
    place.write("api/main.py", &calm.replace("VERSION = 'one'", &format!("VERSION = 'two'\n{crash}")));
    let failed = place.run(&["deploy", "--yes", "--output", "json"]);
    let error = super::last_json(&failed.out);
    assert_eq!(failed.code, 1, "{error}");
    assert!(error["message"].as_str().unwrap().contains("ended with status 7"), "{error}");
    assert!(error["causes"].to_string().contains("out of luck"), "the last log lines are told: {error}");
    assert_eq!(get(&url(&up, "api")), "hello one", "the old release serves");
    assert_eq!(workload(&place.json(&["status"]), "api")["state"], "healthy");
}

#[test]
fn what_runs_goes_on_without_the_server() {
    let place = tiny();
    let up = place.json(&["up", "--yes"]);
    let pid = |status: &Value| workload(status, "api")["instances"][0]["pid"].as_u64().unwrap();
    let before = pid(&place.json(&["status"]));
    let server = place.json(&["server", "status"]);
    kill(server["pid"].as_u64().unwrap());
    assert_eq!(get(&url(&up, "api")), "hello one", "traffic goes on");
    assert_eq!(place.json(&["server", "start"])["state"], "running");
    assert_eq!(pid(&place.json(&["status"])), before, "the same process is adopted");
    kill(place.json(&["server", "status"])["agent_pid"].as_u64().unwrap());
    eventually("the gateway", || TcpStream::connect(url(&up, "api").trim_start_matches("http://")).is_ok());
    eventually("the agent", || place.json(&["server", "status"])["agent"] == "running");
    assert_eq!(pid(&place.json(&["status"])), before, "the same process is adopted");
}

/// Ends a process without a word.
pub(super) fn kill(pid: u64) {
    let ended = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(ended.success());
}
