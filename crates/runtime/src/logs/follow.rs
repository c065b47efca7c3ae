//! What is written from now on. Files are looked at again every few milliseconds: the line is there before a person
//! notices, and no file is watched that somebody moved away.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use futures::Stream;

use super::line::LogLine;
use super::merge::{Position, news};
use super::{LogQuery, files};

const PAUSE: Duration = Duration::from_millis(50);

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
