//! What git says about a folder.

use std::process::Command;

use appia_drivers::build::Builder;
use appia_drivers::git::describe;

use crate::project::Project;

fn git(project: &Project, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]);
    let output = command.args(arguments).current_dir(project.path(".")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn a_repository_is_described() {
    let project = Project::new(Builder::Static, &[("web/index.html", "one"), ("api/main.py", "")]);
    let web = project.path("web");
    assert_eq!(describe(&web).await, None);
    git(&project, &["init", "--quiet"]);
    assert_eq!(describe(&web).await, None, "no commit yet");
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "--message", "first"]);
    let clean = describe(&web).await.unwrap();
    assert_eq!((clean.commit.len(), clean.dirty, &clean.tag), (40, false, &None));

    git(&project, &["tag", "v1.2.3"]);
    project.write("api/main.py", "changed");
    let state = describe(&web).await.unwrap();
    assert_eq!(
        (state.dirty, state.tag.as_deref()),
        (false, Some("v1.2.3")),
        "changes elsewhere do not count"
    );
    project.write("web/index.html", "two");
    let state = describe(&web).await.unwrap();
    assert!(state.dirty);
    assert_eq!(state.short(), format!("{}-dirty", clean.short()));
    assert_eq!(clean.short().len(), 12);
}
