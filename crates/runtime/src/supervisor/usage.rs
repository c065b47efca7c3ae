//! Processor time and memory of a program and all it started.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::process_table::ProcessStat;
use crate::shim::spec::RunRecord;

/// What was used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Usage {
    /// Processor time since the start.
    pub(crate) cpu: Duration,
    pub(crate) memory_bytes: u64,
}

/// Adds up the processes of a run. Memory is resident memory, because a cgroup would count the file cache too.
pub(crate) fn of(record: &RunRecord, table: &[(i32, ProcessStat)]) -> Usage {
    let ours = members(record, table);
    table.iter().filter(|(pid, _)| ours.contains(pid)).fold(Usage::default(), |sum, (_, stat)| Usage {
        cpu: sum.cpu + Duration::from_millis(stat.cpu_ticks.saturating_mul(10)),
        memory_bytes: sum.memory_bytes.saturating_add(stat.resident_pages.saturating_mul(page_size())),
    })
}

/// The program and all below it.
fn members(record: &RunRecord, table: &[(i32, ProcessStat)]) -> BTreeSet<i32> {
    let mut found = BTreeSet::from([record.program.pid]);
    loop {
        let more: Vec<i32> = table
            .iter()
            .filter(|(pid, stat)| {
                !found.contains(pid) && (found.contains(&stat.parent) || stat.parent == record.shim.pid)
            })
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn page_size() -> u64 {
    static SIZE: std::sync::LazyLock<u64> =
        std::sync::LazyLock::new(|| u64::try_from(rustix::param::page_size()).unwrap_or(4096));
    *SIZE
}
