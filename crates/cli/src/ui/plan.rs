//! The plan, for people: what would change, then the numbers with where they come from.

use appia_api::documents::{Changes, Node, Plan, Step};
use comfy_table::{CellAlignment, Table};
use serde_json::Value;

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
        text.push_str(&resources(plan));
        text.push_str(&promises(plan));
        self.data(&text);
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
    let mark = match step.action.as_str() {
        "create" | "resume" | "adopt" => style::good(&format!("+ {:<7}", step.action)),
        "delete" => style::error(&format!("- {:<7}", step.action)),
        _ => style::warning(&format!("~ {:<7}", step.action)),
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
    let public = plan.nodes.iter().any(|other| other.address == format!("routes.{name}"));
    let kind = if public { format!("{}, public", node.kind) } else { node.kind.clone() };
    let needs: Vec<&str> = node.needs.iter().filter_map(|need| need.split('.').nth(1)).collect();
    [
        name,
        kind,
        value("replicas"),
        format!("{}m", value("cpu_millis")),
        format!("{}Mi", value("memory_mib")),
        needs.join(", "),
    ]
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

fn promises(plan: &Plan) -> String {
    let rows = plan.outcomes.iter().map(|outcome| {
        let computed = outcome.computed.clone().unwrap_or_else(|| "not computed".to_owned());
        [outcome.address.trim_start_matches("outcomes.").to_owned(), outcome.promised.clone(), computed]
    });
    table(&["outcome", "promised", "computed"], rows.collect(), &[])
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A table without lines: what can be read and grepped.
pub(super) fn table<const N: usize>(header: &[&str; N], rows: Vec<[String; N]>, right: &[usize]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    rows.into_iter().for_each(|row| {
        table.add_row(row);
    });
    for index in right {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("\n{}\n", table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n"))
}
