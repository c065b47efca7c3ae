//! What is in the files now, in the order of time, and how far each file was read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::line::{LogLine, LogStream, parse};
use super::{LogFile, LogQuery, files};
use crate::shim::rotated;

/// More rotated files than any limit keeps.
const MOST_ROTATED: u32 = 4;
/// How often to look again when files are moved while they are being opened.
const LOOKS: u32 = 50;

/// How far the files of one program were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Position {
    /// The file itself: after a rotation its name means another one. 0: none was read.
    inode: u64,
    offset: u64,
    pieces: Pieces,
}

/// The beginnings of lines that go on.
#[derive(Debug, Clone, Default)]
struct Pieces {
    out: Vec<u8>,
    err: Vec<u8>,
}

/// The lines that are there, and where each file ended.
pub(super) fn past(folder: &Path, query: &LogQuery) -> (Vec<LogLine>, BTreeMap<PathBuf, Position>) {
    let mut lines = Vec::new();
    let mut positions = BTreeMap::new();
    let since = query.since_micros.unwrap_or(0);
    for file in files(folder, query) {
        let mut position = Position::default();
        let of_file = news(&file, &mut position);
        lines.extend(of_file.into_iter().filter(|line| line.at_micros >= since));
        positions.insert(file.path, position);
    }
    lines.sort_by_key(|line| line.at_micros);
    let surplus = query.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    (lines.split_off(surplus), positions)
}

/// The whole lines after a position, which moves on: the rest of the file that was read last, wherever it was moved to,
/// then everything newer.
pub(super) fn news(file: &LogFile, position: &mut Position) -> Vec<LogLine> {
    let nothing_new =
        |metadata: fs::Metadata| metadata.ino() == position.inode && metadata.len() <= position.offset;
    if fs::metadata(&file.path).is_ok_and(nothing_new) {
        return Vec::new();
    }
    let opened = open_all(&file.path);
    let known = opened.iter().position(|(inode, _)| *inode == position.inode).unwrap_or(0);
    let mut lines = Vec::new();
    for (inode, mut opened) in opened.into_iter().skip(known) {
        if inode != position.inode {
            position.inode = inode;
            position.offset = 0;
        }
        if opened.seek(SeekFrom::Start(position.offset)).is_ok() {
            lines.extend(read_on(&mut opened, position, file));
        }
    }
    lines
}

/// Every file of one program, oldest first, as they stood at one moment: a rotation in between means looking again.
fn open_all(path: &Path) -> Vec<(u64, File)> {
    let look = || -> Vec<(u32, u64, File)> {
        let open = |number| {
            let opened = File::open(rotated(path, number)).ok()?;
            Some((number, opened.metadata().ok()?.ino(), opened))
        };
        (0..=MOST_ROTATED).rev().filter_map(open).collect()
    };
    let inode = |number| fs::metadata(rotated(path, number)).map(|metadata| metadata.ino()).ok();
    let mut opened = look();
    for _ in 0..LOOKS {
        if opened.iter().all(|(number, seen, _)| inode(*number) == Some(*seen)) {
            break;
        }
        opened = look();
    }
    opened.into_iter().map(|(_, inode, file)| (inode, file)).collect()
}

/// The whole lines from here on.
fn read_on(opened: &mut File, position: &mut Position, file: &LogFile) -> Vec<LogLine> {
    let mut bytes = Vec::new();
    if opened.read_to_end(&mut bytes).is_err() {
        return Vec::new();
    }
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    position.offset = position.offset.saturating_add(whole as u64);
    let whole = bytes.get(..whole).unwrap_or_default();
    whole.split(|byte| *byte == b'\n').filter_map(|record| position.pieces.line(record, file)).collect()
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
