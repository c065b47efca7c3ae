//! `cargo xtask e2e [NAME...]`: the examples and applications that nobody here wrote, from their sources to their data and
//! away again.
//!
//! Each application below `examples` is installed and started by `appia up`, asked a real question through the
//! gateway, deployed again while it is asked, killed, asked for its data, and removed; then nothing may be left. One that
//! promises a time is measured, planned by that, and driven at the promised rate before it goes. What
//! each took, and how much of its `appia.yaml` `appia init` writes by itself, is printed as a table. Start at `run`.

mod applications;
mod http;
mod promise;
mod questions;
mod world;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::{self, built};
use crate::setup;
use applications::{APPLICATIONS, Application};
use world::World;

/// What an application took.
struct Row {
    name: &'static str,
    what: &'static str,
    lines: usize,
    inferred: usize,
    up: Duration,
    redeploy: Duration,
    asked: u32,
    back: Duration,
    down: Duration,
}

/// Runs the named applications, or all.
pub(crate) fn run(names: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = names.iter().find(|name| !APPLICATIONS.iter().any(|known| known.name == **name)) {
        let known: Vec<&str> = APPLICATIONS.iter().map(|known| known.name).collect();
        bail!("`{unknown}` is no application; there are {}", known.join(", "));
    }
    let chosen = APPLICATIONS.iter().filter(|known| names.is_empty() || names.contains(&known.name));
    let appia = built(&["--package", "appia-cli", "--bin", "appia"])?;
    let (mut rows, mut failed, mut missing) = (Vec::new(), 0, 0);
    for application in chosen {
        println!("== {}: {}", application.name, application.what);
        if let Some(why) = setup::missing(application.tools) {
            println!("{} did not run: {why}", application.name);
            missing += 1;
            continue;
        }
        match one(application, &World::new(&appia, application)?) {
            Ok(row) => rows.push(row),
            Err(error) => {
                println!("{} failed: {error:#}", application.name);
                failed += 1;
            }
        }
    }
    print!("\n{}", table(&rows));
    println!("{} passed, {failed} failed, {missing} did not run", rows.len());
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let well = failed == 0 && (missing == 0 || !in_ci);
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(application: &Application, world: &World) -> Result<Row> {
    let (lines, inferred) = world.inferred()?;
    let up = world.up().context("the first `up`")?;
    let url = world.url()?;
    let told = (application.tell)(&url).context("telling it something")?;
    let ask = || (application.ask)(&url, &told);
    world.until(ask).context("reading it back")?;
    (application.ask)(&world.host_url()?, &told).context("reading it back by its host name")?;
    let (redeploy, asked) = world.redeploy(&url, application.path).context("deploying it again")?;
    world.until(ask).context("reading it back after a deployment")?;
    let back = world.kill(&url, application.path).context("killing it")?;
    world.until(ask).context("reading it back after a kill")?;
    if let Some(promise) = &application.promise {
        let (planned, found) =
            world.keeps_its_promise(promise).context("measuring, planning and driving it")?;
        let (rate, most) = (promise.rate, promise.p95_ms);
        println!(
            "at {rate} requests a second p95 is {found} ms; {planned} ms are planned and {most} ms promised"
        );
    }
    let down = world.remove().context("removing it")?;
    let Application { name, what, .. } = application;
    Ok(Row { name, what, lines, inferred, up, redeploy, asked, back, down })
}

/// One line an application, in Markdown, as `docs/how-to/third-party.md` has it.
fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| name | what runs | lines of `appia.yaml` | written by `init` | install and up s | deploy again s (requests meanwhile, failed) | back after `kill -9` s | remove s |\n|---|---|---|---|---|---|---|---|\n",
    );
    let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
    for row in rows {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} ({}, 0) | {} | {} |\n",
            row.name,
            row.what,
            row.lines,
            row.inferred,
            seconds(row.up),
            seconds(row.redeploy),
            row.asked,
            seconds(row.back),
            seconds(row.down),
        ));
    }
    text
}

/// Where the examples stand.
fn examples() -> std::path::PathBuf {
    command::root().join("examples")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_is_an_application_and_the_other_way_round() -> Result<()> {
        let mut files = Vec::new();
        crate::generated::collect(&examples(), &mut files)?;
        let folder = |file: &std::path::PathBuf| {
            let folder = file.strip_prefix(examples()).ok()?.parent()?;
            file.ends_with("appia.yaml").then(|| folder.to_string_lossy().into_owned())
        };
        let mut folders: Vec<String> = files.iter().filter_map(folder).collect();
        folders.sort();
        let mut known: Vec<&str> = APPLICATIONS.iter().map(|known| known.folder).collect();
        known.sort_unstable();
        assert_eq!(folders, known);
        Ok(())
    }

    #[test]
    fn an_unknown_name_is_refused() {
        let error = run(&["wordpress"]).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("`wordpress` is no application; there are ")));
    }
}
