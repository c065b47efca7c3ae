//! A table as every listing shows it.

use comfy_table::{CellAlignment, Table};

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
