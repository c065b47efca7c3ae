//! The clients' side of HTTP/1.1, as little as they need: one request on a connection, one answer with a length.
//!
//! Blocking sockets, so that a client is a thread and what it measures is what a program would see. Nothing is tried
//! again: what a library would hide is counted here.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);
const LONGEST_HEAD: usize = 16 * 1024;

/// How a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::torture) enum Failure {
    /// No connection, or it ended before the answer was complete.
    Socket(String),
    /// An answer that is not 200.
    Status(u16),
}

/// A connection that is open, with what was read too much.
pub(in crate::torture) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::torture) struct Answer {
    pub(super) body: String,
    /// Whether the other side said that this connection ends here.
    pub(super) last: bool,
}

impl Connection {
    pub(in crate::torture) fn open(address: SocketAddr) -> Result<Connection, Failure> {
        let open = || {
            let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(Connection { address, stream, buffer: Vec::with_capacity(512) })
        };
        open().map_err(|error: std::io::Error| Failure::Socket(format!("connect: {error}")))
    }

    /// One request and its answer.
    pub(in crate::torture) fn request(
        &mut self,
        method: &str,
        path: &str,
        keep: Keep,
    ) -> Result<Answer, Failure> {
        let connection = match keep {
            Keep::Open => "keep-alive",
            Keep::Close => "close",
        };
        let host = self.address;
        let length = if method == "POST" { "content-length: 0\r\n" } else { "" };
        let text =
            format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{length}connection: {connection}\r\n\r\n");
        let broken =
            |what: &str, error: std::io::Error| Failure::Socket(format!("{what}: {:?}", error.kind()));
        self.stream.write_all(text.as_bytes()).map_err(|error| broken("write", error))?;
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more()?;
        };
        let head = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| Failure::Socket(format!("no HTTP: {head:.80}")))?;
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let length: usize = field("content-length")
            .and_then(|value| value.trim().parse().ok())
            .ok_or_else(|| Failure::Socket(format!("an answer without a length: {head:.200}")))?;
        while self.buffer.len() < end + length {
            self.more()?;
        }
        let body: Vec<u8> = self.buffer.drain(..end + length).skip(end).collect();
        if status != 200 {
            return Err(Failure::Status(status));
        }
        let last = field("connection").is_some_and(|value| value.trim() == "close");
        Ok(Answer { body: String::from_utf8_lossy(&body).into_owned(), last })
    }

    fn more(&mut self) -> Result<(), Failure> {
        let mut piece = [0; 2048];
        let began = !self.buffer.is_empty();
        let count = match self.stream.read(&mut piece) {
            Ok(0) if began => return Err(Failure::Socket("closed in the middle of an answer".to_owned())),
            Ok(0) => return Err(Failure::Socket("closed instead of an answer".to_owned())),
            Ok(_) if self.buffer.len() > LONGEST_HEAD => {
                return Err(Failure::Socket("an endless answer".to_owned()));
            }
            Ok(count) => count,
            Err(error) => return Err(Failure::Socket(format!("read: {:?}", error.kind()))),
        };
        self.buffer.extend_from_slice(piece.get(..count).unwrap_or_default());
        Ok(())
    }
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::torture) enum Keep {
    Open,
    Close,
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// What a client makes of these bytes.
    fn answered(bytes: &'static str) -> Result<Answer, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept()?;
            let _ = stream.read(&mut [0; 1024])?;
            stream.write_all(bytes.as_bytes())
        });
        let answer = Connection::open(address)?.request("GET", "/", Keep::Open);
        let _ = server.join();
        answer
    }

    #[test]
    fn an_answer_is_its_body_and_a_failure_says_what_it_was() {
        let good = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n7";
        assert_eq!(answered(good), Ok(Answer { body: "7".to_owned(), last: true }));
        let bad = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(answered(bad), Err(Failure::Status(503)));
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
        assert!(matches!(answered(half), Err(Failure::Socket(why)) if why.contains("middle")));
        assert!(matches!(answered(""), Err(Failure::Socket(_))));
    }
}
