//! What came before: going back to it, asking for what never was, and data that outlives its program.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Place;
use super::up::{get_path, url};

/// Answers with its release, and with how often it was started on its volume.
const PROGRAM: &str = "import http.server, os
with open('data/starts', 'a') as starts: starts.write('x')
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ('one ' + open('data/starts').read()).encode()
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        print('asked', self.path, flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
";

const APP: &str = "app: past
workloads:
  api: { build: ./api, port: 8000, public: true, watch: 0s, volumes: { data: store } }
resources:
  store: { type: volume }
";

fn past() -> Place {
    let place = Place::new();
    place.write("appia.yaml", APP);
    place.write("api/main.py", PROGRAM);
    place
}

fn says(result: &serde_json::Value) -> (String, usize) {
    let body = get_path(&url(result, "api"), "/");
    let (release, starts) = body.split_once(' ').unwrap();
    (release.to_owned(), starts.len())
}

#[test]
fn goes_back_to_any_generation_and_to_none_that_never_was() {
    let place = past();
    let refused = |arguments: &[&str], part: &str| {
        let answer = place.run(arguments);
        assert_eq!(answer.code, 2, "{arguments:?} {}{}", answer.out, answer.err);
        assert!(answer.err.contains(part), "`{part}` is not in {}", answer.err);
    };
    refused(&["deploy", "--yes"], "nothing is deployed here yet");
    let first = place.json(&["up", "--yes"])["generation"].as_u64().unwrap();
    refused(&["rollback", "--yes"], "earlier");
    for release in ["two", "three"] {
        place.write("api/main.py", &PROGRAM.replace("'one ", &format!("'{release} ")));
        assert_eq!(says(&place.json(&["deploy", "--yes"])).0, release);
    }
    refused(&["rollback", "--to", "99", "--yes"], "99");
    let back = place.json(&["rollback", "--to", &first.to_string(), "--yes"]);
    assert_eq!(says(&back).0, "one");
}

#[test]
fn data_outlives_down_and_goes_with_its_name_said() {
    let place = past();
    assert_eq!(says(&place.json(&["up", "--yes"])).1, 1);
    place.json(&["down", "--yes"]);
    assert_eq!(says(&place.json(&["up", "--yes"])).1, 2, "what was written is there again");
    place.json(&["down", "--data", "--yes"]);
    assert_eq!(says(&place.json(&["up", "--yes"])).1, 1, "nothing of it is left");
}

#[test]
fn logs_are_followed() {
    let place = past();
    let up = place.json(&["up", "--yes"]);
    let mut following = place.command().args(["logs", "api", "-f"]).stdout(Stdio::piped()).spawn().unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    let out = BufReader::new(following.stdout.take().unwrap());
    let reading =
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let deadline = Instant::now() + Duration::from_secs(60);
    // What is asked before it listens is part of what is there already: only what is asked after its first line tells.
    let (mut asked, mut wanted) = (0_u32, None);
    let seen = std::iter::from_fn(|| {
        assert!(Instant::now() < deadline, "no line comes");
        asked += 1;
        get_path(&url(&up, "api"), &format!("/{asked}"));
        let line = lines.recv_timeout(Duration::from_millis(200)).ok();
        let number = line.and_then(|line| line.split_once("asked /")?.1.trim().parse::<u32>().ok());
        let followed = number.zip(wanted).is_some_and(|(number, wanted)| number >= wanted);
        wanted = wanted.or(number.map(|_| asked + 1));
        Some(followed)
    });
    let seen = seen.into_iter().any(|followed| followed);
    following.kill().unwrap();
    following.wait().unwrap();
    let _ = reading.join().unwrap();
    assert!(seen);
}
