//! The commands of the command line that are made to fail: what has to be there before, and what is there when it is
//! done.

use anyhow::{Result, ensure};

use crate::torture::site::{Answer, Site};

/// One command.
pub(super) struct Case {
    pub(super) words: &'static [&'static str],
    /// Puts in place what it works on; a server and the application run.
    pub(super) prepare: fn(&Site) -> Result<()>,
    /// Whether what was asked for is there; only asked when the command says so.
    pub(super) done: fn(&Site, &Answer) -> Result<()>,
}

impl Case {
    pub(super) fn name(&self) -> String {
        self.words.join(" ")
    }
}

pub(super) const CASES: &[Case] = &[
    Case { words: &["version"], prepare: nothing, done: answered },
    Case { words: &["schema"], prepare: nothing, done: written },
    Case { words: &["completions", "bash"], prepare: nothing, done: written },
    Case { words: &["init", "new"], prepare: new_folder, done: initialised },
    Case { words: &["check"], prepare: nothing, done: answered },
    Case { words: &["plan"], prepare: nothing, done: answered },
    Case { words: &["plan", "--offline"], prepare: nothing, done: answered },
    Case { words: &["explain", "workloads.site"], prepare: nothing, done: answered },
    Case {
        words: &["export", "--target", "kubernetes", "--image", IMAGE, "-o", "out"],
        prepare: no_export,
        done: exported,
    },
    Case { words: &["status"], prepare: nothing, done: answered },
    Case { words: &["logs", "--tail", "3"], prepare: nothing, done: written_or_empty },
    Case { words: &["leaks"], prepare: nothing, done: answered },
    Case { words: &["server", "status"], prepare: nothing, done: answered },
    Case { words: &["server", "stop"], prepare: nothing, done: answered },
    Case { words: &["server", "start"], prepare: no_server, done: answered },
    Case { words: &["server", "backup", "copy.db"], prepare: no_copy, done: copied },
    Case { words: &["server", "doctor"], prepare: no_server, done: answered },
    Case { words: &["server", "restore", "kept.db", "--yes"], prepare: a_copy, done: answered },
    Case { words: &["up", "--yes"], prepare: another_version, done: newest_serves },
    Case { words: &["deploy", "--yes"], prepare: another_version, done: newest_serves },
    Case { words: &["rollback", "--yes"], prepare: deployed, done: answered },
    Case { words: &["down", "--yes"], prepare: up, done: nothing_serves },
];

const IMAGE: &str =
    "site=example/site@sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn nothing(_: &Site) -> Result<()> {
    Ok(())
}

fn up(site: &Site) -> Result<()> {
    site.succeed(&["up", "--yes"])
}

fn new_folder(site: &Site) -> Result<()> {
    let folder = site.root().join("new");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join("index.html"), "<html></html>")?)
}

fn no_export(site: &Site) -> Result<()> {
    let _ = std::fs::remove_dir_all(site.root().join("out"));
    Ok(())
}

fn no_server(site: &Site) -> Result<()> {
    site.succeed(&["server", "stop"])
}

fn no_copy(site: &Site) -> Result<()> {
    site.succeed(&["server", "start"])?;
    remove(site, "copy.db");
    Ok(())
}

fn a_copy(site: &Site) -> Result<()> {
    up(site)?;
    remove(site, "kept.db");
    site.succeed(&["server", "backup", "kept.db"])
}

fn another_version(site: &Site) -> Result<()> {
    up(site)?;
    site.next_version().map(drop)
}

fn deployed(site: &Site) -> Result<()> {
    another_version(site)?;
    site.succeed(&["deploy", "--yes"])
}

fn remove(site: &Site, name: &str) {
    for name in [name.to_owned(), format!("{name}.sha256"), format!("{name}.unfinished")] {
        let _ = std::fs::remove_file(site.root().join(name));
    }
}

/// A whole document that is no error.
fn answered(_: &Site, answer: &Answer) -> Result<()> {
    let kind = answer.json().get("kind").and_then(|kind| kind.as_str().map(str::to_owned));
    ensure!(kind.is_some_and(|kind| kind != "Error"), "exit 0 without an answer: {}", answer.shown());
    Ok(())
}

fn written(_: &Site, answer: &Answer) -> Result<()> {
    ensure!(answer.out.len() > 200, "exit 0 without an answer: {}", answer.shown());
    Ok(())
}

fn written_or_empty(_: &Site, _: &Answer) -> Result<()> {
    Ok(())
}

fn initialised(site: &Site, _: &Answer) -> Result<()> {
    site.succeed(&["check", "new"])?;
    new_folder(site)
}

fn exported(site: &Site, _: &Answer) -> Result<()> {
    let files = std::fs::read_dir(site.root().join("out"))?.count();
    ensure!(files > 0, "exit 0 and nothing was exported");
    no_export(site)
}

fn copied(site: &Site, _: &Answer) -> Result<()> {
    let mut check = std::process::Command::new("sha256sum");
    let output = crate::command::capture(check.args(["-c", "copy.db.sha256"]).current_dir(site.root()))?;
    ensure!(output.success, "exit 0 and no good copy: {}{}", output.stdout, output.stderr);
    remove(site, "copy.db");
    Ok(())
}

fn newest_serves(site: &Site, _: &Answer) -> Result<()> {
    let page = site.page()?;
    ensure!(page == site.version_text(), "exit 0 and the site answers {page:?}");
    Ok(())
}

fn nothing_serves(site: &Site, _: &Answer) -> Result<()> {
    ensure!(site.page().is_err(), "exit 0 and the site still answers");
    Ok(())
}
