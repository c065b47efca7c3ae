//! The plan, for people: what would change, then the numbers with where they come from.

use appia_api::documents::{Changes, Node, Plan, Step, StepAction};
use appia_plan::model::Infeasible;
use serde_json::Value;

use super::table::table;
use super::{Ui, style};

impl Ui {
    /// Writes a plan: changes first, then numbers, then promises.
    pub(crate) fn plan(&self, plan: &Plan) {
        let target =
            if plan.environment == plan.target { String::new() } else { format!(" on {}", plan.target) };
        let title = format!("{} in {}{target}", plan.app, plan.environment);
        let mut text = format!("{}  {}\n", style::strong(&title), style::dim(&short(&plan.digest)));
        match &plan.changes {
            None => text.push_str(&style::dim("planned without asking what runs\n")),
            Some(changes) => text.push_str(&changes_text(changes, self.is_verbose())),
        }
        text.push_str(&workloads(plan));
        text.push_str(&stations(plan));
        text.push_str(&resources(plan));
        text.push_str(&totals(plan));
        text.push_str(&promises(plan));
        text.push_str(&plan.infeasible.as_ref().map(infeasible).unwrap_or_default());
        self.data(&text);
    }

    /// What cannot be met, and what would help: for verbs that do not show the plan.
    pub(crate) fn unmet(&self, found: &Infeasible) -> String {
        serde_json::to_value(found)
            .map(|found| infeasible(&found).trim_start().to_owned())
            .unwrap_or_default()
    }

    /// Writes what would change, without the numbers; nothing when nothing would.
    pub(crate) fn changes(&self, changes: &Changes) {
        if !changes.steps.is_empty() {
            self.data(&changes_text(changes, true));
        }
    }
}

fn short(digest: &str) -> String {
    digest.chars().take("sha256:".len() + 12).collect()
}

fn changes_text(changes: &Changes, details: bool) -> String {
    if changes.steps.is_empty() {
        return format!("{}\n", style::good("no changes: what runs is as planned"));
    }
    let mut text = String::new();
    for step in &changes.steps {
        text.push_str(&step_text(step, details));
    }
    if !changes.kept.is_empty() {
        text.push_str(&format!("  {} {}\n", style::dim("= keep  "), style::dim(&changes.kept.join(", "))));
    }
    text
}

fn step_text(step: &Step, details: bool) -> String {
    let mark = match step.action {
        StepAction::Create | StepAction::Resume | StepAction::Adopt => {
            style::good(&format!("+ {:<7}", step.action))
        }
        StepAction::Delete => style::error(&format!("- {:<7}", step.action)),
        StepAction::Change | StepAction::Replace | StepAction::Pause => {
            style::warning(&format!("~ {:<7}", step.action))
        }
    };
    let kept = if step.keeps_data { style::dim(" (its data is kept)") } else { String::new() };
    let mut text = format!("  {mark} {} {}{kept}\n", step.address, style::dim(&step.object));
    let shown = if details { step.why.len() } else { 3 };
    for why in step.why.iter().take(shown) {
        text.push_str(&format!("              {}\n", style::dim(why)));
    }
    if step.why.len() > shown {
        text.push_str(&format!(
            "              {}\n",
            style::dim(&format!("and {} more, see -v", step.why.len() - shown))
        ));
    }
    text
}

fn workloads(plan: &Plan) -> String {
    let nodes = plan.nodes.iter().filter(|node| node.address.starts_with("workloads."));
    let rows: Vec<[String; 6]> = nodes.map(|node| workload_row(node, plan)).collect();
    let header = ["workload", "type", "replicas", "cpu", "memory", "needs"];
    table(&header, rows, &[2, 3, 4])
}

fn workload_row(node: &Node, plan: &Plan) -> [String; 6] {
    let value = |name: &str| node.values.get(name).map_or_else(String::new, plain);
    let name = node.address.trim_start_matches("workloads.").to_owned();
    let public = plan.nodes.iter().any(|other| other.address == format!("routes.{name}"))
        || entries(plan).any(|entry| entry.get("address").map(plain).as_ref() == Some(&node.address));
    let kind = if public { format!("{}, public", node.kind) } else { node.kind.clone() };
    let needs: Vec<&str> = node.needs.iter().filter_map(|need| need.split('.').nth(1)).collect();
    [
        name,
        kind,
        replicas(node),
        format!("{}m", value("cpu_millis")),
        format!("{}Mi", value("memory_mib")),
        needs.join(", "),
    ]
}

/// `14`, or `8-14` where they come and go with the load.
fn replicas(node: &Node) -> String {
    let value = |name: &str| node.values.get(name).map_or_else(String::new, plain);
    match node.values.get("replicas_floor") {
        Some(floor) => format!("{}-{}", plain(floor), value("replicas")),
        None => value("replicas"),
    }
}

/// Where load comes in.
fn entries(plan: &Plan) -> impl Iterator<Item = &Value> {
    let entries = plan.model.as_ref().and_then(|model| model.get("entries")).and_then(Value::as_array);
    entries.into_iter().flatten()
}

fn resources(plan: &Plan) -> String {
    let nodes = plan.nodes.iter().filter(|node| node.address.starts_with("resources."));
    let rows = nodes.filter(|node| !node.offering.is_empty()).map(|node| {
        let params =
            node.values.iter().filter_map(|(name, value)| Some((name.strip_prefix("params.")?, value)));
        let params: Vec<String> = params.map(|(name, value)| format!("{name} {}", plain(value))).collect();
        [
            node.address.trim_start_matches("resources.").to_owned(),
            node.kind.clone(),
            node.offering.clone(),
            params.join(", "),
        ]
    });
    table(&["resource", "type", "offering", "params"], rows.collect(), &[])
}

/// What requests come through: load, use and response times, for plans that outcomes have sized.
fn stations(plan: &Plan) -> String {
    let sized = plan.nodes.iter().filter(|node| node.values.contains_key("offered_rps"));
    let rows = sized.map(|node| {
        let number = |name: &str| node.values.get(name).and_then(Value::as_f64);
        let millis =
            |name: &str| number(name).map_or_else(|| "no end".to_owned(), |value| format!("{value:.1}ms"));
        let percent = |name: &str, digits: usize| {
            number(name).map_or_else(|| "-".to_owned(), |value| format!("{:.digits$}%", value * 100.0))
        };
        [
            node.address.clone(),
            number("offered_rps").map_or_else(String::new, |rate| format!("{rate:.1} rps")),
            millis("demand_ms"),
            percent("utilisation", 0),
            millis("response_p50_ms"),
            millis("response_p95_ms"),
            millis("response_p99_ms"),
            percent("availability", 3),
            node.values.get("monthly_usd").map_or_else(String::new, |price| format!("{} USD", plain(price))),
            number("monthly_kg_co2e").map_or_else(|| "-".to_owned(), |kg| format!("{} kg", mass(kg))),
        ]
    });
    let header = ["sized", "load", "demand", "busy", "p50", "p95", "p99", "available", "month", "CO2e"];
    table(&header, rows.collect(), &[1, 2, 3, 4, 5, 6, 7, 8, 9])
}

/// What all of it costs and emits, stations and what stands around them.
fn totals(plan: &Plan) -> String {
    let cost = plan.cost.as_ref().and_then(|cost| cost.get("monthly_usd")).map(plain);
    let Some(cost) = cost else { return String::new() };
    let kg = plan.carbon.as_ref().and_then(|carbon| carbon.get("monthly_kg_co2e")).and_then(Value::as_f64);
    let carbon = kg.map_or_else(String::new, |kg| format!(", {} kg CO2e", mass(kg)));
    let ranges = plan.nodes.iter().any(|node| node.values.contains_key("replicas_floor"));
    let counted =
        if ranges { style::dim(" (with the most replicas of each range, all month)") } else { String::new() };
    format!("\n{} {cost} USD{carbon}{counted}\n", style::strong("a month, all together:"))
}

/// `0.42`, `12.3`, `1204`.
fn mass(kg: f64) -> String {
    let digits = if kg >= 100.0 {
        0
    } else if kg >= 10.0 {
        1
    } else {
        2
    };
    format!("{kg:.digits$}")
}

fn promises(plan: &Plan) -> String {
    let rows = plan.outcomes.iter().map(|outcome| {
        let computed = outcome.computed.clone().unwrap_or_else(|| "not computed".to_owned());
        let kept = match outcome.met {
            Some(true) => style::good("kept"),
            Some(false) => style::error("broken"),
            None => style::dim("open"),
        };
        let margin = outcome.margin.map_or_else(String::new, |margin| format!("{:.0}%", margin * 100.0));
        let name = outcome.address.trim_start_matches("outcomes.").to_owned();
        [name, outcome.promised.clone(), computed, margin, kept]
    });
    table(&["outcome", "promised", "computed", "margin", ""], rows.collect(), &[3])
}

/// What cannot be met, what would help, and the cheapest of that.
fn infeasible(found: &Value) -> String {
    let message = found.get("message").map(plain).unwrap_or_default();
    let mut text = format!("\n{}\n", style::error(&format!("cannot be met: {message}")));
    let list = |key: &str| found.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    for change in list("relaxations") {
        text.push_str(&format!("  {}\n", relaxation(&change)));
    }
    let cheapest =
        found.get("cheapest").and_then(|cheapest| cheapest.get("changes")).and_then(Value::as_array);
    if let Some(changes) = cheapest {
        let changes: Vec<String> = changes.iter().map(relaxation).collect();
        text.push_str(&format!("{} {}\n", style::strong("cheapest change:"), changes.join(", and ")));
    }
    text
}

fn relaxation(change: &Value) -> String {
    let of = |key: &str| change.get(key).map(plain).unwrap_or_default();
    let to = match change.get("to") {
        None | Some(Value::Null) => "no promise".to_owned(),
        Some(to) => plain(to),
    };
    format!("{} from {} to {to} ({} USD/month)", of("address"), of("from"), of("monthly_usd"))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
