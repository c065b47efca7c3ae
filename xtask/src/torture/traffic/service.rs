//! The service that is deployed again and again: answers with its version, at once, after a second or after three.
//!
//! It is this same program (`cargo xtask torture service`), so that nothing else has to be built, and knows nothing of
//! deploys: it does not drain, and ends when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};

/// How long a slow answer takes.
pub(super) const SLOW: Duration = Duration::from_secs(1);
/// How long a long poll is held.
pub(super) const POLL: Duration = Duration::from_secs(3);

/// Serves until it is killed.
pub(crate) fn serve() -> Result<ExitCode> {
    let port: u16 = std::env::var("PORT").context("PORT is not set")?.parse().context("PORT is no port")?;
    let version = std::env::var("VERSION").context("VERSION is not set")?;
    let listener = TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("port {port}"))?;
    let version: &'static str = version.leak();
    for stream in listener.incoming() {
        let stream = stream?;
        let thread = std::thread::Builder::new().stack_size(128 * 1024);
        // A client that hangs up ends its own thread and nothing else.
        thread.spawn(move || answer(&stream, version))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Answers each request of a connection when its head has ended. No request here has a body.
fn answer(mut stream: &TcpStream, version: &str) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{version}", version.len());
    let mut pause = None;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if line.is_empty() {
            std::thread::sleep(pause.take().unwrap_or_default());
            stream.write_all(text.as_bytes())?;
        } else if line.starts_with("GET /slow ") {
            pause = Some(SLOW);
        } else if line.starts_with("GET /poll ") {
            pause = Some(POLL);
        }
    }
    Ok(())
}
