//! What a tool printed, kept for the case that it fails. Used by [`super::Tool::run`].
//!
//! Verbatim, colours included. A tool that prints without end costs a bounded amount of memory: the beginning gives way,
//! since the reason of a failure stands at the end.

/// Enough for any compiler's complaints.
const MOST: usize = 4 << 20;

const CUT: &str = "(earlier output left out)\n";

#[derive(Default)]
pub(super) struct Transcript {
    bytes: Vec<u8>,
    cut: bool,
}

impl Transcript {
    pub(super) fn add(&mut self, raw: &[u8]) {
        self.bytes.extend_from_slice(raw);
        if self.bytes.len() > 2 * MOST {
            self.forget(self.bytes.len() - MOST);
        }
    }

    pub(super) fn text(mut self) -> String {
        if self.bytes.len() > MOST {
            self.forget(self.bytes.len() - MOST);
        }
        let text = String::from_utf8_lossy(&self.bytes);
        if self.cut { format!("{CUT}{text}") } else { text.into_owned() }
    }

    /// Drops at least this many bytes from the beginning, up to the end of a line.
    fn forget(&mut self, count: usize) {
        let line = self.bytes.iter().skip(count).position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.bytes.drain(..count + line);
        self.cut = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_output_is_kept_as_it_came() {
        let mut transcript = Transcript::default();
        transcript.add(b"\x1b[31merror\x1b[0m: no\r\n");
        transcript.add(b"last line without end");
        assert_eq!(transcript.text(), "\x1b[31merror\x1b[0m: no\r\nlast line without end");
    }

    #[test]
    fn endless_output_keeps_its_end() {
        let mut transcript = Transcript::default();
        for number in 0..2_000_000 {
            transcript.add(format!("line {number}\n").as_bytes());
        }
        let text = transcript.text();
        assert!(text.len() <= MOST + CUT.len());
        assert!(text.starts_with(&format!("{CUT}line ")));
        assert!(text.ends_with("line 1999999\n"));
    }
}
