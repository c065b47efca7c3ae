//! Several targets side by side, for people: a row for each question, a column for each target.

use appia_api::documents::{ComparedTarget, Comparison, Outcome};
use comfy_table::{CellAlignment, Table};

use super::{Ui, style};

impl Ui {
    /// Writes a comparison: price, promises, and what each cannot do.
    pub(crate) fn comparison(&self, compared: &Comparison) {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        let names = compared.targets.iter().map(|target| target.target.to_uppercase());
        table.set_header([String::new()].into_iter().chain(names));
        let mut row = |name: &str, cell: &dyn Fn(&ComparedTarget) -> String| {
            table.add_row([name.to_owned()].into_iter().chain(compared.targets.iter().map(cell)));
        };
        row("region", &|target| target.region.clone().unwrap_or_else(|| "-".to_owned()));
        row("USD a month", &|target| target.monthly_usd.clone().unwrap_or_else(|| "-".to_owned()));
        row("kgCO2e a month", &|target| {
            target.monthly_kg_co2e.map_or_else(|| "-".to_owned(), |kg| kg.to_string())
        });
        for address in addresses(compared) {
            row(address.trim_start_matches("outcomes."), &|target| {
                let found = target.outcomes.iter().find(|outcome| outcome.address == address);
                found.map_or_else(|| "-".to_owned(), promise)
            });
        }
        for index in 1..=compared.targets.len() {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
        self.data(&format!("{}\n{}", lines.join("\n"), missing(compared)));
    }
}

/// Every promise that any of them speaks of, in the order of the first.
fn addresses(compared: &Comparison) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for outcome in compared.targets.iter().flat_map(|target| &target.outcomes) {
        if !all.contains(&outcome.address) {
            all.push(outcome.address.clone());
        }
    }
    all
}

/// `99.95% (+50%)`, `broken: 99.3%`.
fn promise(outcome: &Outcome) -> String {
    let computed = outcome.computed.clone().unwrap_or_else(|| "open".to_owned());
    let margin = outcome.margin.map_or_else(String::new, |margin| format!(" ({:+.0}%)", margin * 100.0));
    match outcome.met {
        Some(false) => style::error(&format!("broken: {computed}{margin}")),
        Some(true) => format!("{computed}{margin}"),
        None => style::dim(&computed),
    }
}

fn missing(compared: &Comparison) -> String {
    let of = |target: &ComparedTarget| {
        target.missing.iter().map(|what| format!("{}: {what}\n", target.target)).collect::<String>()
    };
    let text: String = compared.targets.iter().map(of).collect();
    if text.is_empty() { text } else { format!("\n{text}") }
}
