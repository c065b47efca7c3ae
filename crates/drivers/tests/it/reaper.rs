//! The reaper: nothing outlives us, however we end.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use appia_drivers::tool::{Line, Tool};

use crate::project::{is_alive, until};

const REAPER: &str = env!("CARGO_BIN_EXE_run-tool");

/// A tool with a child in the background: both write down who they are, and last longer than any test.
fn family(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "echo $$ > {folder}/parent; sleep 300 & echo $! > {folder}/child.new; mv {folder}/child.new {folder}/child; wait"
    )
}

#[tokio::test]
async fn the_tools_exit_code_and_lines_come_through() {
    for reaper in [None, Some(Path::new(REAPER))] {
        let mut lines = Vec::new();
        let script = "echo out; echo err >&2; exit 42";
        let tool = Tool::new("sh").args(["-c", script]).reaped_by(reaper);
        let ended = tool
            .run(|line| {
                lines.push(match line {
                    Line::Out(text) => format!("out {text}"),
                    Line::Err(text) => format!("err {text}"),
                })
            })
            .await;
        assert_eq!(ended.unwrap_err().to_string(), "`sh` failed with exit code 42");
        lines.sort_unstable();
        assert_eq!(lines, ["err err", "out out"]);
    }
}

#[tokio::test]
async fn what_a_tool_leaves_running_ends_with_it() {
    for reaper in [None, Some(Path::new(REAPER))] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("sleep 300 & echo $! > {}/child", folder.path().display());
        Tool::new("sh").args(["-c", &script]).reaped_by(reaper).run(|_| {}).await.unwrap();
        until("the child is gone", || !is_alive(&folder.path().join("child"))).await;
    }
}

#[tokio::test]
async fn a_dropped_tool_dies_with_its_children() {
    for reaper in [None, Some(Path::new(REAPER))] {
        let folder = tempfile::tempdir().unwrap();
        let (parent, child) = (folder.path().join("parent"), folder.path().join("child"));
        let tool = Tool::new("sh").args(["-c", &family(folder.path())]).reaped_by(reaper);
        tokio::select! {
            ended = tool.run(|_| {}) => panic!("{ended:?}"),
            () = until("both run", || is_alive(&parent) && is_alive(&child)) => {}
        }
        until("both are gone", || !is_alive(&parent) && !is_alive(&child)).await;
    }
}

#[tokio::test]
async fn a_killed_caller_takes_its_tools_along() {
    let folder = tempfile::tempdir().unwrap();
    let (parent, child) = (folder.path().join("parent"), folder.path().join("child"));
    let mut caller = Command::new(REAPER);
    caller.args(["hold", "sh", "-c", &family(folder.path())]).stdin(Stdio::null());
    let mut caller = caller.spawn().unwrap();
    until("both run", || is_alive(&parent) && is_alive(&child)).await;
    caller.kill().unwrap();
    caller.wait().unwrap();
    until("both are gone", || !is_alive(&parent) && !is_alive(&child)).await;
}

#[tokio::test]
async fn a_signal_for_the_reaper_reaches_the_tool() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let script = format!(
        "trap 'echo asked > {0}; exit 5' TERM; echo $$ > {0}.pid; while :; do sleep 0.02; done",
        mark.display()
    );
    let mut reaper = Command::new(REAPER);
    reaper.args(["internal", "run-tool", "--", "sh", "-c", &script]).stdin(Stdio::piped());
    let mut reaper = reaper.spawn().unwrap();
    until("the tool runs", || is_alive(&mark.with_extension("pid"))).await;
    Command::new("kill").args(["-TERM", &reaper.id().to_string()]).status().unwrap();
    let lifeline = reaper.stdin.take();
    assert_eq!(reaper.wait().unwrap().code(), Some(5));
    assert_eq!(fs::read_to_string(&mark).unwrap(), "asked\n");
    drop(lifeline);
}
