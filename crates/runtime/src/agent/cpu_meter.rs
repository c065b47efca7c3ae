//! How much processor time each instance takes, from two readings a few seconds apart.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Agent;
use crate::process_table::{ProcessStat, processes};
use crate::supervisor::instance::Instance;
use crate::supervisor::usage::{self, Usage};

const INTERVAL: Duration = Duration::from_secs(5);

/// The last reading of each instance.
#[derive(Debug, Default)]
pub(super) struct CpuMeter {
    readings: Mutex<BTreeMap<String, Reading>>,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Instant,
    cpu: Duration,
    millis: u64,
}

/// What an instance takes now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    pub(super) cpu_millis: u64,
    pub(super) cpu_total: Duration,
    pub(super) memory_bytes: u64,
}

/// Reads every instance again and again, as long as the agent runs.
pub(super) async fn run(agent: Arc<Agent>) {
    let mut every = tokio::time::interval(INTERVAL);
    loop {
        every.tick().await;
        agent.end_without_home();
        let slots = agent.all_slots();
        let instances: Vec<Arc<Instance>> =
            slots.iter().flat_map(|slot| slot.state().serving.clone()).collect();
        let table = processes();
        let mut fresh = BTreeMap::new();
        for instance in instances {
            let cpu = usage_of(&instance, &table).cpu;
            let id = instance.identity.id.clone();
            let reading = Reading { at: Instant::now(), cpu, millis: agent.cpu_meter.millis(&id, cpu) };
            fresh.insert(id, reading);
        }
        *agent.cpu_meter.readings.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}

impl CpuMeter {
    /// What an instance takes, by a reading now against the last one.
    pub(super) fn taken(&self, instance: &Instance, table: &[(i32, ProcessStat)]) -> Taken {
        let usage = usage_of(instance, table);
        Taken {
            cpu_millis: self.millis(&instance.identity.id, usage.cpu),
            cpu_total: usage.cpu,
            memory_bytes: usage.memory_bytes,
        }
    }

    /// Thousandths of a processor since the last reading; one that is too fresh says nothing new.
    fn millis(&self, id: &str, cpu: Duration) -> u64 {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = readings.get(id) else { return 0 };
        let elapsed = last.at.elapsed();
        if elapsed < Duration::from_secs(1) {
            return last.millis;
        }
        let used = cpu.saturating_sub(last.cpu);
        u64::try_from(used.as_micros().saturating_mul(1000) / elapsed.as_micros().max(1)).unwrap_or(0)
    }
}

fn usage_of(instance: &Instance, table: &[(i32, ProcessStat)]) -> Usage {
    let runs = instance.statuses().into_iter().filter_map(|status| status.run);
    runs.map(|run| usage::of(&run, table)).fold(Usage::default(), |sum, one| Usage {
        cpu: sum.cpu + one.cpu,
        memory_bytes: sum.memory_bytes.saturating_add(one.memory_bytes),
    })
}
