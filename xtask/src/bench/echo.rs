//! The server that the row `up` starts ten times: answers every request on `PORT` of the loopback with 200.
//!
//! It is this same program (`cargo xtask bench echo`), so that nothing else has to be built, and does as little as a
//! server can: what is measured is who starts it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

use anyhow::{Context, Result};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: text/plain\r\n\r\nok";

/// Serves until it is killed.
pub(crate) fn serve() -> Result<ExitCode> {
    let port: u16 = std::env::var("PORT").context("PORT is not set")?.parse().context("PORT is no port")?;
    let listener = TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("port {port}"))?;
    for stream in listener.incoming() {
        let stream = stream?;
        // A client that hangs up ends its own thread and nothing else.
        std::thread::spawn(move || answer(&stream));
    }
    Ok(ExitCode::SUCCESS)
}

/// Answers each request of a connection when its head has ended.
fn answer(mut stream: &TcpStream) -> std::io::Result<()> {
    let lines = BufReader::new(stream.try_clone()?).lines();
    for line in lines {
        if line?.is_empty() {
            stream.write_all(ANSWER)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn two_requests_on_one_connection_get_two_answers() -> std::io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let mut client = TcpStream::connect(listener.local_addr()?)?;
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n")?;
        client.shutdown(std::net::Shutdown::Write)?;
        answer(&listener.accept()?.0)?;
        let mut said = Vec::new();
        client.read_to_end(&mut said)?;
        assert_eq!(said, [ANSWER, ANSWER].concat());
        Ok(())
    }
}
