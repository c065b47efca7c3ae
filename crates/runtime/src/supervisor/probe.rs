//! Asking a program how it is: by HTTP, by connecting, by a command, or in PostgreSQL's or Redis' own words.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use appia_intent::ProbeCheck;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::spec::{ProbeKind, ProbeSpec};
use crate::program::Program;
use crate::redis::PASSWORD as REDIS_PASSWORD;

/// How long a program has to run without ending to count as started, when nothing better can be asked.
const ALIVE: Duration = Duration::from_millis(250);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Where a program can be asked.
#[derive(Clone)]
pub(crate) struct Place {
    /// Its own port.
    pub(crate) port: Option<u16>,
    /// The port it was written for: a probe that names this one means `port`.
    pub(crate) target: Option<u16>,
    /// For commands.
    pub(crate) folder: PathBuf,
    /// For commands.
    pub(crate) env: BTreeMap<String, String>,
    /// For commands: the process whose files they see, when it sees others than we do, and how we follow it.
    pub(crate) inside: Option<(Program, i32)>,
}

impl Place {
    fn port(&self, stated: Option<u16>) -> Result<u16, String> {
        match (stated, self.port) {
            (Some(stated), Some(own)) if Some(stated) == self.target => Ok(own),
            (Some(stated), _) => Ok(stated),
            (None, Some(own)) => Ok(own),
            (None, None) => Err("the workload has no port to ask at".to_owned()),
        }
    }
}

/// Asks once.
pub(crate) async fn ask(probe: &ProbeSpec, place: &Place) -> Result<(), String> {
    match tokio::time::timeout(probe.timeout, check(&probe.check, place)).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {:?}", probe.timeout)),
    }
}

/// Asks until the first good answer, at first after a millisecond, then less often; each bad answer goes to `bad`.
pub(crate) async fn first_good(probe: &ProbeSpec, place: &Place, mut bad: impl FnMut(String)) {
    if probe.check == ProbeKind::Alive {
        return tokio::time::sleep(ALIVE).await;
    }
    let mut pause = FIRST_PAUSE;
    while let Err(reason) = ask(probe, place).await {
        bad(reason);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn check(check: &ProbeKind, place: &Place) -> Result<(), String> {
    match check {
        ProbeKind::Stated(ProbeCheck::Http { path, port, scheme, host, headers }) if scheme != "https" => {
            http(place.port(*port)?, path, host.as_deref(), headers).await
        }
        ProbeKind::Stated(ProbeCheck::Http { port, .. } | ProbeCheck::Tcp { port }) => {
            connect(place.port(*port)?).await.map(drop)
        }
        ProbeKind::Stated(ProbeCheck::Exec { command }) => command_succeeds(command, place).await,
        ProbeKind::Postgres { port } => postgres(*port).await,
        ProbeKind::Redis { port } => redis(*port, place).await,
        ProbeKind::Alive => Ok(()),
    }
}

async fn connect(port: u16) -> Result<TcpStream, String> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("nothing listens on port {port}: {error}"))
}

async fn http(port: u16, path: &str, host: Option<&str>, headers: &[(String, String)]) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("GET {path} on port {port}: {error}");
    let stream = TokioIo::new(connect(port).await?);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(stream).await.map_err(|error| failed(&error))?;
    let running = tokio::spawn(connection);
    let mut request = Request::get(path)
        .header("host", host.map_or_else(|| format!("127.0.0.1:{port}"), str::to_owned))
        .header("user-agent", "appia-probe");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| failed(&error))?;
    let answer = sender.send_request(request).await.map_err(|error| failed(&error));
    running.abort();
    let status = answer?.status();
    if (200..400).contains(&status.as_u16()) { Ok(()) } else { Err(failed(&status)) }
}

async fn command_succeeds(command: &[String], place: &Place) -> Result<(), String> {
    let (program, arguments) = command.split_first().ok_or("the probe names no command")?;
    let mut asked = match &place.inside {
        None => tokio::process::Command::new(program),
        Some((ours, pid)) => {
            let mut following = tokio::process::Command::new(ours.path());
            following.args(ours.arguments("enter", pid.to_string())).arg("--").arg(program);
            following
        }
    };
    let status = asked
        .args(arguments)
        .env_clear()
        .envs(&place.env)
        .current_dir(&place.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program}`: {status}")) }
}

/// Sends a start-up packet and looks at the answer: a server that asks for a password takes connections, one that
/// says `57P03` is still starting. Source: PostgreSQL, "Message Formats", `StartupMessage`.
async fn postgres(port: u16) -> Result<(), String> {
    const PROTOCOL_3_0: u32 = 196_608;
    let mut packet = PROTOCOL_3_0.to_be_bytes().to_vec();
    packet.extend_from_slice(b"user\0appia\0database\0postgres\0\0");
    let length = u32::try_from(packet.len() + 4).map_err(|error| error.to_string())?;
    let failed = |error: std::io::Error| format!("PostgreSQL on port {port}: {error}");
    let mut stream = connect(port).await?;
    stream.write_all(&length.to_be_bytes()).await.map_err(failed)?;
    stream.write_all(&packet).await.map_err(failed)?;
    let mut answer = [0; 256];
    let length = stream.read(&mut answer).await.map_err(failed)?;
    let answer = answer.get(..length).unwrap_or_default();
    let starting = answer.windows(5).any(|code| code == b"57P03");
    match answer.first() {
        Some(b'R') => Ok(()),
        Some(b'E') if !starting => Ok(()),
        _ => Err(format!("PostgreSQL on port {port} is starting")),
    }
}

/// Signs in and says `PING`: a server that reads its data signs in at once and answers `-LOADING`. Source: Redis, "RESP
/// protocol specification", inline commands.
async fn redis(port: u16, place: &Place) -> Result<(), String> {
    let password = place.env.get(REDIS_PASSWORD).map(String::as_str).unwrap_or_default();
    let failed = |error: std::io::Error| format!("Redis on port {port}: {error}");
    let mut stream = connect(port).await?;
    let words = zeroize::Zeroizing::new(format!("AUTH {password}\r\nPING\r\nQUIT\r\n"));
    stream.write_all(words.as_bytes()).await.map_err(failed)?;
    let mut answer = Vec::new();
    stream.take(256).read_to_end(&mut answer).await.map_err(failed)?;
    let answer = String::from_utf8_lossy(&answer);
    if answer.contains("+PONG") { Ok(()) } else { Err(format!("Redis on port {port}: {}", answer.trim())) }
}
