//! The little HTTP that asking takes: one request a connection, the whole answer in memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Longer than any of them takes for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) kind: &'a str,
    pub(super) body: String,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Answer {
    /// The body of a good answer.
    pub(super) fn ok(self) -> Result<String> {
        if !(200..300).contains(&self.status) {
            bail!("status {}: {}", self.status, self.body.chars().take(500).collect::<String>());
        }
        Ok(self.body)
    }

    pub(super) fn json(self) -> Result<serde_json::Value> {
        let body = self.ok()?;
        serde_json::from_str(&body).with_context(|| format!("this is not JSON: {body}"))
    }
}

pub(super) fn get(url: &str, path: &str) -> Result<Answer> {
    send(url, &Request { method: "GET", path, kind: "text/plain", body: String::new() })
}

/// Names below `localhost` are looked for on this machine, as browsers do and the system's resolver may not.
pub(super) fn send(url: &str, request: &Request<'_>) -> Result<Answer> {
    let host = url.strip_prefix("http://").context("not an HTTP address")?.trim_end_matches('/');
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let address = format!("127.0.0.1:{port}");
    let mut stream = TcpStream::connect(&address).with_context(|| format!("`{url}` does not answer"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let Request { method, path, kind, body } = request;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).with_context(|| format!("`{url}{path}` breaks off"))?;
    read(&String::from_utf8_lossy(&bytes)).with_context(|| format!("`{url}{path}` answers nothing readable"))
}

fn read(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Some(Answer { status, body: if chunked { joined(body)? } else { body.to_owned() } })
}

/// The body of a chunked answer. Chunks are counted in bytes, and a character may stand across two of them.
fn joined(body: &str) -> Option<String> {
    let (mut rest, mut whole) = (body.as_bytes(), Vec::new());
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(String::from_utf8_lossy(&whole).into_owned());
        }
        let start = end + 2;
        whole.extend_from_slice(rest.get(start..start + size)?);
        rest = rest.get(start + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_chunked_bodies_are_read() {
        let body = |text: &str| read(text).map(|answer| (answer.status, answer.body));
        let plain = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nave";
        assert_eq!(body(plain), Some((200, "ave".to_owned())));
        let chunked =
            "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nave\r\n2;x\r\n !\r\n0\r\n\r\n";
        assert_eq!(body(chunked), Some((404, "ave !".to_owned())));
        assert!(body("nothing").is_none());
    }
}
