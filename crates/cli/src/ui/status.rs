//! What runs, for people.

use appia_api::Kind;
use appia_api::documents::{Event, Instance, Leaks, Rates, Result, Server, Status, WorkloadStatus};

use super::plan::table;
use super::{Ui, count, style};

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
            [short(&resource.address), resource.state.clone(), resource.kind.clone(), version]
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
        self.data(&text);
    }

    /// Writes how a change ended: where to look, what runs, how to take it back.
    pub(crate) fn result(&self, result: &Result) {
        let what = match (result.action.as_str(), result.steps) {
            (_, 0) => "nothing to do".to_owned(),
            ("down", _) => "down".to_owned(),
            (action, steps) => format!("{action} done, {}", count(steps, "step")),
        };
        let place = format!("{} in {}", result.app, result.environment);
        let mut text = format!("\n{} {}: {what}\n", style::good("✓"), style::strong(&place));
        for (name, url) in &result.urls {
            let routes = result.routes.get(name).into_iter().flatten();
            let routes: String = routes.map(|route| format!("  {route}")).collect();
            text.push_str(&format!("  {name:<10} {}{}\n", style::accent(url), style::dim(&routes)));
        }
        if let Some(deployed) = &result.release {
            text.push_str(&format!("  release    {}\n", release(deployed)));
        }
        if let Some(undo) = &result.undo {
            text.push_str(&format!("  undo       {}\n", style::accent(undo)));
        }
        for warning in &result.warnings {
            text.push_str(&format!("  {} {warning}\n", style::warning("warning:")));
        }
        self.data(&text);
    }

    /// Writes a line of a log.
    pub(crate) fn log_line(&self, event: &Event) {
        if self.is_json() {
            if let Some(text) = self.json(Kind::Event, event) {
                self.stream(&text);
            }
            return;
        }
        let time = event.at.get(11..23).unwrap_or(&event.at);
        let from = short(event.address.as_deref().unwrap_or_default());
        self.stream(&format!(
            "{} {} {}\n",
            style::dim(time),
            style::accent(&format!("{from:<10}")),
            event.message
        ));
    }

    /// Writes what exists without an owner.
    pub(crate) fn leaks(&self, leaks: &Leaks) {
        if leaks.leaks.is_empty() {
            self.data("nothing exists without an owner\n");
            return;
        }
        let rows = leaks
            .leaks
            .iter()
            .map(|leak| [leak.what.clone(), leak.r#where.clone(), leak.since.clone().unwrap_or_default()]);
        self.data(&table(&["what", "where", "since"], rows.collect(), &[]));
    }

    /// Writes whether server and agent run.
    pub(crate) fn server(&self, server: &Server) {
        let pid = |pid: Option<u32>| pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
        let mut text = format!("server  {}{}\n", server.state, pid(server.pid));
        text.push_str(&format!("agent   {}{}\n", server.agent, pid(server.agent_pid)));
        text.push_str(&format!("home    {}\n", server.home));
        if let Some(address) = &server.address {
            text.push_str(&format!(
                "address http://{address}, for whoever shows the token in `server.token`\n"
            ));
        }
        self.data(&text);
    }
}

/// Version, commit, and the content's first digits.
fn release(release: &appia_api::documents::Release) -> String {
    let content: String = release.id.trim_start_matches("sha256:").chars().take(12).collect();
    let labels = [release.version.clone(), release.commit.clone(), Some(content)];
    labels.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn workload_row(workload: &WorkloadStatus) -> [String; 11] {
    let healthy = workload.instances.iter().filter(|instance| instance.state == "healthy").count();
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
        workload.state.clone(),
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
        instance.state.clone(),
        instance.release.chars().take(12).collect(),
        number(instance.pid),
        number(instance.port.map(u32::from)),
        instance.restarts.to_string(),
        instance.started.clone().unwrap_or_default(),
    ]
}

/// An address without its first word.
fn short(address: &str) -> String {
    address.split_once('.').map_or(address, |(_, rest)| rest).to_owned()
}
