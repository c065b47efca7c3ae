//! What is in the files now, in the order of time, and how far each file was read.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;

use std::path::{Path, PathBuf};

use super::line::{LogLine, LogStream, parse};
use super::{LogFile, LogQuery, files};
use crate::shim::rotated;

/// More rotated files than any limit keeps.
const MOST_ROTATED: u32 = 9;

/// How far a file was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Position {
    /// The file itself: after a rotation its name means another one.
    pub(super) inode: u64,
    pub(super) offset: u64,
    pub(super) pieces: Pieces,
}

/// The beginnings of lines that go on.
#[derive(Debug, Clone, Default)]
pub(super) struct Pieces {
    out: Vec<u8>,
    err: Vec<u8>,
}

/// The lines that are there, and where each file ended.
pub(super) fn past(folder: &Path, query: &LogQuery) -> (Vec<LogLine>, BTreeMap<PathBuf, Position>) {
    let mut lines = Vec::new();
    let mut positions = BTreeMap::new();
    for file in files(folder, query) {
        let (of_file, position) = lines_of(&file);
        let since = query.since_micros.unwrap_or(0);
        lines.extend(of_file.into_iter().filter(|line| line.at_micros >= since));
        positions.insert(file.path, position);
    }
    lines.sort_by_key(|line| line.at_micros);
    let surplus = query.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    (lines.split_off(surplus), positions)
}

/// All lines of one program, its rotated files first.
pub(super) fn lines_of(file: &LogFile) -> (Vec<LogLine>, Position) {
    let mut lines = Vec::new();
    let mut position = Position::default();
    let opened: VecDeque<File> =
        (0..=MOST_ROTATED).rev().filter_map(|number| File::open(rotated(&file.path, number)).ok()).collect();
    for mut opened in opened {
        position.inode = opened.metadata().map(|metadata| metadata.ino()).unwrap_or(0);
        position.offset = 0;
        lines.extend(read_on(&mut opened, &mut position, file));
    }
    (lines, position)
}

/// The whole lines after a position, which moves on.
pub(super) fn read_on(opened: &mut File, position: &mut Position, file: &LogFile) -> Vec<LogLine> {
    let mut bytes = Vec::new();
    if opened.read_to_end(&mut bytes).is_err() {
        return Vec::new();
    }
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    position.offset = position.offset.saturating_add(whole as u64);
    let whole = bytes.get(..whole).unwrap_or_default();
    whole.split(|byte| *byte == b'\n').filter_map(|record| position.pieces.line(record, file)).collect()
}

/// Whether the name of a file means the one that was read.
pub(super) fn is_same(path: &Path, inode: u64) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.ino() == inode)
}

impl Pieces {
    fn line(&mut self, record: &[u8], file: &LogFile) -> Option<LogLine> {
        let record = parse(record)?;
        let begun = match record.stream {
            LogStream::Out => &mut self.out,
            LogStream::Err => &mut self.err,
        };
        begun.extend_from_slice(record.text);
        if record.goes_on {
            return None;
        }
        let text = String::from_utf8_lossy(begun).into_owned();
        begun.clear();
        Some(LogLine {
            at_micros: record.at_micros,
            workload: file.workload.clone(),
            instance: file.instance.clone(),
            container: file.container.clone(),
            stream: record.stream,
            text,
        })
    }
}
