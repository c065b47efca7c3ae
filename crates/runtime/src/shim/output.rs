//! One pipe of the program, cut into records.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};

use super::log::{LogFile, record};

/// A longer line is cut into several records.
const LONGEST_LINE: usize = 16 * 1024;

/// stdout or stderr of the program.
pub(super) struct Output<R> {
    pipe: Option<R>,
    mark: char,
    rest: Vec<u8>,
}

impl<R: Read + AsFd> Output<R> {
    pub(super) fn new(pipe: Option<R>, mark: char) -> Output<R> {
        Output { pipe, mark, rest: Vec::new() }
    }

    /// What to poll; `None` once it is closed.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// Reads once; the pipe has something to give or is closed.
    pub(super) fn copy(&mut self, buffer: &mut [u8], log: &mut LogFile) -> io::Result<()> {
        let Some(pipe) = &mut self.pipe else { return Ok(()) };
        match pipe.read(buffer) {
            Ok(0) => self.close(log),
            Ok(length) => {
                self.rest.extend_from_slice(buffer.get(..length).unwrap_or_default());
                self.write_lines(log)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes what is left of a line.
    pub(super) fn close(&mut self, log: &mut LogFile) -> io::Result<()> {
        self.pipe = None;
        if !self.rest.is_empty() {
            let mut records = Vec::new();
            record(&mut records, self.mark, &self.rest)?;
            log.append(&records);
            self.rest.clear();
        }
        Ok(())
    }

    fn write_lines(&mut self, log: &mut LogFile) -> io::Result<()> {
        let mut records = Vec::new();
        let mut rest = self.rest.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            record(&mut records, self.mark, line)?;
            rest = after.get(1..).unwrap_or_default();
        }
        while let Some((piece, after)) = rest.split_at_checked(LONGEST_LINE) {
            record(&mut records, self.mark.to_ascii_uppercase(), piece)?;
            rest = after;
        }
        self.rest = rest.to_vec();
        if !records.is_empty() {
            log.append(&records);
        }
        Ok(())
    }
}
