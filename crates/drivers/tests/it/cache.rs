//! Keeping artifacts: whole or not at all, whoever builds at the same time, whenever a build is killed.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use appia_drivers::build::fingerprint::fingerprint;
use appia_drivers::build::{BuildEvent, Builder, Progress};

use crate::project::{Project, is_alive, until};

fn slow() -> Project {
    let mut project = Project::new(Builder::Command, &[("wait", "")]);
    let pid = project.path("../pid");
    let line = format!("echo half > out; sleep 300 & echo $! > {}; wait", pid.display());
    project.request.options.command = Some(line);
    project.request.options.output = Some("out".into());
    project
}

#[tokio::test]
async fn two_builders_of_the_same_build_once() {
    let mut project = Project::new(Builder::Command, &[("file", "x")]);
    let count = project.path("../count");
    project.request.options.command = Some(format!("echo built >> {}; sleep 0.2", count.display()));
    let (cache, request) = (project.cache(), &project.request);
    let builders = [(); 4].map(|()| {
        let (cache, request) = (cache.clone(), request.clone());
        tokio::spawn(async move { cache.build(&request, &Progress::silent()).await })
    });
    for builder in builders {
        assert_eq!(builder.await.unwrap().unwrap().hash, fingerprint(request).await.unwrap());
    }
    assert_eq!(fs::read_to_string(count).unwrap(), "built\n");
}

#[tokio::test]
async fn a_dropped_build_leaves_nothing() {
    let project = slow();
    let pid = project.path("../pid");
    let hash = fingerprint(&project.request).await.unwrap();
    {
        let progress = Progress::silent();
        let cache = project.cache();
        let build = cache.build(&project.request, &progress);
        tokio::pin!(build);
        let started = until("the build runs", || is_alive(&pid));
        tokio::select! { done = &mut build => panic!("{done:?}"), () = started => {} }
    }
    until("the build's child is gone", || !is_alive(&pid)).await;
    assert_eq!(project.cache().find(&hash), None);
    assert!(!project.cache_dir().join(format!("{hash}.json")).exists());
}

#[tokio::test]
async fn a_killed_build_leaves_no_artifact_and_the_next_one_removes_its_leftovers() {
    let mut project = slow();
    let (pid, half) = (project.path("../pid"), project.place().await);
    let options = &project.request.options;
    let mut builder = Command::new(env!("CARGO_BIN_EXE_run-tool"));
    builder.arg("build").args([project.cache_dir(), project.request.context.clone()]);
    builder.args([options.command.as_deref().unwrap(), "out"]);
    let mut builder = builder.spawn().unwrap();
    until("the build runs", || is_alive(&pid)).await;
    builder.kill().unwrap();
    builder.wait().unwrap();
    until("the build's child is gone", || !is_alive(&pid)).await;

    let hash = fingerprint(&project.request).await.unwrap();
    assert!(half.join("app/out").is_file(), "the build was in the middle");
    assert_eq!(project.cache().find(&hash), None);
    // Any build in the same cache cleans up, not only the same one.
    project.request.options.command = Some("echo whole > out".into());
    project.build().await;
    assert!(!half.exists());
}

#[tokio::test]
async fn half_an_artifact_in_the_way_is_replaced() {
    let project = Project::new(Builder::Static, &[("index.html", "one")]);
    let half = project.place().await;
    fs::create_dir_all(half.join("app")).unwrap();
    fs::write(half.join("app/half.html"), "half").unwrap();
    let artifact = project.build().await;
    assert!(!artifact.dir.join("app/half.html").exists());
    assert_eq!(project.cache().find(&artifact.hash), Some(artifact));
}

#[tokio::test]
async fn a_source_that_changes_meanwhile_is_built_again() {
    let mut project = Project::new(Builder::Command, &[("file", "old")]);
    let source = project.path("file");
    let line = format!("cp file out; echo new > {}", source.display());
    project.request.options.command = Some(line);
    project.request.options.output = Some("out".into());
    let artifact = project.build().await;
    assert_eq!(fs::read_to_string(artifact.work_dir.join("out")).unwrap(), "new\n");
    assert_eq!(artifact.hash, fingerprint(&project.request).await.unwrap());

    project.request.options.output = None;
    project.request.options.command = Some(format!("date +%N >> {}", source.display()));
    let error = project.try_build().await.unwrap_err().to_string();
    assert!(error.contains("keeps changing while it is built"), "{error}");
}

#[tokio::test]
async fn a_failed_build_is_tried_again() {
    let mut project = Project::new(Builder::Command, &[("file", "x")]);
    let mark = project.path("../mark");
    project.request.options.command = Some(format!("test -e {}", mark.display()));
    assert!(project.try_build().await.is_err());
    fs::write(&mark, "").unwrap();
    project.build().await;
}

#[tokio::test]
async fn lines_come_while_the_tool_runs() {
    let project = slow_talker();
    let go = project.path("../go");
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let progress = Progress::new(move |event| {
        if event == BuildEvent::Line("first".into()) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let cache = project.cache();
    let release = async {
        until("the first line came", || seen.load(Ordering::SeqCst) == 1).await;
        assert!(!go.exists(), "the tool still waits when its first line is there");
        fs::write(&go, "").unwrap();
    };
    let (built, ()) = tokio::join!(cache.build(&project.request, &progress), release);
    assert!(built.is_ok() && go.exists(), "{built:?}");
}

/// Goes on only when it is told to: so the line must have come before the end.
fn slow_talker() -> Project {
    let mut project = Project::new(Builder::Command, &[("file", "x")]);
    let go = project.path("../go");
    let line = format!("echo first; while [ ! -e {} ]; do sleep 0.02; done", go.display());
    project.request.options.command = Some(line);
    project
}

#[tokio::test]
async fn what_nobody_needs_is_collected_when_it_is_old() {
    let project = Project::new(Builder::Static, &[("index.html", "one")]);
    let (cache, silent) = (project.cache(), Progress::silent());
    let old = cache.build(&project.request, &silent).await.unwrap();
    fs::write(project.path("index.html"), "two").unwrap();
    let new = cache.build(&project.request, &silent).await.unwrap();
    let needed = std::collections::BTreeSet::from([new.hash.clone()]);
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(cache.collect(&needed, hour).unwrap(), [], "it is young");
    assert_eq!(cache.collect(&needed, std::time::Duration::ZERO).unwrap(), std::slice::from_ref(&old.hash));
    assert_eq!((cache.find(&old.hash), old.dir.exists()), (None, false));
    assert_eq!(cache.find(&new.hash), Some(new));
}
