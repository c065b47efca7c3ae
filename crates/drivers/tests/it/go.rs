//! Go modules: one program and several. Without `go` these say that they did not run.

use appia_drivers::build::{Builder, Start};

use crate::project::{Project, says};

const MODULE: (&str, &str) = ("go.mod", "module example.com/shop/v2\n\ngo 1.18\n");

fn main_of(word: &str) -> String {
    format!("package main\n\nimport \"fmt\"\n\nfunc main() {{ fmt.Println(\"{word}\") }}\n")
}

fn is_missing() -> bool {
    let missing = std::process::Command::new("go").arg("version").output().is_err();
    if missing {
        appia_testkit::did_not_run("Go modules: `go` is not on PATH");
    }
    missing
}

#[tokio::test]
async fn a_module_of_one_program_starts_it() {
    if is_missing() {
        return;
    }
    let project = Project::new(Builder::Go, &[MODULE, ("main.go", &main_of("ave"))]);
    assert_eq!(says(&project.build().await), "ave");
    project.write("main.go", "package main\n\nfunc main() { none() }\n");
    let error = project.try_build().await.unwrap_err();
    assert_eq!(error.to_string(), "`go build` failed with exit code 1");
    assert!(error.output().unwrap().contains("undefined: none"));
}

#[tokio::test]
async fn of_several_programs_the_named_one_starts_else_the_workloads() {
    if is_missing() {
        return;
    }
    let files = [MODULE, ("cmd/web/main.go", &main_of("web")), ("cmd/load/main.go", &main_of("load"))];
    let mut project = Project::new(Builder::Go, &files);
    assert_eq!(says(&project.build().await), "web");
    project.request.options.binary = Some("load".into());
    let artifact = project.build().await;
    let program = artifact.dir.join("bin/load").display().to_string();
    assert_eq!(artifact.start, Some(Start::Command(vec![program])));
    project.request.options.binary = Some("other".into());
    assert!(
        project.try_build().await.unwrap_err().to_string().ends_with("no package of it is a program `other`")
    );
}
