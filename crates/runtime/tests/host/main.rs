//! What `appia internal` will be, for the tests of this crate: the agent, the shim, and a small web server to run.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, ExitCode};

use appia_runtime::{Home, Program, agent, shim, site};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["agent", home] => run_agent(home),
        ["shim", dir] => shim::main(Path::new(dir)),
        ["enter", pid, "--", command @ ..] => {
            let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
            pid.parse().map_or(ExitCode::FAILURE, |pid| shim::run_inside(pid, &command))
        }
        ["try-mounts", folder] => shim::try_mounts(Path::new(folder)),
        ["site", root] => run_site(root),
        ["web"] => run_web(),
        _ => ExitCode::from(2),
    }
}

fn run_agent(home: &str) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
    else {
        return ExitCode::FAILURE;
    };
    let result = runtime.block_on(async {
        let program = Program::new(std::env::current_exe().map_err(|error| error.to_string())?, [""; 0]);
        let home = Home::open(Path::new(home)).map_err(|error| error.to_string())?;
        agent::run(home, program).await.map_err(|error| error.to_string())
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run_site(root: &str) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    match runtime.block_on(site::run(Path::new(root))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Answers one request a connection until it is killed. `VERSION` is what it says, `START_MILLIS` how long it takes to
/// listen, `CRASH_AFTER_MILLIS` how long it lives, `ILL` makes it answer 500, `UNHEALTHY` makes `/healthz` fail, and so does
/// a file named by `ILL_WHEN` and `PORT` while it is there. `/until/FILE` answers when there is such a file.
fn run_web() -> ExitCode {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    std::thread::sleep(std::time::Duration::from_millis(variable("START_MILLIS").parse().unwrap_or(0)));
    let port = variable("PORT").parse().unwrap_or(0);
    let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else { return ExitCode::FAILURE };
    let _ = writeln!(std::io::stdout(), "listening on {port}");
    if let Ok(millis) = variable("CRASH_AFTER_MILLIS").parse() {
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(millis));
            let _ = writeln!(std::io::stdout(), "no more of this");
            std::process::exit(3)
        });
    }
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || answer(stream));
    }
    ExitCode::SUCCESS
}

fn answer(stream: TcpStream) {
    let Ok(mut writer) = stream.try_clone() else { return };
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    lines.by_ref().find(|line| line.is_empty());
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let (status, body) = respond(&path);
    let length = body.len();
    let _ =
        write!(writer, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
}

fn respond(path: &str) -> (&'static str, String) {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    match path {
        "/healthz" if !variable("UNHEALTHY").is_empty() => ("503 Service Unavailable", String::new()),
        "/healthz" if Path::new(&(variable("ILL_WHEN") + &variable("PORT"))).exists() => {
            ("503 Service Unavailable", String::new())
        }
        "/healthz" => ("200 OK", String::new()),
        _ if !variable("ILL").is_empty() => ("500 Internal Server Error", String::new()),
        "/crash" => std::process::exit(3),
        "/query" => {
            let output = Command::new("psql")
                .arg(variable("DATABASE_URL"))
                .args(["-Atc", "select current_user"])
                .output();
            (
                "200 OK",
                output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default(),
            )
        }
        "/pid" => ("200 OK", std::process::id().to_string()),
        path if path.starts_with("/until/") => {
            while !Path::new(path.trim_start_matches("/until")).exists() {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            ("200 OK", variable("VERSION"))
        }
        path if path.starts_with("/env/") => ("200 OK", variable(path.trim_start_matches("/env/"))),
        path if path.starts_with("/print/") => {
            let _ = writeln!(std::io::stdout(), "{}", path.trim_start_matches("/print/"));
            ("200 OK", String::new())
        }
        _ => ("200 OK", variable("VERSION")),
    }
}
