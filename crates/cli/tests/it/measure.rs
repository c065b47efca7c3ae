//! Measuring what runs: real processes that take a known time of processor, and plans that take what was found.

use super::{Place, SMALL};

const APP: &str = "app: busy
outcomes: { rps: 5, latency: { p95: 2s } }
workloads:
  web: { build: ./web, port: 8000, public: true, calls: { api: 1 }, env: { API: \"${workloads.api.url}\" }, probes: { readiness: { http: { path: /healthz } } } }
  api: { build: ./api, port: 8001, demand: 50ms, probes: { readiness: { http: { path: /healthz } } } }
";

/// Works for so many milliseconds of processor, then asks twice for something else.
fn program(millis: u32, then: &str) -> String {
    format!(
        "import http.server, os, time, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/':
            until = time.thread_time() + {millis} / 1000
            while time.thread_time() < until: pass
            {then}
        self.send_response(200)
        self.send_header('content-length', '2')
        self.end_headers()
        self.wfile.write(b'ok')
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
"
    )
}

fn busy() -> Place {
    let place = Place::new();
    place.write("appia.yaml", APP);
    let twice = "for _ in range(2): urllib.request.urlopen(os.environ['API'] + '/').read()";
    place.write("web/main.py", &program(5, twice));
    place.write("api/main.py", &program(10, "pass"));
    place
}

#[test]
fn finds_what_programs_take_and_the_next_plan_takes_it() {
    let place = busy();
    let before = place.json(&["plan", "--offline"]);
    assert!(before["inputs"].get("appia.measured.json").is_none());
    let measure = ["measure", "--up", "--rate", "12", "--duration", "8s"];
    let found = place.json(&measure);
    assert_eq!(
        (found["kind"].as_str(), found["file"].as_str()),
        (Some("Measurement"), Some("appia.measured.json"))
    );
    // A request takes some processor time beside the work that it asks for, a call through the gateway more.
    for (name, least, most) in [("web", 5.0, 25.0), ("api", 10.0, 25.0)] {
        let demand = found["workloads"][name]["demand_ms"].as_f64().unwrap();
        assert!((least * 0.8..most).contains(&demand), "{name}: {demand} in {found}");
        assert!(found["workloads"][name]["scv"].as_f64().is_some_and(|scv| scv >= 0.0), "{found}");
    }
    let calls = found["workloads"]["web"]["calls"]["api"].as_f64().unwrap();
    assert!((calls - 2.0).abs() < 0.1, "{found}");
    assert!(found["notes"].to_string().contains("`web` called `api`"), "{found}");
    assert_eq!(found["load"]["steps"].as_array().unwrap().len(), 5);

    let after = place.json(&["plan", "--offline"]);
    assert!(after["inputs"]["appia.measured.json"]["digest"].is_string(), "{after}");
    assert!(
        !after["diagnostics"].to_string().contains("APP0511"),
        "the same release: {}",
        after["diagnostics"]
    );
    let why = place.ok(&["explain", "workloads.api.demand_ms"]).out;
    assert!(why.contains("(measured: appia.measured.json, as of 2"), "{why}");

    place.write("web/main.py", &program(6, "pass"));
    assert!(place.ok(&["plan", "--offline"]).err.contains("in another release"));
    place.write("appia.measured.json", "{ \"format\": 1,\n \"app\": 7 }\n");
    let broken = place.run(&["plan", "--offline"]);
    assert_eq!(broken.code, 3);
    assert!(broken.err.contains("APP0512") && broken.err.contains("appia.measured.json:2"), "{}", broken.err);
}

#[test]
fn says_what_to_do_when_nothing_runs() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    let told = place.run(&["measure"]);
    assert_eq!(told.code, 1);
    assert!(told.err.contains("`appia up` starts it"), "{}", told.err);
    for wrong in [["--rate", "0"], ["--duration", "1s"], ["--duration", "soon"]] {
        assert_eq!(place.run(&["measure", wrong[0], wrong[1]]).code, 2, "{wrong:?}");
    }
}
