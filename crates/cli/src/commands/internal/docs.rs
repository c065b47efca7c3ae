//! The generated part of the documentation: commands, the file `appia.yaml`, diagnostics, what is supported where.

use std::path::Path;

use anyhow::Context;
use appia_plan::Provides;
use clap::Command;

/// Writes every generated page to a folder.
pub(super) fn write(folder: &Path, command: Command) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let schema = serde_json::to_string_pretty(&appia_sources::appia::schema())?;
    let pages = [
        ("cli.md", cli(command)),
        ("appia-yaml.md", appia_sources::appia::reference_markdown()),
        ("appia.schema.json", format!("{schema}\n")),
        ("diagnostics.md", diagnostics()),
        ("targets.md", targets()),
    ];
    for (name, text) in pages {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

const GENERATED: &str = "<!-- Generated from the code by `cargo xtask generate`; do not edit. -->\n\n";

fn cli(command: Command) -> String {
    let mut command = command.term_width(100).disable_help_subcommand(true);
    command.build();
    let mut text = format!("{GENERATED}# Commands\n\n```text\n{}```\n", command.render_long_help());
    let verbs: Vec<Command> = command.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned().collect();
    for mut verb in verbs {
        let (name, help) = (verb.get_name().to_owned(), verb.render_long_help());
        text.push_str(&format!("\n## `appia {name}`\n\n```text\n{help}```\n"));
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn diagnostics() -> String {
    let mut text = format!("{GENERATED}# Diagnostics\n\n| code | usually | meaning |\n|---|---|---|\n");
    for code in appia_diag::codes::ALL {
        let severity = format!("{:?}", code.severity).to_lowercase();
        text.push_str(&format!("| {} | {severity} | {} |\n", code.id, code.meaning));
    }
    text
}

fn targets() -> String {
    let mut text = format!("{GENERATED}# What runs where\n");
    for target in appia_targets::TARGETS {
        text.push_str(&format!(
            "\n## {}\n\n| provides | offering | outputs | params |\n|---|---|---|---|\n",
            target.name()
        ));
        for offering in target.offerings() {
            let provides = match &offering.provides {
                Provides::Workload(kind) => format!("workload `{}`", kind.as_str()),
                Provides::Resource(kind) => format!("resource `{kind}`"),
            };
            let outputs: Vec<&str> = offering.outputs.iter().map(|output| output.name.as_ref()).collect();
            let params: Vec<&str> = offering.params.iter().map(|param| param.name.as_ref()).collect();
            text.push_str(&format!(
                "| {provides} | {} | {} | {} |\n",
                offering.name,
                outputs.join(" "),
                params.join(" ")
            ));
        }
    }
    text
}
