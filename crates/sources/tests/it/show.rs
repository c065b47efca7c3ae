//! Findings and Intents as short text.

use std::fmt::{Debug, Display, Write as _};

use appia_diag::{Diagnostics, Severity, Span, Spanned};
use appia_intent::{Container, FileContent, Intent, Param, Probe, Resource, VolumeSource, Workload};

/// One finding a line, with `help` and other places below it.
pub(crate) fn findings(sink: &Diagnostics, main: &str) -> String {
    let mut text = String::new();
    for finding in sink.iter() {
        let severity = match finding.severity {
            Severity::Error => "",
            Severity::Warning => " (warning)",
            Severity::Note => " (note)",
        };
        let place = finding.span.as_ref().map(|span| place(span, main)).unwrap_or_default();
        let _ = writeln!(text, "{}{severity} {place} {}", finding.code.id, finding.message);
        for (span, label) in &finding.related {
            let start = Span::new(span.file.clone(), span.start, span.start);
            let _ = writeln!(text, "    see {} {label}", self::place(&start, main));
        }
        for help in &finding.help {
            let _ = writeln!(text, "    {help}");
        }
    }
    text
}

fn place(span: &Span, main: &str) -> String {
    let file = if &*span.file == main { String::new() } else { format!("{}:", span.file) };
    let (start, end) = (span.start, span.end);
    match (start.line == end.line, start.column == end.column) {
        (true, true) => format!("{file}{}:{}", start.line, start.column),
        (true, false) => format!("{file}{}:{}-{}", start.line, start.column, end.column),
        (false, _) => format!("{file}{}:{}-{}:{}", start.line, start.column, end.line, end.column),
    }
}

/// What an Intent says, without places and without what is not stated.
pub(crate) fn intent(intent: &Intent) -> String {
    let mut text = format!("app {}", intent.app.value);
    add(&mut text, "owner", intent.owner.as_ref().map(|owner| &owner.value));
    text.push('\n');
    text.push_str(&outcomes(intent));
    intent.workloads.values().for_each(|one| workload(one, &mut text));
    intent.resources.values().for_each(|one| resource(one, &mut text));
    text
}

fn line(written: std::fmt::Result) {
    written.unwrap();
}

fn add(text: &mut String, name: &str, value: Option<impl Display>) {
    if let Some(value) = value {
        let _ = write!(text, " {name}={value}");
    }
}

fn stated<T>(value: Option<&Spanned<T>>) -> Option<&T> {
    value.map(|value| &value.value)
}

fn debug<T: Debug>(value: Option<&Spanned<T>>) -> Option<String> {
    value.map(|value| format!("{:?}", value.value))
}

fn outcomes(intent: &Intent) -> String {
    let outcomes = &intent.outcomes;
    let mut text = String::new();
    add(&mut text, "demand", debug(outcomes.demand.as_ref()));
    add(&mut text, "think", stated(outcomes.think_time.as_ref()));
    add(&mut text, "peak", stated(outcomes.peak_to_mean.as_ref()));
    add(&mut text, "availability", stated(outcomes.availability.as_ref()));
    add(&mut text, "p50", stated(outcomes.latency.p50.as_ref()));
    add(&mut text, "p95", stated(outcomes.latency.p95.as_ref()));
    add(&mut text, "p99", stated(outcomes.latency.p99.as_ref()));
    let budget = outcomes.budget.as_ref().map(|budget| &budget.value);
    add(&mut text, "budget", budget.map(|budget| format!("{}/{:?}", budget.amount, budget.period)));
    add(&mut text, "rpo", stated(outcomes.recovery.point.as_ref()));
    add(&mut text, "rto", stated(outcomes.recovery.time.as_ref()));
    add(&mut text, "carbon", debug(outcomes.carbon.as_ref()));
    let constraints = &intent.constraints;
    constraints.regions.iter().for_each(|region| add(&mut text, "region", Some(region.value.as_str())));
    add(&mut text, "data", debug(constraints.data.as_ref()));
    constraints.compliance.iter().for_each(|one| add(&mut text, "compliance", Some(one.value.as_str())));
    if text.is_empty() { text } else { format!("promises{text}\n") }
}

fn workload(one: &Workload, text: &mut String) {
    let _ = write!(text, "workload {} {}", one.name.value, one.kind.value.as_str());
    add(text, "replicas", stated(one.replicas.as_ref()));
    add(text, "share", stated(one.share.as_ref()));
    add(text, "payload", stated(one.payload.as_ref()));
    add(text, "schedule", debug(one.schedule.as_ref()));
    add(text, "watch", stated(one.watch.as_ref()));
    if let Some(public) = &one.public {
        text.push_str(" public");
        add(text, "host", stated(public.value.host.as_ref()));
        add(text, "path", stated(public.value.path.as_ref()));
    }
    text.push('\n');
    for (name, port) in &one.ports {
        let target = port.target.as_ref().map(|target| format!("->{}", target.value)).unwrap_or_default();
        let _ = writeln!(text, "  port {name} {}{target} {:?}", port.port.value, port.protocol);
    }
    for (name, call) in &one.calls {
        let parallel = if call.parallel { " parallel" } else { "" };
        let _ = writeln!(text, "  calls {name} x{}{parallel}", call.visits.value);
    }
    for (name, used) in &one.uses {
        let _ = write!(text, "  uses {name}");
        add(text, "visits", stated(used.visits.as_ref()));
        add(text, "demand", stated(used.demand.as_ref()));
        text.push('\n');
    }
    one.annotations.iter().for_each(|(key, value)| line(writeln!(text, "  annotation {key}={value:?}")));
    one.containers.values().for_each(|one| container(one, text));
}

fn container(one: &Container, text: &mut String) {
    let _ = write!(text, "  container {}", one.name.value);
    add(text, "image", stated(one.image.as_ref()));
    if let Some(build) = &one.build {
        let build = &build.value;
        let _ = write!(text, " build={}", build.context);
        add(text, "builder", debug(build.builder.as_ref()));
        add(text, "run", debug(build.command.as_ref()));
        add(text, "output", stated(build.output.as_ref()));
        add(text, "binary", stated(build.binary.as_ref()));
        add(text, "dockerfile", stated(build.dockerfile.as_ref()));
    }
    add(text, "threads", stated(one.threads.as_ref()));
    add(text, "demand", stated(one.demand.as_ref()));
    add(text, "cpu", stated(one.cpu.request.as_ref()));
    add(text, "cpu_limit", stated(one.cpu.limit.as_ref()));
    add(text, "memory", stated(one.memory.request.as_ref()));
    add(text, "memory_limit", stated(one.memory.limit.as_ref()));
    one.before
        .iter()
        .for_each(|(name, ready)| add(text, &format!("before.{name}"), Some(format!("{:?}", ready.value))));
    text.push('\n');
    inside(one, text);
}

/// The lines below a container's own.
fn inside(one: &Container, text: &mut String) {
    for (name, words) in [("command", &one.command), ("args", &one.args)] {
        if let Some(words) = words {
            let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
            let _ = writeln!(text, "    {name} {words:?}");
        }
    }
    one.env.iter().for_each(|(name, value)| line(writeln!(text, "    env {name}={}", value.value)));
    for (path, file) in &one.files {
        let _ = write!(text, "    file {path}");
        add(text, "mode", file.value.mode.map(|mode| format!("{mode:o}")));
        let content = match &file.value.content {
            FileContent::Text(template) => format!("{:?}", template.to_string()),
            FileContent::Binary(bytes) => format!("{} bytes", bytes.len()),
        };
        let _ = writeln!(text, " {content}");
    }
    for (path, volume) in &one.volumes {
        let source = match &volume.value.source {
            VolumeSource::Resource(name) => format!("resources.{name}"),
            VolumeSource::Named(name) => format!("named {name:?}"),
        };
        let _ = write!(text, "    volume {path} {source}");
        add(text, "path", volume.value.path.as_ref());
        text.push_str(if volume.value.read_only { " read-only\n" } else { "\n" });
    }
    for (name, found) in [("readiness", &one.probes.readiness), ("liveness", &one.probes.liveness)] {
        found.iter().for_each(|found| probe(name, &found.value, text));
    }
}

fn probe(name: &str, one: &Probe, text: &mut String) {
    let _ = write!(text, "    {name} {:?}", one.check);
    add(text, "interval", stated(one.interval.as_ref()));
    add(text, "timeout", stated(one.timeout.as_ref()));
    add(text, "start_within", stated(one.start_within.as_ref()));
    add(text, "failures", stated(one.failures.as_ref()));
    text.push('\n');
}

fn resource(one: &Resource, text: &mut String) {
    let _ = write!(text, "resource {} {}", one.name.value, one.kind.value);
    add(text, "class", stated(one.class.as_ref()));
    add(text, "id", stated(one.id.as_ref()));
    text.push_str(if one.open_type { " open\n" } else { "\n" });
    one.params
        .iter()
        .for_each(|(name, param)| line(writeln!(text, "  param {name}={}", value(&param.value))));
    one.outputs.iter().for_each(|(name, output)| line(writeln!(text, "  output {name}={}", output.value)));
    one.annotations.iter().for_each(|(key, value)| line(writeln!(text, "  annotation {key}={value:?}")));
}

fn value(param: &Param) -> String {
    match param {
        Param::Null => "null".to_owned(),
        Param::Bool(value) => value.to_string(),
        Param::Number(text) => text.clone(),
        Param::Text(template) => format!("{:?}", template.to_string()),
        Param::List(items) => {
            format!("[{}]", items.iter().map(|item| value(&item.value)).collect::<Vec<_>>().join(", "))
        }
        Param::Map(entries) => {
            let entries = entries.iter().map(|(key, entry)| format!("{key}: {}", value(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
