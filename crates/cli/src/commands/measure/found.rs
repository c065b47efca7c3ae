//! From estimates to the file, and to what a person should know about them.

use std::collections::BTreeMap;

use appia_api::documents::Status;
use appia_compile::measure::{Calls, Estimate};
use appia_intent::{Address, ResourceName, WorkloadName};
use appia_plan::Plan;
use appia_plan::measured::{FORMAT, Load, Machine, Measured, MeasuredWork};

use super::drive::{Driven, Goals};
use crate::exit::{Exit, Failure};

/// Resources that requests wait for.
const SERVERS: [&str; 3] = ["postgres", "mysql", "redis"];

/// Stated and counted calls that differ by more than this are told.
const DIFFERS: f64 = 0.1;

/// Calls and uses as the plan has them: its model, else what each workload needs, once.
pub(super) fn calls(plan: &Plan) -> Vec<Calls> {
    if let Some(model) = &plan.model {
        let edges = model.edges.iter();
        let call = |edge: &appia_plan::model::Edge| Calls {
            from: edge.from.clone(),
            to: edge.to.clone(),
            visits: edge.visits,
        };
        return edges.map(call).collect();
    }
    let waited_for = |address: &&Address| {
        let kind = plan.node(address).map(|node| node.kind.as_str());
        address.as_str().starts_with("workloads.") || kind.is_some_and(|kind| SERVERS.contains(&kind))
    };
    let workloads = plan.nodes.iter().filter(|node| node.address.as_str().starts_with("workloads."));
    let calls = workloads.flat_map(|node| {
        let needs = node.needs.iter().filter(waited_for);
        needs.map(|to| Calls { from: node.address.clone(), to: to.clone(), visits: 1.0 })
    });
    calls.collect()
}

/// Everything that the file is made of.
pub(super) struct Found<'a> {
    pub(super) plan: &'a Plan,
    pub(super) status: &'a Status,
    pub(super) goals: &'a Goals,
    pub(super) driven: &'a Driven,
    pub(super) calls: &'a [Calls],
}

impl Found<'_> {
    /// The file, and what should be known about it.
    pub(super) fn measured(
        &self,
        estimates: &BTreeMap<Address, Estimate>,
        seed: u64,
    ) -> Result<(Measured, Vec<String>), Failure> {
        if estimates.is_empty() {
            return Err(Failure::new(Exit::Failed, "no workload took enough processor time to be seen")
                .help("raise `--rate` or `--duration`"));
        }
        let mut workloads = BTreeMap::new();
        let mut resources = BTreeMap::new();
        for (address, estimate) in estimates {
            match (WorkloadName::new(address.last()), ResourceName::new(address.last())) {
                (Ok(name), _) if address.as_str().starts_with("workloads.") => {
                    workloads.insert(name, self.work(address, estimate));
                }
                (_, Ok(name)) => drop(resources.insert(name, self.work(address, estimate))),
                (_, Err(_)) => {}
            }
        }
        let measured = Measured {
            format: FORMAT,
            app: self.plan.app.to_string(),
            environment: self.plan.environment.to_string(),
            measured_at: appia_server::wire::time(now_millis()),
            machine: machine(),
            load: Load {
                paths: self.goals.names.clone(),
                seed,
                steps: self.driven.steps.iter().map(rounded_step).collect(),
            },
            workloads,
            resources,
        };
        Ok((measured, self.notes(estimates)))
    }

    fn work(&self, address: &Address, estimate: &Estimate) -> MeasuredWork {
        let running = self.status.workloads.iter().find(|running| running.address == address.as_str());
        let calls = estimate.calls.iter();
        let calls =
            calls.filter_map(|(to, calls)| Some((WorkloadName::new(to.last()).ok()?, rounded(*calls))));
        MeasuredWork {
            release: running.and_then(|running| running.instances.first()).map(|one| one.release.clone()),
            demand_ms: rounded(estimate.demand.slope * 1000.0),
            demand_error_ms: rounded(estimate.demand.error * 1000.0),
            idle_cpu_millis: rounded(estimate.demand.intercept.max(0.0) * 1000.0),
            scv: estimate.scv.map(rounded),
            requests: estimate.requests as u64,
            calls: calls.collect(),
        }
    }

    fn notes(&self, estimates: &BTreeMap<Address, Estimate>) -> Vec<String> {
        let mut notes = Vec::new();
        for step in self.driven.steps.iter().filter(|step| !step.kept_up) {
            notes.push(format!(
                "at {:.0} requests a second {:.0} were answered, {} failed: what was counted there says nothing about variability",
                step.offered_rps, step.answered_rps, step.errors
            ));
        }
        if self.driven.changed {
            notes.push("instances came or went meanwhile: their processor time is not counted".to_owned());
        }
        for call in self.calls {
            let counted = estimates.get(&call.from).and_then(|estimate| estimate.calls.get(&call.to));
            if let Some(counted) = counted.filter(|counted| (**counted / call.visits - 1.0).abs() > DIFFERS) {
                let (from, to) = (call.from.last(), call.to.last());
                notes.push(format!(
                    "`{from}` called `{to}` {counted:.2} times for each request, and {} is planned with: the next plan takes what was counted",
                    call.visits
                ));
            }
        }
        let waited = self.calls.iter().flat_map(|call| [&call.from, &call.to]);
        let mut unseen: Vec<&Address> = waited.filter(|address| !estimates.contains_key(*address)).collect();
        unseen.sort();
        unseen.dedup();
        for address in unseen {
            notes.push(format!("`{}` took too little processor time to be seen: what is stated or a default stands; raise `--rate` or `--duration`", address.last()));
        }
        notes
    }
}

fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn machine() -> Machine {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    Machine {
        cpu: model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned()),
        cores: std::thread::available_parallelism()
            .map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX)),
    }
}

fn rounded_step(step: &appia_plan::measured::LoadStep) -> appia_plan::measured::LoadStep {
    let mut step = step.clone();
    for value in [&mut step.offered_rps, &mut step.answered_rps, &mut step.seconds] {
        *value = rounded(*value);
    }
    step
}

/// Four digits: more than was measured.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
