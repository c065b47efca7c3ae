//! One line of a log, as the shim wrote it and as others read it.

use serde::{Deserialize, Serialize};

/// Where a program wrote a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// stdout.
    Out,
    /// stderr.
    Err,
}

/// One line that a program wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Microseconds since 1970.
    pub at_micros: u64,
    /// The workload, or a resource as `resources.db`.
    pub workload: String,
    /// Which instance of it.
    pub instance: String,
    /// Which of its programs.
    pub container: String,
    /// Where it was written.
    pub stream: LogStream,
    /// The line, without its end.
    pub text: String,
}

/// One record of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) at_micros: u64,
    pub(super) stream: LogStream,
    /// The line goes on in the next record of the same stream.
    pub(super) goes_on: bool,
    pub(super) text: &'a [u8],
}

/// Reads `MICROS MARK TEXT`.
pub(super) fn parse(record: &[u8]) -> Option<Record<'_>> {
    let (micros, rest) = split_at_space(record)?;
    let (mark, text) = split_at_space(rest)?;
    let (stream, goes_on) = match mark {
        b"o" => (LogStream::Out, false),
        b"O" => (LogStream::Out, true),
        b"e" => (LogStream::Err, false),
        b"E" => (LogStream::Err, true),
        _ => return None,
    };
    let at_micros = std::str::from_utf8(micros).ok()?.parse().ok()?;
    Some(Record { at_micros, stream, goes_on, text })
}

fn split_at_space(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b' ')?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::{LogStream, Record, parse};

    #[test]
    fn reads_what_the_shim_writes() {
        let expect = Record { at_micros: 12, stream: LogStream::Err, goes_on: false, text: b"a b " };
        assert_eq!(parse(b"12 e a b "), Some(expect));
        assert_eq!(parse(b"12 O ").map(|record| (record.goes_on, record.text)), Some((true, b"".as_slice())));
        for bad in [b"".as_slice(), b"12", b"12 x text", b"x o text"] {
            assert_eq!(parse(bad), None);
        }
    }
}
