//! What changes the name of a build, and what does not.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use appia_drivers::build::Builder;
use appia_drivers::build::fingerprint::{ContentHash, fingerprint};

use crate::project::Project;

async fn name(project: &Project) -> ContentHash {
    fingerprint(&project.request).await.unwrap()
}

#[tokio::test]
async fn what_is_no_source_is_not_read() {
    let project = Project::new(Builder::Static, &[("index.html", "home")]);
    std::fs::File::create(project.path("hollow")).unwrap().set_len(1 << 42).unwrap();
    let error = fingerprint(&project.request).await.unwrap_err();
    assert!(error.to_string().contains("no source code"), "{error}");
    project.write(".gitignore", "hollow\n");
    fingerprint(&project.request).await.unwrap();
}

#[tokio::test]
async fn every_byte_path_mode_and_option_counts() {
    let mut project = Project::new(Builder::Static, &[("a", "1"), ("b/c", "2")]);
    let mut names = vec![name(&project).await];
    project.write("a", "3");
    names.push(name(&project).await);
    fs::rename(project.path("a"), project.path("d")).unwrap();
    names.push(name(&project).await);
    fs::set_permissions(project.path("d"), fs::Permissions::from_mode(0o755)).unwrap();
    names.push(name(&project).await);
    symlink("d", project.path("link")).unwrap();
    names.push(name(&project).await);
    project.request.options.env.insert("A".into(), "b".into());
    names.push(name(&project).await);
    project.request.builder = Builder::Command;
    names.push(name(&project).await);
    let different: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len());
}

#[tokio::test]
async fn ignored_files_times_and_places_do_not_count() {
    let files =
        [("index.html", "1"), (".gitignore", "*.log\n"), ("deep/.ignore", "*.tmp\n"), ("deep/x", "2")];
    let project = Project::new(Builder::Static, &files);
    let before = name(&project).await;
    for stray in
        ["x.log", "deep/x.tmp", ".git/HEAD", "node_modules/m/i.js", ".venv/bin/python", "__pycache__/x.pyc"]
    {
        project.write(stray, "stray");
    }
    project.write("target/CACHEDIR.TAG", "");
    project.write("target/release/web", "binary");
    assert_eq!(name(&project).await, before);
    assert_eq!(name(&Project::new(Builder::Static, &files)).await, before, "another folder, the same name");
    project.write("target2/kept", "a folder that only looks like one");
    assert_ne!(name(&project).await, before);
}

#[tokio::test]
async fn a_repository_above_says_what_to_ignore_but_not_the_context_itself() {
    let mut project = Project::new(
        Builder::Static,
        &[(".gitignore", "*.log\n/dist\n"), ("site/index.html", "1"), ("dist/index.html", "2")],
    );
    fs::create_dir(project.path(".git")).unwrap();
    project.request.context = project.path("site");
    let before = name(&project).await;
    project.write("site/build.log", "noise");
    assert_eq!(name(&project).await, before);
    project.request.context = project.path("dist");
    let before = name(&project).await;
    project.write("dist/index.html", "3");
    assert_ne!(name(&project).await, before, "an ignored folder counts when it is what is built");
}

#[tokio::test]
async fn cargo_counts_the_workspace_and_its_patches() {
    let mut project = Project::new(
        Builder::Cargo,
        &[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"web\"]\n[patch.crates-io]\nwords = { path = \"patched\" }\n",
            ),
            ("Cargo.lock", "version = 4\n"),
            (".gitignore", "Cargo.lock\n"),
            (
                "web/Cargo.toml",
                "[package]\nname = \"web\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nnear = { path = \"../../near\" }\n[dev-dependencies]\ntests = { path = \"../../tests\" }\n",
            ),
            ("web/src/main.rs", "fn main() {}"),
            (
                "patched/Cargo.toml",
                "[package]\nname = \"words\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[workspace]\n",
            ),
            ("patched/src/lib.rs", ""),
            (
                "../near/Cargo.toml",
                "[package]\nname = \"near\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\nfar = { path = \"../far\" }\n",
            ),
            ("../near/src/lib.rs", ""),
            (
                "../far/Cargo.toml",
                "[package]\nname = \"far\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
            ),
            ("../far/src/lib.rs", ""),
            (
                "../tests/Cargo.toml",
                "[package]\nname = \"tests\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
            ),
            ("../tests/src/lib.rs", ""),
            ("LICENSE", "one"),
        ],
    );
    symlink("../LICENSE", project.path("web/LICENSE")).unwrap();
    project.request.context = project.path("web");
    let mut last = name(&project).await;
    for changed in [
        "Cargo.lock",
        "web/src/main.rs",
        "patched/src/lib.rs",
        "../near/src/lib.rs",
        "../far/src/lib.rs",
        ".cargo/config.toml",
        "rust-toolchain.toml",
        "LICENSE",
    ] {
        let text = match changed {
            "rust-toolchain.toml" => "[toolchain]\nprofile = \"minimal\"\n",
            "Cargo.lock" => "version = 4\n# changed\n",
            _ => "# changed\n",
        };
        project.write(changed, text);
        let now = name(&project).await;
        assert_ne!(now, last, "{changed}");
        last = now;
    }
    project.write("../tests/src/lib.rs", "// only tests need it");
    project.write("README.md", "beside the packages");
    assert_eq!(name(&project).await, last);
}

#[tokio::test]
async fn ten_thousand_files_are_named_in_a_moment() {
    let project = Project::new(Builder::Static, &[]);
    for number in 0..10_000 {
        project.write(&format!("{}/{number}.txt", number % 100), "some text that stands for a source file\n");
    }
    let started = std::time::Instant::now();
    name(&project).await;
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "10,000 files took {took:?}");
    println!("10,000 files: {took:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let mut project = Project::new(Builder::Static, &[]);
    project.request.context = "/no/such/folder".into();
    let error = fingerprint(&project.request).await.unwrap_err().to_string();
    assert_eq!(error, "`/no/such/folder` is no folder; `build` names the folder of the source code");
}
