//! Node packages: with and without dependencies, with a build script, as a site.

use appia_drivers::build::{BuildEvent, Builder, Start};

use crate::project::{Project, says};

#[tokio::test]
async fn a_package_without_dependencies_needs_no_npm() {
    let project = Project::new(
        Builder::Node,
        &[
            ("package.json", r#"{"scripts": {"start": "node server.js"}}"#),
            ("server.js", "console.log(process.env.NODE_ENV)"),
            ("node_modules/stray/index.js", "never copied"),
        ],
    );
    let artifact = project.build().await;
    assert_eq!(artifact.start, Some(Start::Command(vec!["node".into(), "server.js".into()])));
    assert_eq!(says(&artifact), "production");
    assert!(!artifact.dir.join("app/node_modules").exists());
    assert!(project.events().is_empty());

    project.build().await;
    project.write("server.js", "console.log('changed')");
    assert_eq!(says(&project.build().await), "changed");
}

/// A dependency from the folder itself: npm does all it does, and no registry is asked.
fn with_dependency(scripts: &str) -> Project {
    Project::new(
        Builder::Node,
        &[
            (
                "package.json",
                &format!(
                    r#"{{"name": "web", "version": "1.0.0", "dependencies": {{"words": "file:./words"}}, "scripts": {scripts}}}"#
                ),
            ),
            ("words/package.json", r#"{"name": "words", "version": "1.0.0", "main": "index.js"}"#),
            ("words/index.js", "module.exports = 'ave'"),
            ("server.js", "console.log(require('words'))"),
        ],
    )
}

#[tokio::test]
async fn dependencies_are_installed_and_a_missing_lock_is_told() {
    let project = with_dependency(r#"{"start": "node server.js"}"#);
    assert_eq!(says(&project.build().await), "ave");
    let warned =
        |event: &BuildEvent| matches!(event, BuildEvent::Warning(why) if why.contains("package-lock.json"));
    assert!(project.events().iter().any(warned));
    assert!(!project.path("node_modules").exists(), "the source stays clean");
}

#[tokio::test]
async fn the_build_script_runs_and_what_it_prints_is_kept() {
    let project =
        with_dependency(r#"{"build": "echo building; node build.js", "start": "node dist/out.js"}"#);
    project.write("build.js", "const fs = require('fs'); fs.mkdirSync('dist'); fs.writeFileSync('dist/out.js', \"console.log('built')\")");
    assert_eq!(says(&project.build().await), "built");
    assert!(project.events().contains(&BuildEvent::Line("building".into())));

    project.write("build.js", "console.error('\\u001b[31mno such thing\\u001b[0m'); process.exit(3)");
    let error = project.try_build().await.unwrap_err();
    assert_eq!(error.to_string(), "`npm run build` failed with exit code 3");
    assert!(error.output().unwrap().contains("\x1b[31mno such thing\x1b[0m\n"), "{:?}", error.output());
}

#[tokio::test]
async fn a_bundle_is_a_site() {
    let mut project = Project::new(
        Builder::Node,
        &[("package.json", r#"{"scripts": {"build": "mkdir dist && echo hello > dist/index.html"}}"#)],
    );
    project.request.options.output = Some("dist".into());
    let artifact = project.build().await;
    let root = artifact.dir.join("app/dist");
    assert_eq!(artifact.start, Some(Start::StaticSite { root: root.clone() }));
    assert!(root.join("index.html").is_file());
}

#[tokio::test]
async fn a_broken_manifest_is_named() {
    let project = Project::new(Builder::Node, &[("package.json", "{ no")]);
    let error = project.try_build().await.unwrap_err().to_string();
    assert!(error.contains("source/package.json`: key must be a string"), "{error}");
}
