//! Any command.

use appia_drivers::build::{Builder, Start};

use crate::project::{Project, says};

#[tokio::test]
async fn the_declared_output_is_what_stays_and_starts() {
    let mut project = Project::new(Builder::Command, &[("words.txt", "ave"), ("deep/unused", "")]);
    let build = "mkdir bin && printf '#!/bin/sh\\necho %s $WHO\\n' \"$(cat words.txt) $TO\" > bin/server && chmod +x bin/server";
    project.request.options.command = Some(build.into());
    project.request.options.output = Some("./bin/server".into());
    project.request.options.env.insert("TO".into(), "world".into());
    let artifact = project.build().await;
    assert_eq!(says(&artifact), "ave world");
    assert!(!artifact.work_dir.join("words.txt").exists());
    assert_eq!(project.build().await, artifact);
    assert!(project.was_kept());

    project.request.options.env.insert("TO".into(), "moon".into());
    assert_eq!(says(&project.build().await), "ave moon");
}

#[tokio::test]
async fn a_procfile_alone_is_enough() {
    let project = Project::new(Builder::Command, &[("Procfile", "web: ./run.sh\n")]);
    project.script("run.sh", "#!/bin/sh\necho started\n");
    assert_eq!(says(&project.build().await), "started");
}

#[tokio::test]
async fn an_output_folder_with_a_page_is_a_site() {
    let mut project = Project::new(Builder::Command, &[]);
    project.request.options.command = Some("mkdir out; echo x > out/index.html".into());
    project.request.options.output = Some("out".into());
    let artifact = project.build().await;
    assert_eq!(artifact.start, Some(Start::StaticSite { root: artifact.dir.join("app/out") }));
}

#[tokio::test]
async fn a_command_that_fails_or_makes_nothing_is_told() {
    let mut project = Project::new(Builder::Command, &[("x", "")]);
    project.request.options.command = Some("echo one; echo two >&2; printf three; exit 7".into());
    let error = project.try_build().await.unwrap_err();
    assert!(error.to_string().ends_with("failed with exit code 7"), "{error}");
    let mut lines: Vec<_> = error.output().unwrap().split_inclusive('\n').collect();
    lines.sort_unstable();
    assert!(lines.concat().contains("one\n") && lines.concat().contains("two\n"), "{lines:?}");
    assert!(error.output().unwrap().contains("three"));

    project.request.options.command = Some("true".into());
    project.request.options.output = Some("bin/server".into());
    let error = project.try_build().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the build made no `bin/server`; look at `output`, or at what the build command writes"
    );
}

#[tokio::test]
async fn a_missing_tool_is_named() {
    let project = Project::new(Builder::Command, &[]);
    let error = appia_drivers::tool::Tool::new("no-such-tool").run(|_| {}).await.unwrap_err();
    assert_eq!(error.to_string(), "`no-such-tool` is not installed, or not on PATH");
    drop(project);
}
