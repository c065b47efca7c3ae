//! Terraform and OpenTofu as judges of exported files: `cargo xtask judge terraform [--short] [DIR...]`.
//!
//! Each folder is checked for its layout, validated and planned by both, with the real provider where this machine has it
//! and else with a stand-in that serves its schema. Without folders: the goldens of every target that renders Terraform.
//! `--short` asks OpenTofu only about the longest folder of each target. Start at [`judge`].

mod mirror;
mod stack;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use self::mirror::Mirror;
pub(super) use self::stack::files;
use self::stack::{Program, Providers, Stack};
use crate::command::root;
use crate::setup::{self, Tools};

/// How much is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What every test run has time for.
    Short,
    /// Every folder by both tools.
    Whole,
}

/// `cargo xtask judge terraform ...`.
pub(crate) fn run(rest: &[&str]) -> Result<ExitCode> {
    let tools = Tools([setup::terraform(), vec![setup::schemas()]].into_iter().flatten().collect());
    print!("{}", tools.table());
    let (options, named): (Vec<&str>, Vec<&str>) = rest.iter().partition(|word| word.starts_with("--"));
    let named = if named.is_empty() { goldens()? } else { named.iter().map(PathBuf::from).collect() };
    let failures = match options.as_slice() {
        [] => judge(&named, &tools, Extent::Whole, &mut |line| println!("{line}"))?,
        ["--short"] => judge(&named, &tools, Extent::Short, &mut |line| println!("{line}"))?,
        _ => bail!("write `--short`, or nothing, and folders"),
    };
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Folders of Terraform files among the goldens.
pub(crate) fn goldens() -> Result<Vec<PathBuf>> {
    let base = root().join("crates/targets/tests/goldens");
    let mut found = Vec::new();
    for target in folders(&base)? {
        let cases = folders(&target)?;
        found.extend(cases.into_iter().filter(|case| files(case).is_ok_and(|files| !files.is_empty())));
    }
    Ok(found)
}

fn folders(of: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(of).with_context(|| format!("`{}` cannot be read", of.display()))?;
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    Ok(found)
}

/// Asks the tools about every folder and says a line about each; how many did not pass.
pub(crate) fn judge(
    named: &[PathBuf],
    tools: &Tools,
    extent: Extent,
    say: &mut dyn FnMut(&str),
) -> Result<usize> {
    if named.is_empty() {
        bail!("no folder of Terraform files was found");
    }
    let work = scratch("terraform")?;
    let mirror = Mirror::make(&work, tools)?;
    mirror.told.iter().for_each(|line| say(&format!("  provider {line}")));
    let longest = longest(named)?;
    let (mut failures, mut asked) = (0, 0);
    for name in ["terraform", "opentofu"] {
        let Some(path) = tools.path(name) else {
            say(&format!("{name} did not run: it is missing"));
            continue;
        };
        let program = Program { name, path, mirror: &mirror };
        for folder in named {
            let is_longest = longest.contains(folder);
            if name == "opentofu" && extent == Extent::Short && !is_longest {
                continue;
            }
            asked += 1;
            let providers = if is_longest { Providers::Installed } else { Providers::Taken };
            let (well, line) = one(&program, folder, &work.join(format!("{asked:03}")), providers)?;
            failures += usize::from(!well);
            say(&line);
        }
    }
    if asked == 0 {
        bail!("neither Terraform nor OpenTofu is there");
    }
    say(&format!("{} folders, asked about {asked} times, {failures} failures", named.len()));
    Ok(failures)
}

/// True when a folder passes, and what to say of it.
fn one(program: &Program<'_>, folder: &Path, copy: &Path, providers: Providers) -> Result<(bool, String)> {
    let began = Instant::now();
    let verdict = Stack::copy(folder, copy)?.judge(program, providers)?;
    let shown = shown(folder);
    let (well, words) = match &verdict {
        Ok(count) if *count > 0 => (true, format!("{count} objects to make")),
        Ok(_) => (false, "there is nothing to make".to_owned()),
        Err(why) => (false, why.clone()),
    };
    let mark = if well { "ok    " } else { "FAILED" };
    let line = format!(
        "  {mark} {:<10} {shown:<24} {:>5.1} s  {words}",
        program.name,
        began.elapsed().as_secs_f64()
    );
    Ok((well, line))
}

/// Terraform, ready to be asked about faults.
pub(super) struct Asked<'a> {
    path: &'a Path,
    mirror: Mirror,
    work: PathBuf,
}

impl<'a> Asked<'a> {
    pub(super) fn new(work: &Path, tools: &'a Tools) -> Result<Asked<'a>> {
        let path = tools.path("terraform").context("the judge `terraform` is missing")?;
        Ok(Asked { path, mirror: Mirror::make(work, tools)?, work: work.to_path_buf() })
    }

    /// The verb that refuses a folder.
    pub(super) fn refuses(&self, folder: &Path) -> Result<Option<&'static str>> {
        let program = Program { name: "terraform", path: self.path, mirror: &self.mirror };
        let copy = Stack::copy(folder, &self.work.join(folder.file_name().unwrap_or_default()))?;
        if !copy.run(&program, Providers::Taken, &["validate"])?.success {
            return Ok(Some("terraform validate"));
        }
        Ok(copy.plan(&program, Providers::Taken)?.err().map(|_| "terraform plan"))
    }
}

/// `aws/storefront`.
fn shown(folder: &Path) -> String {
    let names: Vec<_> =
        folder.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    names.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// The longest folder of each target, by the text of its files.
fn longest(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found: Vec<(&Path, u64, &PathBuf)> = Vec::new();
    for folder in named {
        let target = folder.parent().unwrap_or(Path::new(""));
        let length =
            files(folder)?.iter().map(|file| std::fs::metadata(file).map_or(0, |file| file.len())).sum();
        match found.iter_mut().find(|(known, ..)| *known == target) {
            Some(best) if best.1 >= length => {}
            Some(best) => *best = (target, length, folder),
            None => found.push((target, length, folder)),
        }
    }
    Ok(found.into_iter().map(|(_, _, folder)| folder.clone()).collect())
}

/// An empty folder for what a judge writes.
pub(super) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = root().join("target/judged").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
