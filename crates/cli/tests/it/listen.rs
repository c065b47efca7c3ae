//! The server's listeners: who gets in over TCP, and that another user of the machine gets in nowhere.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Place;

/// The owner of nothing: a user that is not us.
const SOMEBODY: &str = "65534";

/// A server that listens on TCP too, with its address and token.
fn listening() -> (Place, String, String) {
    let place = Place::new();
    let server = place.json(&["server", "start", "--listen", "127.0.0.1:0"]);
    let address = server["address"].as_str().unwrap().to_owned();
    let token = std::fs::read_to_string(place.home().join("server.token")).unwrap().trim().to_owned();
    (place, address, token)
}

/// Sends bytes as they are; the status and the whole answer.
fn send(address: &str, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // A server that has heard enough may hang up before all is said.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

/// A request with a `host` of this machine and some more headers.
fn ask(address: &str, line: &str, headers: &str) -> (u16, String) {
    send(address, &format!("{line} HTTP/1.1\r\nhost: {address}\r\n{headers}connection: close\r\n\r\n"))
}

fn refusal(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let value: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert!(value["message"].is_string(), "{answer}");
    value
}

#[test]
fn over_tcp_only_the_token_opens() {
    let (place, address, token) = listening();
    let bearer = format!("authorization: Bearer {token}\r\n");
    let mode = std::fs::metadata(place.home().join("server.token")).unwrap().permissions().mode();
    assert_eq!((token.len(), mode & 0o777), (64, 0o600));

    let (status, answer) = ask(&address, "GET /v1/health", "");
    assert!(status == 200 && answer.ends_with("{\"state\":\"running\"}"), "anybody sees no more: {answer}");
    let (status, answer) = ask(&address, "GET /v1/health", &bearer);
    assert!(status == 200 && answer.contains("agent_pid"), "{answer}");
    assert_eq!(ask(&address, "GET /v1/leaks", &bearer).0, 200);

    for (line, headers) in [
        ("GET /v1/leaks", String::new()),
        ("GET /metrics", String::new()),
        ("POST /v1/shutdown", String::new()),
        ("POST /v1/shutdown?everything=true", String::new()),
        ("GET /v1/health/", String::new()),
        ("GET //v1/health", String::new()),
        ("GET /v1/health/../leaks", String::new()),
        ("GET /v1/%68ealth", String::new()),
        ("GET /nothing", String::new()),
        (&format!("GET /v1/leaks?token={token}"), String::new()),
        ("GET /v1/leaks", format!("authorization: Bearer {}\r\n", token.get(..63).unwrap())),
        ("GET /v1/leaks", format!("authorization: Bearer {token}0\r\n")),
        ("GET /v1/leaks", format!("authorization: Basic {token}\r\n")),
        ("GET /v1/leaks", format!("cookie: token={token}\r\n")),
        ("GET /v1/leaks", format!("{bearer}authorization: Bearer x\r\n")),
    ] {
        let (status, answer) = ask(&address, line, &headers);
        assert_eq!(status, 401, "{line} {headers}{answer}");
        assert!(answer.to_ascii_lowercase().contains("www-authenticate: bearer"), "{answer}");
        assert!(!refusal(&answer).to_string().contains(&token), "{answer}");
    }
    assert_eq!(place.json(&["server", "status"])["address"], address.as_str(), "it still runs");
}

#[test]
fn no_page_of_a_browser_gets_in() {
    let (_place, address, token) = listening();
    let bearer = format!("authorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    for host in ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", ""] {
        let (status, answer) = send(&address, &format!("GET /v1/leaks HTTP/1.1\r\nhost: {host}\r\n{bearer}"));
        assert!(matches!(status, 400 | 421), "{host}: {answer}");
    }
    for headers in ["", "host: 127.0.0.1\r\nhost: evil.example\r\n"] {
        let (status, answer) = send(&address, &format!("GET /v1/leaks HTTP/1.1\r\n{headers}{bearer}"));
        assert!(matches!(status, 400 | 421), "{headers}: {answer}");
    }
    for origin in ["http://evil.example", "null", &format!("http://{address}")] {
        let line = "OPTIONS /v1/operations";
        for line in [line, "POST /v1/operations", "GET /v1/health"] {
            let headers = format!("origin: {origin}\r\naccess-control-request-method: POST\r\n");
            let (status, answer) = ask(&address, line, &headers);
            assert_eq!(status, 403, "{answer}");
            assert!(!answer.to_ascii_lowercase().contains("access-control-allow"), "{answer}");
        }
    }
}

#[test]
fn what_is_asked_wrongly_is_told_as_json() {
    let (place, address, token) = listening();
    let bearer = format!("authorization: Bearer {token}\r\n");
    let body = |length: &str, text: &str| {
        format!(
            "{bearer}content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        )
    };
    let post = |path: &str, length: &str, text: &str| {
        send(&address, &format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n{}", body(length, text)))
    };
    let said = |(status, answer): (u16, String), expect: &[u16]| {
        assert!(expect.contains(&status), "{expect:?}: {answer}");
        refusal(&answer);
        answer
    };
    said(ask(&address, "GET /nothing", &bearer), &[404]);
    let answer = said(ask(&address, "DELETE /v1/leaks", &bearer), &[405]);
    assert!(answer.to_ascii_lowercase().contains("allow: get"), "{answer}");
    said(post("/v1/changes", "268435457", ""), &[413]);
    said(post("/v1/changes", "999999999999999999", ""), &[413]);
    for text in [
        "",
        "{",
        "[[[[",
        "null",
        "{\"app\":1}",
        "\0",
        "{\"app\":\"a\",\"environment\":\"local\",\"goal\":{\"plan\":{}}}",
    ] {
        said(post("/v1/changes", &text.len().to_string(), text), &[400, 422]);
    }
    let deep = "[".repeat(1 << 20);
    said(post("/v1/changes", &deep.len().to_string(), &deep), &[400, 422]);
    for app in ["..", ".", "a%2f..%2fb", "%2e%2e", "%2fetc", "a%00", "%ff", "A", "a%0d%0ab", &"a".repeat(300)]
    {
        said(ask(&address, &format!("GET /v1/apps/{app}/environments/local/status"), &bearer), &[400, 404]);
    }
    let query = "{\"workload\":\"../../../server\",\"tail\":5}";
    said(post("/v1/apps/small/environments/local/logs", &query.len().to_string(), query), &[400]);
    assert_eq!(ask(&address, "GET /v1/leaks", &format!("{bearer}x: {}\r\n", "a".repeat(100_000))).0, 431);
    assert_eq!(ask(&address, "GET /v1/leaks", &format!("{bearer}{}", "x: a\r\n".repeat(200))).0, 431);
    for raw in [
        "\0\0\0\0\r\n\r\n",
        "GET /v1/leaks HTTP/9.9\r\n\r\n",
        "GET  /v1/leaks\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let (status, answer) = send(&address, raw);
        assert!(matches!(status, 0 | 400 | 505), "{raw:?}: {answer}");
    }
    let log = std::fs::read_to_string(place.home().join("server.log")).unwrap();
    assert!(!log.contains("panicked") && !log.contains(&token), "{log}");
    place.ok(&["server", "status"]);
}

#[test]
fn a_head_that_does_not_come_is_not_waited_for() {
    let (_place, address, _) = listening();
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: ").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let began = Instant::now();
    let _ = stream.read_to_end(&mut Vec::new());
    assert!(began.elapsed() < Duration::from_secs(50), "it waits");
    assert_eq!(ask(&address, "GET /v1/health", "").0, 200, "others are answered");
}

#[test]
fn listens_where_it_is_told_and_nowhere_else() {
    let place = Place::new();
    for wrong in ["0.0.0.0:7400", "[::]:7400", "10.0.0.1:7400", "localhost", "7400"] {
        let answer = place.run(&["server", "start", "--listen", wrong]);
        assert_eq!(answer.code, 2, "{wrong}: {}", answer.err);
    }
    assert_eq!(place.json(&["server", "start"])["address"], Value::Null);
    let first = place.json(&["server", "start", "--listen", "127.0.0.1:0"]);
    let address = first["address"].as_str().unwrap();
    assert_eq!(ask(address, "GET /v1/health", "").0, 200);
    let answer = place.run(&["server", "start", "--listen", address.trim_end_matches('x')]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    place.ok(&["server", "stop"]);
    assert_eq!(place.json(&["server", "start"])["address"], address, "it is remembered");
    assert_eq!(place.json(&["server", "start", "--listen", "none"])["address"], Value::Null);
    assert!(TcpStream::connect(address).is_err());
}

/// Python as another user; what it prints.
fn as_somebody(program: &str, argument: &Path) -> std::io::Result<Output> {
    let user = ["--reuid", SOMEBODY, "--regid", SOMEBODY, "--clear-groups", "python3", "-c", program];
    let path = "/usr/local/bin:/usr/bin:/bin";
    Command::new("setpriv").args(user).arg(argument).current_dir("/").env("PATH", path).output()
}

const CONNECT: &str = "
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
try:
    s.connect(sys.argv[1])
    s.sendall(b'\"Hello\"\\nGET /v1/health HTTP/1.1\\r\\nhost: appia\\r\\n\\r\\n')
    print('heard', s.recv(100))
except PermissionError:
    print('no permission')
except (ConnectionResetError, BrokenPipeError):
    print(\"heard b''\")
";

const READ: &str = "
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        try:
            open(os.path.join(folder, name), 'rb').read(1)
            print('read', os.path.join(folder, name))
        except OSError:
            pass
";

#[test]
fn another_user_of_the_machine_gets_in_nowhere() {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0);
    let can = || as_somebody("print('can')", Path::new("/")).is_ok_and(|output| output.stdout == b"can\n");
    if !is_root || !can() {
        appia_testkit::did_not_run(
            "another user of the machine: only root can be one, by `setpriv` and `python3`",
        );
        return;
    }
    let (place, address, _) = listening();
    let heard = |socket: &Path| {
        String::from_utf8(as_somebody(CONNECT, socket).unwrap().stdout).unwrap().trim().to_owned()
    };
    let sockets = ["server.sock", "agent.sock"].map(|name| place.home().join("run").join(name));
    for socket in &sockets {
        assert_eq!(std::fs::metadata(socket).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(heard(socket), "no permission");
    }
    let reads = || String::from_utf8(as_somebody(READ, place.home()).unwrap().stdout).unwrap();
    assert_eq!(reads(), "");

    // Somebody opens folders and sockets: then the system's word of who connects still counts.
    let open = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    open(place.home(), 0o755);
    open(&place.home().join("run"), 0o755);
    for socket in &sockets {
        open(socket, 0o666);
        assert_eq!(heard(socket), "heard b''", "{}", socket.display());
    }
    assert_eq!(reads(), "", "and no file can be read");

    let token = std::fs::read_to_string(place.home().join("server.token")).unwrap();
    assert_eq!(ask(&address, "GET /v1/leaks", "").0, 401);
    assert_eq!(ask(&address, "GET /v1/leaks", &format!("authorization: Bearer {}\r\n", token.trim())).0, 200);
    place.ok(&["server", "status"]);
    let mode = std::fs::metadata(place.home()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "the next command closes the home again");
}
