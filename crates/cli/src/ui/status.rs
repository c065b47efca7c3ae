//! What runs, for people.

use appia_api::documents::{Applications, FailedOperation, Instance, Rates, State, Status, WorkloadStatus};

use super::result::release;
use super::table::table;
use super::{Ui, count, short, style};

impl Ui {
    /// Writes what runs.
    pub(crate) fn status(&self, status: &Status) {
        let release = status.release.as_ref().map_or_else(|| "nothing deployed".to_owned(), release);
        let mut text =
            format!("{} in {}  {}\n", style::strong(&status.app), status.environment, style::dim(&release));
        text.push_str(&table(
            &[
                "workload", "state", "ready", "req/s", "err/s", "p50 ms", "p95 ms", "p99 ms", "cpu",
                "memory", "url",
            ],
            status.workloads.iter().map(workload_row).collect(),
            &[3, 4, 5, 6, 7, 8, 9],
        ));
        let resources = status.resources.iter().map(|resource| {
            let version = resource.version.clone().unwrap_or_default();
            [short(&resource.address), resource.state.to_string(), resource.kind.clone(), version]
        });
        text.push_str(&table(&["resource", "state", "type", "version"], resources.collect(), &[]));
        let instances = status.workloads.iter().flat_map(|workload| &workload.instances).map(instance_row);
        text.push_str(&table(
            &["instance", "state", "release", "pid", "port", "restarts", "started"],
            instances.collect(),
            &[3, 4, 5],
        ));
        for workload in &status.workloads {
            if let Some(reason) = &workload.reason {
                text.push_str(&format!("\n{} {reason}\n", style::warning(&short(&workload.address))));
            }
        }
        for line in status.workloads.iter().flat_map(|workload| &workload.instances).filter_map(restarted) {
            text.push_str(&format!("\n{line}\n"));
        }
        if let Some(failed) = &status.last_failure {
            text.push_str(&failure(failed));
        }
        self.data(&text);
    }

    /// Writes every application of which anything is there.
    pub(crate) fn applications(&self, all: &Applications) {
        if all.applications.is_empty() {
            self.data("nothing runs here, and nothing is kept\n");
            return;
        }
        let rows = all.applications.iter().map(|one| {
            let release = one.release.as_ref().map(release).unwrap_or_default();
            let (workloads, resources) = (one.workloads.to_string(), one.resources.to_string());
            let urls = one.urls.join(" ");
            [
                one.app.clone(),
                one.environment.clone(),
                one.state.to_string(),
                workloads,
                resources,
                release,
                urls,
            ]
        });
        let head = ["app", "environment", "state", "workloads", "resources", "release", "url"];
        self.data(&table(&head, rows.collect(), &[3, 4]));
    }
}

/// That an instance was started again, and why the last time: nothing else tells once it is healthy.
fn restarted(instance: &Instance) -> Option<String> {
    let why = instance.last_exit.as_ref().filter(|_| instance.restarts > 0)?;
    let times = count(usize::try_from(instance.restarts).unwrap_or_default(), "time");
    Some(format!("{} was started again {times}; its program {why}", style::warning(&instance.id)))
}

/// What was tried last and failed.
fn failure(failed: &FailedOperation) -> String {
    let FailedOperation { action, actor, at, reason, .. } = failed;
    let what = if failed.is_taken_back {
        "failed and was taken back"
    } else {
        "failed and was not taken back whole"
    };
    let release = release(&failed.release);
    let head = style::warning(&format!("the last `{action}` {what}"));
    format!("\n{head}, of {release} by {actor} at {at}: {reason}\n")
}

fn workload_row(workload: &WorkloadStatus) -> [String; 11] {
    let healthy = workload.instances.iter().filter(|instance| instance.state == State::Healthy).count();
    let rate = |value: fn(&Rates) -> f64| {
        workload.rates.as_ref().map_or_else(String::new, |rates| format!("{:.1}", value(rates)))
    };
    // Nobody has to wait 0.0 ms: without requests there is no latency.
    let latency = |value: fn(&Rates) -> f64| {
        let measured = workload.rates.as_ref().is_some_and(|rates| value(rates) > 0.0);
        if measured { rate(value) } else { String::new() }
    };
    [
        short(&workload.address),
        workload.state.to_string(),
        format!("{healthy}/{}", workload.instances.len()),
        rate(|rates| rates.rps),
        rate(|rates| rates.errors_per_s),
        latency(|rates| rates.p50_ms),
        latency(|rates| rates.p95_ms),
        latency(|rates| rates.p99_ms),
        format!("{}m", workload.cpu_millis),
        format!("{}Mi", workload.memory_mib),
        workload.url.clone().unwrap_or_default(),
    ]
}

fn instance_row(instance: &Instance) -> [String; 7] {
    let number = |value: Option<u32>| value.map_or_else(String::new, |value| value.to_string());
    [
        instance.id.clone(),
        instance.state.to_string(),
        instance.release.chars().take(12).collect(),
        number(instance.pid),
        number(instance.port.map(u32::from)),
        instance.restarts.to_string(),
        instance.started.clone().unwrap_or_default(),
    ]
}
