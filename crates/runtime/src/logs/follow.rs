//! What is written from now on. Files are looked at again every few milliseconds: the line is there before a person
//! notices, and no file is watched that somebody moved away.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::Stream;

use super::line::LogLine;
use super::merge::{Position, is_same, read_on};
use super::{LogFile, LogQuery, files};
use crate::shim::rotated;

const PAUSE: Duration = Duration::from_millis(50);
/// Rotated files that may have been moved between two looks.
const MOST_ROTATED: u32 = 9;

/// Where each file stands, and the lines that were read and not handed on yet.
struct Follower {
    folder: PathBuf,
    query: LogQuery,
    positions: BTreeMap<PathBuf, Position>,
    lines: VecDeque<LogLine>,
}

pub(super) fn follow(
    folder: PathBuf,
    query: LogQuery,
    positions: BTreeMap<PathBuf, Position>,
) -> impl Stream<Item = LogLine> + Send + 'static {
    let follower = Follower { folder, query, positions, lines: VecDeque::new() };
    futures::stream::unfold(follower, |mut follower| async move {
        loop {
            if let Some(line) = follower.lines.pop_front() {
                return Some((line, follower));
            }
            follower.look();
            if follower.lines.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    })
}

impl Follower {
    fn look(&mut self) {
        let mut lines = Vec::new();
        for file in files(&self.folder, &self.query) {
            let position = self.positions.entry(file.path.clone()).or_default();
            lines.extend(news(&file, position));
        }
        lines.sort_by_key(|line| line.at_micros);
        self.lines.extend(lines);
    }
}

/// First the rest of the file that was read last, wherever it was moved to; then everything newer.
fn news(file: &LogFile, position: &mut Position) -> Vec<LogLine> {
    let mut lines = Vec::new();
    if position.inode != 0 && !is_same(&file.path, position.inode) {
        let moved = (1..=MOST_ROTATED).find(|number| is_same(&rotated(&file.path, *number), position.inode));
        let newer = moved.unwrap_or(MOST_ROTATED);
        for number in (1..=newer).rev() {
            lines.extend(read_from(&rotated(&file.path, number), position, file));
        }
    }
    lines.extend(read_from(&file.path, position, file));
    lines
}

fn read_from(path: &Path, position: &mut Position, file: &LogFile) -> Vec<LogLine> {
    let Ok(mut opened) = File::open(path) else { return Vec::new() };
    let Ok(metadata) = opened.metadata() else { return Vec::new() };
    if metadata.ino() != position.inode {
        position.inode = metadata.ino();
        position.offset = 0;
    }
    if metadata.len() <= position.offset || opened.seek(SeekFrom::Start(position.offset)).is_err() {
        return Vec::new();
    }
    read_on(&mut opened, position, file)
}
