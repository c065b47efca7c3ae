//! Reads what workloads wrote, merged by time, and follows it across rotations.
//!
//! The shim writes one file a program (`shim/log.rs` has the format). The command line and the server read them
//! directly; the agent need not run. Start reading at [`read`].

mod follow;
mod line;
mod merge;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use appia_intent::ContainerName;
use appia_plan::Owner;
use futures::Stream;

pub use self::line::{LogLine, LogStream};
use crate::home::Home;

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// Of these workloads (or resources, as `resources.db`) only; of all when empty.
    pub workloads: BTreeSet<String>,
    /// Not older than this many microseconds after 1970.
    pub since_micros: Option<u64>,
    /// At most the last so many lines of what is there.
    pub tail: Option<usize>,
    /// Whether to go on with what is written from now on.
    pub follow: Follow,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Follow {
    /// End with the last line that is there.
    #[default]
    No,
    /// Go on until the stream is dropped.
    Yes,
}

/// The lines of an application in an environment, oldest first.
///
/// Lines that are there come merged by time; followed ones as they are written.
pub fn read(home: &Home, owner: &Owner, query: LogQuery) -> impl Stream<Item = LogLine> + Send + 'static {
    let folder = home.owner_folder(owner).join("logs");
    let (past, positions) = merge::past(&folder, &query);
    let past = futures::stream::iter(past);
    let rest: futures::stream::BoxStream<'static, LogLine> = match query.follow {
        Follow::No => Box::pin(futures::stream::empty()),
        Follow::Yes => Box::pin(follow::follow(folder, query, positions)),
    };
    futures::StreamExt::chain(past, rest)
}

/// The log file of a program, below the folder of its workload.
pub(crate) fn file_name(instance: &str, container: &ContainerName) -> String {
    format!("{instance}.{container}.log")
}

/// The last lines of an instance, without times, for error messages.
pub(crate) fn last_lines(folder: &Path, instance: &str, count: usize) -> Vec<String> {
    let mut lines: Vec<LogLine> = files_of(folder)
        .into_iter()
        .filter(|file| file.instance == instance)
        .flat_map(|file| merge::news(&file, &mut merge::Position::default()))
        .collect();
    lines.sort_by_key(|line| line.at_micros);
    lines.split_off(lines.len().saturating_sub(count)).into_iter().map(|line| line.text).collect()
}

/// Removes the oldest logs of a workload's ended instances, so that not more than `kept` instances have any.
pub(crate) fn forget_old(folder: &Path, living: &BTreeSet<String>, kept: usize) {
    let mut ended: Vec<(std::time::SystemTime, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let instance = name
                .to_str()
                .and_then(|name| name.rsplit_once(".log"))
                .and_then(|(name, _)| name.rsplit_once('.'));
            instance.is_some_and(|(instance, _)| !living.contains(instance))
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    ended.sort();
    let surplus = ended.len().saturating_sub(kept);
    for (_, path) in ended.into_iter().take(surplus) {
        let _ = fs::remove_file(path);
    }
}

/// One log file and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct LogFile {
    path: PathBuf,
    workload: String,
    instance: String,
    container: String,
}

/// The newest file of each program of a workload.
fn files_of(folder: &Path) -> Vec<LogFile> {
    let workload = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let parse = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".log")?;
        let (instance, container) = name.rsplit_once('.')?;
        let (instance, container) = (instance.to_owned(), container.to_owned());
        Some(LogFile { workload: workload.clone(), instance, container, path })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| parse(entry.path())).collect()
}

/// The newest files of every wanted workload.
fn files(folder: &Path, query: &LogQuery) -> Vec<LogFile> {
    let wanted = |entry: &fs::DirEntry| {
        query.workloads.is_empty()
            || entry.file_name().to_str().is_some_and(|name| query.workloads.contains(name))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<LogFile> = entries.filter(wanted).flat_map(|entry| files_of(&entry.path())).collect();
    files.sort();
    files
}
