//! How long each target was fuzzed and with how many inputs: `fuzz/record.tsv`, to which every round adds.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Duration;

use anyhow::{Context, Result};

/// The file of the record, locked: rounds of several targets may end at once.
pub(super) struct Record(File);

/// What a target had in all.
pub(super) struct Rows(BTreeMap<String, Row>);

/// What a target had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// CPU time, which on a busy machine is less than the time that passed.
    pub(super) cpu: Duration,
    /// Inputs tried.
    pub(super) runs: u64,
    /// The most memory that the program had at once.
    pub(super) peak_mb: u64,
}

impl Record {
    pub(super) fn open() -> Result<Record> {
        let path = super::folder().join("record.tsv");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("`{}` cannot be opened", path.display()))?;
        file.lock()?;
        Ok(Record(file))
    }

    pub(super) fn read(&mut self) -> Result<Rows> {
        let mut text = String::new();
        self.0.seek(SeekFrom::Start(0))?;
        self.0.read_to_string(&mut text)?;
        Ok(Rows::parse(&text))
    }

    /// Adds a round.
    pub(super) fn add(&mut self, target: &str, round: &Row) -> Result<()> {
        let mut rows = self.read()?;
        let row = rows.0.entry(target.to_owned()).or_default();
        row.cpu += round.cpu;
        row.runs += round.runs;
        row.peak_mb = row.peak_mb.max(round.peak_mb);
        self.0.set_len(0)?;
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(rows.text().as_bytes())?;
        Ok(())
    }
}

impl Rows {
    fn parse(text: &str) -> Rows {
        let row = |line: &str| {
            let mut parts = line.split('\t');
            let target = parts.next()?.to_owned();
            let mut number = || parts.next()?.parse::<u64>().ok();
            Some((target, Row { cpu: Duration::from_secs(number()?), runs: number()?, peak_mb: number()? }))
        };
        Rows(text.lines().filter_map(row).collect())
    }

    fn text(&self) -> String {
        let head = "target\tcpu_seconds\truns\tpeak_mb\n".to_owned();
        let line = |(target, row): (&String, &Row)| {
            format!("{target}\t{}\t{}\t{}\n", row.cpu.as_secs(), row.runs, row.peak_mb)
        };
        head + &self.0.iter().map(line).collect::<String>()
    }

    pub(super) fn table(&self) -> String {
        self.0.iter().map(|(target, row)| format!("  {target:<14} {row}\n")).collect()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>6} s of CPU {:>11} inputs {:>5} MB at most",
            self.cpu.as_secs(),
            self.runs,
            self.peak_mb
        )
    }
}

/// A number that libFuzzer prints at its end: `stat::number_of_executed_units: 12345`.
pub(super) fn statistic(said: &str, name: &str) -> Option<u64> {
    let prefix = format!("stat::{name}:");
    said.lines().find_map(|line| line.strip_prefix(&prefix)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_add_up() {
        let text = "target\tcpu_seconds\truns\tpeak_mb\nintent\t60\t1000\t80\n";
        let rows = Rows::parse(text);
        assert_eq!(rows.text(), text);
        assert_eq!(rows.0.get("intent").map(|row| row.runs), Some(1000));
    }

    #[test]
    fn statistics_are_read() {
        let said = "Done 5 runs in 1 second(s)\nstat::number_of_executed_units: 5\nstat::peak_rss_mb:              61\n";
        assert_eq!(statistic(said, "number_of_executed_units"), Some(5));
        assert_eq!(statistic(said, "peak_rss_mb"), Some(61));
        assert_eq!(statistic(said, "new_units_added"), None);
    }
}
