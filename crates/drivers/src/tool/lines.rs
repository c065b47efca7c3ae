//! One pipe of a tool, line by line. Used by [`super::Running`] alone.
//!
//! A line is handed over when its end came or the pipe closed; bytes that are no UTF-8 are replaced, never lost.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

pub(super) struct Lines<R> {
    pipe: Option<BufReader<R>>,
    line: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(pipe: Option<R>) -> Self {
        Lines { pipe: pipe.map(BufReader::new), line: Vec::new() }
    }

    pub(super) fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    /// Waits until a line is there. False: the pipe is closed and nothing is left. May be dropped and asked again: what was
    /// read of a line stays.
    pub(super) async fn next(&mut self) -> std::io::Result<bool> {
        let Some(pipe) = &mut self.pipe else { return Ok(false) };
        pipe.read_until(b'\n', &mut self.line).await?;
        if !self.line.ends_with(b"\n") {
            self.pipe = None;
        }
        Ok(!self.line.is_empty())
    }

    /// Hands the line over, as text without its end and as the bytes that came, and begins the next one.
    pub(super) fn hand(&mut self, to: &mut dyn FnMut(&str, &[u8])) {
        let text = String::from_utf8_lossy(&self.line);
        to(text.trim_end_matches(['\n', '\r']), &self.line);
        self.line.clear();
    }
}
